"""Other documents that a document mentions by their number."""

from collections.abc import Iterable, Sequence
from typing import Final

from portalkit.model import Line, ReferenceStated, Relation
from portalkit_einvoice.ubl.element import Element
from portalkit_einvoice.ubl.values import take_code, take_date

__all__ = (
    "line_orders",
    "number_of_reference",
    "take_billing_references",
    "take_references",
    "without_repetitions",
)

# What Peppol writes where a number is required and there is none.
_NO_NUMBER: Final = frozenset({"", "NA"})


def number_of_reference(root: Element, *path: str) -> str | None:
    """Return the number of a reference, which also becomes a field of its own."""
    number = root.peek(*path)
    return None if number in _NO_NUMBER else number


def take_references(
    root: Element, relations: Iterable[tuple[str, Relation]]
) -> tuple[ReferenceStated, ...]:
    """Take references, by the name of their element and what it means here."""
    return tuple(
        reference
        for name, relation in relations
        for element in root.each(name)
        if (reference := _take_reference(element, relation)) is not None
    )


def take_billing_references(
    root: Element, line_name: str, relation: Relation
) -> tuple[ReferenceStated, ...]:
    """Take the invoices that a document, or a line of it, credits or corrects."""
    holders = [root, *root.each(line_name)]
    return tuple(
        reference
        for holder in holders
        for billing in holder.each("BillingReference")
        for reference in take_references(billing, (("InvoiceDocumentReference", relation),))
    )


def line_orders(lines: Sequence[Line], relation: Relation) -> tuple[ReferenceStated, ...]:
    """Return the orders that lines mention, as references of the document."""
    numbers = dict.fromkeys(line.order_number for line in lines if line.order_number)
    return tuple(
        ReferenceStated(relation=relation, number=number)
        for number in numbers
        if number not in _NO_NUMBER
    )


def without_repetitions(references: Iterable[ReferenceStated]) -> tuple[ReferenceStated, ...]:
    """Return each mention of a document once: the first, which is the fullest."""
    found: dict[tuple[Relation, str], ReferenceStated] = {}
    for reference in references:
        found.setdefault((reference.relation, reference.number), reference)
    return tuple(found.values())


def _take_reference(element: Element, relation: Relation) -> ReferenceStated | None:
    number = element.peek("ID")
    if number in _NO_NUMBER:
        return None
    element.take("ID")
    return ReferenceStated(
        relation=relation,
        number=number,
        issued_on=take_date(element, "IssueDate"),
        type_code=take_code(element, "DocumentTypeCode"),
    )
