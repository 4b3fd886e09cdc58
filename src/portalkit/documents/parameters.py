"""What an address asks of a list: sorting, filter, days, words, page; checked, never trusted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote_plus

import msgspec

from portalkit.documents.cursors import Cursor, read_cursor
from portalkit.documents.filters import EVERYTHING, Branch, branches_of
from portalkit.documents.listing import SORTS, Listing, sort_types
from portalkit.documents.queries import MAX_DEPTH
from portalkit.documents.search import MAX_QUERY, parse_search
from portalkit.errors import InputRefusedError
from portalkit.hooks.types import Column, DocumentKind, Filter

__all__ = ("SIZES", "ListParameters", "read_parameters")

SIZES: Final = (25, 50, 100)
"""Rows of a page, of which one can choose."""

_DEFAULT_SORT: Final = "-date"
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2200, 12, 31)
_MAX_PAGE: Final = 10_000_000


class ListParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a list, as they stand in its address.

    Attributes:
        sort: Name of a column, with ``-`` in front for descending.
        status: Name of a filter or of a status; empty for all.
        page: Number of the page; with a cursor it only says what is shown as its number.
    """

    sort: str = _DEFAULT_SORT
    status: str = ""
    first: date | None = None
    last: date | None = None
    query: str = ""
    page: int = 1
    size: int = SIZES[0]
    cursor: Cursor | None = None
    branches: tuple[Branch, ...] = EVERYTHING
    order: str = "issued_on"

    @property
    def is_descending(self) -> bool:
        """Whether the largest comes first."""
        return self.sort.startswith("-")

    @property
    def column(self) -> str:
        """Name of the column that the list is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def offset(self) -> int:
        """Rows before the page that is jumped to; 0 with a cursor."""
        return 0 if self.cursor is not None else (self.page - 1) * self.size

    @property
    def is_backwards(self) -> bool:
        """Whether the last day is before the first one, so that nothing can match."""
        return self.first is not None and self.last is not None and self.first > self.last

    @property
    def has_filter(self) -> bool:
        """Whether anything is left out of the list."""
        return bool(self.status or self.first or self.last or self.query)

    def listing(self, kinds: Sequence[DocumentKind]) -> Listing:
        """Return which documents are asked for; the first of the kinds gives the list its name."""
        return Listing(
            name=kinds[0].name,
            kinds=tuple(kind.name for kind in kinds),
            sort=self.order,
            is_descending=self.is_descending,
            branches=self.branches,
            first=self.first,
            last=self.last,
            search=parse_search(self.query),
        )

    def fields(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters that differ from their defaults, page and cursor left out.

        Args:
            changes: Other values; ``None`` and the default leave a parameter out.
        """
        values: dict[str, str | None] = {
            "sort": self.sort,
            "status": self.status,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "q": self.query,
            "size": str(self.size),
        }
        values |= {name.rstrip("_"): value for name, value in changes.items()}
        defaults = {"sort": _DEFAULT_SORT, "size": str(SIZES[0]), "page": "1"}
        return {
            name: value for name, value in values.items() if value and value != defaults.get(name)
        }

    def address(self, path: str, **changes: str | None) -> str:
        """Return the address of the list with some parameters changed (``from_`` for ``from``)."""
        fields = self.fields(**changes)
        if not fields:
            return path
        # The names need no quoting; a page makes twenty addresses, and urlencode looks at both.
        return path + "?" + "&".join([f"{name}={quote_plus(v)}" for name, v in fields.items()])


def read_parameters(
    query: Mapping[str, str],
    kinds: Sequence[DocumentKind],
) -> ListParameters:
    """Read the parameters of a list; unknown ones mean nothing.

    Args:
        query: Of the address.
        kinds: Kinds of the list; the first one has the columns and filters.

    Raises:
        InputRefusedError: If one of them has a value it cannot have.
    """
    sort, order = _sort(query.get("sort") or _DEFAULT_SORT, kinds[0].columns)
    first, last = _day("from", query), _day("to", query)
    status = query.get("status", "")
    size = _number("size", query, SIZES[0])
    if size not in SIZES:
        raise InputRefusedError("size", f"must be one of {', '.join(map(str, SIZES))}")
    page = _number("page", query, 1)
    written = query.get("cursor", "")
    cursor = read_cursor(written, sort=sort, types=sort_types(order)) if written else None
    if not 1 <= page <= _MAX_PAGE or (cursor is None and (page - 1) * size > MAX_DEPTH):
        raise InputRefusedError("page", f"must be 1 to {MAX_DEPTH // size + 1}")
    return ListParameters(
        sort=sort,
        order=order,
        status=status,
        branches=_branches(status, kinds),
        first=first,
        last=last,
        query=query.get("q", "").strip()[:MAX_QUERY],
        page=page,
        size=size,
        cursor=cursor,
    )


def _sort(wanted: str, columns: Iterable[Column]) -> tuple[str, str]:
    name = wanted.removeprefix("-")
    for column in columns:
        if column.name == name and column.sort is not None and column.sort in SORTS:
            return wanted, column.sort
    raise InputRefusedError("sort", "is no column that sorts")


def _branches(status: str, kinds: Sequence[DocumentKind]) -> tuple[Branch, ...]:
    if not status:
        return EVERYTHING
    for declared in kinds[0].filters:
        if declared.name == status:
            return branches_of(declared, kinds)
    if any(each.name == status for kind in kinds for each in kind.statuses):
        return branches_of(Filter(name=status, label="", statuses=frozenset({status})), kinds)
    raise InputRefusedError("status", "is no filter of this list")


def _day(name: str, query: Mapping[str, str]) -> date | None:
    value = query.get(name, "")
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise InputRefusedError(name, "is no date like 2026-01-31") from error
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise InputRefusedError(name, "lies outside the years 1900 to 2200")
    return day


def _number(name: str, query: Mapping[str, str], default: int) -> int:
    value = query.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(_MAX_PAGE))):
        raise InputRefusedError(name, "is no whole number")
    return int(value)
