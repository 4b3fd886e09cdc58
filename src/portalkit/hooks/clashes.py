"""Refuse what two plugins claim, what belongs to the kernel, and what nobody announced.

Every check yields the plugin to blame, which is the later one of two, and the reason.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from portalkit.config import PortalConfig
from portalkit.context import Audience
from portalkit.hooks.actions import DocumentAction
from portalkit.hooks.background import EmailTemplate, Job
from portalkit.hooks.declarations import Collected, Declared
from portalkit.hooks.manifest import Permission
from portalkit.hooks.plugins import KERNEL_PLUGINS
from portalkit.hooks.routes import HandlerFacts, facts_of, route_problems
from portalkit.hooks.sign_in import AuthProvider
from portalkit.hooks.types import (
    DocumentExporter,
    DocumentKind,
    PluginRoute,
    Section,
)
from portalkit.model import Cron

__all__ = ("Blame", "find_clashes")

Blame = tuple[str, str]
"""A plugin and what is wrong with it."""

# Sections for staff may stand below "backoffice/".
_PREFIX: Final = re.compile(r"(?:backoffice/)?[a-z][a-z0-9_-]{1,39}")
_ACTION: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_DOTTED: Final = 80
_EXPORTER: Final = re.compile(r"[a-z][a-z0-9-]{0,19}")
_PROVIDER: Final = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_SUFFIX: Final = re.compile(r"[a-z0-9]{1,8}")

_RESERVED_PREFIXES: Final = frozenset(
    {"api", "i", "language", "live", "login", "logout", "mail", "metrics", "password", "ready"}
    | {"security", "static", "theme", "ui", "backoffice/login", "backoffice/logout"}
)
_RESERVED_EXPORTERS: Final = frozenset({"pdf", "zip"})
# What the kernel itself writes down of how somebody signed in.
_OWN_WAYS_IN: Final = frozenset({"host", "invitation", "link", "passkey", "password"})
_RESERVED_ACTIONS: Final = frozenset({"attachments", "comments", "export", "pdf", "print"})


def find_clashes(
    collected: Collected,
    config: PortalConfig,
    *,
    permissions: tuple[Declared[Permission], ...],
) -> Iterator[Blame]:
    """Yield everything that is wrong with what plugins declared.

    Args:
        collected: What they declared.
        config: Says which plugins may have routes without a CSRF check.
        permissions: Those of all manifests.
    """
    names = frozenset(permission.value.name for permission in permissions)
    yield from _taken_twice("permission", permissions, lambda value: value.name)
    yield from _taken_twice("section", collected["sections"], lambda value: value.name)
    yield from _taken_twice("prefix", collected["sections"], _prefix)
    yield from _taken_twice("document kind", collected["document_kinds"], lambda value: value.name)
    yield from _taken_twice("home widget", collected["home_widgets"], lambda value: value.name)
    yield from _taken_twice("importer", collected["importers"], lambda value: value.name)
    yield from _taken_twice("exporter", collected["document_exporters"], lambda value: value.name)
    yield from _taken_twice("auth provider", collected["auth_providers"], lambda v: v.name)
    yield from _taken_twice("job", collected["jobs"], lambda value: value.name)
    yield from _taken_twice("mail", collected["email_templates"], lambda value: value.name)
    yield from _action_clashes(collected)
    yield from _exporter_problems(collected)
    yield from _provider_problems(collected)
    yield from _background_problems(collected)
    for section in collected["sections"]:
        yield from _section_problems(section.plugin, section.value)
    yield from _kind_problems(collected)
    yield from _route_problems(collected, config, names)
    yield from _permission_problems(collected, names)


def _prefix(section: Section) -> str:
    return section.name if section.prefix is None else section.prefix


def _taken_twice(
    what: str, declared: tuple[Declared[Any], ...] | Any, key: Callable[[Any], str]
) -> Iterator[Blame]:
    owners: dict[str, str] = {}
    for item in declared:
        name = key(item.value)
        if name in owners:
            yield item.plugin, f"claims the {what} {name!r}, which is from {owners[name]!r}"
        else:
            owners[name] = item.plugin


def _action_clashes(collected: Collected) -> Iterator[Blame]:
    seen: list[Declared[DocumentAction]] = []
    for item in collected["document_actions"]:
        action: DocumentAction = item.value
        if not _ACTION.fullmatch(action.name) or action.name in _RESERVED_ACTIONS:
            yield item.plugin, f"declares the action {action.name!r}, a name it cannot have"
        for other in seen:
            if _meet(action, other.value):
                yield (
                    item.plugin,
                    f"claims the action {action.name!r}, which is from {other.plugin!r}",
                )
        seen.append(item)


def _meet(one: DocumentAction, other: DocumentAction) -> bool:
    if (one.name, one.audience) != (other.name, other.audience):
        return False
    return one.kinds is None or other.kinds is None or not one.kinds.isdisjoint(other.kinds)


def _exporter_problems(collected: Collected) -> Iterator[Blame]:
    for item in collected["document_exporters"]:
        exporter: DocumentExporter = item.value
        if not _EXPORTER.fullmatch(exporter.name) or exporter.name in _RESERVED_EXPORTERS:
            yield item.plugin, f"declares the exporter {exporter.name!r}, a name it cannot have"
        if not _SUFFIX.fullmatch(exporter.suffix):
            yield item.plugin, f"declares the suffix {exporter.suffix!r} of {exporter.name!r}"


def _provider_problems(collected: Collected) -> Iterator[Blame]:
    for item in collected["auth_providers"]:
        provider: AuthProvider = item.value
        if not _PROVIDER.fullmatch(provider.name) or provider.name in _OWN_WAYS_IN:
            yield (
                item.plugin,
                f"declares the auth provider {provider.name!r}, a name it cannot have",
            )
        if not provider.audiences <= {Audience.CONTACT, Audience.STAFF}:
            yield (
                item.plugin,
                f"declares the auth provider {provider.name!r} for nobody who signs in",
            )


def _background_problems(collected: Collected) -> Iterator[Blame]:
    for item in collected["jobs"]:
        job: Job = item.value
        if not _own_name(job.name, item.plugin):
            yield item.plugin, f"declares the job {job.name!r} outside '{item.plugin}.'"
        if job.cron is not None:
            try:
                Cron.parse(job.cron)
            except ValueError as error:
                yield item.plugin, f"declares the job {job.name!r}: {error}"
            if job.payload is not None:
                yield item.plugin, f"declares the job {job.name!r} with both cron and payload"
    for item in collected["email_templates"]:
        mail: EmailTemplate = item.value
        if not _own_name(mail.name, item.plugin):
            yield item.plugin, f"declares the mail {mail.name!r} outside '{item.plugin}.'"
        known = set(mail.variables.__struct_fields__)
        named = mail.secrets | ({mail.action[1]} if mail.action else set())
        for name in sorted(named - known):
            yield item.plugin, f"declares the mail {mail.name!r} with an unknown variable {name!r}"


def _own_name(name: str, plugin: str) -> bool:
    return name.startswith(f"{plugin}.") and len(name) <= _MAX_DOTTED


def _section_problems(plugin: str, section: Section) -> Iterator[Blame]:
    if section.name != plugin and not section.name.startswith((f"{plugin}_", f"{plugin}-")):
        yield plugin, f"declares the section {section.name!r} outside its own name"
    prefix = _prefix(section)
    if not _PREFIX.fullmatch(prefix):
        yield plugin, f"declares the prefix {prefix!r}, which does not match {_PREFIX.pattern}"
    if prefix in _RESERVED_PREFIXES:
        yield plugin, f"declares the prefix {prefix!r}, which is the kernel's"


def _kind_problems(collected: Collected) -> Iterator[Blame]:
    sections = {item.value.name for item in collected["sections"]}
    kinds = {item.value.name for item in collected["document_kinds"]}
    for item in collected["document_kinds"]:
        kind: DocumentKind = item.value
        what = f"the document kind {kind.name!r}"
        if not _KIND.fullmatch(kind.name):
            yield item.plugin, f"{what} does not match {_KIND.pattern}"
        if kind.section not in sections:
            yield item.plugin, f"{what} names the section {kind.section!r}, which nobody declares"
        if kind.listed_with is not None and kind.listed_with not in kinds:
            yield item.plugin, f"{what} is listed with {kind.listed_with!r}, which nobody declares"
        for status in sorted(_unknown_statuses(kind)):
            yield item.plugin, f"{what} uses the status {status!r}, which it does not declare"


def _unknown_statuses(kind: DocumentKind) -> set[str]:
    used = {kind.initial_status}
    for status in kind.statuses:
        used |= status.derived_from
    for transition in kind.transitions:
        used |= {transition.target, *transition.sources}
    return used - {status.name for status in kind.statuses}


def _route_problems(
    collected: Collected, config: PortalConfig, permissions: frozenset[str]
) -> Iterator[Blame]:
    owners: dict[str, str] = {}
    places: dict[str, str] = {}
    for plugin, prefix, audience, route in _all_routes(collected):
        try:
            facts = list(facts_of(route))
        except TypeError as error:
            yield plugin, str(error)
            continue
        for fact in facts:
            if plugin not in KERNEL_PLUGINS:
                for problem in route_problems(fact, permissions, audience):
                    yield plugin, problem
            yield from _name_problems(plugin, fact, owners, _namespaces(plugin, collected))
            yield from _place_problems(plugin, fact, places, prefix)
    for item in collected["routes"]:
        yield from _csrf_problems(item.plugin, item.value, config)
    for plugin, name in _links(collected):
        if name not in owners:
            yield plugin, f"links to the route {name!r}, which nobody declares"


def _all_routes(collected: Collected) -> Iterator[tuple[str, str, Audience, Any]]:
    for section in collected["sections"]:
        for route in section.value.routes:
            yield section.plugin, f"/{_prefix(section.value)}", section.value.audience, route
    for item in collected["routes"]:
        yield item.plugin, f"/-/{item.plugin}", item.value.audience, item.value.handler


def _namespaces(plugin: str, collected: Collected) -> set[str]:
    own = {item.value.name for item in collected["sections"] if item.plugin == plugin}
    return {plugin, *own}


def _name_problems(
    plugin: str, fact: HandlerFacts, owners: dict[str, str], namespaces: set[str]
) -> Iterator[Blame]:
    if fact.name is None:
        return
    if fact.name.partition(":")[0] not in namespaces:
        yield plugin, f"names a route {fact.name!r} outside '{plugin}:'"
    if fact.name in owners:
        yield plugin, f"claims the route {fact.name!r}, which is from {owners[fact.name]!r}"
    owners.setdefault(fact.name, plugin)


def _place_problems(
    plugin: str, fact: HandlerFacts, places: dict[str, str], prefix: str
) -> Iterator[Blame]:
    for place in sorted(fact.places):
        method, _, path = place.partition(" ")
        full = f"{method} {prefix}{path.rstrip('/')}"
        if full in places:
            yield plugin, f"claims the address {full}, which is from {places[full]!r}"
        places.setdefault(full, plugin)


def _csrf_problems(plugin: str, route: PluginRoute, config: PortalConfig) -> Iterator[Blame]:
    if route.csrf:
        return
    if not route.is_public:
        yield plugin, "has a route with csrf=False that is not public"
    if plugin not in config.allow_csrf_exempt:
        yield plugin, "has a route with csrf=False, but is not in allow_csrf_exempt"


def _links(collected: Collected) -> Iterator[tuple[str, str]]:
    for item in collected["sections"]:
        section: Section = item.value
        for name in (section.home, *(nav.route for nav in section.nav)):
            if name is not None:
                yield item.plugin, name


def _permission_problems(collected: Collected, known: frozenset[str]) -> Iterator[Blame]:
    for plugin, what, name in _permissions_used(collected):
        if name is not None and name not in known:
            yield plugin, f"{what} asks for the unknown permission {name!r}"


def _permissions_used(collected: Collected) -> Iterator[tuple[str, str, str | None]]:
    nouns: Mapping[str, str] = {
        "sections": "section",
        "home_widgets": "home widget",
        "document_kinds": "document kind",
        "document_actions": "action",
    }
    for noun, what in nouns.items():
        for item in collected[noun]:
            yield item.plugin, f"the {what} {item.value.name!r}", item.value.permission
    for item in collected["sections"]:
        for nav in item.value.nav:
            yield item.plugin, f"the navigation of {item.value.name!r}", nav.permission
    for item in collected["document_kinds"]:
        for transition in item.value.transitions:
            yield item.plugin, f"the transition {transition.name!r}", transition.permission
