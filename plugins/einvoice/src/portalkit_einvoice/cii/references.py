"""Other documents that a document mentions by their number."""

from collections.abc import Iterable

from portalkit.model import ReferenceStated, Relation
from portalkit_einvoice.cii.namespaces import first_of
from portalkit_einvoice.cii.values import take_day
from portalkit_einvoice.mentions import is_number
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_code

__all__ = ("number_of", "stated_number", "take_references")


def number_of(reference: Element) -> Element:
    """Return the element with the number of a document that is mentioned."""
    return first_of(reference, "IssuerAssignedID", "ID")


def stated_number(reference: Element) -> str | None:
    """Return the number of a reference, which also becomes a field of its own."""
    number = number_of(reference).text
    return number if is_number(number) else None


def take_references(
    element: Element, relations: Iterable[tuple[str, Relation]]
) -> tuple[ReferenceStated, ...]:
    """Take references, by the name of their element and what it means here."""
    return tuple(
        reference
        for name, relation in relations
        for each in element.each(name)
        if (reference := _take_reference(each, relation)) is not None
    )


def _take_reference(element: Element, relation: Relation) -> ReferenceStated | None:
    number = number_of(element)
    if not is_number(number.text):
        return None
    return ReferenceStated(
        relation=relation,
        number=number.take() or "",
        issued_on=take_day(first_of(element, "FormattedIssueDateTime", "IssueDateTime")),
        type_code=take_code(element, "TypeCode"),
    )
