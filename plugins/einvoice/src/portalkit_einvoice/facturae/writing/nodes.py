"""Elements of Facturae, put one behind the other in the order of the schema."""

from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from portalkit.model import Money, Period
from portalkit_einvoice.en16931.texts import cleaned
from portalkit_einvoice.facturae.namespaces import NAMESPACE, ROOT

__all__ = (
    "Node",
    "new_root",
    "put",
    "put_day",
    "put_fitting",
    "put_number",
    "put_parent",
    "put_period",
    "put_text",
    "shortened",
    "written",
)

Node = etree._Element  # noqa: SLF001 - lxml has no public name for it

_DECIMALS: Final = 8


def new_root() -> Node:
    """Return the root; no other element has a namespace."""
    return etree.Element(f"{{{NAMESPACE}}}{ROOT}", nsmap={"fe": NAMESPACE})


def put_parent(parent: Node, name: str) -> Node:
    """Put an element that will have others inside."""
    return etree.SubElement(parent, name)


def put(parent: Node, name: str, text: str) -> None:
    """Put an element with a text, without blanks around it; it may be empty."""
    etree.SubElement(parent, name).text = cleaned(text)


def put_text(parent: Node, name: str, text: str | None, limit: int) -> None:
    """Put a text that is cut where the schema ends it; nothing if there is none."""
    if clean := cleaned(text):
        put(parent, name, shortened(clean, limit))


def put_fitting(parent: Node, name: str, text: str | None, limit: int) -> None:
    """Put a number or an address of somebody: cut it would be another one, so it must fit."""
    if (clean := cleaned(text)) and len(clean) <= limit:
        put(parent, name, clean)


def put_day(parent: Node, name: str, day: date | None) -> None:
    """Put a day; nothing if there is none."""
    if day is not None:
        put(parent, name, day.isoformat())


def put_period(parent: Node, name: str, period: Period | None) -> None:
    """Put a period that has both ends."""
    if period is not None and period.start_on is not None and period.end_on is not None:
        element = put_parent(parent, name)
        put_day(element, "StartDate", period.start_on)
        put_day(element, "EndDate", period.end_on)


def put_number(parent: Node, name: str, number: Decimal | None) -> None:
    """Put a rate or a price, with the eight decimals that there may be; nothing if none."""
    if number is not None:
        text = f"{number:f}"
        is_fine = len(text.partition(".")[2]) > _DECIMALS
        put(parent, name, f"{number:.{_DECIMALS}f}" if is_fine else text)


def written(minor_units: int, currency: str) -> str:
    """Return an amount as it is written."""
    return f"{Money(minor_units, currency).decimal:f}"


def shortened(text: str, limit: int) -> str:
    """Return a text of at most so many characters; one that was longer ends with dots."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
