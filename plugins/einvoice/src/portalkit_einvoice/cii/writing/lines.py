"""Lines: what it is, what it costs, how much of it, and its tax."""

import re
from decimal import Decimal
from typing import Final

from portalkit.model import Item, Line, TaxStated
from portalkit_einvoice.cii.writing.allowances import put_allowance
from portalkit_einvoice.cii.writing.nodes import (
    Node,
    put,
    put_amount,
    put_id,
    put_in,
    put_indicator,
    put_number,
    put_parent,
    put_period,
)

__all__ = ("put_line",)

_COUNTRY: Final = re.compile("[A-Z]{2}")


def put_line(parent: Node, line: Line, currency: str) -> None:
    """Put a line."""
    element = put_parent(parent, "ram:IncludedSupplyChainTradeLineItem")
    document = put_parent(element, "ram:AssociatedDocumentLineDocument")
    put(document, "ram:LineID", line.id)
    put_in(document, "ram:IncludedNote", "ram:Content", line.note)
    _put_item(element, line.item)
    _put_agreement(element, line)
    delivery = put_parent(element, "ram:SpecifiedLineTradeDelivery")
    put_number(delivery, "ram:BilledQuantity", line.quantity, unitCode=line.unit)
    _put_settlement(element, line, currency)


def _put_item(parent: Node, item: Item) -> None:
    element = put_parent(parent, "ram:SpecifiedTradeProduct")
    put_id(element, "ram:GlobalID", item.standard_id)
    put(element, "ram:SellerAssignedID", item.seller_id)
    put(element, "ram:BuyerAssignedID", item.buyer_id)
    put(element, "ram:Name", item.name)
    put(element, "ram:Description", item.description)
    for name, value in item.attributes:
        attribute = put_parent(element, "ram:ApplicableProductCharacteristic")
        put(attribute, "ram:Description", name)
        put(attribute, "ram:Value", value)
    for each in item.classifications:
        classification = put_parent(element, "ram:DesignatedProductClassification")
        put(classification, "ram:ClassCode", each.value, listID=each.scheme)
    if _COUNTRY.fullmatch(item.origin_country or ""):
        put(put_parent(element, "ram:OriginTradeCountry"), "ram:ID", item.origin_country)


def _put_agreement(parent: Node, line: Line) -> None:
    element = put_parent(parent, "ram:SpecifiedLineTradeAgreement")
    put_in(element, "ram:BuyerOrderReferencedDocument", "ram:LineID", line.order_line)
    if line.gross_price is not None:
        gross = _put_price(element, "ram:GrossPriceProductTradePrice", line.gross_price, line)
        if line.price_discount:
            discount = put_parent(gross, "ram:AppliedTradeAllowanceCharge")
            put_indicator(discount, "ram:ChargeIndicator", is_true=False)
            put_number(discount, "ram:ActualAmount", line.price_discount)
    _put_price(element, "ram:NetPriceProductTradePrice", line.net_price, line)


def _put_price(parent: Node, name: str, price: Decimal | None, line: Line) -> Node:
    element = put_parent(parent, name)
    put_number(element, "ram:ChargeAmount", price)
    put_number(element, "ram:BasisQuantity", line.base_quantity, unitCode=line.unit)
    return element


def _put_settlement(parent: Node, line: Line, currency: str) -> None:
    element = put_parent(parent, "ram:SpecifiedLineTradeSettlement")
    for tax in line.taxes:
        _put_tax(element, tax)
    put_period(element, line.period)
    for part in line.allowances_charges:
        put_allowance(element, part, currency)
    summation = put_parent(element, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    put_amount(summation, "ram:LineTotalAmount", line.net_amount, currency)
    put_in(element, "ram:ReceivableSpecifiedTradeAccountingAccount", "ram:ID", line.accounting_cost)


def _put_tax(parent: Node, tax: TaxStated) -> None:
    element = put_parent(parent, "ram:ApplicableTradeTax")
    put(element, "ram:TypeCode", tax.scheme)
    put(element, "ram:CategoryCode", tax.category)
    put_number(element, "ram:RateApplicablePercent", tax.rate)
