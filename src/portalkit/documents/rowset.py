"""Many keys in one parameter: a table of wanted rows that both databases join by index.

``(a, b) IN (VALUES ...)`` makes SQLite scan the whole table, and a list of parameters that
grows with the batch would be compiled anew each time.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Date, FromClause, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ("ROWS", "encode_rows", "rowset")

ROWS: Final = "wanted_rows"
"""Name of the parameter of a statement that uses :func:`rowset`."""

_DATES: Final = frozenset({"issued_on"})


@cache
def rowset(dialect: str, *names: str) -> FromClause:
    """Return a table with these text columns (``issued_on`` is a date), to be joined.

    Args:
        dialect: Name of the database's dialect.
        names: Columns of the table, keys of each row given to :func:`encode_rows`.
    """
    rows = bindparam(ROWS, type_=Text)
    if dialect == "postgresql":
        typed = [column(name, Date if name in _DATES else Text) for name in names]
        return (
            func.jsonb_to_recordset(cast(rows, JSONB))
            .table_valued(*typed, name="wanted")
            .render_derived(with_types=True)
        )
    each = func.json_each(rows).table_valued("value", name="each")
    return select(
        *(func.json_extract(each.c.value, f"$.{name}").label(name) for name in names)
    ).subquery("wanted")


def encode_rows(rows: Iterable[Mapping[str, str | date | None]]) -> dict[str, Any]:
    """Return the parameters of a statement that uses :func:`rowset`."""
    return {ROWS: msgspec.json.encode(list(rows)).decode()}
