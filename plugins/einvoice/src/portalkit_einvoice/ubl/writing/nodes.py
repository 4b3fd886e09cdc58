"""Elements of UBL, put one behind the other in the order of the schema."""

from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from portalkit.model import Identifier, Money
from portalkit_einvoice.en16931 import cleaned
from portalkit_einvoice.ubl.namespaces import ROOT_PREFIX

__all__ = (
    "Node",
    "new_root",
    "put",
    "put_amount",
    "put_day",
    "put_id",
    "put_in",
    "put_number",
    "put_parent",
)

_NAMESPACES: Final[dict[str | None, str]] = {
    "cac": f"{ROOT_PREFIX}CommonAggregateComponents-2",
    "cbc": f"{ROOT_PREFIX}CommonBasicComponents-2",
}
_NAMES: Final[dict[str, str]] = {}
_DECIMALS: Final = 2

Node = etree._Element  # noqa: SLF001 -- lxml has no public name for it


def new_root(name: str) -> Node:
    """Return an empty document: an ``Invoice`` or a ``CreditNote``."""
    own = f"{ROOT_PREFIX}{name}-2"
    namespaces = {None: own, **_NAMESPACES}
    # The default namespace has no prefix, which the stubs of lxml do not know.
    return etree.Element(f"{{{own}}}{name}", nsmap=namespaces)  # type: ignore[arg-type]


def put_parent(parent: Node, name: str) -> Node:
    """Put an element that holds others behind what is there, and return it."""
    return etree.SubElement(parent, _name("cac", name))


def put(parent: Node, name: str, text: str | None, /, **attributes: str | None) -> None:
    """Put an element with a text; nothing if there is none.

    Args:
        parent: The element around it.
        name: Without a prefix (``ID``).
        text: Its text.
        attributes: Those that are ``None`` are left out.
    """
    clean = cleaned(text)
    if clean is None:
        return
    element = etree.SubElement(parent, _name("cbc", name))
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


def put_amount(parent: Node, name: str, minor_units: int | None, currency: str) -> None:
    """Put an amount with at most two decimals, and its currency; nothing for ``None``."""
    if minor_units is None:
        return
    amount = Money(minor_units, currency).decimal
    digits = min(_DECIMALS, -int(amount.as_tuple().exponent))
    put(parent, name, f"{amount:.{digits}f}", currencyID=currency)


def put_number(parent: Node, name: str, number: Decimal | None, **attributes: str | None) -> None:
    """Put a number as it is stated, without an exponent."""
    put(parent, name, None if number is None else f"{number:f}", **attributes)


def put_day(parent: Node, name: str, day: date | None) -> None:
    """Put a day."""
    put(parent, name, None if day is None else day.isoformat())


def _name(prefix: str, local: str) -> str:
    key = f"{prefix}:{local}"
    if key not in _NAMES:
        _NAMES[key] = f"{{{_NAMESPACES[prefix]}}}{local}"
    return _NAMES[key]
