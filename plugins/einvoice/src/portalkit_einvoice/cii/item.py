"""What is sold on a line, and what a unit of it costs."""

from decimal import Decimal
from typing import NamedTuple

from portalkit.model import Identifier, Item
from portalkit_einvoice.cii.allowances import is_discount
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, number_of, take_identifier

__all__ = ("Price", "take_item", "take_price")


class Price(NamedTuple):
    """Unit price of a line: ``net`` is for ``base_quantity`` units, after ``discount``."""

    net: Decimal | None
    gross: Decimal | None
    discount: Decimal | None
    base_quantity: Decimal | None


def take_item(element: Element) -> Item:
    """Take a product; one without a name is called by its description or its number."""
    description = joined(*element.take_each("Description"))
    name = joined(*element.take_each("Name"))
    if name is None:
        name, description = description, None
    instance = element.first("IndividualTradeProductInstance")
    return Item(
        name=name or element.peek("SellerAssignedID") or element.peek("GlobalID"),
        description=description,
        seller_id=element.take("SellerAssignedID"),
        buyer_id=element.take("BuyerAssignedID"),
        standard_id=take_identifier(element.first("GlobalID")),
        classifications=_take_classifications(element),
        attributes=_take_attributes(element),
        origin_country=element.take("OriginTradeCountry", "ID"),
        lot=element.take("BatchID") or instance.take("BatchID"),
        serial=instance.take("SupplierAssignedSerialID") or instance.take("SerialID"),
    )


def take_price(agreement: Element, amounts: Amounts, unit: str | None) -> Price:
    """Take the price of a line; one in another currency stays.

    What reduces the price is taken if it is one discount; charges on it stay.
    """
    net = agreement.first("NetPriceProductTradePrice")
    gross = agreement.first("GrossPriceProductTradePrice")
    parts = gross.each("AppliedTradeAllowanceCharge")
    discount = None
    if len(parts) == 1 and is_discount(parts[0]):
        discount = amounts.take_price(parts[0], "ActualAmount")
        parts[0].take("ChargeIndicator", "Indicator")
    return Price(
        net=amounts.take_price(net, "ChargeAmount"),
        gross=amounts.take_price(gross, "ChargeAmount"),
        discount=discount,
        base_quantity=_take_base(net, gross, unit),
    )


def _take_base(net: Element, gross: Element, unit: str | None) -> Decimal | None:
    """Take the quantity that the price is for; that of the gross price stays if it differs."""
    bases = (net.first("BasisQuantity"), gross.first("BasisQuantity"))
    stated = bases[0].text or bases[1].text
    for base in bases:
        base.take_if(stated)
        if base.attributes.get("unitCode") == unit:
            base.take_attribute("unitCode")
    return number_of(stated, "BasisQuantity") if stated else None


def _take_classifications(element: Element) -> tuple[Identifier, ...]:
    found = []
    for each in element.each("DesignatedProductClassification"):
        code = each.first("ClassCode")
        if value := code.take():
            found.append(Identifier(value, code.take_attribute("listID")))
    return tuple(found)


def _take_attributes(element: Element) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each.take("Description") or "", each.take("Value") or "")
        for each in element.each("ApplicableProductCharacteristic")
        if each.peek("Description") and each.peek("Value")
    )
