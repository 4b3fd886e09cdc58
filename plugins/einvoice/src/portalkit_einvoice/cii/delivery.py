"""When, where and how goods arrive."""

from portalkit.model import Delivery
from portalkit_einvoice.cii.party import take_address
from portalkit_einvoice.cii.values import take_event
from portalkit_einvoice.xml.element import Element

__all__ = ("take_delivery",)


def take_delivery(element: Element, agreement: Element) -> Delivery | None:
    """Take the delivery of a document or a line; ``None`` if nothing is said of it.

    The address of the party that receives the goods is where they go.
    """
    delivery = Delivery(
        requested_on=take_event(element.first("RequestedDeliverySupplyChainEvent")),
        delivered_on=take_event(element.first("ActualDeliverySupplyChainEvent")),
        address=take_address(element.first("ShipToTradeParty", "PostalTradeAddress")),
        terms=agreement.take("ApplicableTradeDeliveryTerms", "DeliveryTypeCode"),
    )
    return None if delivery == Delivery() else delivery
