"""Many keys in one parameter: a table of wanted rows that both databases join by index.

``(a, b) IN (VALUES ...)`` makes SQLite scan the whole table, and a list of parameters that
grows with the batch would be compiled anew each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ("ROWS", "encode_rows", "look_up", "rowset")

ROWS: Final = "wanted_rows"
"""Name of the parameter of a statement that uses :func:`rowset`."""

_DATES: Final = frozenset({"issued_on"})

# So many rows at most are found for one wanted row; a number is hardly ever given twice.
_FOUND: Final = 20
_ALL: Final = 2**31 - 1


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


def look_up(
    dialect: str,
    wanted: FromClause,
    columns: Sequence[Any],
    on: ColumnElement[bool],
    *,
    limit: int | None = _FOUND,
) -> Select[*tuple[Any, ...]]:
    """Return a statement that finds rows for each wanted row by an index, never by a scan.

    SQLite does not turn an outer join round, so what is not found comes as a row of nulls
    there. PostgreSQL plans without statistics while a table is being filled; a lateral
    subquery with a limit leaves it no choice.

    Args:
        dialect: Name of the database's dialect.
        wanted: Made by :func:`rowset`.
        columns: Of one table.
        on: What a row has in common with the wanted one.
        limit: Rows for each wanted one at most, on PostgreSQL; ``None`` for all.
    """
    if dialect == "postgresql":
        most = _ALL if limit is None else limit
        found = select(*columns).where(on).limit(most).correlate(wanted).lateral("found")
        return select(*found.c).select_from(wanted.join(found, true()))
    source = columns[0].table
    return select(*columns).select_from(wanted.outerjoin(source, on))


def encode_rows(rows: Iterable[Mapping[str, str | date | None]]) -> dict[str, Any]:
    """Return the parameters of a statement that uses :func:`rowset`."""
    return {ROWS: msgspec.json.encode(list(rows)).decode()}
