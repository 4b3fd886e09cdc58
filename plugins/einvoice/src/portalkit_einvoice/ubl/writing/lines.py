"""Lines: how much of what, its tax, and what a unit of it costs."""

import re
from typing import Final

import msgspec

from portalkit.model import Item, Line, TaxStated
from portalkit_einvoice.ubl.lines import LineShape
from portalkit_einvoice.ubl.writing.nodes import (
    Node,
    put,
    put_amount,
    put_day,
    put_id,
    put_in,
    put_number,
    put_parent,
)
from portalkit_einvoice.ubl.writing.taxes import put_allowance, put_category

__all__ = ("put_line",)

_COUNTRY: Final = re.compile("[A-Z]{2}")


def put_line(root: Node, line: Line, shape: LineShape, currency: str) -> None:
    """Put a line.

    Args:
        root: The document.
        line: As ``portalkit_einvoice.en16931.conform`` returns it.
        shape: What its elements are called.
        currency: ISO 4217 code of its amounts.
    """
    element = put_parent(root, shape.name)
    put(element, "ID", line.id)
    put(element, "Note", line.note)
    put_number(element, shape.quantity, line.quantity, unitCode=line.unit)
    put_amount(element, "LineExtensionAmount", line.net_amount, currency)
    put(element, "AccountingCost", line.accounting_cost)
    if line.period is not None and (line.period.start_on or line.period.end_on):
        period = put_parent(element, "InvoicePeriod")
        put_day(period, "StartDate", line.period.start_on)
        put_day(period, "EndDate", line.period.end_on)
    put_in(element, "OrderLineReference", "LineID", line.order_line)
    for part in line.allowances_charges:
        put_allowance(element, msgspec.structs.replace(part, tax=None), currency)
    _put_item(element, line.item, line.taxes)
    _put_price(element, line, currency)


def _put_item(parent: Node, item: Item, taxes: tuple[TaxStated, ...]) -> None:
    element = put_parent(parent, "Item")
    put(element, "Description", item.description)
    put(element, "Name", item.name)
    put_in(element, "BuyersItemIdentification", "ID", item.buyer_id)
    put_in(element, "SellersItemIdentification", "ID", item.seller_id)
    if item.standard_id is not None:
        put_id(put_parent(element, "StandardItemIdentification"), "ID", item.standard_id)
    if _COUNTRY.fullmatch(item.origin_country or ""):
        put_in(element, "OriginCountry", "IdentificationCode", item.origin_country)
    for each in item.classifications:
        code = put_parent(element, "CommodityClassification")
        put(code, "ItemClassificationCode", each.value, listID=each.scheme)
    for tax in taxes:
        put_category(element, "ClassifiedTaxCategory", tax, reasons=False)
    for name, value in item.attributes:
        attribute = put_parent(element, "AdditionalItemProperty")
        put(attribute, "Name", name)
        put(attribute, "Value", value)


def _put_price(parent: Node, line: Line, currency: str) -> None:
    element = put_parent(parent, "Price")
    put_number(element, "PriceAmount", line.net_price, currencyID=currency)
    put_number(element, "BaseQuantity", line.base_quantity, unitCode=line.unit)
    if line.gross_price is not None:
        discount = line.price_discount
        if discount is None:
            discount = line.gross_price - (line.net_price or 0)
        allowance = put_parent(element, "AllowanceCharge")
        put(allowance, "ChargeIndicator", "false")
        put_number(allowance, "Amount", discount, currencyID=currency)
        put_number(allowance, "BaseAmount", line.gross_price, currencyID=currency)
