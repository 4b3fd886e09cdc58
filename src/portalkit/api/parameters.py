"""What is asked of the list of documents: which of them, how many, where it goes on."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from litestar.params import QueryParameter

from portalkit.documents.cursors import Cursor, read_cursor, write_cursor
from portalkit.documents.issued import Place
from portalkit.errors import InputRefusedError

__all__ = (
    "MAX_LIMIT",
    "ContactFilter",
    "CursorParameter",
    "IssuedSince",
    "IssuedUntil",
    "KindFilter",
    "Limit",
    "NumberFilter",
    "UpdatedSince",
    "check_moment",
    "check_names",
    "read_place",
    "write_place",
)

MAX_LIMIT: Final = 200
"""How many documents a page has at most."""

_SORT: Final = "issued"
# What no database can look for is no word of anybody's.
_WORD: Final = r"^[^\x00]{1,200}$"

KindFilter = Annotated[
    str | None,
    QueryParameter(description="Only documents of this kind.", max_length=40),
]
ContactFilter = Annotated[
    str | None,
    QueryParameter(
        description="Only documents of this contact: its id, or the id that your system gave it.",
        pattern=_WORD,
    ),
]
NumberFilter = Annotated[
    str | None,
    QueryParameter(description="Only documents with exactly this number.", pattern=_WORD),
]
IssuedSince = Annotated[
    date | None,
    QueryParameter(description="Only documents printed on this day or later."),
]
IssuedUntil = Annotated[
    date | None,
    QueryParameter(description="Only documents printed on this day or earlier."),
]
UpdatedSince = Annotated[
    datetime | None,
    QueryParameter(
        description="Only documents that were changed at this moment or later, with its zone."
    ),
]
Limit = Annotated[int, QueryParameter(description="How many at most.", ge=1, le=MAX_LIMIT)]
CursorParameter = Annotated[
    str | None,
    QueryParameter(description="Where to go on: as it stands in `next`.", max_length=2_000),
]


def check_names(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Refuse what is no parameter: a filter with a mistake in its name must not list all.

    Raises:
        InputRefusedError: ``field`` is its name.
    """
    for name in given:
        if name not in known:
            raise InputRefusedError(name[:60], f"is none of {', '.join(sorted(known))}")


def check_moment(moment: datetime | None) -> None:
    """Refuse a moment without a time zone.

    Raises:
        InputRefusedError: ``field`` is ``updated_since``.
    """
    if moment is not None and moment.tzinfo is None:
        raise InputRefusedError("updated_since", "needs a time zone: 2026-11-24T09:00:00Z")


def write_place(place: Place) -> str:
    """Return a place of the list as text for an address."""
    return write_cursor(Cursor("a", _SORT, place))


def read_place(text: str) -> Place:
    """Read a place of the list back.

    Raises:
        InputRefusedError: ``field`` is ``cursor``.
    """
    cursor = read_cursor(text, sort=_SORT, types=(date, str))
    if cursor.side != "a":
        raise InputRefusedError("cursor", "is none of this list")
    place: Place = msgspec.convert(cursor.keys, type=Place)
    return place
