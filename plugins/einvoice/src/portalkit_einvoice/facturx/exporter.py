"""The exporter: the document as it is downloaded, with its figures inside."""

import asyncio
from collections.abc import Sequence

from portalkit.hooks import ExportContext
from portalkit.model import Document, PdfAttachment, Text, lazy_gettext
from portalkit_einvoice.cii.writing import obstacles_of, write
from portalkit_einvoice.facturx.metadata import FILENAME, METADATA

__all__ = ("FacturXExporter",)


class FacturXExporter:
    """Writes invoices and credit notes as PDF/A-3 with a Cross Industry Invoice inside."""

    name = "factur-x"
    title: Text = lazy_gettext("Factur-X (PDF with XML)")
    media_type = "application/pdf"
    suffix = "pdf"
    kinds = frozenset({"invoice", "credit_note"})

    def obstacles(self, document: Document) -> Sequence[Text]:
        """Say why a document cannot be expressed, as far as its head tells."""
        return obstacles_of(document.body)

    async def export(self, document: Document, context: ExportContext) -> bytes:
        """Return a document as PDF, rendered once and kept like the plain one.

        Raises:
            ExportRefusedError: If EN 16931 cannot express it.
            RenderingError: If the PDF cannot be made now.
        """
        content = await asyncio.to_thread(write, document.body)
        figures = PdfAttachment(
            name=FILENAME,
            content=content,
            media_type="text/xml",
            modified_on=document.body.issued_on,
            description="Factur-X",
            # Profile EN 16931 holds the whole invoice: either one could be booked.
            relationship="Alternative",
        )
        return await context.print_pdf((figures,), METADATA)
