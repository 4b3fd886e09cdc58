"""The navigation: what sections declare, less what this reader may not see."""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import Audience, PortalContext, StaffContext
from portalkit.hooks import Hooks, NavItem, PluginRegistry, Section
from portalkit.i18n import Translator
from portalkit.rendering.page import NavGroup, NavLink

__all__ = ("build_navigation", "tabs_of")

# The bar at the bottom of a phone has room for these and "more".
_TABS = 4


async def build_navigation(
    registry: PluginRegistry,
    context: PortalContext | StaffContext,
    session: AsyncSession,
    *,
    translator: Translator,
    url: Callable[[str], str],
    path: str,
) -> tuple[NavGroup, ...]:
    """Return the groups of the navigation for one reader.

    Args:
        registry: The loaded plugins, whose sections come in their order.
        context: Who reads; the sections of the other audience are left out.
        session: For the badges.
        translator: Of the reader's language.
        url: Turns a route's name into a path.
        path: Where the reader is, to mark it.
    """
    audience = Audience.STAFF if isinstance(context, StaffContext) else Audience.CONTACT
    groups = []
    for declared in registry.declarations.sections:
        section = declared.value
        if section.audience is not audience or not _is_open(section, declared.plugin, context):
            continue
        links = [
            _link(
                item,
                badge=await _badge(item, declared.plugin, context, session, registry.hooks),
                translator=translator,
                url=url,
                path=path,
            )
            for item in _items(section)
            if item.permission is None or item.permission in context.permissions
        ]
        if links:
            title = translator.text(section.title)
            label = None if [link.label for link in links] == [title] else title
            groups.append(NavGroup(label=label, links=_one_current(links)))
    return tuple(groups)


def tabs_of(groups: Sequence[NavGroup]) -> tuple[NavLink, ...]:
    """Return the links of a phone's bar: the first of each group, or all of the only group."""
    if len(groups) == 1:
        return groups[0].links[:_TABS]
    return tuple(_tab(group) for group in groups[:_TABS])


def _tab(group: NavGroup) -> NavLink:
    first = group.links[0]
    return NavLink(
        label=group.label or first.label,
        url=first.url,
        icon=first.icon,
        is_current=any(link.is_current for link in group.links),
        badge=sum(link.badge or 0 for link in group.links) or None,
    )


def _one_current(links: Sequence[NavLink]) -> tuple[NavLink, ...]:
    """Mark the most exact of the links that lead to where the reader is, and no other."""
    current = [link.url for link in links if link.is_current]
    if len(current) <= 1:
        return tuple(links)
    exact = max(current, key=len)
    return tuple(msgspec.structs.replace(link, is_current=link.url == exact) for link in links)


def _is_open(section: Section, plugin: str, context: PortalContext | StaffContext) -> bool:
    if plugin not in context.active_plugins:
        return False
    if isinstance(context, PortalContext) and context.person_id is None and plugin == "profile":
        return False
    return section.permission is None or section.permission in context.permissions


def _items(section: Section) -> Sequence[NavItem]:
    return sorted(section.nav, key=lambda item: item.order)


async def _badge(
    item: NavItem,
    plugin: str,
    context: PortalContext | StaffContext,
    session: AsyncSession,
    hooks: Hooks,
) -> int | None:
    if item.badge is None or not isinstance(context, PortalContext):
        return None
    what = f"badge of {item.route}"
    return await hooks.attempt(
        plugin, what, item.badge, context, session, expected=int, session=session
    )


def _link(
    item: NavItem,
    *,
    badge: int | None,
    translator: Translator,
    url: Callable[[str], str],
    path: str,
) -> NavLink:
    target = url(item.route) if item.route else "/"
    return NavLink(
        label=translator.text(item.label),
        url=target,
        icon=item.icon,
        is_current=path == target or path.startswith((f"{target}/", f"{target}?")),
        badge=badge or None,
    )
