"""Switching plugins: for everybody, and for one contact."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.access.permissions import active_plugins
from portalkit.access.switches import switch_plugin
from portalkit.audit import Actor
from portalkit.context import StaffContext
from portalkit.errors import NotFoundError
from portalkit.hooks import KERNEL_PLUGINS
from portalkit.hooks.manifest import Manifest
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.sections.backoffice.permissions import SWITCH_PLUGINS
from portalkit.sections.backoffice.queries import get_contact
from portalkit.sections.backoffice.views import PluginsView, SwitchView
from portalkit.web.portal import RunningPortal

__all__ = ("PLUGIN_ROUTES",)


class SwitchForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state that is wanted, so that two clicks do not undo each other."""

    is_enabled: bool


def _manifest(portal: RunningPortal, name: str) -> Manifest:
    for manifest in portal.manifests:
        if manifest.name == name:
            return manifest
    raise NotFoundError(f"plugin {name}")


@get("/plugins", name="backoffice:plugins", opt={"permission": SWITCH_PLUGINS})
async def show_plugins(
    *,
    page: NamedDependency[Page],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """List the plugins of the portal and whether they are on for this business."""
    manifests = [m for m in portal.manifests if m.name not in KERNEL_PLUGINS]
    active = active_plugins(manifests, business.switches)
    view = PluginsView(
        crumbs=(Crumb(label=translator.gettext("Plugins")),),
        switches=tuple(
            SwitchView(
                name=manifest.name,
                title=translator.text(manifest.title),
                description=translator.text(manifest.description),
                is_on=manifest.name in active,
                url=None
                if manifest.activation == "site"
                else page.url("backoffice:plugin.switch", plugin=manifest.name),
            )
            for manifest in manifests
        ),
    )
    return await page.render("backoffice/plugins.html", plugins=view)


@post("/plugins/{plugin:str}", name="backoffice:plugin.switch", opt={"permission": SWITCH_PLUGINS})
async def switch_for_business(
    *,
    plugin: FromPath[str],
    data: URLEncodedBody[SwitchForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Switch a plugin on or off for everybody."""
    manifest = _manifest(portal, plugin)
    await switch_plugin(
        session,
        manifest,
        business_id=staff.business_id,
        is_enabled=data.is_enabled,
        actor=Actor.of(staff),
        now=staff.now,
    )
    notice = _notice(translator.text(manifest.title), is_enabled=data.is_enabled)
    return page.redirect(page.url("backoffice:plugins"), notice=notice)


@post(
    "/contacts/{contact:str}/plugins/{plugin:str}",
    name="backoffice:contact.switch",
    opt={"permission": SWITCH_PLUGINS},
)
async def switch_for_contact(
    *,
    contact: FromPath[str],
    plugin: FromPath[str],
    data: URLEncodedBody[SwitchForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Switch a plugin on or off for one contact."""
    manifest = _manifest(portal, plugin)
    entry = await get_contact(session, business_id=staff.business_id, contact_id=contact)
    await switch_plugin(
        session,
        manifest,
        business_id=staff.business_id,
        contact_id=entry.id,
        is_enabled=data.is_enabled,
        actor=Actor.of(staff),
        now=staff.now,
    )
    notice = _notice(translator.text(manifest.title), is_enabled=data.is_enabled)
    return page.redirect(page.url("backoffice:contact", contact=entry.id), notice=notice)


def _notice(name: str, *, is_enabled: bool) -> Notice:
    if is_enabled:
        return Notice(text=lazy_gettext("%(name)s is switched on.", name=name))
    return Notice(text=lazy_gettext("%(name)s is switched off.", name=name))


PLUGIN_ROUTES: Final = (show_plugins, switch_for_business, switch_for_contact)
"""Routes of the switches, below ``/backoffice``."""
