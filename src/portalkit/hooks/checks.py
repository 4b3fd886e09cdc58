"""Refuse what breaks the contract, and what pluggy accepts but would get wrong at call time."""

import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pluggy
from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase

from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.hooks.markers import PROJECT
from portalkit.hooks.plugins import LoadedPlugin
from portalkit.hooks.specs import PortalSpecs

__all__ = (
    "check_folders",
    "check_hookimpls",
    "check_hookspecs",
    "check_manifest",
    "check_tables",
    "hook_names",
    "import_models",
)

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")

# "core" and "portalkit" are the kernel's namespaces; the others are its paths below "/-/".
# What begins with "portalkit_" is the kernel's too: its tables and its hooks.
_RESERVED: Final = frozenset(
    {"api", "core", "host", "live", "mail", "metrics", "portalkit", "ready", "static", "ui"}
)

# Tables of the kernel that a plugin's foreign keys may rely on; the others may change.
_STABLE_TABLES: Final = frozenset(
    {
        "portalkit_business",
        "portalkit_contact",
        "portalkit_document",
        "portalkit_person",
        "portalkit_staff",
    }
)


def check_manifest(name: str, plugin: object) -> Iterator[str]:
    """Yield what is wrong with a plugin's manifest."""
    manifest = getattr(plugin, "manifest", None)
    if not isinstance(manifest, Manifest):
        yield "has no attribute 'manifest' of type Manifest"
        return
    if manifest.name != name:
        yield f"calls itself {manifest.name!r} in its manifest"
    if not _NAME.fullmatch(manifest.name):
        yield f"has the name {manifest.name!r}, which does not match {_NAME.pattern}"
    if manifest.name in _RESERVED or manifest.name.startswith("portalkit_"):
        yield f"has the name {manifest.name!r}, which is reserved"
    if manifest.api != HOOK_API:
        yield f"is written for generation {manifest.api} of the hook API, this is {HOOK_API}"
    for permission in manifest.permissions:
        if not permission.name.startswith(f"{manifest.name}."):
            yield f"declares the permission {permission.name!r} outside '{manifest.name}.'"
    for attribute in ("settings", "business_settings"):
        type_ = getattr(manifest, attribute)
        if type_ is not None and not _is_struct_type(type_):
            yield f"has {attribute} that are no msgspec.Struct type"


def hook_names(specs: type) -> list[str]:
    """Return the names of the hooks that a class specifies."""
    manager = pluggy.PluginManager(PROJECT)
    return [name for name in dir(specs) if manager.parse_hookspec_opts(specs, name) is not None]


