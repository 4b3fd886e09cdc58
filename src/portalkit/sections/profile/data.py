"""My data as a file: what the portal keeps about whoever is signed in."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser
from portalkit.access.proving import confirm_first
from portalkit.audit import Actor, record
from portalkit.context import PortalContext
from portalkit.documents.filenames import content_disposition, document_filename
from portalkit.documents.visibility import restrictions_in, visible_documents
from portalkit.i18n import Translator
from portalkit.privacy import ExportOrder, get_subject, stream_personal_data
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
    pieces = _pieces(portal, order, subject.people[0])
    # The first piece is made before the answer begins, so that what is wrong is still told.
    first = await anext(pieces)
    word = translator.gettext("My data")
    filename = document_filename(word, context.today.isoformat(), "zip")
    return Stream(
        _after(first, pieces),
        status_code=HTTP_200_OK,
        media_type="application/zip",
        headers={"content-disposition": content_disposition(filename)},
    )


async def _pieces(
    portal: RunningPortal, order: ExportOrder, person_id: str
) -> AsyncGenerator[bytes, None]:
    with portal.archives.one(person_id):
        async with aclosing(stream_personal_data(portal, order)) as pieces:
            async for piece in pieces:
                yield piece


async def _after(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece


DATA_ROUTES: Final = (show_data, send_data)
"""Routes of it."""
