"""Links to one document, made and ended by staff."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.sharing import end_share_link, end_share_links
from portalkit.audit import Actor
from portalkit.context import StaffContext
from portalkit.documents.pages import Reader
from portalkit.documents.queries import Found
from portalkit.documents.share_views import TOO_MANY, new_share_link, share_view
from portalkit.errors import InputRefusedError
from portalkit.hooks import DocumentKind
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.sections.backoffice.document import find_document
from portalkit.sections.backoffice.permissions import SHARE_DOCUMENTS
from portalkit.web.portal import RunningPortal

__all__ = ("SHARE_ROUTES",)

_OPT: Final = {"permission": SHARE_DOCUMENTS}


@get("/documents/{id:str}/share", name="backoffice:document.share", opt=_OPT)
async def show_shares(
    *,
    id: FromPath[str],  # noqa: A002  # the name stands in the path
    staff_reader: NamedDependency[SkipValidation[Reader]],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Show the links that open a document now."""
    found, kind = await find_document(session, staff, portal, id)
    return await _show(staff_reader, found, kind)


@post("/documents/{id:str}/share", name="backoffice:document.share.post", opt=_OPT)
async def share(
    *,
    id: FromPath[str],  # noqa: A002
    staff_reader: NamedDependency[SkipValidation[Reader]],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Make a link and show it, this once."""
    found, kind = await find_document(session, staff, portal, id)
    try:
        new_link = await new_share_link(staff_reader, found.document.header)
    except InputRefusedError:
        return await _show(staff_reader, found, kind, problem=TOO_MANY)
    return await _show(staff_reader, found, kind, new_link=new_link)


@post("/documents/{id:str}/share/{link:str}/end", name="backoffice:document.share.end", opt=_OPT)
async def end_share(
    *,
    id: FromPath[str],  # noqa: A002
    link: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """End a link, whoever made it."""
    found, _ = await find_document(session, staff, portal, id)
    await end_share_link(
        session,
        link,
        business_id=staff.business_id,
        document_id=found.document.id,
        actor=Actor.of(staff),
        now=staff.now,
    )
    notice = Notice(text=lazy_gettext("The link no longer opens anything."))
    return page.redirect(page.url("backoffice:document.share", id=id), notice)


@post("/documents/{id:str}/share/end", name="backoffice:document.share.end_all", opt=_OPT)
async def end_shares(
    *,
    id: FromPath[str],  # noqa: A002
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """End all links to a document."""
    found, _ = await find_document(session, staff, portal, id)
    await end_share_links(
        session,
        business_id=staff.business_id,
        document_id=found.document.id,
        actor=Actor.of(staff),
        now=staff.now,
    )
    notice = Notice(text=lazy_gettext("No link opens the document any more."))
    return page.redirect(page.url("backoffice:document.share", id=id), notice)


async def _show(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    *,
    new_link: str | None = None,
    problem: Text = "",
) -> Response[Any]:
    header, page, gettext = found.document.header, reader.page, reader.translator.gettext
    document_url = page.url("backoffice:document", id=header.id)
    view = await share_view(
        reader,
        header,
        kind,
        url=page.url("backoffice:document.share", id=header.id),
        document_url=document_url,
        end_url=lambda link: page.url("backoffice:document.share.end", id=header.id, link=link),
        end_all_url=page.url("backoffice:document.share.end_all", id=header.id),
        crumbs=(
            Crumb(label=gettext("Documents"), url=page.url("backoffice:documents")),
            Crumb(label=header.number, url=document_url),
            Crumb(label=gettext("Share")),
        ),
        new_link=new_link,
        problem=problem,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return await page.render("core/documents/share.html", status=status, share=view)


SHARE_ROUTES: Final = (show_shares, share, end_share, end_shares)
"""Routes of the links to a document, below ``/backoffice``."""
