"""Statuses: which are stored, which are derived from dates, which the ledger decides."""

from datetime import date
from typing import Final

from portalkit.documents.keys import status_key
from portalkit.hooks.types import DocumentKind, Status

__all__ = (
    "APPLIED",
    "CANCELLED",
    "DRAFT",
    "NOT_ISSUED",
    "PAID",
    "PARTIAL",
    "find_status",
    "has_ledger",
    "is_open",
    "is_stored_status",
    "key_of_status",
    "ledger_names",
    "ledger_status",
    "listing_of",
    "shown_status",
)

DRAFT: Final = "draft"
CANCELLED: Final = "cancelled"
PARTIAL: Final = "partial"
PAID: Final = "paid"
APPLIED: Final = "applied"

NOT_ISSUED: Final = frozenset({DRAFT, CANCELLED})
"""Statuses of documents that no figure counts."""


def find_status(kind: DocumentKind, name: str) -> Status | None:
    """Return a kind's status by its name, if it has it."""
    return next((status for status in kind.statuses if status.name == name), None)


def is_stored_status(kind: DocumentKind, name: str) -> bool:
    """Say whether a status may stand in a row: a kind's own one, not derived, or a draft."""
    status = find_status(kind, name)
    return name == DRAFT or (status is not None and not status.derived_from)


def is_open(kind: DocumentKind | None, name: str) -> bool:
    """Say whether something is still expected of somebody; a draft expects nothing."""
    status = find_status(kind, name) if kind is not None else None
    return status is not None and status.is_open


def listing_of(kind: DocumentKind, status: str) -> str:
    """Return in whose list a document stands; a draft stands in none."""
    return DRAFT if status == DRAFT else kind.listed_with or kind.name


def key_of_status(kind: DocumentKind, name: str, due_on: date | None) -> int:
    """Return the key by which a document with this status sorts."""
    status = find_status(kind, name)
    return status_key(status.rank if status is not None else 0, due_on)


def shown_status(kind: DocumentKind, name: str, due_on: date | None, today: date) -> Status | None:
    """Return the status a reader sees: past its due day an open one is overdue or expired.

    Returns:
        ``None`` for a status the kind does not have.
    """
    if due_on is not None and due_on < today:
        for status in kind.statuses:
            if name in status.derived_from:
                return status
    return find_status(kind, name)


def has_ledger(kind: DocumentKind) -> bool:
    """Say whether payments and credits settle documents of this kind."""
    return kind.is_credit or kind.due_means == "payment"


def ledger_names(kind: DocumentKind) -> frozenset[str]:
    """Return the statuses that only payments and credits bring about."""
    if kind.is_credit:
        return frozenset({APPLIED})
    return frozenset({PARTIAL, PAID}) if has_ledger(kind) else frozenset()


def ledger_status(kind: DocumentKind, status: str, payable: int | None, due: int | None) -> str:
    """Return the status that follows from what is left to pay.

    Only the ledger's own statuses change into each other; a draft or a cancelled document
    stays what it is.
    """
    own = ledger_names(kind)
    if payable is None or due is None or status not in own | {kind.initial_status}:
        return status
    wanted = kind.initial_status
    if due == 0 and own:
        wanted = APPLIED if kind.is_credit else PAID
    elif due != payable and PARTIAL in own:
        wanted = PARTIAL
    return wanted if find_status(kind, wanted) is not None else status
