"""Orders of the buyer, and the seller's answers to them."""

from typing import Final

import msgspec

from portalkit.model import DocumentBody, PartyRole, Relation
from portalkit_einvoice.ubl.header import delivery_parties, take_header
from portalkit_einvoice.ubl.lines import ORDER_LINE, take_lines
from portalkit_einvoice.ubl.party import take_parties
from portalkit_einvoice.ubl.references import number_of_reference, take_references
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_code

__all__ = ("read_order", "read_order_response")

_ORDER: Final = (
    ("QuotationDocumentReference", Relation.ORDER_OF_QUOTE),
    ("OrderDocumentReference", Relation.REPLACES),
)
_RESPONSE: Final = (("OrderReference", Relation.CONFIRMATION_OF_ORDER),)


def read_order(root: Element, amounts: Amounts) -> DocumentBody:
    """Read an ``Order``: the buyer's purchase order."""
    body = take_header(root, "purchase_order", amounts)
    return msgspec.structs.replace(
        _with_trade(body, root, amounts),
        type_code=take_code(root, "OrderTypeCode"),
        references=take_references(root, _ORDER),
    )


def read_order_response(root: Element, amounts: Amounts) -> DocumentBody:
    """Read an ``OrderResponse`` or an ``OrderResponseSimple``: the seller's sales order."""
    body = take_header(root, "sales_order", amounts)
    return msgspec.structs.replace(
        _with_trade(body, root, amounts),
        order_number=number_of_reference(root, "OrderReference", "ID"),
        references=take_references(root, _RESPONSE),
    )


def _with_trade(body: DocumentBody, root: Element, amounts: Amounts) -> DocumentBody:
    return msgspec.structs.replace(
        body,
        contract_number=root.take("Contract", "ID"),
        parties=take_parties(
            [
                (PartyRole.SELLER, root.first("SellerSupplierParty")),
                (PartyRole.BUYER, root.first("BuyerCustomerParty")),
                (PartyRole.ORIGINATOR, root.first("OriginatorCustomerParty")),
                (PartyRole.INVOICE_TO, root.first("AccountingCustomerParty")),
                *delivery_parties(root),
            ]
        ),
        lines=take_lines(root, ORDER_LINE, amounts),
    )
