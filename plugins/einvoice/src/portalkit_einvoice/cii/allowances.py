"""Allowances and charges, on a line or on the whole document."""

from portalkit.model import AllowanceCharge
from portalkit_einvoice.cii.taxes import take_tax
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, take_indicator, take_number

__all__ = ("is_discount", "take_allowances")


def take_allowances(settlement: Element, amounts: Amounts) -> tuple[AllowanceCharge, ...]:
    """Take allowances and charges, and after them what is charged for freight and the like.

    One that does not say which of the two it is, or whose amount cannot be taken, stays.
    """
    found = [_take(each, amounts) for each in settlement.each("SpecifiedTradeAllowanceCharge")]
    services = settlement.each("SpecifiedLogisticsServiceCharge")
    found += [_take_service(each, amounts) for each in services]
    return tuple(each for each in found if each is not None)


def is_discount(element: Element) -> bool:
    """Say whether an allowance or charge is marked as an allowance."""
    return element.peek("ChargeIndicator", "Indicator") in {"false", "0"}


def _take(element: Element, amounts: Amounts) -> AllowanceCharge | None:
    if amounts.peek(element, "ActualAmount") is None:
        return None
    is_charge = take_indicator(element, "ChargeIndicator", "Indicator")
    amount = None if is_charge is None else amounts.take(element, "ActualAmount")
    if is_charge is None or amount is None:
        return None
    return AllowanceCharge(
        is_charge=is_charge,
        amount=amount,
        base=amounts.take(element, "BasisAmount"),
        percent=take_number(element, "CalculationPercent"),
        code=element.take("ReasonCode"),
        reason=element.take("Reason"),
        tax=take_tax(element.first("CategoryTradeTax")),
    )


def _take_service(element: Element, amounts: Amounts) -> AllowanceCharge | None:
    amount = amounts.take(element, "AppliedAmount")
    if amount is None:
        return None
    return AllowanceCharge(
        is_charge=True,
        amount=amount,
        reason=joined(*element.take_each("Description")),
        tax=take_tax(element.first("AppliedTradeTax")),
    )
