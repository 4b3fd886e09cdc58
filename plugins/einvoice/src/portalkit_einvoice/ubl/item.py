"""What is sold or delivered on a line, and what a unit of it costs."""

from decimal import Decimal
from typing import NamedTuple

from portalkit.model import Identifier, Item, TaxStated
from portalkit_einvoice.ubl.taxes import take_category
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, take_identifier, take_number

__all__ = ("Price", "take_item", "take_line_taxes", "take_price")


class Price(NamedTuple):
    """Unit price of a line: ``net`` is for ``base_quantity`` units, after ``discount``."""

    net: Decimal | None
    gross: Decimal | None
    discount: Decimal | None
    base_quantity: Decimal | None


def take_item(element: Element) -> Item:
    """Take an item; one without a name is called by its description or its number."""
    descriptions = joined(*element.take_each("Description"))
    name = element.take("Name")
    if name is None:
        name, descriptions = descriptions, None
    instance = element.first("ItemInstance")
    return Item(
        name=name or element.peek("SellersItemIdentification", "ID"),
        description=descriptions,
        seller_id=element.take("SellersItemIdentification", "ID"),
        buyer_id=element.take("BuyersItemIdentification", "ID"),
        manufacturer_id=element.take("ManufacturersItemIdentification", "ID"),
        standard_id=take_identifier(element.first("StandardItemIdentification", "ID")),
        classifications=_take_classifications(element),
        attributes=_take_attributes(element),
        origin_country=element.take("OriginCountry", "IdentificationCode"),
        lot=instance.take("LotIdentification", "LotNumberID"),
        serial=instance.take("SerialID"),
    )


def _take_classifications(element: Element) -> tuple[Identifier, ...]:
    found = []
    for each in element.each("CommodityClassification"):
        code = each.first("ItemClassificationCode")
        if value := code.take():
            found.append(Identifier(value, code.take_attribute("listID")))
    return tuple(found)


def _take_attributes(element: Element) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each.take("Name") or "", each.take("Value") or "")
        for each in element.each("AdditionalItemProperty")
        if each.peek("Name") and each.peek("Value")
    )


def take_line_taxes(line: Element, item: Element) -> tuple[TaxStated, ...]:
    """Take the taxes of a line: those of its item, else those of its own tax total.

    The amounts of a line's tax total have no field and stay.
    """
    found = [take_category(each) for each in item.each("ClassifiedTaxCategory")]
    if not found:
        found = [
            take_category(subtotal.first("TaxCategory"), take_number(subtotal, "Percent"))
            for total in line.each("TaxTotal")
            for subtotal in total.each("TaxSubtotal")
        ]
    return tuple(tax for tax in found if tax is not None)


def take_price(element: Element, amounts: Amounts, unit: str | None) -> Price:
    """Take a ``Price``; a price in another currency stays."""
    base = element.first("BaseQuantity")
    base_quantity = take_number(base)
    if base.attributes.get("unitCode") == unit:
        base.take_attribute("unitCode")
    allowance = element.first("AllowanceCharge")
    is_discount = allowance.peek("ChargeIndicator") in {"false", "0"}
    if is_discount:
        allowance.take("ChargeIndicator")
    return Price(
        net=amounts.take_price(element, "PriceAmount"),
        gross=amounts.take_price(allowance, "BaseAmount") if is_discount else None,
        discount=amounts.take_price(allowance, "Amount") if is_discount else None,
        base_quantity=base_quantity,
    )
