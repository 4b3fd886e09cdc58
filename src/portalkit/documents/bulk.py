"""Many rows into a table by the shortest way: COPY on PostgreSQL, the plain driver on SQLite."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import JSON, Connection, Dialect, Table, insert
from sqlalchemy.util import await_only

from portalkit.db import Base

__all__ = ("insert_rows",)

# Fewer rows are not worth a statement of another kind.
_MANY: Final = 20


def insert_rows(
    connection: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows that all have the same columns; none do nothing.

    Args:
        connection: In a transaction that may write.
        model: Whose table.
        rows: Values by the name of the column; defaults of the model are not applied.
    """
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  # declared by a class
    names = tuple(rows[0])
    dialect = connection.dialect
    if dialect.name == "postgresql" and len(rows) >= _MANY:
        encoded = {name for name in names if isinstance(table.c[name].type, JSON)}
        statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
        tuples = [
            tuple(_json(row[name]) if name in encoded else row[name] for name in names)
            for row in rows
        ]
        driver = connection.connection.driver_connection
        if dialect.is_async:
            await_only(_copy_async(driver, statement, tuples))
        else:
            _copy(driver, statement, tuples)
    elif dialect.name == "sqlite":
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608  # own names
        connection.exec_driver_sql(statement, _driver_values(table, names, rows, dialect))
    else:
        connection.execute(insert(model), [dict(row) for row in rows])


def _driver_values(
    table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]], dialect: Dialect
) -> list[tuple[Any, ...]]:
    """Return rows as the driver takes them, written by SQLAlchemy's own types."""
    columns = []
    for name in names:
        write = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        values = [row[name] for row in rows]
        columns.append(values if write is None else list(map(write, values)))
    return list(zip(*columns, strict=True))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _copy(driver: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


async def _copy_async(driver: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)
