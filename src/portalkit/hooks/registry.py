"""Load plugins, check them against the contract, and keep what they declare."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError
from importlib.metadata import EntryPoint
from typing import Final

import msgspec
import pluggy

from portalkit.config import PortalConfig
from portalkit.db import Base
from portalkit.errors import ConfigError, PluginLoadError
from portalkit.hooks.checks import (
    check_folders,
    check_hookimpls,
    check_hookspecs,
    check_manifest,
    check_tables,
    hook_names,
    import_models,
)
from portalkit.hooks.clashes import find_clashes
from portalkit.hooks.declarations import (
    Collected,
    Declarations,
    Declared,
    arrange_declarations,
    collect_declarations,
)
from portalkit.hooks.dispatch import Dispatcher
from portalkit.hooks.facade import Hooks
from portalkit.hooks.manifest import Manifest, Permission
from portalkit.hooks.markers import PROJECT
from portalkit.hooks.plugins import (
    KERNEL_PLUGINS,
    FoundPlugin,
    LoadedPlugin,
    find_plugins,
    import_plugin,
    in_load_order,
    package_of,
    wrap_plugin,
)
from portalkit.hooks.specs import PortalSpecs

__all__ = ("PluginRegistry", "inspect_plugins", "load_plugins")

_log = logging.getLogger("portalkit.hooks")

_NOT_LISTED: Final = "is not enabled"


class PluginRegistry:
    """The loaded plugins of one portal.

    Attributes:
        plugins: By name, in load order: a plugin comes after what it requires.
        hooks: How to call them.
        declarations: What they declared.
        broken: In safe mode, what is wrong with those that were left out.
    """

    def __init__(
        self,
        *,
        plugins: Mapping[str, LoadedPlugin],
        hooks: Hooks,
        declarations: Declarations,
        broken: Mapping[str, tuple[PluginLoadError, ...]],
    ) -> None:
        self.plugins = plugins
        self.hooks = hooks
        self.declarations = declarations
        self.broken = broken


def load_plugins(
    config: PortalConfig,
    extra: Mapping[str, object] | None = None,
    *,
    kernel: Sequence[str] = KERNEL_PLUGINS,
) -> PluginRegistry:
    """Load the kernel's sections and the plugins that the configuration names.

    Args:
        config: Which plugins, and their settings.
        extra: Plugins given as objects, for tests and one-off sites; they win over
            installed ones of the same name.
        kernel: The kernel's sections to load; tests of single plugins leave them out.

    Raises:
        ExceptionGroup: With one ``PluginLoadError`` for each problem of the first stage that
            has any. In safe mode the broken plugins are left out instead.
    """
    registry = _load(config, extra or {}, kernel)
    for problems in registry.broken.values():
        for problem in problems:
            _log.error("left out in safe mode: %s", problem)
    return registry


def inspect_plugins(
    config: PortalConfig,
    extra: Mapping[str, object] | None = None,
    *,
    kernel: Sequence[str] = KERNEL_PLUGINS,
) -> PluginRegistry:
    """Load plugins as in safe mode, for tools that show what is wrong in ``broken``.

    Args:
        config: Which plugins, and their settings.
        extra: Plugins given as objects.
        kernel: The kernel's sections to load.
    """
    return _load(msgspec.structs.replace(config, safe_mode=True), extra or {}, kernel)


def _load(
    config: PortalConfig, extra: Mapping[str, object], kernel: Sequence[str]
) -> PluginRegistry:
    loading = _Loading(config)
    loading.read(extra, kernel)
    loading.sort()
    loading.check()
    return loading.register()


class _Loading:
    """The stages of loading; each reports all of its problems together."""

    def __init__(self, config: PortalConfig) -> None:
        self._config = config
        self._found: dict[str, FoundPlugin] = {}
        self._plugins: dict[str, LoadedPlugin] = {}
        self._problems: list[PluginLoadError] = []
        self._broken: dict[str, list[PluginLoadError]] = {}

    def read(self, extra: Mapping[str, object], kernel: Sequence[str]) -> None:
        """Import every plugin and check its manifest."""
        installed = find_plugins()
        for name in self._names(installed, extra, kernel):
            try:
                if name in extra:
                    found = wrap_plugin(name, extra[name])
                else:
                    found = import_plugin(name, installed.get(name, ()))
            except PluginLoadError as error:
                self._problems.append(error)
            else:
                self._found[name] = found
                self._blame_each(name, check_manifest(name, found.plugin))
        self._settle()

    def sort(self) -> None:
        """Put the plugins into load order."""
        manifests = {name: _manifest(found) for name, found in self._found.items()}
        for name, manifest in manifests.items():
            for needed in sorted(set(manifest.requires) - manifests.keys()):
                self._blame(name, f"requires {needed!r}, which is not enabled")
        self._settle()
        rank = tuple(self._found)
        while True:
            manifests = {name: _manifest(found) for name, found in self._found.items()}
            try:
                order = in_load_order(manifests, rank)
            except CycleError as error:
                around: list[str] = error.args[1]
                for name in dict.fromkeys(around):
                    self._blame(name, f"is part of a circle: {' -> '.join(around)}")
                self._settle()
            else:
                break
        self._plugins = {name: _loaded(self._found[name]) for name in order}

    def check(self) -> None:
        """Check hooks, settings, folders and tables."""
        taken = set(hook_names(PortalSpecs))
        for name, plugin in self._plugins.items():
            self._blame_each(name, check_hookspecs(plugin.manifest, taken))
            if plugin.manifest.hookspecs is not None:
                taken.update(hook_names(plugin.manifest.hookspecs))
        self._settle()
        specs = self._specs()
        for name, plugin in self._plugins.items():
            problems = check_hookimpls(name, plugin.module, manifest=plugin.manifest, specs=specs)
            self._blame_each(name, problems)
            self._blame_each(name, check_folders(plugin))
            self._check_settings(plugin)
            self._check_models(plugin)
        self._check_unknown_settings()
        self._settle()

    def register(self) -> PluginRegistry:
        """Register the plugins and collect what they declare."""
        manager = pluggy.PluginManager(PROJECT)
        for specification in (PortalSpecs, *self._specs().values()):
            manager.add_hookspecs(specification)
        for name, plugin in self._plugins.items():
            manager.register(plugin.module, name=name)
        dispatcher = Dispatcher(manager, is_traced=self._config.trace_hooks)
        collected = collect_declarations(dispatcher, self._config, blame=self._blame)
        self._settle()
        collected = self._without_clashes(collected)
        dispatcher.silenced.update(self._broken)
        hooks = Hooks(
            dispatcher,
            config=self._config,
            always_active=[name for name, plugin in self._plugins.items() if plugin.is_kernel],
            slots={
                name: plugin.manifest.slots
                for name, plugin in self._plugins.items()
                if plugin.manifest.slots is not None
            },
        )
        return PluginRegistry(
            plugins=self._plugins,
            hooks=hooks,
            declarations=arrange_declarations(collected, self._permissions()),
            broken={name: tuple(problems) for name, problems in self._broken.items()},
        )

    def _names(
        self,
        installed: Mapping[str, Sequence[EntryPoint]],
        extra: Mapping[str, object],
        kernel: Sequence[str],
    ) -> list[str]:
        listed = self._config.plugins
        if listed == "*":
            listed = tuple(name for name in sorted(installed) if name not in KERNEL_PLUGINS)
        return list(dict.fromkeys((*kernel, *listed, *extra)))

    def _specs(self) -> dict[str, type]:
        return {
            name: plugin.manifest.hookspecs
            for name, plugin in self._plugins.items()
            if plugin.manifest.hookspecs is not None
        }

    def _check_settings(self, plugin: LoadedPlugin) -> None:
        if plugin.manifest.settings is not None:
            try:
                self._config.settings_for(plugin.name, plugin.manifest.settings)
            except ConfigError as error:
                self._blame(plugin.name, str(error), error)
        elif self._config.plugin_settings.get(plugin.name):
            self._blame(plugin.name, "has no settings, but plugin_settings gives some")

    def _check_models(self, plugin: LoadedPlugin) -> None:
        try:
            import_models(plugin)
        except Exception as error:  # noqa: BLE001 - the boundary to a plugin
            self._blame(plugin.name, f"its models cannot be imported: {error!r}", error)
        else:
            self._blame_each(plugin.name, check_tables(plugin, Base, names=self._plugins))

    def _check_unknown_settings(self) -> None:
        for name in self._config.plugin_settings:
            if name not in self._plugins and name not in self._broken:
                self._blame(name, f"{_NOT_LISTED}, but plugin_settings names it")

    def _without_clashes(self, collected: Collected) -> Collected:
        """Drop what broken plugins declared, until what is left stands on its own feet."""
        while True:
            collected = {
                noun: [item for item in declared if item.plugin in self._plugins]
                for noun, declared in collected.items()
            }
            for name, reason in find_clashes(
                collected, self._config, permissions=self._permissions()
            ):
                self._blame(name, reason)
            if not self._problems:
                return collected
            self._settle()

    def _permissions(self) -> tuple[Declared[Permission], ...]:
        return tuple(
            Declared(plugin=name, value=permission)
            for name, plugin in self._plugins.items()
            for permission in plugin.manifest.permissions
        )

    def _blame(self, name: str, reason: str, cause: Exception | None = None) -> None:
        found = self._found.get(name)
        problem = PluginLoadError(name, reason, package=found.package if found else None)
        problem.__cause__ = cause
        self._problems.append(problem)

    def _blame_each(self, name: str, reasons: Iterable[str]) -> None:
        for reason in reasons:
            self._blame(name, reason)

    def _settle(self) -> None:
        """End a stage: fail with its problems, or in safe mode leave the broken ones out."""
        while self._problems:
            if not self._config.safe_mode:
                raise ExceptionGroup("plugins cannot be loaded", self._problems)
            for problem in self._problems:
                self._broken.setdefault(problem.plugin, []).append(problem)
                self._found.pop(problem.plugin, None)
                self._plugins.pop(problem.plugin, None)
            self._problems = []
            for name, found in self._found.items():
                for needed in sorted(self._broken.keys() & set(_manifest(found).requires)):
                    self._blame(name, f"requires {needed!r}, which is broken")


def _manifest(found: FoundPlugin) -> Manifest:
    manifest: Manifest = found.plugin.manifest  # type: ignore[attr-defined]
    return manifest


def _loaded(found: FoundPlugin) -> LoadedPlugin:
    package, path = package_of(found.module)
    return LoadedPlugin(
        name=found.name,
        manifest=_manifest(found),
        module=found.plugin,
        package=found.package,
        version=found.version,
        path=path,
        python_package=package,
        is_kernel=found.name in KERNEL_PLUGINS,
    )