def check_hookspecs(manifest: Manifest, taken: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the hooks that a plugin offers.

    Args:
        manifest: The plugin's manifest.
        taken: Names of hooks that the kernel and other plugins offer.
    """
    if manifest.hookspecs is None:
        return
    names = hook_names(manifest.hookspecs)
    if not names:
        yield "has hookspecs without any function marked with hookspec"
    for name in names:
        if not name.startswith(f"{manifest.name}_"):
            yield f"offers the hook {name!r} without the prefix '{manifest.name}_'"
        if name in taken:
            yield f"offers the hook {name!r}, which exists already"
        function = getattr(manifest.hookspecs, name)
        for problem in _parameter_problems(function):
            yield f"offers the hook {name!r}: {problem}"


def check_hookimpls(
    name: str, plugin: object, *, manifest: Manifest, specs: Mapping[str, type]
) -> Iterator[str]:
    """Yield what is wrong with a plugin's implementations.

    Args:
        name: The plugin's name.
        plugin: The module or object.
        manifest: Its manifest.
        specs: Hook specifications by the plugin that offers them.
    """
    scratch = pluggy.PluginManager(PROJECT)
    owners = dict.fromkeys(hook_names(PortalSpecs), "")
    functions: dict[str, Callable[..., Any]] = {}
    for owner, specification in (("", PortalSpecs), *specs.items()):
        scratch.add_hookspecs(specification)
        for hook in hook_names(specification):
            owners[hook] = owner
            functions[hook] = getattr(specification, hook)
    try:
        scratch.register(plugin, name=name)
        scratch.check_pending()
    except pluggy.PluginValidationError as error:
        yield str(error)
        return
    except Exception as error:  # noqa: BLE001 - pluggy looks at all attributes of the plugin
        yield f"cannot be registered: {error!r}"
        return
    for caller in scratch.get_hookcallers(plugin) or ():
        if not hasattr(plugin, caller.name):
            yield f"{caller.name}: specname is not supported, name the function like the hook"
        needed = owners.get(caller.name, "")
        is_sure = needed in {"", name, *manifest.requires}
        for implementation in caller.get_hookimpls():
            if not is_sure and not implementation.optionalhook:
                yield (
                    f"{caller.name} is a hook of {needed!r}: require that plugin, "
                    "or say hookimpl(optionalhook=True)"
                )
            for problem in _problems(implementation, functions.get(caller.name), caller.name):
                yield f"{caller.name}: {problem}"


def _problems(
    implementation: pluggy.HookImpl, spec: Callable[..., Any] | None, name: str
) -> Iterator[str]:
    function = implementation.function
    if spec is None:
        # An optional hook of a plugin that is not loaded: there is nothing to compare with.
        return
    if implementation.wrapper or implementation.hookwrapper:
        yield "hook wrappers are not supported"
        return
    wants_async = inspect.iscoroutinefunction(spec)
    if wants_async != inspect.iscoroutinefunction(function):
        yield f"must be {'async def without yield' if wants_async else 'a plain def'}"
    if inspect.isgeneratorfunction(function) and not name.startswith("portalkit_register_"):
        yield "must return its answer, not yield it"
    yield from _parameter_problems(function)


def _parameter_problems(function: Callable[..., Any]) -> Iterator[str]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            yield f"{parameter.name!r} must be a plain parameter"
        if parameter.default is not parameter.empty:
            yield f"{parameter.name!r} must not have a default"


def check_folders(plugin: LoadedPlugin) -> Iterator[str]:
    """Yield templates of a plugin that lie in a namespace it did not announce to override."""
    folder = plugin.path / "templates"
    allowed = {plugin.name, *plugin.manifest.overrides}
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name not in allowed:
            yield (
                f"has templates/{entry.name}, which is neither its own folder nor one of its "
                "manifest's overrides"
            )


def import_models(plugin: LoadedPlugin) -> None:
    """Import ``<package>.models`` if there is such a module, so that its tables are known."""
    name = f"{plugin.python_package}.models"
    if Path(plugin.path, "__init__.py").exists() and importlib.util.find_spec(name):
        importlib.import_module(name)


def check_tables(
    plugin: LoadedPlugin, base: type[DeclarativeBase], *, names: Iterable[str]
) -> Iterator[str]:
    """Yield tables of a plugin outside its namespace, and foreign keys to what may change.

    Args:
        plugin: Whose tables to check: those of classes in its Python package.
        base: Base class of all models.
        names: Names of all plugins; a longer one owns a table rather than a shorter one.
    """
    if plugin.is_kernel:
        return
    for table in _tables_of(plugin.python_package, base):
        if _owner_of(table.name, names) != plugin.name:
            yield f"has the table {table.name!r} without the prefix '{plugin.name}_'"
        for key in table.foreign_keys:
            target = key.target_fullname.split(".")[0]
            if target in _STABLE_TABLES:
                continue
            if _owner_of(target, names) not in {plugin.name, *plugin.manifest.requires}:
                yield f"has a foreign key from {table.name!r} to {target!r}, which may change"


def _tables_of(package: str, base: type[DeclarativeBase]) -> list[Table]:
    tables: dict[str, Table] = {}
    for mapper in base.registry.mappers:
        module = mapper.class_.__module__
        if (module == package or module.startswith(f"{package}.")) and isinstance(
            mapper.local_table, Table
        ):
            tables[mapper.local_table.name] = mapper.local_table
    return [tables[name] for name in sorted(tables)]


def _owner_of(table: str, names: Iterable[str]) -> str | None:
    owners = [name for name in names if table.startswith(f"{name}_")]
    return max(owners, key=len, default=None)


def _is_struct_type(type_: object) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)
