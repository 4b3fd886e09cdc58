"""Discounts and charges, on a line or on the whole invoice."""

from collections.abc import Iterator

from portalkit.model import AllowanceCharge
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_number

__all__ = ("take_allowances",)


def take_allowances(
    discounts: Element, charges: Element, amounts: Amounts
) -> tuple[AllowanceCharge, ...]:
    """Take discounts and charges; one whose amount cannot be taken stays whole."""
    found = [*_take(discounts, "Discount", amounts), *_take(charges, "Charge", amounts)]
    return tuple(found)


def _take(element: Element, name: str, amounts: Amounts) -> Iterator[AllowanceCharge]:
    for each in element.each(name):
        amount = amounts.take(each, f"{name}Amount")
        if amount is not None:
            yield AllowanceCharge(
                is_charge=name == "Charge",
                amount=amount,
                percent=take_number(each, f"{name}Rate"),
                reason=each.take(f"{name}Reason"),
            )
