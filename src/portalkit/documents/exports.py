"""Documents in other formats: which ones there are, and the files."""

import hashlib
import logging
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Final

import msgspec

from portalkit.access.businesses import BusinessView, load_business
from portalkit.documents.filenames import document_filename
from portalkit.documents.portal import DocumentPortal
from portalkit.documents.queries import read_document
from portalkit.errors import ExportRefusedError, NotFoundError
from portalkit.hooks import DocumentExporter, ExportContext
from portalkit.model import Document, LazyText, PdfAttachment, Text, lazy_gettext
from portalkit.rendering.sheet import document_label

__all__ = (
    "ExportedFile",
    "export_document",
    "find_obstacles",
    "get_exporter",
    "list_exporters",
    "reasons_of",
    "write_export",
    "write_pdf",
)

_log: Final = logging.getLogger(__name__)

_OTHER_KIND: Final = lazy_gettext("This format is not for documents of this kind.")


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A document in another format.

    Attributes:
        filename: Safe to hand out (``factura-F26-0412-ubl.xml``).
    """

    filename: str
    media_type: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """Hash of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def list_exporters(
    portal: DocumentPortal, kinds: Collection[str], active: Collection[str]
) -> tuple[DocumentExporter, ...]:
    """Return the formats for documents of any of these kinds.

    Args:
        portal: Knows what plugins declared.
        kinds: Names of kinds.
        active: Plugins that are switched on for whoever asks.
    """
    return tuple(
        declared.value
        for declared in portal.registry.declarations.exporters
        if declared.plugin in active and not declared.value.kinds.isdisjoint(kinds)
    )


def get_exporter(
    portal: DocumentPortal, name: str, kinds: Collection[str], active: Collection[str]
) -> DocumentExporter:
    """Return one of the formats of :func:`list_exporters`.

    Raises:
        NotFoundError: If it is none of them.
    """
    for exporter in list_exporters(portal, kinds, active):
        if exporter.name == name:
            return exporter
    raise NotFoundError(f"exporter {name[:60]!r} for {', '.join(kinds)}")


def find_obstacles(exporter: DocumentExporter, document: Document) -> tuple[Text, ...]:
    """Return what is known at a glance to keep a document from a format.

    A plugin that fails here is one that offers its format; what is wrong shows when it writes.
    """
    try:
        found: Iterable[object] = exporter.obstacles(document)
        return tuple(text for text in found if isinstance(text, str | LazyText))
    except Exception:  # noqa: BLE001  # the boundary to a plugin
        _log.exception("exporter %s: its obstacles cannot be told", exporter.name)
        return ()


def reasons_of(error: ExportRefusedError) -> tuple[Text, ...]:
    """Return why a document cannot be expressed, as texts of a reader's language."""
    return tuple(
        reason if isinstance(reason, LazyText) else str(reason) for reason in error.reasons
    )


async def write_export(
    portal: DocumentPortal,
    business: BusinessView,
    document: Document,
    exporter: DocumentExporter,
    *,
    locale: str,
    template: str | None = None,
) -> ExportedFile:
    """Write a document in another format.

    The caller has made sure that whoever asks may see the document, and holds no session open:
    a format that carries the PDF waits for it.

    Args:
        portal: The running portal.
        business: Whose document it is.
        document: What is written.
        exporter: The format.
        locale: Language of whoever the file is for.
        template: Another layout of the PDF than the kind's.

    Raises:
        ExportRefusedError: If the document cannot be expressed in the format.
        RenderingError: If a PDF that belongs into it cannot be made now.
    """
    kind = portal.kinds[document.kind]
    if kind.name not in exporter.kinds:
        raise ExportRefusedError(_OTHER_KIND)

    async def print_pdf(
        attachments: Sequence[PdfAttachment] = (), xmp: Sequence[bytes] = ()
    ) -> bytes:
        async with portal.reading() as session:
            pdf = await portal.pdf_cache.get(
                session,
                business,
                document,
                kind,
                locale=locale,
                template=template,
                attachments=attachments,
                xmp=xmp,
            )
        return await portal.storage.get(pdf.key)

    context = ExportContext(kind=kind, locale=locale, print_pdf=print_pdf)
    content = await exporter.export(document, context)
    label = portal.translators[locale].text(document_label(document.body, kind))
    return ExportedFile(
        filename=document_filename(
            label, document.header.number, exporter.suffix, variant=exporter.name
        ),
        media_type=exporter.media_type,
        content=content,
    )


async def write_pdf(
    portal: DocumentPortal, business: BusinessView, document: Document, *, locale: str
) -> ExportedFile:
    """Return a document's PDF as a file, rendering it if nobody has yet.

    Raises:
        RenderingError: If it cannot be made now.
        StorageError: If the store cannot be read or written.
    """
    kind = portal.kinds[document.kind]
    async with portal.reading() as session:
        pdf = await portal.pdf_cache.get(session, business, document, kind, locale=locale)
    return ExportedFile(
        filename=pdf.filename,
        media_type="application/pdf",
        content=await portal.storage.get(pdf.key),
    )


async def export_document(
    portal: DocumentPortal,
    business_id: str,
    document_id: str,
    exporter: str,
    *,
    locale: str | None = None,
) -> ExportedFile:
    """Write any document of a business in another format, for the host itself.

    Nobody is asked whether they may see the document, and no download is recorded.

    Args:
        portal: The running portal (``create_app(...).portal``).
        business_id: Whose document.
        document_id: Which document.
        exporter: Name of the format, for example ``ubl``.
        locale: Language of the file's name and of words that are not the document's; the
            business's own when left out.

    Raises:
        NotFoundError: If there is no such document or format.
        ExportRefusedError: If the document cannot be expressed in the format.
        RenderingError: If a PDF that belongs into it cannot be made now.
    """
    async with portal.reading() as session:
        business = await load_business(session, business_id)
        document = await read_document(session, business_id, document_id)
    if business is None or document.kind not in portal.kinds:
        raise NotFoundError(f"document {document_id}")
    every = portal.registry.plugins
    found = get_exporter(portal, exporter, {document.kind}, every)
    wanted = business.locales if locale is None else (locale,)
    return await write_export(
        portal, business, document, found, locale=portal.offered_locales(wanted)[0]
    )
