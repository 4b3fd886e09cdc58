"""Texts as dates, numbers and yes or no, by the lexical rules of XML Schema."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import Identifier
from portalkit_einvoice.xml.element import Element

__all__ = (
    "code_of",
    "joined",
    "number_of",
    "take_code",
    "take_date",
    "take_identifier",
    "take_indicator",
    "take_number",
    "take_required",
    "take_required_date",
)

_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_CODE: Final = re.compile(r"[0-9]{1,3}", re.ASCII)
_MAX_NUMBER_LENGTH: Final = 29
_SHOWN: Final = 40
_INDICATORS: Final = {"true": True, "1": True, "false": False, "0": False}


def joined(*texts: str | None) -> str | None:
    """Join the texts that are there, each on a line of its own."""
    return "\n".join(text for text in texts if text) or None


def take_identifier(element: Element) -> Identifier | None:
    """Take an identifier with its scheme."""
    value = element.take()
    return None if value is None else Identifier(value, element.take_attribute("schemeID"))


def take_required(element: Element, name: str) -> str:
    """Take a text that a document cannot be without.

    Raises:
        ImportRefusedError: If it is missing.
    """
    text = element.take(name)
    if text is None:
        raise ImportRefusedError(f"it has no {name}")
    return text


def take_required_date(element: Element, name: str) -> date:
    """Take a date that a document cannot be without.

    Raises:
        ImportRefusedError: If it is missing or no date.
    """
    stated = element.peek(name)
    day = take_date(element, name)
    if day is None:
        reason = f"its {name} {stated[:_SHOWN]!r} is no date" if stated else f"it has no {name}"
        raise ImportRefusedError(reason)
    return day


def take_date(element: Element, *path: str) -> date | None:
    """Take a date; one that is none, or has a time zone, also stays where it is.

    The printed day counts: it is never converted to another time zone.
    """
    match = _DATE.fullmatch(element.peek(*path))
    if match is None:
        return None
    try:
        day = date.fromisoformat(match[1])
    except ValueError:
        return None
    if match[2] is None:
        element.take(*path)
    return day


def number_of(text: str, name: str) -> Decimal:
    """Read a decimal number: digits, a point, a sign, and nothing else.

    Raises:
        ImportRefusedError: If it is none, or has more than 28 digits.
    """
    if len(text) > _MAX_NUMBER_LENGTH or _NUMBER.fullmatch(text) is None:
        raise ImportRefusedError(f"its {name} {text[:_SHOWN]!r} is no number")
    return Decimal(text)


def take_number(element: Element, *path: str) -> Decimal | None:
    """Take a decimal number.

    Raises:
        ImportRefusedError: If the text is no number.
    """
    text = element.take(*path)
    return None if text is None else number_of(text, path[-1] if path else element.name)


def take_indicator(element: Element, *path: str) -> bool | None:
    """Take a yes or no; a text that is neither stays where it is."""
    value = _INDICATORS.get(element.peek(*path))
    if value is not None:
        element.take(*path)
    return value


def code_of(text: str) -> str | None:
    """Return a text if it has the form of a UNTDID 1001 code (``380``)."""
    return text if _CODE.fullmatch(text) else None


def take_code(element: Element, *path: str) -> str | None:
    """Take a UNTDID 1001 code; a text of another form (``SalesInvoice``) stays."""
    return element.take(*path) if code_of(element.peek(*path)) else None
