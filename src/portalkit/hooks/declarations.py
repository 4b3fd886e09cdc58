"""Collect what plugins declare, each thing with the plugin that it is from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from portalkit.config import PortalConfig
from portalkit.hooks.actions import DocumentAction
from portalkit.hooks.background import EmailTemplate, Job
from portalkit.hooks.calls import PluginCalls
from portalkit.hooks.dispatch import Dispatcher, HookCall
from portalkit.hooks.manifest import Permission
from portalkit.hooks.sign_in import AuthProvider
from portalkit.hooks.types import (
    DocumentExporter,
    DocumentImporter,
    DocumentKind,
    HomeWidget,
    PluginRoute,
    Section,
)

__all__ = (
    "Collected",
    "Declarations",
    "Declared",
    "arrange_declarations",
    "collect_declarations",
)

T = TypeVar("T")


class Declared(msgspec.Struct, Generic[T], frozen=True, kw_only=True, eq=False):
    """Something that a plugin declared, and which plugin."""

    plugin: str
    value: T


class Declarations(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """All that plugins declared, each sort by ``order`` and then by name."""

    sections: tuple[Declared[Section], ...] = ()
    routes: tuple[Declared[PluginRoute], ...] = ()
    widgets: tuple[Declared[HomeWidget], ...] = ()
    kinds: Mapping[str, Declared[DocumentKind]] = {}
    actions: tuple[Declared[DocumentAction], ...] = ()
    importers: tuple[Declared[DocumentImporter], ...] = ()
    exporters: tuple[Declared[DocumentExporter], ...] = ()
    auth_providers: tuple[Declared[AuthProvider], ...] = ()
    jobs: tuple[Declared[Job], ...] = ()
    email_templates: tuple[Declared[EmailTemplate], ...] = ()
    permissions: tuple[Declared[Permission], ...] = ()


_STRUCTS: Final[Mapping[str, type]] = {
    "sections": Section,
    "routes": PluginRoute,
    "home_widgets": HomeWidget,
    "document_kinds": DocumentKind,
    "document_actions": DocumentAction,
    "jobs": Job,
    "email_templates": EmailTemplate,
}

# Protocols cannot be asked with isinstance for attributes of instances; these are looked for.
_PROTOCOLS: Final[Mapping[str, tuple[str, ...]]] = {
    "importers": ("name", "title", "recognizes", "read"),
    "document_exporters": (
        *("name", "title", "media_type", "suffix", "kinds"),
        *("obstacles", "export"),
    ),
    "auth_providers": ("name", "title", "order", "audiences", "begin", "complete"),
}


Collected = Mapping[str, Sequence[Declared[Any]]]
"""What each ``portalkit_register_<noun>`` hook gave, by noun, in load order."""


def collect_declarations(
    dispatcher: Dispatcher,
    config: PortalConfig,
    *,
    blame: Callable[[str, str, Exception], None],
) -> Collected:
    """Call every ``portalkit_register_...`` hook that returns something.

    Args:
        dispatcher: Calls the hooks.
        config: Handed to the plugins.
        blame: Called with plugin, reason and cause for each failure.
    """
    found: dict[str, list[Declared[Any]]] = {}
    arguments = {"config": config, "hooks": PluginCalls(dispatcher)}
    for noun in (*_STRUCTS, *_PROTOCOLS):
        found[noun] = []
        for call in dispatcher.calls(f"portalkit_register_{noun}", arguments):
            try:
                values = list(_values(call, dispatcher, noun))
            except Exception as error:  # noqa: BLE001 - the boundary to a plugin
                blame(call.plugin, f"{call.hook} failed: {error!r}", error)
            else:
                found[noun].extend(Declared(plugin=call.plugin, value=value) for value in values)
    return found


def arrange_declarations(
    collected: Collected, permissions: Iterable[Declared[Permission]]
) -> Declarations:
    """Sort what was collected, once it is known to be free of clashes."""
    return Declarations(
        sections=_sorted(collected["sections"]),
        routes=tuple(collected["routes"]),
        widgets=_sorted(collected["home_widgets"]),
        kinds={kind.value.name: kind for kind in _sorted(collected["document_kinds"])},
        actions=_sorted(collected["document_actions"]),
        importers=_sorted(collected["importers"]),
        exporters=_sorted(collected["document_exporters"]),
        auth_providers=_sorted(collected["auth_providers"]),
        jobs=_sorted(collected["jobs"]),
        email_templates=_sorted(collected["email_templates"]),
        permissions=tuple(permissions),
    )


def _values(call: HookCall, dispatcher: Dispatcher, noun: str) -> Iterator[Any]:
    # A generator runs while it is read, so reading belongs to the call.
    for value in dispatcher.run(call) or ():
        if noun in _STRUCTS:
            expected = _STRUCTS[noun]
            if not isinstance(value, expected):
                raise TypeError(f"returned {type(value).__name__}, not {expected.__name__}")
        else:
            missing = [name for name in _PROTOCOLS[noun] if not hasattr(value, name)]
            if missing:
                raise TypeError(f"returned {type(value).__name__} without {', '.join(missing)}")
        yield value


def _sorted(declared: Sequence[Declared[T]]) -> tuple[Declared[T], ...]:
    def place(item: Declared[Any]) -> tuple[int, str, str]:
        return getattr(item.value, "order", 0), item.value.name, item.plugin

    return tuple(sorted(declared, key=place))
