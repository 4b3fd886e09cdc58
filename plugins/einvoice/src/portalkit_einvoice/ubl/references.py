"""Other documents that a document mentions by their number."""

from collections.abc import Iterable

from portalkit.model import ReferenceStated, Relation
from portalkit_einvoice.mentions import is_number
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_code, take_date

__all__ = (
    "number_of_reference",
    "take_billing_references",
    "take_references",
    "take_sales_orders",
)


def number_of_reference(root: Element, *path: str) -> str | None:
    """Return the number of a reference, which also becomes a field of its own."""
    number = root.peek(*path)
    return number if is_number(number) else None


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


def take_sales_orders(root: Element, relation: Relation) -> tuple[ReferenceStated, ...]:
    """Take the numbers that the seller has given to orders, beside the buyer's (BT-14)."""
    return tuple(
        ReferenceStated(relation=relation, number=number)
        for element in root.each("OrderReference")
        if is_number(element.peek("SalesOrderID"))
        if (number := element.take("SalesOrderID")) is not None
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


def _take_reference(element: Element, relation: Relation) -> ReferenceStated | None:
    number = element.peek("ID")
    if not is_number(number):
        return None
    element.take("ID")
    return ReferenceStated(
        relation=relation,
        number=number,
        issued_on=take_date(element, "IssueDate"),
        type_code=take_code(element, "DocumentTypeCode"),
    )
