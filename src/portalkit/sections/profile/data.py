"""My data as a file: what the portal keeps about whoever is signed in."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser
from portalkit.access.proving import confirm_first
from portalkit.audit import Actor, record
from portalkit.context import PortalContext
from portalkit.documents.visibility import restrictions_in, visible_documents
from portalkit.i18n import Translator
from portalkit.privacy import ExportOrder, get_subject, send_personal_data
from portalkit.rendering.page import Crumb, Page
from portalkit.web.portal import RunningPortal

__all__ = ("DATA_ROUTES",)


@get("/data", name="profile:data")
async def show_data(
    *,
    page: NamedDependency[Page],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Say what is in the file, to whoever has just proven who it is."""
    asked = confirm_first(page, browser, page.url("profile:data"))
    if asked is not None:
        return asked
    return await page.render(
        "profile/data.html",
        crumbs=(
            Crumb(label=translator.gettext("Profile"), url=page.url("profile:profile")),
            Crumb(label=translator.gettext("My data")),
        ),
        url=page.url("profile:data.file"),
    )


@post("/data/file", name="profile:data.file")
async def send_data(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    context: NamedDependency[PortalContext],
    browser: NamedDependency[Browser],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Answer with the file, written while it is sent."""
    asked = confirm_first(page, browser, page.url("profile:data"))
    if asked is not None:
        return asked
    async with portal.reading() as reading:
        subject = await get_subject(
            reading, context.business_id, context.contact_id, context.person_id
        )
    order = ExportOrder(
        subject=subject,
        documents=visible_documents(context, restrictions_in(session, context)),
        translator=translator,
        now=context.now.astimezone(ZoneInfo(context.zone)),
    )
    await record(
        session,
        business_id=context.business_id,
        contact_id=context.contact_id,
        name="person.exported",
        actor=Actor.of(context),
        at=context.now,
    )
    return await send_personal_data(
        portal, order, reader=subject.people[0], title=translator.gettext("My data")
    )


DATA_ROUTES: Final = (show_data, send_data)
"""Routes of it."""
