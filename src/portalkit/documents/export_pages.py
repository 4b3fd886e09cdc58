"""A document in another format as an answer, or the page that says why there is none."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Response

from portalkit.documents.delivery import send_export
from portalkit.documents.exports import ExportedFile, get_exporter, reasons_of, write_export
from portalkit.documents.pages import Addresses, Reader
from portalkit.documents.views import RefusalView
from portalkit.errors import ExportRefusedError
from portalkit.hooks import DocumentExporter, Purpose
from portalkit.model import Document
from portalkit.rendering.page import Crumb
from portalkit.rendering.sheet import document_label

__all__ = ("answer_export",)


async def answer_export(
    request: Request[Any, Any, Any],
    reader: Reader,
    document: Document,
    name: str,
    *,
    addresses: Addresses,
    crumbs: tuple[Crumb, ...],
) -> tuple[Response[Any], ExportedFile | None]:
    """Answer with a document in another format.

    Args:
        request: What was asked.
        reader: Who asks; the document is theirs to see.
        document: Which document.
        name: Name of the format.
        addresses: Where this reader finds documents.
        crumbs: The way to the document.

    Returns:
        The answer and the file in it; no file where the page says why there is none.

    Raises:
        NotFoundError: If the format is none for this kind and reader.
        RenderingError: If a PDF that belongs into it cannot be made now.
    """
    kind = reader.portal.kinds[document.kind]
    exporter = get_exporter(reader.portal, name, {kind.name}, reader.context.active_plugins)
    template = reader.portal.registry.hooks.choose_template(reader.context, document, Purpose.PDF)
    # What others wait for is not held while a file is written.
    await reader.session.close()
    try:
        file = await write_export(
            reader.portal,
            reader.business,
            document,
            exporter,
            locale=reader.page.locale,
            template=template,
        )
    except ExportRefusedError as error:
        view = _refusal(reader, document, exporter, error=error, addresses=addresses, crumbs=crumbs)
        page = await reader.page.render(
            "core/documents/refusal.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            refusal=view,
        )
        return page, None
    return send_export(request, file), file


def _refusal(
    reader: Reader,
    document: Document,
    exporter: DocumentExporter,
    *,
    error: ExportRefusedError,
    addresses: Addresses,
    crumbs: tuple[Crumb, ...],
) -> RefusalView:
    text, kind = reader.translator.text, reader.portal.kinds[document.kind]
    url, title = addresses.page(kind, document.id), text(exporter.title)
    return RefusalView(
        kind_title=text(document_label(document.body, kind)),
        number=document.header.number,
        format=title,
        reasons=tuple(text(reason) for reason in reasons_of(error)),
        crumbs=(*crumbs[:-1], Crumb(label=document.header.number, url=url), Crumb(label=title)),
        url=url,
        pdf_url=addresses.pdf(kind, document.id),
    )
