"""What is left to pay: payments and credits are allocated, statuses follow (decision 6)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, or_, select, update

from portalkit.documents.models import Allocation, DocumentRow
from portalkit.documents.statuses import (
    CANCELLED,
    NOT_ISSUED,
    key_of_status,
    ledger_status,
)
from portalkit.documents.tallies import Counted, Tallies, counted_columns
from portalkit.hooks.types import DocumentKind

__all__ = ("Entry", "Settled", "Settlement", "settle", "settle_documents")


class Entry(msgspec.Struct, frozen=True):
    """Something that may settle a document: a payment, or what a credit note has left."""

    id: str
    on: date
    offered: int


class Settlement(msgspec.Struct, frozen=True):
    """How a document stands after its entries.

    Attributes:
        amounts: How much of each entry is used, by its id.
        amount_due: What is left, with the sign of what was asked for.
        settled_on: Day of the entry that settled it; ``None`` while something is left.
    """

    amounts: Mapping[str, int]
    amount_due: int | None
    settled_on: date | None


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose status followed from what was allocated to it."""

    document_id: str
    contact_id: str
    source: str
    target: str


class _Row(msgspec.Struct, frozen=True):
    id: str
    payable: int | None
    counted: Counted


class _Part(msgspec.Struct, frozen=True):
    id: str
    document_id: str
    credit_id: str | None
    offered: int
    amount: int
    allocated_on: date


def settle(
    payable: int | None, issued_on: date, status: str, entries: Iterable[Entry] = ()
) -> Settlement:
    """Use up entries in the order of their days until nothing is left to pay.

    What a document asks for may be negative (a credit note); entries are then refunds. A
    cancelled document needs nothing and uses nothing.
    """
    ordered = sorted(entries, key=lambda entry: (entry.on, entry.id))
    if payable is None or status == CANCELLED:
        nothing = dict.fromkeys((entry.id for entry in ordered), 0)
        return Settlement(nothing, None if payable is None else 0, None)
    sign = -1 if payable < 0 else 1
    left = abs(payable)
    settled_on = issued_on if left == 0 else None
    amounts = {}
    for entry in ordered:
        used = min(entry.offered, left)
        amounts[entry.id] = used
        left -= used
        if used:
            settled_on = entry.on if left == 0 else None
    return Settlement(amounts, sign * left, settled_on)


def settle_documents(
    connection: Connection,
    document_ids: Iterable[str],
    *,
    kinds: Mapping[str, DocumentKind],
    tallies: Tallies,
    now: datetime,
) -> list[Settled]:
    """Allocate anew what concerns some documents.

    Documents that share a credit note with them are looked at too. Rows that come out as
    they were are not written.

    Returns:
        The documents whose status is another now.
    """
    ids = set(document_ids)
    if not ids:
        return []
    parts = _parts(connection, ids)
    # What a credit note no longer gives to one document, another one may take.
    while not ids.issuperset(touched := _touched(parts)):
        ids |= touched
        parts = _parts(connection, ids)
    rows = {row.id: row for row in _rows(connection, ids)}
    desk = _Desk(rows, parts, kinds)
    _write_parts(connection, desk.settle_all())
    return _write_rows(connection, desk, kinds=kinds, tallies=tallies, now=now)


def _touched(parts: Iterable[_Part]) -> set[str]:
    return {
        document_id
        for part in parts
        for document_id in (part.document_id, part.credit_id)
        if document_id is not None
    }


