"""Sums that are kept: months of a contact, and documents by status and due day.

Every writer of a document hands over what the document counted before and after; the
differences are added up and written once, in the same transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Insert, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from portalkit.documents.keys import NEVER
from portalkit.documents.models import ContactMonth, DocumentCount, DocumentRow
from portalkit.documents.statuses import NOT_ISSUED, is_open
from portalkit.hooks.types import DocumentKind

__all__ = ("Counted", "Tallies", "counted_columns", "rebuild_totals")

_MONTH_KEYS: Final = ("contact_id", "kind", "currency", "month")
_MONTH_VALUES: Final = ("count", "total", "lines", "settled_count", "settle_days")
_COUNT_KEYS: Final = ("contact_id", "kind", "status", "currency", "due_on")
_COUNT_VALUES: Final = ("count", "total", "amount_due")
_BATCH: Final = 2_000

_MonthKey = tuple[str, str, str, date]
_CountKey = tuple[str, str, str, str, date]


class Counted(msgspec.Struct, frozen=True):
    """What is counted of a document; the fields are columns of its row, in this order."""

    business_id: str
    contact_id: str
    kind: str
    status: str
    currency: str
    issued_on: date
    due_on: date | None
    settled_on: date | None
    total: int | None
    amount_due: int | None
    line_count: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Counted":
        """Take the columns from a row given as a mapping."""
        return cls(*(row[name] for name in cls.__struct_fields__))


def counted_columns() -> tuple[Any, ...]:
    """Return the columns to select for a :class:`Counted`, in its order."""
    return tuple(DocumentRow.__table__.c[name] for name in Counted.__struct_fields__)


class Tallies:
    """Differences of one transaction, to be written at its end."""

    def __init__(self, kinds: Mapping[str, DocumentKind]) -> None:
        self._kinds = kinds
        self._months: dict[_MonthKey, list[int]] = {}
        self._counts: dict[_CountKey, list[int]] = {}
        self._businesses: dict[str, str] = {}
        self._is_shrinking = False

    def add(self, counted: Counted) -> None:
        """Count a document."""
        self._put(counted, 1)

    def remove(self, counted: Counted) -> None:
        """Count a document no longer."""
        self._is_shrinking = True
        self._put(counted, -1)

    def _put(self, counted: Counted, sign: int) -> None:
        self._businesses[counted.contact_id] = counted.business_id
        is_due = is_open(self._kinds.get(counted.kind), counted.status)
        count = self._counts.setdefault(
            (
                counted.contact_id,
                counted.kind,
                counted.status,
                counted.currency,
                (counted.due_on or NEVER) if is_due else NEVER,
            ),
            [0, 0, 0],
        )
        count[0] += sign
        count[1] += sign * (counted.total or 0)
        count[2] += sign * (counted.amount_due or 0)
        if counted.status in NOT_ISSUED:
            return
        month = self._month(counted, counted.issued_on)
        month[0] += sign
        month[1] += sign * (counted.total or 0)
        month[2] += sign * counted.line_count
        if counted.settled_on is not None:
            settled = self._month(counted, counted.settled_on)
            settled[3] += sign
            settled[4] += sign * (counted.settled_on - counted.issued_on).days

    def _month(self, counted: Counted, day: date) -> list[int]:
        key = (counted.contact_id, counted.kind, counted.currency, day.replace(day=1))
        return self._months.setdefault(key, [0, 0, 0, 0, 0])

    def write(self, connection: Connection) -> None:
        """Add the differences to the tables; nothing is written for what came to nothing."""
        dialect = connection.dialect.name
        months = self._rows(self._months, _MONTH_KEYS, _MONTH_VALUES)
        counts = self._rows(self._counts, _COUNT_KEYS, _COUNT_VALUES)
        if months:
            connection.execute(_upsert(dialect, ContactMonth, _MONTH_VALUES), months)
        if counts:
            connection.execute(_upsert(dialect, DocumentCount, _COUNT_VALUES), counts)
        if self._is_shrinking:
            contacts = sorted({row["contact_id"] for row in counts})
            connection.execute(
                delete(DocumentCount).where(
                    DocumentCount.contact_id.in_(contacts), DocumentCount.count == 0
                )
            )
        self._months.clear()
        self._counts.clear()
        self._is_shrinking = False

    def _rows(
        self,
        sums: Mapping[tuple[Any, ...], list[int]],
        keys: tuple[str, ...],
        values: tuple[str, ...],
    ) -> list[dict[str, Any]]:
        # One order for all writers, so that two of them cannot wait for each other.
        return [
            dict(zip(keys + values, (*key, *sums[key]), strict=True))
            | {"business_id": self._businesses[key[0]]}
            for key in sorted(sums)
            if any(sums[key])
        ]


def _upsert(dialect: str, table: Any, values: Iterable[str]) -> Insert:
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(table)
    columns = table.__table__.c
    return statement.on_conflict_do_update(
        index_elements=list(table.__table__.primary_key),
        set_={name: columns[name] + statement.excluded[name] for name in values},
    )


def rebuild_totals(
    connection: Connection,
    *,
    kinds: Mapping[str, DocumentKind],
    business_id: str | None = None,
) -> int:
    """Count everything anew, for one business or for all, and return how many documents.

    The caller's transaction is the only writer meanwhile: SQLite's write lock, or a lock on
    the table of documents on PostgreSQL.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE portalkit_document IN SHARE MODE")
    for table in (ContactMonth, DocumentCount):
        statement = delete(table)
        if business_id is not None:
            statement = statement.where(table.business_id == business_id)
        connection.execute(statement)
    tallies = Tallies(kinds)
    query = select(*counted_columns())
    if business_id is not None:
        query = query.where(DocumentRow.business_id == business_id)
    total = 0
    result = connection.execute(query.execution_options(yield_per=_BATCH))
    for row in result:
        tallies.add(Counted(*row))
        total += 1
    tallies.write(connection)
    return total
