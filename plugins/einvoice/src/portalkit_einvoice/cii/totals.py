"""Totals of a document, and its currency."""

from typing import Final

from portalkit.model import Totals
from portalkit_einvoice.cii.namespaces import first_of
from portalkit_einvoice.xml.amounts import Amounts, amounts_in
from portalkit_einvoice.xml.element import Element

__all__ = ("amounts_of", "take_stated", "take_totals")

_STATED: Final = {
    "net": "TaxBasisTotalAmount",
    "gross": "GrandTotalAmount",
    "payable": "DuePayableAmount",
}


def amounts_of(settlement: Element) -> Amounts:
    """Return what takes amounts in the currency of a document.

    Raises:
        ImportRefusedError: If what is stated is no currency.
    """
    stated = settlement.take("OrderCurrencyCode") or settlement.take("InvoiceCurrencyCode")
    return amounts_in(stated, settlement, _summation(settlement).first("DuePayableAmount"))


def take_stated(settlement: Element, amounts: Amounts) -> dict[str, str]:
    """Return the figures of a document as it spells them, before they are taken."""
    summation = _summation(settlement)
    stated = {key: text for key, name in _STATED.items() if (text := summation.peek(name))}
    taxes = _own_taxes(summation, amounts)
    if len(taxes) == 1:
        stated["tax"] = taxes[0].text
    return stated


def take_totals(settlement: Element, amounts: Amounts, tax_currency: str | None) -> Totals:
    """Take the totals of a document; what the file leaves out stays ``None``."""
    summation = _summation(settlement)
    taxes = _own_taxes(summation, amounts)
    return Totals(
        line_total=amounts.take(summation, "LineTotalAmount"),
        allowances=amounts.take(summation, "AllowanceTotalAmount"),
        charges=amounts.take(summation, "ChargeTotalAmount"),
        net=amounts.take(summation, "TaxBasisTotalAmount"),
        tax=amounts.take(taxes[0]) if len(taxes) == 1 else None,
        tax_in_tax_currency=_take_tax_in(summation, tax_currency, amounts),
        gross=amounts.take(summation, "GrandTotalAmount"),
        prepaid=amounts.take(summation, "TotalPrepaidAmount"),
        rounding=amounts.take(summation, "RoundingAmount"),
        payable=amounts.take(summation, "DuePayableAmount"),
    )


def _summation(settlement: Element) -> Element:
    return first_of(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )


def _own_taxes(summation: Element, amounts: Amounts) -> list[Element]:
    taxes = summation.each("TaxTotalAmount")
    return [each for each in taxes if each.text and amounts.is_own(each)]


def _take_tax_in(summation: Element, tax_currency: str | None, amounts: Amounts) -> int | None:
    if tax_currency is None or tax_currency == amounts.currency:
        return None
    for tax in summation.each("TaxTotalAmount"):
        if tax.attributes.get("currencyID") == tax_currency:
            return Amounts(tax_currency).take(tax)
    return None
