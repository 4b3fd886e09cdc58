"""Amounts in minor units of the document's currency, exactly as the file states them."""

from decimal import Decimal

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit.model import MAX_MINOR_UNITS, is_currency, to_minor_units
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import number_of

__all__ = ("NO_CURRENCY", "Amounts", "amounts_in")

NO_CURRENCY = "XXX"
"""ISO 4217's code for "no currency": a document without any amount."""


class Amounts(msgspec.Struct, frozen=True):
    """Takes amounts of one currency.

    An amount that is finer than the currency, or of another currency, stays where it is and
    so goes to ``extra`` with its spelling: it is never rounded and never converted.
    """

    currency: str

    def peek(self, element: Element, *path: str) -> int | None:
        """Return an amount in minor units and leave it; ``None`` if it cannot be taken.

        Raises:
            ImportRefusedError: If it is no number, or larger than anything real.
        """
        number = self._number(element.first(*path))
        if number is None:
            return None
        minor_units = to_minor_units(number, self.currency)
        if minor_units is not None and abs(minor_units) >= MAX_MINOR_UNITS:
            raise ImportRefusedError(f"its {element.first(*path).name} {number} is too large")
        return minor_units

    def take(self, element: Element, *path: str) -> int | None:
        """Return an amount in minor units and remove it; ``None`` if it cannot be taken."""
        amount = self.peek(element, *path)
        if amount is not None:
            self._remove(element.first(*path))
        return amount

    def take_price(self, element: Element, *path: str) -> Decimal | None:
        """Take a unit price, which may have more decimal places than the currency."""
        price = self._number(element.first(*path))
        if price is not None:
            self._remove(element.first(*path))
        return price

    def is_own(self, element: Element) -> bool:
        """Say whether an amount is in this currency; one that names none is."""
        return element.attributes.get("currencyID", self.currency) == self.currency

    def _number(self, element: Element) -> Decimal | None:
        if not element.text:
            return None
        number = number_of(element.text, element.name)
        return number if self.is_own(element) else None

    @staticmethod
    def _remove(element: Element) -> None:
        element.take()
        element.attributes.pop("currencyID", None)


def amounts_in(stated: str | None, root: Element, payable: Element) -> Amounts:
    """Return what takes the amounts of a document.

    Args:
        stated: Its currency; without one that of its amounts counts.
        root: Where to look for amounts, the nearest first.
        payable: The amount whose currency comes before that of all others.

    Raises:
        ImportRefusedError: If what is stated is no currency.
    """
    currency = stated or _currency_of_amounts(root, payable) or NO_CURRENCY
    if not is_currency(currency):
        raise ImportRefusedError(f"its currency {currency[:20]!r} is no ISO 4217 code")
    return Amounts(currency)


def _currency_of_amounts(root: Element, payable: Element) -> str | None:
    pending = [payable, root]
    for element in pending:  # grows while it is walked: nearest amounts first
        if currency := element.attributes.get("currencyID"):
            return currency
        for children in element.children.values():
            pending.extend(children)
    return None
