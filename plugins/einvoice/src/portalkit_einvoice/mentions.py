"""Other documents that a document mentions by their number."""

from collections.abc import Iterable, Sequence
from typing import Final

from portalkit.model import Line, ReferenceStated, Relation

__all__ = (
    "is_number",
    "line_delivery_notes",
    "line_orders",
    "without_repetitions",
)

# What Peppol writes where a number is required and there is none.
_NO_NUMBER: Final = frozenset({"", "NA"})


def is_number(text: str) -> bool:
    """Say whether a text that stands for a document's number is one."""
    return text not in _NO_NUMBER


def line_orders(lines: Sequence[Line], relation: Relation) -> tuple[ReferenceStated, ...]:
    """Return the orders that lines mention, as references of the document."""
    return _mentioned((line.order_number for line in lines), relation)


def line_delivery_notes(lines: Sequence[Line], relation: Relation) -> tuple[ReferenceStated, ...]:
    """Return the delivery notes that lines mention, as references of the document."""
    return _mentioned((line.delivery_note_number for line in lines), relation)


def without_repetitions(references: Iterable[ReferenceStated]) -> tuple[ReferenceStated, ...]:
    """Return each mention of a document once: the first, which is the fullest."""
    found: dict[tuple[Relation, str], ReferenceStated] = {}
    for reference in references:
        found.setdefault((reference.relation, reference.number), reference)
    return tuple(found.values())


def _mentioned(numbers: Iterable[str | None], relation: Relation) -> tuple[ReferenceStated, ...]:
    return tuple(
        ReferenceStated(relation=relation, number=number)
        for number in dict.fromkeys(numbers)
        if number is not None and is_number(number)
    )
