"""The exporter: Universal Business Language, as XML."""

import asyncio
from collections.abc import Sequence

from portalkit.hooks import ExportContext
from portalkit.model import Document, DocumentBody, Identifier, PartyRole, Text, lazy_gettext
from portalkit_einvoice.en16931 import conform, glance
from portalkit_einvoice.ubl.writing.document import write_document
from portalkit_einvoice.ubl.writing.parties import SEPA

__all__ = ("UblExporter", "obstacles_of", "write")


class UblExporter:
    """Writes invoices and credit notes as UBL 2.1, as EN 16931 wants it."""

    name = "ubl"
    title: Text = lazy_gettext("UBL (EN 16931)")
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
    return glance(body)


def write(body: DocumentBody) -> bytes:
    """Return a document as XML.

    Raises:
        ExportRefusedError: With every reason why it cannot be expressed.
    """
    return write_document(conform(body), _creditor_of(body))


def _creditor_of(body: DocumentBody) -> Identifier | None:
    """Return the number under which direct debits are collected (BT-90).

    UBL keeps it among the numbers of whoever collects; other syntaxes with the payment.
    """
    stated = next((means.creditor_id for means in body.payment_means if means.creditor_id), None)
    roles = (PartyRole.PAYEE, PartyRole.SELLER)
    parties = [party for role in roles if (party := body.party(role)) is not None]
    kept = (each for party in parties for each in party.ids if each.scheme == SEPA)
    number = stated or next((each.value for each in kept), None)
    return None if number is None else Identifier(number, SEPA)
