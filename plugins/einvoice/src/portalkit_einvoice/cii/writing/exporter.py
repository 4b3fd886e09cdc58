"""The exporter: Cross Industry Invoice, as XML."""

import asyncio
from collections.abc import Sequence

from portalkit.errors import ExportRefusedError
from portalkit.hooks import ExportContext
from portalkit.model import Document, DocumentBody, Text, lazy_gettext
from portalkit_einvoice.cii.writing.document import write_invoice
from portalkit_einvoice.en16931 import conform, glance

__all__ = ("CiiExporter", "obstacles_of", "write")


class CiiExporter:
    """Writes invoices and credit notes as CII D16B, as EN 16931 wants it."""

    name = "cii"
    title: Text = lazy_gettext("CII (EN 16931)")
    media_type = "application/xml"
    suffix = "xml"
    kinds = frozenset({"invoice", "credit_note"})

    def obstacles(self, document: Document) -> Sequence[Text]:
        """Say why a document cannot be expressed, as far as its head tells."""
        return obstacles_of(document.body)

    async def export(self, document: Document, context: ExportContext) -> bytes:  # noqa: ARG002
        """Return a document as XML.

        Raises:
            ExportRefusedError: If EN 16931 cannot express it.
        """
        return await asyncio.to_thread(write, document.body)


def obstacles_of(body: DocumentBody) -> tuple[Text, ...]:
    """Return why a document cannot be expressed, as far as its head tells."""
    return (*glance(body), *_beyond_cii(body))


def write(body: DocumentBody) -> bytes:
    """Return a document as XML.

    Raises:
        ExportRefusedError: With every reason why it cannot be expressed.
    """
    conformed = conform(body)
    if reasons := _beyond_cii(body):
        raise ExportRefusedError(*reasons)
    return write_invoice(conformed)


def _beyond_cii(body: DocumentBody) -> tuple[Text, ...]:
    # EN 16931 knows category B for Italy only; the code list of Factur-X leaves it out.
    if any(row.category == "B" for row in body.taxes):
        return (lazy_gettext("Factur-X has no code for the split payment of VAT."),)
    return ()
