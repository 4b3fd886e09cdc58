"""One document of a contact, for staff: to read, to print, to download."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.access.models import Contact
from portalkit.context import StaffContext
from portalkit.documents.belongings import get_attachment
from portalkit.documents.delivery import send_attachment, send_pdf
from portalkit.documents.export_pages import answer_export
from portalkit.documents.pages import Addresses, Reader, document_view
from portalkit.documents.pdf import issuer_of
from portalkit.documents.queries import Found, get_document
from portalkit.documents.views import DocumentView
from portalkit.errors import NotFoundError
from portalkit.hooks import DocumentKind, Purpose, Slot
from portalkit.i18n import Translator
from portalkit.rendering.page import Crumb, Page
from portalkit.rendering.sheet import SheetView, sheet_view
from portalkit.sections.backoffice.permissions import SHARE_DOCUMENTS
from portalkit.sections.backoffice.views import OfficeDocumentView
from portalkit.web.portal import RunningPortal

__all__ = ("DOCUMENT_ROUTES", "find_document")


@get("/documents/{id:str}", name="backoffice:document")
async def show_document(
    *,
    id: FromPath[str],  # noqa: A002  # the name stands in the path
    staff_reader: NamedDependency[SkipValidation[Reader]],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Show a document as its contact sees it; staff who look leave no trace of the contact's."""
    found, kind = await find_document(session, staff, portal, id)
    view = await document_view(
        staff_reader,
        found,
        kind,
        addresses=_addresses(staff_reader.page),
        crumbs=_crumbs(staff_reader, found),
        share_url=staff_reader.page.url("backoffice:document.share", id=id)
        if staff_reader.page.may(SHARE_DOCUMENTS)
        else None,
    )
    office = await _office(staff_reader, found, view)
    return await staff_reader.page.render(
        "backoffice/document.html",
        slots=(Slot.BACKOFFICE_DOCUMENT_PANEL,),
        subject=found.document,
        office=office,
        sheet=_sheet(staff_reader, found, kind, Purpose.PAGE),
    )


async def _office(reader: Reader, found: Found, view: DocumentView) -> OfficeDocumentView:
    """Put the contact beside the document."""
    header = found.document.header
    contact = (
        await reader.session.execute(
            select(Contact.name, Contact.email).where(
                Contact.id == header.contact_id, Contact.business_id == reader.business.id
            )
        )
    ).one()
    return OfficeDocumentView(
        document=view,
        contact_name=contact.name,
        contact_initials="".join(word[0] for word in contact.name.split()[:2]).upper(),
        contact_url=reader.page.url("backoffice:contact", contact=header.contact_id),
        contact_email=contact.email or "",
        facts=_facts(found, reader.translator),
    )


def _facts(found: Found, translator: Translator) -> tuple[tuple[str, str], ...]:
    header, body = found.document.header, found.document.body
    facts = [
        (translator.gettext("Version"), str(header.version)),
        (translator.gettext("Lines"), translator.formats.number(header.line_count)),
    ]
    if header.external_id:
        facts.append((translator.gettext("External id"), header.external_id))
    if body.customization_id:
        facts.append((translator.gettext("Format"), body.customization_id))
    return tuple(facts)


def _sheet(reader: Reader, found: Found, kind: DocumentKind, purpose: Purpose) -> SheetView:
    return sheet_view(
        found.document,
        kind,
        business=issuer_of(reader.business, logo_url=reader.page.brand.logo_url),
        translator=reader.translator,
        formats=reader.translator.formats,
        purpose=purpose,
    )


@get("/documents/{id:str}/pdf", name="backoffice:document.pdf")
async def show_pdf(
    request: Request[Any, Any, Any],
    *,
    id: FromPath[str],  # noqa: A002
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Serve the PDF that the contact gets."""
    found, kind = await find_document(session, staff, portal, id)
    template = portal.hooks.choose_template(staff, found.document, Purpose.PDF)
    pdf = await portal.pdf_cache.get(
        session, business, found.document, kind, locale=page.locale, template=template
    )
    return send_pdf(request, portal.storage, pdf, is_download="download" in request.query_params)


@get("/documents/{id:str}/print", name="backoffice:document.print")
async def show_printed(
    *,
    id: FromPath[str],  # noqa: A002
    staff_reader: NamedDependency[SkipValidation[Reader]],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Show the sheet alone, for a printer."""
    found, kind = await find_document(session, staff, portal, id)
    chosen = portal.hooks.choose_template(staff, found.document, Purpose.PDF)
    return await staff_reader.page.render(
        chosen or kind.print_template,
        document=found.document,
        sheet=_sheet(staff_reader, found, kind, Purpose.PDF),
        stylesheets=(portal.static.url("core/sheet.css"), staff_reader.page.brand.stylesheet_url),
    )


@get("/documents/{id:str}/files/{file_id:str}", name="backoffice:document.file")
async def show_file(
    request: Request[Any, Any, Any],
    *,
    id: FromPath[str],  # noqa: A002
    file_id: FromPath[str],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Serve a file of a document."""
    found, _ = await find_document(session, staff, portal, id)
    file = await get_attachment(session, found.document.header, file_id)
    return send_attachment(request, portal.storage, staff.business_id, file)


@get("/documents/{id:str}/export/{exporter:str}", name="backoffice:document.export")
async def show_export(
    request: Request[Any, Any, Any],
    *,
    id: FromPath[str],  # noqa: A002
    exporter: FromPath[str],
    staff_reader: NamedDependency[SkipValidation[Reader]],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Serve a document in another format, or say why there is none."""
    found, _ = await find_document(session, staff, portal, id)
    response, _ = await answer_export(
        request,
        staff_reader,
        found.document,
        exporter,
        addresses=_addresses(staff_reader.page),
        crumbs=_crumbs(staff_reader, found),
    )
    return response


def _crumbs(reader: Reader, found: Found) -> tuple[Crumb, ...]:
    return (
        Crumb(
            label=reader.translator.gettext("Documents"),
            url=reader.page.url("backoffice:documents"),
        ),
        Crumb(label=found.document.header.number),
    )


async def find_document(
    session: AsyncSession, staff: StaffContext, portal: RunningPortal, document_id: str
) -> tuple[Found, DocumentKind]:
    """Return a document of the business and its kind.

    Raises:
        NotFoundError: If there is none, or no plugin declares its kind any more.
    """
    found = await get_document(session, staff, document_id)
    kind = portal.kinds.get(found.document.kind)
    if kind is None:
        raise NotFoundError(f"no plugin declares the kind {found.document.kind!r}")
    return found, kind


def _addresses(page: Page) -> Addresses:
    return Addresses(
        page=lambda _, which: page.url("backoffice:document", id=which),
        pdf=lambda _, which: page.url("backoffice:document.pdf", id=which, download="1"),
        printed=lambda _, which: page.url("backoffice:document.print", id=which),
        file=lambda _, which, file_id: page.url(
            "backoffice:document.file", id=which, file_id=file_id
        ),
        export=lambda _, which, exporter: page.url(
            "backoffice:document.export", id=which, exporter=exporter
        ),
    )


DOCUMENT_ROUTES: Final = (show_document, show_pdf, show_printed, show_file, show_export)
"""Routes of one document, below ``/backoffice``."""
