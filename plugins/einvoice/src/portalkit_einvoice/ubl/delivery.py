"""When, where and how goods arrive."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from portalkit.model import Delivery
from portalkit_einvoice.ubl.party import take_address
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_date, take_number

__all__ = ("take_deliveries", "take_delivery", "take_shipment")

_WHOLE: Final = re.compile("[0-9]{1,9}")


def take_deliveries(root: Element) -> tuple[Delivery, ...]:
    """Take the deliveries of a document; the terms of delivery stand on the first."""
    terms = root.first("DeliveryTerms")
    first, *others = root.each("Delivery") or (root.first("Delivery"),)
    found = [take_delivery(first, terms=terms), *(take_delivery(each) for each in others)]
    return tuple(delivery for delivery in found if delivery is not None)


def take_shipment(root: Element) -> tuple[Delivery, ...]:
    """Take what a despatch advice says of the shipment as one delivery."""
    shipment = root.first("Shipment")
    weight = shipment.first("GrossWeightMeasure")
    delivery = take_delivery(
        shipment.first("Delivery"),
        terms=shipment.first("Consignment", "DeliveryTerms"),
        carrier=shipment.peek("Consignment", "CarrierParty", "PartyName", "Name") or None,
        packages=_take_whole(shipment, "TotalTransportHandlingUnitQuantity"),
        weight=take_number(weight),
        weight_unit=weight.take_attribute("unitCode"),
    )
    return () if delivery is None else (delivery,)


def take_delivery(
    element: Element,
    *,
    terms: Element | None = None,
    carrier: str | None = None,
    packages: int | None = None,
    weight: Decimal | None = None,
    weight_unit: str | None = None,
) -> Delivery | None:
    """Take a delivery; ``None`` if there is nothing in it.

    A period ends on the day that counts; its start stays where it is, unless it is that day.
    """
    stated = (carrier, packages, weight, weight_unit)
    if not element.children and terms is None and stated == (None,) * 4:
        return None
    delivery = Delivery(
        requested_on=_take_end(element, "RequestedDeliveryPeriod"),
        promised_on=_take_end(element, "PromisedDeliveryPeriod", "EstimatedDeliveryPeriod"),
        delivered_on=take_date(element, "ActualDeliveryDate"),
        address=take_address(element.first("DeliveryLocation", "Address"))
        or take_address(element.first("DeliveryAddress")),
        tracking_id=element.take("TrackingID"),
        carrier=carrier or element.take("CarrierParty", "PartyName", "Name"),
        packages=packages,
        weight=weight,
        weight_unit=weight_unit,
        terms=None if terms is None else terms.take("ID") or terms.take("SpecialTerms"),
    )
    return None if delivery == Delivery() else delivery


def _take_end(element: Element, *names: str) -> date | None:
    for name in names:
        period = element.first(name)
        start, end = period.peek("StartDate"), period.peek("EndDate")
        day = take_date(period, "EndDate" if end else "StartDate")
        if day is not None:
            if start == end:
                period.take("StartDate")
            return day
    return None


def _take_whole(element: Element, name: str) -> int | None:
    text = element.peek(name)
    if _WHOLE.fullmatch(text) is None:
        return None
    element.take(name)
    return int(text)