class _Desk:
    """The documents on the table and how much every credit note still has to give."""

    def __init__(
        self,
        rows: Mapping[str, _Row],
        parts: Sequence[_Part],
        kinds: Mapping[str, DocumentKind],
    ) -> None:
        self.rows = rows
        self.results: dict[str, Settlement] = {}
        self._used: dict[str, int] = {}
        self._parts: dict[str, list[_Part]] = {}
        self._days: dict[str, list[date]] = {}
        notes = [row for row in rows.values() if _is_credit(row, kinds)]
        self._has_left = {
            row.id: 0 if row.counted.status in NOT_ISSUED else abs(row.payable or 0)
            for row in notes
        }
        for part in parts:
            self._parts.setdefault(part.document_id, []).append(part)

    def settle_all(self) -> list[tuple[_Part, int]]:
        """Settle every document and return the parts whose amount changes."""
        # Refunds of credit notes first: what was paid out cannot be set off.
        for row in sorted(self.rows.values(), key=self._order):
            self._settle(row)
        for credit_id in self._has_left:
            self._settle_credit(self.rows[credit_id])
        parts = [part for several in self._parts.values() for part in several]
        return [(part, self._used[part.id]) for part in parts if self._used[part.id] != part.amount]

    def _order(self, row: _Row) -> tuple[bool, str]:
        return row.id not in self._has_left, row.id

    def _settle(self, row: _Row) -> None:
        parts = self._parts.get(row.id, [])
        entries = [Entry(part.id, part.allocated_on, self._offer(part)) for part in parts]
        counted = row.counted
        result = settle(row.payable, counted.issued_on, counted.status, entries)
        self.results[row.id] = result
        self._used |= result.amounts
        for part in parts:
            amount = result.amounts[part.id]
            for credit_id in (part.credit_id, row.id):
                if credit_id in self._has_left:
                    self._use_credit(credit_id, amount, part.allocated_on)

    def _offer(self, part: _Part) -> int:
        if part.credit_id is None:
            return part.offered
        return self._has_left.get(part.credit_id, 0)

    def _use_credit(self, credit_id: str, amount: int, day: date) -> None:
        self._has_left[credit_id] -= amount
        if amount:
            self._days.setdefault(credit_id, []).append(day)

    def _settle_credit(self, row: _Row) -> None:
        if row.payable is None or row.counted.status in NOT_ISSUED:
            return
        left = self._has_left[row.id]
        last_day = max(self._days.get(row.id, ()), default=row.counted.issued_on)
        self.results[row.id] = Settlement(
            self.results[row.id].amounts, -left, None if left else last_day
        )


def _is_credit(row: _Row, kinds: Mapping[str, DocumentKind]) -> bool:
    kind = kinds.get(row.counted.kind)
    return kind is not None and kind.is_credit


def _rows(connection: Connection, ids: Iterable[str]) -> list[_Row]:
    statement = (
        select(DocumentRow.id, DocumentRow.payable, *counted_columns())
        .where(DocumentRow.id.in_(sorted(ids)))
        .order_by(DocumentRow.id)
        .with_for_update()
    )
    return [_Row(row[0], row[1], Counted(*row[2:])) for row in connection.execute(statement)]


def _parts(connection: Connection, ids: Iterable[str]) -> list[_Part]:
    wanted = sorted(ids)
    statement = select(
        Allocation.id,
        Allocation.document_id,
        Allocation.credit_id,
        Allocation.offered,
        Allocation.amount,
        Allocation.allocated_on,
    ).where(or_(Allocation.document_id.in_(wanted), Allocation.credit_id.in_(wanted)))
    return [_Part(*row) for row in connection.execute(statement)]


_SET_AMOUNT: Final = (
    update(Allocation).where(Allocation.id == bindparam("part_id")).values(amount=bindparam("used"))
)


def _write_parts(connection: Connection, changes: Sequence[tuple[_Part, int]]) -> None:
    if changes:
        connection.execute(
            _SET_AMOUNT, [{"part_id": part.id, "used": amount} for part, amount in changes]
        )


_LEDGER_COLUMNS: Final = ("status", "status_key", "amount_due", "settled_on", "updated_at")
_SET_LEDGER: Final = (
    update(DocumentRow)
    .where(DocumentRow.id == bindparam("document_id"))
    .values({name: bindparam(f"new_{name}") for name in _LEDGER_COLUMNS})
)


def _write_rows(
    connection: Connection,
    desk: _Desk,
    *,
    kinds: Mapping[str, DocumentKind],
    tallies: Tallies,
    now: datetime,
) -> list[Settled]:
    settled = []
    changes: list[dict[str, Any]] = []
    for row in desk.rows.values():
        before = row.counted
        kind = kinds.get(before.kind)
        if kind is None:
            continue
        result = desk.results[row.id]
        status = ledger_status(kind, before.status, row.payable, result.amount_due)
        after = msgspec.structs.replace(
            before, status=status, amount_due=result.amount_due, settled_on=result.settled_on
        )
        if after == before:
            continue
        tallies.remove(before)
        tallies.add(after)
        if status != before.status:
            settled.append(
                Settled(
                    document_id=row.id,
                    contact_id=before.contact_id,
                    source=before.status,
                    target=status,
                )
            )
        changes.append(
            {
                "document_id": row.id,
                "new_status": status,
                "new_status_key": key_of_status(kind, status, before.due_on),
                "new_amount_due": result.amount_due,
                "new_settled_on": result.settled_on,
                "new_updated_at": now,
            }
        )
    if changes:
        connection.execute(_SET_LEDGER, changes)
    return settled
