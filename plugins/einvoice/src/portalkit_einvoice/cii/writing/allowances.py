"""Allowances and charges, on a line or on the document."""

from portalkit.model import AllowanceCharge
from portalkit_einvoice.cii.writing.nodes import (
    Node,
    put,
    put_amount,
    put_indicator,
    put_number,
    put_parent,
)

__all__ = ("put_allowance",)


def put_allowance(
    parent: Node, part: AllowanceCharge, currency: str, *, with_tax: bool = False
) -> None:
    """Put an allowance or charge; those of a document say which VAT applies."""
    element = put_parent(parent, "ram:SpecifiedTradeAllowanceCharge")
    put_indicator(element, "ram:ChargeIndicator", is_true=part.is_charge)
    put_number(element, "ram:CalculationPercent", part.percent)
    put_amount(element, "ram:BasisAmount", part.base, currency)
    put_amount(element, "ram:ActualAmount", part.amount, currency)
    put(element, "ram:ReasonCode", part.code)
    put(element, "ram:Reason", part.reason)
    if with_tax and part.tax is not None:
        tax = put_parent(element, "ram:CategoryTradeTax")
        put(tax, "ram:TypeCode", part.tax.scheme)
        put(tax, "ram:CategoryCode", part.tax.category)
        put_number(tax, "ram:RateApplicablePercent", part.tax.rate)
