"""Elements of a Cross Industry Invoice, put one behind the other in the order of the schema."""

from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from portalkit.model import Identifier, Money, Period
from portalkit_einvoice.en16931 import cleaned

__all__ = (
    "Node",
    "new_root",
    "put",
    "put_amount",
    "put_day",
    "put_id",
    "put_in",
    "put_indicator",
    "put_number",
    "put_parent",
    "put_period",
)

_STANDARD: Final = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES: Final = {
    "rsm": f"{_STANDARD}CrossIndustryInvoice:100",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "qdt": f"{_STANDARD}QualifiedDataType:100",
    "udt": f"{_STANDARD}UnqualifiedDataType:100",
}
_NAMES: Final[dict[str, str]] = {}
_DAY: Final = "102"
_DECIMALS: Final = 2

Node = etree._Element  # noqa: SLF001 -- lxml has no public name for it


def new_root() -> Node:
    """Return an empty ``CrossIndustryInvoice``."""
    return etree.Element(_name("rsm:CrossIndustryInvoice"), nsmap=_NAMESPACES)


def put_parent(parent: Node, name: str) -> Node:
    """Put an element that holds others behind what is there, and return it."""
    return etree.SubElement(parent, _name(name))


def put(parent: Node, name: str, text: str | None, **attributes: str | None) -> None:
    """Put an element with a text; nothing if there is none.

    Args:
        parent: The element around it.
        name: With its usual prefix (``ram:Name``).
        text: Its text.
        attributes: Those that are ``None`` are left out.
    """
    clean = cleaned(text)
    if clean is None:
        return
    element = put_parent(parent, name)
    element.text = clean
    for key, value in attributes.items():
        if value is not None:
            element.set(key, value)


def put_in(parent: Node, outer: str, inner: str, text: str | None) -> None:
    """Put an element that holds only one with a text; nothing if there is none."""
    if cleaned(text) is not None:
        put(put_parent(parent, outer), inner, text)


def put_id(parent: Node, name: str, identifier: Identifier | None) -> None:
    """Put an identifier with its scheme."""
    if identifier is not None:
        put(parent, name, identifier.value, schemeID=identifier.scheme)


def put_amount(
    parent: Node, name: str, minor_units: int | None, currency: str, *, named: bool = False
) -> None:
    """Put an amount with at most two decimals.

    Args:
        parent: The element around it.
        name: With its prefix.
        minor_units: In ``currency``; ``None`` puts nothing.
        currency: ISO 4217 code.
        named: Whether the currency is written too.
    """
    if minor_units is None:
        return
    amount = Money(minor_units, currency).decimal
    digits = min(_DECIMALS, -int(amount.as_tuple().exponent))
    put(parent, name, f"{amount:.{digits}f}", currencyID=currency if named else None)


def put_number(parent: Node, name: str, number: Decimal | None, **attributes: str | None) -> None:
    """Put a number as it is stated, without an exponent."""
    put(parent, name, None if number is None else f"{number:f}", **attributes)


def put_day(
    parent: Node, name: str, day: date | None, *, inner: str = "udt:DateTimeString"
) -> None:
    """Put a day, written ``20261124`` inside an element that says so (format 102)."""
    if day is not None:
        put(put_parent(parent, name), inner, f"{day:%Y%m%d}", format=_DAY)


def put_period(parent: Node, period: Period | None) -> None:
    """Put a period that has a start or an end."""
    if period is not None and (period.start_on or period.end_on):
        element = put_parent(parent, "ram:BillingSpecifiedPeriod")
        put_day(element, "ram:StartDateTime", period.start_on)
        put_day(element, "ram:EndDateTime", period.end_on)


def put_indicator(parent: Node, name: str, *, is_true: bool) -> None:
    """Put a yes or no."""
    put(put_parent(parent, name), "udt:Indicator", "true" if is_true else "false")


def _name(prefixed: str) -> str:
    if prefixed not in _NAMES:
        prefix, _, local = prefixed.partition(":")
        _NAMES[prefixed] = f"{{{_NAMESPACES[prefix]}}}{local}"
    return _NAMES[prefixed]
