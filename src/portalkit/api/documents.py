"""Documents of the business for its own systems: the list, one, its formats and files.

The scope of the key opens all documents of the business but drafts, whatever plugins keep from
a contact: what is asked here is the business's own.
"""

from functools import partial
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.api_keys import ApiScope
from portalkit.access.businesses import BusinessView
from portalkit.api.answers import ApiDocument, ApiEntry, ApiFile, ApiFormat, ApiPage, entry_of
from portalkit.api.parameters import (
    ContactFilter,
    CursorParameter,
    IssuedSince,
    IssuedUntil,
    KindFilter,
    Limit,
    NumberFilter,
    UpdatedSince,
    check_moment,
    check_names,
    read_place,
    write_place,
)
from portalkit.api.responses import EXPORT, FILE, FOUND, LISTED, PDF
from portalkit.context import ApiContext
from portalkit.documents.belongings import get_attachment, list_attachments
from portalkit.documents.delivery import send_attachment, send_export, send_pdf
from portalkit.documents.exports import (
    find_obstacles,
    get_exporter,
    list_exporters,
    write_export,
)
from portalkit.documents.issued import IssuedChoice, list_issued, place_of
from portalkit.documents.queries import get_issued_document
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.exchange.owners import find_forced_contact
from portalkit.model import Attachment, Document, DocumentHeader
from portalkit.web.portal import RunningPortal
from portalkit.web.visit import Visit

__all__ = ("DOCUMENT_ROUTES",)

_OPT: Final = {"permission": ApiScope.READ_DOCUMENTS.value}

_Request = Request[Any, Any, Any]


@get("/documents", name="api:documents", opt=_OPT, responses=LISTED)
async def show_documents(
    request: _Request,
    *,
    visit: NamedDependency[Visit],
    session: NamedDependency[AsyncSession],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    kind: KindFilter = None,
    contact: ContactFilter = None,
    number: NumberFilter = None,
    issued_since: IssuedSince = None,
    issued_until: IssuedUntil = None,
    updated_since: UpdatedSince = None,
    limit: Limit = 50,
    cursor: CursorParameter = None,
) -> ApiPage:
    """List documents, the oldest printed day first."""
    asked: dict[str, Any] = {
        "kind": kind,
        "contact": contact,
        "number": number,
        "issued_since": issued_since,
        "issued_until": issued_until,
        "updated_since": None if updated_since is None else updated_since.isoformat(),
        "limit": limit,
        "cursor": cursor,
    }
    check_names(request.query_params, asked)
    check_moment(updated_since)
    choice = IssuedChoice(
        kinds=_kinds(portal, kind),
        contact_id=await _contact(session, business.id, contact),
        number=number,
        since=issued_since,
        until=issued_until,
        updated_since=updated_since,
    )
    after = None if cursor is None else read_place(cursor)
    found = await list_issued(session, business.id, choice, limit=limit + 1, after=after)
    shown, following = found[:limit], None
    if len(found) > limit:
        asked["cursor"] = write_place(place_of(shown[-1]))
        following = portal.routes.url(visit.prefix, "api:documents", **asked)
    return ApiPage(documents=[_entry(visit, header) for header in shown], next=following)


@get("/documents/{id:str}", name="api:document", opt=_OPT, responses=FOUND)
async def show_document(
    *,
    id: FromPath[str],  # noqa: A002  # the name stands in the path
    visit: NamedDependency[Visit],
    session: NamedDependency[AsyncSession],
    caller: NamedDependency[ApiContext],
    portal: NamedDependency[RunningPortal],
) -> ApiDocument:
    """Show a document as its issuer stated it, with the formats it may be had in."""
    document = await _get(session, caller, portal, id)
    files = await list_attachments(session, document.header)
    url = partial(portal.routes.url, visit.prefix, id=document.id)
    return ApiDocument(
        document=_entry(visit, document.header),
        body=document.body,
        formats=_formats(visit, caller, document),
        files=[_file(each, url("api:document.file", file_id=each.id)) for each in files],
        pdf_url=url("api:document.pdf"),
    )


