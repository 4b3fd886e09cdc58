"""The exporter: Facturae 3.2.2, unsigned."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from portalkit.errors import ExportRefusedError
from portalkit.hooks import ExportContext
from portalkit.model import Document, DocumentBody, Text
from portalkit_einvoice.en16931.glance import told_once
from portalkit_einvoice.facturae.writing.document import write_document
from portalkit_einvoice.facturae.writing.euros import currency_problems, euros_of
from portalkit_einvoice.facturae.writing.heading import heading_problems
from portalkit_einvoice.facturae.writing.lines import line_problems
from portalkit_einvoice.facturae.writing.parties import party_problems
from portalkit_einvoice.facturae.writing.payment import payment_problems
from portalkit_einvoice.facturae.writing.sums import negative, sum_problems
from portalkit_einvoice.facturae.writing.taxes import tax_problems

__all__ = ("FacturaeExporter", "obstacles_of", "write")

_MOST_REASONS: Final = 10


class FacturaeExporter:
    """Writes invoices and credit notes as Facturae; signing them is the issuer's own act."""

    name = "facturae"
    title: Text = "Facturae 3.2.2"
    media_type = "application/xml"
    suffix = "xml"
    kinds = frozenset({"invoice", "credit_note"})

    def obstacles(self, document: Document) -> Sequence[Text]:
        """Say why a document cannot be expressed, as far as its head tells."""
        return obstacles_of(document.body)

    async def export(self, document: Document, context: ExportContext) -> bytes:  # noqa: ARG002
        """Return a document as XML.

        Raises:
            ExportRefusedError: If Facturae cannot express it.
        """
        return await asyncio.to_thread(write, document.body)


def obstacles_of(body: DocumentBody) -> tuple[Text, ...]:
    """Return why a document cannot be expressed, as far as its head tells."""
    return told_once(_problems(body))


def write(body: DocumentBody) -> bytes:
    """Return a document as XML.

    What EN 16931 calls the total with tax still holds what the buyer withholds; Facturae's
    total does not, so it is written less that.

    Raises:
        ExportRefusedError: With every reason why it cannot be expressed, at most ten.
    """
    reasons = told_once((*_problems(body), *line_problems(body)))
    euros = euros_of(body)
    if reasons or euros is None:
        raise ExportRefusedError(*reasons[:_MOST_REASONS])
    return write_document(negative(body), euros)


def _problems(body: DocumentBody) -> Iterator[Text]:
    yield from heading_problems(body)
    yield from currency_problems(body)
    yield from party_problems(body)
    yield from tax_problems(body)
    yield from sum_problems(body)
    yield from payment_problems(body)
