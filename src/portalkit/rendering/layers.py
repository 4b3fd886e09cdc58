"""Layers of templates: host over plugins that override, over the owner, over the kernel.

Names are always ``owner/file.html``. ``{% extends "!sales/list.html" %}`` extends the next
lower layer of that name, so that overrides stack instead of replacing each other.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final, Protocol

import msgspec
from jinja2 import BaseLoader, Environment, TemplateNotFound
from jinja2.loaders import split_template_path

from portalkit.errors import PluginLoadError
from portalkit.hooks.manifest import Manifest

__all__ = (
    "KERNEL",
    "Layer",
    "LayeredLoader",
    "TemplatePlugin",
    "TemplatePlugins",
    "make_layers",
    "misplaced_templates",
)

KERNEL: Final = "portalkit"
"""Name of the lowest layer."""

_HOST: Final = "host"
_KERNEL_FOLDER: Final = Path(str(files("portalkit"))) / "templates"
# How a template is called inside, when it is looked for from a certain layer downwards.
_FROM_LAYER: Final = re.compile(r"@(\d+)/")


class TemplatePlugin(Protocol):
    """What the layers need to know of a loaded plugin."""

    @property
    def manifest(self) -> Manifest:
        """Its name and what it may override."""
        ...

    @property
    def path(self) -> Path:
        """Folder of its package; templates lie in ``templates/<owner>/``."""
        ...


class TemplatePlugins(Protocol):
    """The loaded plugins, in load order."""

    @property
    def plugins(self) -> Mapping[str, TemplatePlugin]:
        """Plugins by name."""
        ...


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of templates.

    Attributes:
        name: ``host``, a plugin's name, or ``portalkit``.
        role: Why it lies where it lies.
        owners: Namespaces it may have templates of; ``None`` means all.
    """

    name: str
    role: str
    folder: Path
    owners: frozenset[str] | None = None

    def find(self, name: str) -> Path | None:
        """Return the file of a template, if this layer has it."""
        try:
            owner, *rest = split_template_path(name)
        except (TemplateNotFound, ValueError):
            return None
        if not rest or (self.owners is not None and owner not in self.owners):
            return None
        path = self.folder.joinpath(owner, *rest)
        return path if path.is_file() else None


def make_layers(registry: TemplatePlugins, *, template_dir: Path | None = None) -> list[Layer]:
    """Return all layers, the highest first.

    Args:
        registry: The loaded plugins; among those that override, later loaded ones are higher.
        template_dir: The host's own folder.
    """
    layers = []
    if template_dir is not None:
        layers.append(Layer(name=_HOST, role="host", folder=template_dir))
    latest_first = list(registry.plugins.values())[::-1]
    for plugin in latest_first:
        overrides = frozenset(plugin.manifest.overrides)
        layers += [_plugin_layer(plugin, "override", overrides)] if overrides else []
    layers += [
        _plugin_layer(plugin, "owner", frozenset({plugin.manifest.name})) for plugin in latest_first
    ]
    layers.append(Layer(name=KERNEL, role="kernel", folder=_KERNEL_FOLDER))
    return layers


def misplaced_templates(registry: TemplatePlugins) -> list[PluginLoadError]:
    """Return an error for each plugin with templates outside its name and its overrides."""
    errors = []
    for name, plugin in registry.plugins.items():
        folder = plugin.path / "templates"
        allowed = {name, *plugin.manifest.overrides}
        wrong = sorted(entry.name for entry in _entries(folder) if entry.name not in allowed)
        if wrong:
            reason = (
                f"its templates folder has {', '.join(map(repr, wrong))}: a plugin may have"
                " templates under its own name and under those that its manifest overrides"
            )
            errors.append(PluginLoadError(name, reason))
    return errors


class LayeredLoader(BaseLoader):
    """Finds a template in the highest layer that has it.

    Args:
        layers: The highest first.
        watches: Look at the files again whenever a template is used (for development).
    """

    def __init__(self, layers: Sequence[Layer], *, watches: bool = False) -> None:
        self.layers = tuple(layers)
        self._watches = watches

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002  # Jinja's signature
        template: str,
    ) -> tuple[str, str, Callable[[], bool] | None]:
        """Return text, file and freshness check of a template, as Jinja asks for it."""
        _, path = self._find(template)
        text = path.read_text("utf-8")
        if not self._watches:
            return text, str(path), None
        return text, str(path), partial(self._is_fresh, template, path, path.stat().st_mtime_ns)

    def list_templates(self) -> list[str]:
        """Return the names of all templates of all layers."""
        names = set()
        for layer in self.layers:
            for path in layer.folder.rglob("*"):
                name = path.relative_to(layer.folder).as_posix()
                if layer.find(name):
                    names.add(name)
        return sorted(names)

    def why(self, name: str) -> list[tuple[Layer, Path]]:
        """Return every layer that has a template, with its file; the first one is used."""
        return [(layer, path) for layer in self.layers if (path := layer.find(name))]

    def resolve(self, template: str, parent: str) -> str:
        """Return the inner name of what ``parent`` calls ``template``.

        Raises:
            TemplateNotFound: If there is no such template below the parent's layer.
        """
        if not template.startswith("!"):
            return template
        place, _ = self._find(parent)
        inner = f"@{place + 1}/{template[1:]}"
        try:
            self._find(inner)
        except TemplateNotFound:
            message = f"no layer below {self.layers[place].name!r} has {template[1:]!r}"
            raise TemplateNotFound(template, message) from None
        return inner

    def _find(self, template: str) -> tuple[int, Path]:
        match = _FROM_LAYER.match(template)
        start, name = (int(match[1]), template[match.end() :]) if match else (0, template)
        for place, layer in enumerate(self.layers[start:], start=start):
            if path := layer.find(name):
                return place, path
        raise TemplateNotFound(name)

    def _is_fresh(self, template: str, path: Path, changed: int) -> bool:
        try:
            return self._find(template)[1] == path and path.stat().st_mtime_ns == changed
        except (TemplateNotFound, OSError):
            return False


def _plugin_layer(plugin: TemplatePlugin, role: str, owners: frozenset[str]) -> Layer:
    folder = plugin.path / "templates"
    return Layer(name=plugin.manifest.name, role=role, folder=folder, owners=owners)


def _entries(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()