@get(
    "/documents/{id:str}/exports/{exporter:str}",
    name="api:document.export",
    opt=_OPT,
    responses=EXPORT,
)
async def show_export(
    request: _Request,
    *,
    id: FromPath[str],  # noqa: A002
    exporter: FromPath[str],
    session: NamedDependency[AsyncSession],
    caller: NamedDependency[ApiContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[bytes]:
    """Send a document in another format."""
    document = await _get(session, caller, portal, id)
    found = get_exporter(portal, exporter, {document.kind}, caller.active_plugins)
    # What others wait for is not held while a file is written.
    await session.close()
    file = await write_export(portal, business, document, found, locale=caller.locale)
    return send_export(request, file)


@get("/documents/{id:str}/pdf", name="api:document.pdf", opt=_OPT, responses=PDF)
async def show_pdf(
    request: _Request,
    *,
    id: FromPath[str],  # noqa: A002
    session: NamedDependency[AsyncSession],
    caller: NamedDependency[ApiContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[bytes]:
    """Send a document's PDF."""
    document = await _get(session, caller, portal, id)
    pdf = await portal.pdf_cache.get(
        session, business, document, portal.kinds[document.kind], locale=caller.locale
    )
    return send_pdf(request, portal.storage, pdf, is_download=True)


@get("/documents/{id:str}/files/{file_id:str}", name="api:document.file", opt=_OPT, responses=FILE)
async def show_file(
    request: _Request,
    *,
    id: FromPath[str],  # noqa: A002
    file_id: FromPath[str],
    session: NamedDependency[AsyncSession],
    caller: NamedDependency[ApiContext],
    portal: NamedDependency[RunningPortal],
) -> Response[bytes]:
    """Send a file of a document, for example what it was made of."""
    document = await _get(session, caller, portal, id)
    file = await get_attachment(session, document.header, file_id)
    return send_attachment(request, portal.storage, caller.business_id, file)


async def _get(
    session: AsyncSession, caller: ApiContext, portal: RunningPortal, document_id: str
) -> Document:
    document = await get_issued_document(session, caller.business_id, document_id)
    if document.kind not in portal.kinds:
        raise NotFoundError(f"no plugin declares the kind {document.kind!r}")
    return document


def _kinds(portal: RunningPortal, kind: str | None) -> frozenset[str]:
    if kind is None:
        return frozenset(portal.kinds)
    if kind not in portal.kinds:
        raise InputRefusedError("kind", f"is none of {', '.join(sorted(portal.kinds))}")
    return frozenset({kind})


async def _contact(session: AsyncSession, business_id: str, wanted: str | None) -> str | None:
    if wanted is None:
        return None
    try:
        return await session.run_sync(
            lambda sync: find_forced_contact(sync.connection(), business_id, wanted)
        )
    except NotFoundError as error:
        raise InputRefusedError("contact", "is none of this business") from error


def _entry(visit: Visit, header: DocumentHeader) -> ApiEntry:
    return entry_of(header, visit.portal.routes.url(visit.prefix, "api:document", id=header.id))


def _formats(visit: Visit, caller: ApiContext, document: Document) -> list[ApiFormat]:
    portal = visit.portal
    text = portal.translators[caller.locale].text
    return [
        ApiFormat(
            name=exporter.name,
            title=text(exporter.title),
            media_type=exporter.media_type,
            reasons=[text(reason) for reason in find_obstacles(exporter, document)],
            url=portal.routes.url(
                visit.prefix, "api:document.export", id=document.id, exporter=exporter.name
            ),
        )
        for exporter in list_exporters(portal, {document.kind}, caller.active_plugins)
    ]


def _file(file: Attachment, url: str) -> ApiFile:
    return ApiFile(
        id=file.id,
        role=file.role,
        filename=file.filename,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        description=file.description,
        url=url,
    )


DOCUMENT_ROUTES: Final = (show_documents, show_document, show_export, show_pdf, show_file)
"""Routes of documents, below the API's path."""
