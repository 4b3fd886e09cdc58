"""The whole document, in the order of the schema."""

from typing import Final

from lxml import etree

from portalkit.model import DocumentBody, Identifier, Period, Relation
from portalkit_einvoice.ubl.lines import CREDIT_NOTE_LINE, INVOICE_LINE
from portalkit_einvoice.ubl.writing.lines import put_line
from portalkit_einvoice.ubl.writing.nodes import Node, new_root, put, put_day, put_in, put_parent
from portalkit_einvoice.ubl.writing.parties import put_delivery, put_parties
from portalkit_einvoice.ubl.writing.payment import put_payment, put_totals
from portalkit_einvoice.ubl.writing.taxes import put_allowance, put_tax_totals

__all__ = ("SPECIFICATION", "write_document")

SPECIFICATION: Final = "urn:cen.eu:en16931:2017"
"""The specification that is followed (BT-24)."""

# Types of documents that are a CreditNote; all others are an Invoice (BR-CL-01).
_CREDIT_NOTES: Final = frozenset(
    {"83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
)
_EITHER: Final = "81"
_PRECEDING: Final = frozenset(
    {Relation.CREDITS, Relation.CORRECTS, Relation.REPLACES, Relation.PREPAYMENT_OF}
)
_PROJECT: Final = "50"
# When tax becomes due (BT-8): CII's codes (UNTDID 2475) as UBL writes them (UNTDID 2005).
_DUE_CODES: Final = {"5": "3", "29": "35", "72": "432", "3": "3", "35": "35", "432": "432"}


def write_document(body: DocumentBody, creditor: Identifier | None) -> bytes:
    """Return an invoice or credit note as XML.

    Args:
        body: As ``portalkit_einvoice.en16931.conform`` returns it.
        creditor: The number under which the payee, or else the seller, collects direct debits.
    """
    is_credit = _is_credit(body)
    shape = CREDIT_NOTE_LINE if is_credit else INVOICE_LINE
    root = new_root("CreditNote" if is_credit else "Invoice")
    _put_head(root, body, is_credit=is_credit)
    _put_references(root, body, is_credit=is_credit)
    put_parties(root, body, creditor)
    put_delivery(root, body)
    put_payment(root, body, due_on=body.due_on if is_credit else None)
    for part in body.allowances_charges:
        put_allowance(root, part, body.currency)
    put_tax_totals(root, body)
    put_totals(root, body)
    for line in body.lines:
        put_line(root, line, shape, body.currency)
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return content


def _is_credit(body: DocumentBody) -> bool:
    if body.type_code == _EITHER:
        return body.kind == "credit_note"
    return body.type_code in _CREDIT_NOTES


def _put_head(root: Node, body: DocumentBody, *, is_credit: bool) -> None:
    put(root, "CustomizationID", SPECIFICATION)
    put(root, "ProfileID", body.profile_id)
    put(root, "ID", body.number)
    put_day(root, "IssueDate", body.issued_on)
    if is_credit:
        put_day(root, "TaxPointDate", body.tax_point_on)
        put(root, "CreditNoteTypeCode", body.type_code)
    else:
        put_day(root, "DueDate", body.due_on)
        put(root, "InvoiceTypeCode", body.type_code)
    for note in body.notes:
        put(root, "Note", f"#{note.subject_code}#{note.text}" if note.subject_code else note.text)
    if not is_credit:
        put_day(root, "TaxPointDate", body.tax_point_on)
    put(root, "DocumentCurrencyCode", body.currency)
    put(root, "TaxCurrencyCode", body.tax_currency)
    put(root, "AccountingCost", body.accounting_cost)
    put(root, "BuyerReference", body.buyer_reference)
    _put_period(root, body.period, has_tax_point=body.tax_point_on is not None)


def _put_period(root: Node, period: Period | None, *, has_tax_point: bool) -> None:
    if period is None:
        return
    code = None if has_tax_point else _DUE_CODES.get(period.code or "")
    if period.start_on or period.end_on or code:
        element = put_parent(root, "InvoicePeriod")
        put_day(element, "StartDate", period.start_on)
        put_day(element, "EndDate", period.end_on)
        put(element, "DescriptionCode", code)


def _put_references(root: Node, body: DocumentBody, *, is_credit: bool) -> None:
    orders = _numbers(body, Relation.INVOICE_OF_ORDER)
    put_in(root, "OrderReference", "ID", body.order_number or next(iter(orders), None))
    for reference in body.references:
        if reference.relation in _PRECEDING:
            element = put_parent(put_parent(root, "BillingReference"), "InvoiceDocumentReference")
            put(element, "ID", reference.number)
            put_day(element, "IssueDate", reference.issued_on)
    # There is a place for one delivery note; what is more is a document that is mentioned.
    notes = _numbers(body, Relation.INVOICE_OF_DELIVERY)
    put_in(root, "DespatchDocumentReference", "ID", next(iter(notes), None))
    put_in(root, "ContractDocumentReference", "ID", body.contract_number)
    for number in notes[1:]:
        put_in(root, "AdditionalDocumentReference", "ID", number)
    if body.project_number and is_credit:
        element = put_parent(root, "AdditionalDocumentReference")
        put(element, "ID", body.project_number)
        put(element, "DocumentTypeCode", _PROJECT)
    elif body.project_number:
        put_in(root, "ProjectReference", "ID", body.project_number)


def _numbers(body: DocumentBody, relation: Relation) -> list[str]:
    found = (each.number for each in body.references if each.relation is relation)
    return list(dict.fromkeys(found))
