"""Filters of a list, derived statuses and all, as what stands in rows and in counts."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from portalkit.documents.counts import Count
from portalkit.documents.statuses import find_status
from portalkit.hooks.types import DocumentKind, Filter

__all__ = ("EVERYTHING", "Branch", "branches_of", "count_branches")


class Branch(msgspec.Struct, frozen=True):
    """Documents of one kind or stored status, on one side of their due day.

    Attributes:
        status: ``None`` for all.
        due: Before today, from today on (or without a day), or whichever.
        kind: ``None`` for all of the listing.
    """

    status: str | None = None
    due: Literal["any", "past", "current"] = "any"
    kind: str | None = None


EVERYTHING: Final = (Branch(),)
"""No filter: every document of the list."""


def branches_of(wanted: Filter, kinds: Sequence[DocumentKind]) -> tuple[Branch, ...]:
    """Translate a filter, derived statuses and all, into what stands in rows.

    Args:
        wanted: The filter.
        kinds: All kinds of the listing.
    """
    shown = [kind for kind in kinds if wanted.kinds is None or kind.name in wanted.kinds]
    if not wanted.statuses:
        return tuple(Branch(kind=kind.name) for kind in shown)
    found: dict[tuple[str, Literal["any", "past", "current"]], list[str]] = {}
    for kind in shown:
        for status in kind.statuses:
            side = None if status.derived_from else _side(status.name, wanted.statuses, kind)
            if side is not None:
                found.setdefault((status.name, side), []).append(kind.name)
    branches: list[Branch] = []
    for (status_name, side), names in found.items():
        if len(names) == sum(find_status(kind, status_name) is not None for kind in kinds):
            branches.append(Branch(status_name, side))
        else:
            branches += [Branch(status_name, side, name) for name in names]
    return tuple(branches)


def _side(
    stored: str, wanted: frozenset[str], kind: DocumentKind
) -> Literal["any", "past", "current"] | None:
    derived = [status.name for status in kind.statuses if stored in status.derived_from]
    if not derived:
        return "any" if stored in wanted else None
    is_past_wanted = any(name in wanted for name in derived)
    if stored in wanted:
        return "any" if is_past_wanted else "current"
    return "past" if is_past_wanted else None


def count_branches(counts: Iterable[Count], branches: Sequence[Branch]) -> list[Count]:
    """Return the counts that belong to a filter."""
    return [count for count in counts if any(_holds(count, branch) for branch in branches)]


def _holds(count: Count, branch: Branch) -> bool:
    return (
        branch.status in {None, count.status}
        and branch.kind in {None, count.kind}
        and (branch.due == "any" or (branch.due == "past") == (count.age == "overdue"))
    )
