"""Delivery notes."""

from typing import Final

import msgspec

from portalkit.model import DocumentBody, PartyRole, Relation
from portalkit_einvoice.mentions import line_orders, without_repetitions
from portalkit_einvoice.ubl.delivery import take_shipment
from portalkit_einvoice.ubl.header import take_header
from portalkit_einvoice.ubl.lines import DESPATCH_LINE, take_lines
from portalkit_einvoice.ubl.party import take_parties
from portalkit_einvoice.ubl.references import (
    number_of_reference,
    take_references,
    take_sales_orders,
)
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_code

__all__ = ("read_despatch_advice",)

_MENTIONED: Final = (("OrderReference", Relation.DELIVERY_OF_ORDER),)


def read_despatch_advice(root: Element, amounts: Amounts) -> DocumentBody:
    """Read a ``DespatchAdvice``: the seller's delivery note, with quantities and no money."""
    body = take_header(root, "delivery_note", amounts)
    lines = take_lines(root, DESPATCH_LINE, amounts)
    order_number = number_of_reference(root, "OrderReference", "ID")
    references = (
        *take_references(root, _MENTIONED),
        *take_sales_orders(root, Relation.DELIVERY_OF_ORDER),
        *line_orders(lines, Relation.DELIVERY_OF_ORDER),
    )
    return msgspec.structs.replace(
        body,
        type_code=take_code(root, "DespatchAdviceTypeCode"),
        order_number=order_number,
        deliveries=(*body.deliveries, *take_shipment(root)),
        parties=take_parties(_parties(root)),
        lines=lines,
        references=without_repetitions(references),
    )


def _parties(root: Element) -> list[tuple[PartyRole, Element]]:
    """Who despatches is the seller, and who receives the buyer, unless others are named."""
    has_seller, has_buyer = root.has("SellerSupplierParty"), root.has("BuyerCustomerParty")
    sender = PartyRole.SHIP_FROM if has_seller else PartyRole.SELLER
    receiver = PartyRole.SHIP_TO if has_buyer else PartyRole.BUYER
    return [
        (PartyRole.SELLER, root.first("SellerSupplierParty")),
        (sender, root.first("DespatchSupplierParty")),
        (PartyRole.BUYER, root.first("BuyerCustomerParty")),
        (receiver, root.first("DeliveryCustomerParty")),
        (PartyRole.ORIGINATOR, root.first("OriginatorCustomerParty")),
        (PartyRole.CARRIER, root.first("Shipment", "Consignment", "CarrierParty")),
    ]
