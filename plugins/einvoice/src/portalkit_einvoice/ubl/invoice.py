"""Invoices, proformas and credit notes."""

from typing import Final

import msgspec

from portalkit.model import DocumentBody, PartyRole, ReferenceStated, Relation
from portalkit_einvoice.codes import CORRECTIVE, invoice_kind
from portalkit_einvoice.mentions import line_delivery_notes, line_orders, without_repetitions
from portalkit_einvoice.ubl.header import delivery_parties, take_header
from portalkit_einvoice.ubl.lines import CREDIT_NOTE_LINE, INVOICE_LINE, LineShape, take_lines
from portalkit_einvoice.ubl.party import take_parties
from portalkit_einvoice.ubl.references import (
    number_of_reference,
    take_billing_references,
    take_references,
    take_sales_orders,
)
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_code

__all__ = ("read_credit_note", "read_invoice")

_OF_A_CREDIT_NOTE: Final = (("ContractDocumentReference", Relation.CONTRACT),)
_OF_AN_INVOICE: Final = (
    ("OrderReference", Relation.INVOICE_OF_ORDER),
    ("DespatchDocumentReference", Relation.INVOICE_OF_DELIVERY),
    *_OF_A_CREDIT_NOTE,
)


def read_invoice(root: Element, amounts: Amounts) -> DocumentBody:
    """Read an ``Invoice``: by its type code an invoice, a proforma or a credit note."""
    type_code = take_code(root, "InvoiceTypeCode")
    kind = invoice_kind(type_code)
    return _read(root, amounts, kind=kind, type_code=type_code, shape=INVOICE_LINE)


def read_credit_note(root: Element, amounts: Amounts) -> DocumentBody:
    """Read a ``CreditNote``; its figures stay as they are stated, which is positive."""
    type_code = take_code(root, "CreditNoteTypeCode")
    return _read(root, amounts, kind="credit_note", type_code=type_code, shape=CREDIT_NOTE_LINE)


def _read(
    root: Element, amounts: Amounts, *, kind: str, type_code: str | None, shape: LineShape
) -> DocumentBody:
    body = take_header(root, kind, amounts)
    lines = take_lines(root, shape, amounts)
    order_number = number_of_reference(root, "OrderReference", "ID")
    contract_number = number_of_reference(root, "ContractDocumentReference", "ID")
    references = [
        *_take_billed(root, kind, type_code, shape.name),
        *take_references(root, _OF_A_CREDIT_NOTE if kind == "credit_note" else _OF_AN_INVOICE),
    ]
    if kind == "credit_note":
        root.take_if(order_number, "OrderReference", "ID")
    else:
        references += take_sales_orders(root, Relation.INVOICE_OF_ORDER)
        references += line_orders(lines, Relation.INVOICE_OF_ORDER)
        references += line_delivery_notes(lines, Relation.INVOICE_OF_DELIVERY)
    return msgspec.structs.replace(
        body,
        type_code=type_code,
        order_number=order_number,
        contract_number=contract_number,
        project_number=root.take("ProjectReference", "ID"),
        parties=take_parties(
            [
                (PartyRole.SELLER, root.first("AccountingSupplierParty")),
                (PartyRole.BUYER, root.first("AccountingCustomerParty")),
                (PartyRole.PAYEE, root.first("PayeeParty")),
                (PartyRole.TAX_REPRESENTATIVE, root.first("TaxRepresentativeParty")),
                *delivery_parties(root),
            ]
        ),
        lines=lines,
        references=without_repetitions(references),
    )


def _take_billed(
    root: Element, kind: str, type_code: str | None, line_name: str
) -> tuple[ReferenceStated, ...]:
    # On an ordinary invoice a preceding invoice may be a partial one, a prepayment or a
    # replaced one (BG-3): the file does not say which, so it stays as it is stated.
    if kind == "credit_note":
        return take_billing_references(root, line_name, Relation.CREDITS)
    if type_code in CORRECTIVE:
        return take_billing_references(root, line_name, Relation.CORRECTS)
    return ()
