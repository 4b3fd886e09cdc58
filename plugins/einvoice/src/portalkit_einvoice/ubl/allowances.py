"""Allowances and charges, on a line or on the whole document."""

from decimal import Decimal

from portalkit.model import AllowanceCharge
from portalkit_einvoice.ubl.taxes import take_category
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, number_of, take_indicator

__all__ = ("take_allowances",)

_HUNDRED = Decimal(100)


def take_allowances(element: Element, amounts: Amounts) -> tuple[AllowanceCharge, ...]:
    """Take the allowances and charges below an element.

    One that does not say which of the two it is, or whose amount cannot be taken, stays.
    """
    found = (_take_allowance(each, amounts) for each in element.each("AllowanceCharge"))
    return tuple(each for each in found if each is not None)


def _take_allowance(element: Element, amounts: Amounts) -> AllowanceCharge | None:
    if amounts.peek(element, "Amount") is None:
        return None
    is_charge = take_indicator(element, "ChargeIndicator")
    amount = None if is_charge is None else amounts.take(element, "Amount")
    if is_charge is None or amount is None:
        return None
    base = amounts.take(element, "BaseAmount")
    return AllowanceCharge(
        is_charge=is_charge,
        amount=amount,
        base=base,
        percent=_take_percent(element, amount, base),
        code=element.take("AllowanceChargeReasonCode"),
        reason=joined(*element.take_each("AllowanceChargeReason")),
        tax=take_category(element.first("TaxCategory")),
    )


def _take_percent(element: Element, amount: int, base: int | None) -> Decimal | None:
    """Take the percentage, unless it is a factor (0.10 for 10 %), which some files write."""
    text = element.peek("MultiplierFactorNumeric")
    if not text:
        return None
    percent = number_of(text, "MultiplierFactorNumeric")
    if base is None:
        is_percent = percent >= 1 or percent == 0
    else:
        # Nearer to the stated amount as a percentage than as a factor.
        as_percent, as_factor = abs(base * percent / _HUNDRED), abs(base * percent)
        is_percent = abs(as_percent - abs(amount)) <= abs(as_factor - abs(amount))
    if not is_percent:
        return None
    element.take("MultiplierFactorNumeric")
    return percent
