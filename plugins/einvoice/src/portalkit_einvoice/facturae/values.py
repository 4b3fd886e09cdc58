"""Values that Facturae writes in ways of its own."""

import re
from decimal import Decimal
from typing import Final

from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import number_of

__all__ = ("full_number", "take_double")

_EXPONENT: Final = re.compile(r"([+-]?[0-9.]+)[eE]([+-]?[0-9]{1,2})")
_MOST_DIGITS: Final = 15


def full_number(number: str, series: str | None) -> str:
    """Return the number of an invoice with its series, without which it repeats."""
    return f"{series}/{number}" if series else number


def take_double(element: Element, name: str) -> Decimal | None:
    """Take a quantity, which as an ``xs:double`` may have an exponent (``1.5E2``).

    Raises:
        ImportRefusedError: If it is no number, or not one of people's size.
    """
    text = element.take(name)
    if text is None:
        return None
    match = _EXPONENT.fullmatch(text)
    if match is None or abs(int(match[2])) > _MOST_DIGITS:
        return number_of(text, name)
    shifted = number_of(match[1], name).scaleb(int(match[2]))
    return number_of(f"{shifted:f}", name)
