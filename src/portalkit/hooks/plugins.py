"""Find installed plugins, import them, and put them into the order in which they load."""

import heapq
import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Final

import msgspec

from portalkit.errors import PluginLoadError
from portalkit.hooks.manifest import Manifest

__all__ = (
    "ENTRY_POINT_GROUP",
    "KERNEL_PLUGINS",
    "FoundPlugin",
    "LoadedPlugin",
    "find_plugins",
    "import_plugin",
    "in_load_order",
    "package_of",
    "wrap_plugin",
)

ENTRY_POINT_GROUP: Final = "portalkit.plugins"

KERNEL_PLUGINS: Final = ("home", "profile", "backoffice")
"""Sections that come with the kernel: loaded first, and active for everybody."""


class FoundPlugin(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A plugin that was imported or handed over, before anything of it was checked.

    Attributes:
        plugin: A module, or an instance of the class that the entry point names.
        package: Name of the distribution it comes from.
        version: Version of that distribution.
        module: The module it is, or whose class it is an instance of.
    """

    name: str
    plugin: object
    module: ModuleType
    package: str | None = None
    version: str | None = None


class LoadedPlugin(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A plugin that passed the checks.

    Attributes:
        module: A module, or an instance of a class.
        package: Name of the distribution it comes from; ``None`` if handed over as an object.
        version: Version of that distribution.
        path: Folder of its ``templates/``, ``static/``, ``locale/`` and ``migrations/``.
        python_package: Name of the Python package whose models are its own.
        is_kernel: Whether it comes with the kernel and cannot be switched off.
    """

    name: str
    manifest: Manifest
    module: object
    package: str | None
    version: str | None
    path: Path
    python_package: str
    is_kernel: bool = False


def find_plugins() -> dict[str, list[EntryPoint]]:
    """Return the entry points of all installed plugins, by name."""
    found: dict[str, list[EntryPoint]] = {}
    for entry_point in entry_points(group=ENTRY_POINT_GROUP):
        found.setdefault(entry_point.name, []).append(entry_point)
    return found


def import_plugin(name: str, candidates: Sequence[EntryPoint]) -> FoundPlugin:
    """Import a plugin from its only entry point.

    Raises:
        PluginLoadError: If there is none or several, or if the import fails.
    """
    if not candidates:
        raise PluginLoadError(name, "is not installed")
    if len(candidates) > 1:
        owners = ", ".join(sorted(_owner(candidate) for candidate in candidates))
        raise PluginLoadError(name, f"is provided by several packages: {owners}")
    entry_point = candidates[0]
    package = entry_point.dist.name if entry_point.dist else None
    try:
        return wrap_plugin(
            name,
            entry_point.load(),
            package=package,
            version=entry_point.dist.version if entry_point.dist else None,
        )
    except PluginLoadError:
        raise
    except Exception as error:
        reason = f"cannot be imported: {error!r}"
        raise PluginLoadError(name, reason, package=package) from error


def wrap_plugin(
    name: str, plugin: object, *, package: str | None = None, version: str | None = None
) -> FoundPlugin:
    """Take a plugin as it was imported; a class is instantiated.

    Raises:
        PluginLoadError: If it is neither a module nor an object of a class in a file.
    """
    if inspect.isclass(plugin):
        # pluggy would keep "self" as an argument of every hook.
        plugin = plugin()
    if isinstance(plugin, msgspec.Struct):
        reason = "is a msgspec struct, which pluggy cannot hold: use a module or a plain class"
        raise PluginLoadError(name, reason, package=package)
    module = plugin if isinstance(plugin, ModuleType) else sys.modules[type(plugin).__module__]
    if getattr(module, "__file__", None) is None:
        raise PluginLoadError(name, "does not come from a file", package=package)
    return FoundPlugin(name=name, plugin=plugin, module=module, package=package, version=version)


def package_of(module: ModuleType) -> tuple[str, Path]:
    """Return the Python package that a plugin's module stands in, and the package's folder."""
    file = Path(str(module.__file__))
    if package := module.__package__:
        return package, file.parent
    # A single file at the top: its folder is everybody's, so a folder of its own name counts.
    return module.__name__, file.with_suffix("")


def in_load_order(manifests: Mapping[str, Manifest], rank: Sequence[str]) -> list[str]:
    """Sort plugins so that each comes after those it needs; ```rank`` breaks ties.

    Raises:
        graphlib.CycleError: If plugins need each other; ``args[1]`` is the way round.
    """
    kernel = [name for name in KERNEL_PLUGINS if name in manifests]
    graph: dict[str, set[str]] = {}
    for name, manifest in manifests.items():
        needs = {*manifest.requires, *manifest.after}
        if name not in KERNEL_PLUGINS:
            needs.update(kernel)
        graph[name] = needs & manifests.keys()
    places = {name: place for place, name in enumerate((*KERNEL_PLUGINS, *rank))}
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ready: list[tuple[int, str]] = []
    order: list[str] = []
    while sorter.is_active():
        _push(ready, sorter.get_ready(), places)
        _, name = heapq.heappop(ready)
        order.append(name)
        sorter.done(name)
    return order


def _push(ready: list[tuple[int, str]], names: Iterable[str], places: Mapping[str, int]) -> None:
    for name in names:
        heapq.heappush(ready, (places.get(name, len(places)), name))


def _owner(entry_point: EntryPoint) -> str:
    return entry_point.dist.name if entry_point.dist else entry_point.value
