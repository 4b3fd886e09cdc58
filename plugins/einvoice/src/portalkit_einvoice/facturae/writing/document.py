"""The whole file, in the order of the schema."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from portalkit.model import DocumentBody, PartyRole
from portalkit_einvoice.facturae.invoice import LEGAL
from portalkit_einvoice.facturae.writing.euros import Euros, put_amount
from portalkit_einvoice.facturae.writing.heading import SELF_BILLED, put_heading, put_issue
from portalkit_einvoice.facturae.writing.lines import put_lines, put_parts
from portalkit_einvoice.facturae.writing.nodes import (
    Node,
    new_root,
    put,
    put_day,
    put_parent,
    put_text,
    written,
)
from portalkit_einvoice.facturae.writing.parties import put_parties, tax_number
from portalkit_einvoice.facturae.writing.payment import put_payment
from portalkit_einvoice.facturae.writing.sums import Sums, sums_of
from portalkit_einvoice.facturae.writing.taxes import put_tax_summary

__all__ = ("write_document",)

_VERSION: Final = "3.2.2"
_LITERAL_LENGTH: Final = 250
_INFORMATION_LENGTH: Final = 2_500
# Art. 6.1.m of RD 1619/2012: the buyer accounts for the tax, and the invoice says so.
_REVERSED: Final = "Inversión del sujeto pasivo"


def write_document(body: DocumentBody, euros: Euros) -> bytes:
    """Return a document as XML, unsigned.

    Args:
        body: One without any problem; what is given back is below nothing.
        euros: What turns its amounts into euros.
    """
    root, sums = new_root(), sums_of(body)
    _put_file_header(root, body, sums, euros)
    put_parties(root, body)
    invoice = put_parent(put_parent(root, "Invoices"), "Invoice")
    put_heading(invoice, body)
    put_issue(invoice, body, euros)
    put_tax_summary(invoice, body, euros)
    _put_totals(invoice, body, sums)
    put_lines(invoice, body, euros)
    put_payment(invoice, body, sums.outstanding)
    _put_texts(invoice, body)
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return content


def _put_file_header(root: Node, body: DocumentBody, sums: Sums, euros: Euros) -> None:
    element = put_parent(root, "FileHeader")
    put(element, "SchemaVersion", _VERSION)
    put(element, "Modality", "I")
    put(element, "InvoiceIssuerType", "RE" if body.type_code in SELF_BILLED else "EM")
    batch = put_parent(element, "Batch")
    seller = body.party(PartyRole.SELLER)
    identifier = f"{tax_number(seller) if seller else ''}{body.number}"
    put(batch, "BatchIdentifier", identifier[:70])
    put(batch, "InvoicesCount", "1")
    put_amount(batch, "TotalInvoicesAmount", sums.total, euros)
    put_amount(batch, "TotalOutstandingAmount", sums.outstanding, euros)
    put_amount(batch, "TotalExecutableAmount", sums.outstanding, euros)
    put(batch, "InvoiceCurrencyCode", body.currency)


def _put_totals(invoice: Node, body: DocumentBody, sums: Sums) -> None:
    element, currency = put_parent(invoice, "InvoiceTotals"), body.currency
    put(element, "TotalGrossAmount", written(sums.lines, currency))
    parts = body.allowances_charges
    put_parts(element, parts, currency, "GeneralDiscounts", "GeneralSurcharges")
    put(element, "TotalGeneralDiscounts", written(sums.discounts, currency))
    put(element, "TotalGeneralSurcharges", written(sums.charges, currency))
    put(element, "TotalGrossAmountBeforeTaxes", written(sums.net, currency))
    put(element, "TotalTaxOutputs", written(sums.tax, currency))
    put(element, "TotalTaxesWithheld", written(sums.withheld, currency))
    put(element, "InvoiceTotal", written(sums.total, currency))
    _put_prepayments(element, body)
    put(element, "TotalOutstandingAmount", written(sums.outstanding, currency))
    if sums.prepaid:
        put(element, "TotalPaymentsOnAccount", written(sums.prepaid, currency))
    put(element, "TotalExecutableAmount", written(sums.outstanding, currency))


def _put_prepayments(parent: Node, body: DocumentBody) -> None:
    """Put the payments on account, of which each needs its day."""
    payments = body.stated_payments
    total = sum(each.amount for each in payments)
    if payments and total == body.totals.prepaid and all(each.paid_on for each in payments):
        element = put_parent(parent, "PaymentsOnAccount")
        for each in payments:
            payment = put_parent(element, "PaymentOnAccount")
            put_day(payment, "PaymentOnAccountDate", each.paid_on)
            put(payment, "PaymentOnAccountAmount", written(each.amount, body.currency))


def _put_texts(invoice: Node, body: DocumentBody) -> None:
    literals = list(dict.fromkeys(_literals(body)))
    if literals:
        element = put_parent(invoice, "LegalLiterals")
        for text in literals:
            put(element, "LegalReference", text)
    others = [note.text.strip() for note in body.notes if note.text.strip() not in literals]
    information = "\n".join(filter(None, (*others, body.payment_terms)))
    if information:
        element = put_parent(invoice, "AdditionalData")
        put_text(element, "InvoiceAdditionalInformation", information, _INFORMATION_LENGTH)


def _literals(body: DocumentBody) -> Iterator[str]:
    """Yield what a law asks for; what is too long for its place stands among other words."""
    for note in body.notes:
        if note.subject_code == LEGAL and 0 < len(note.text.strip()) <= _LITERAL_LENGTH:
            yield note.text.strip()
    for row in body.taxes:
        if row.category == "AE":
            yield (row.exemption_reason or _REVERSED)[:_LITERAL_LENGTH]
