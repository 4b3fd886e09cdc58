"""Invoices, proformas and credit notes."""

from typing import Final

import msgspec

from portalkit.model import DocumentBody, ReferenceStated, Relation
from portalkit_einvoice.cii.header import take_header
from portalkit_einvoice.cii.lines import BILLED, take_lines
from portalkit_einvoice.cii.namespaces import Parts, first_of
from portalkit_einvoice.cii.references import stated_number, take_references
from portalkit_einvoice.codes import CORRECTIVE, invoice_kind
from portalkit_einvoice.mentions import line_delivery_notes, line_orders, without_repetitions
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_code

__all__ = ("read_invoice",)

_CONTRACT: Final = (("ContractReferencedDocument", Relation.CONTRACT),)
_AGREED: Final = (
    ("BuyerOrderReferencedDocument", Relation.INVOICE_OF_ORDER),
    ("SellerOrderReferencedDocument", Relation.INVOICE_OF_ORDER),
    ("QuotationReferencedDocument", Relation.INVOICE_OF_QUOTE),
    *_CONTRACT,
)
_DELIVERED: Final = (
    ("DespatchAdviceReferencedDocument", Relation.INVOICE_OF_DELIVERY),
    ("DeliveryNoteReferencedDocument", Relation.INVOICE_OF_DELIVERY),
)


def read_invoice(parts: Parts, amounts: Amounts) -> DocumentBody:
    """Read an invoice: by its type code an invoice, a proforma or a credit note.

    The figures of a credit note stay as they are stated, which is positive.
    """
    type_code = take_code(parts.document, "TypeCode")
    kind = invoice_kind(type_code)
    body = take_header(parts, kind, type_code, amounts)
    lines = take_lines(parts.transaction, amounts, BILLED)
    order = parts.agreement.first("BuyerOrderReferencedDocument")
    order_number = stated_number(order)
    references = _take_billed(parts, body)
    if kind == "credit_note":
        references += take_references(parts.agreement, _CONTRACT)
        order.take_if(order_number, "IssuerAssignedID")
    else:
        references += take_references(parts.agreement, _AGREED)
        references += take_references(parts.delivery, _DELIVERED)
        references += line_orders(lines, Relation.INVOICE_OF_ORDER)
        references += line_delivery_notes(lines, Relation.INVOICE_OF_DELIVERY)
    return msgspec.structs.replace(
        body,
        order_number=order_number,
        lines=lines,
        references=without_repetitions(references),
    )


def _take_billed(parts: Parts, body: DocumentBody) -> tuple[ReferenceStated, ...]:
    # On an ordinary invoice a preceding invoice may be a partial one, a prepayment or a
    # replaced one (BG-3): the file does not say which, so it stays as it is stated.
    if body.kind == "credit_note":
        relation = Relation.CREDITS
    elif body.type_code in CORRECTIVE:
        relation = Relation.CORRECTS
    else:
        return ()
    lines = parts.transaction.each("IncludedSupplyChainTradeLineItem")
    holders = [parts.settlement, *map(_settlement, lines)]
    billed = (("InvoiceReferencedDocument", relation),)
    return tuple(each for holder in holders for each in take_references(holder, billed))


def _settlement(line: Element) -> Element:
    return first_of(line, "SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement")
