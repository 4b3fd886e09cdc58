"""Writing a batch of decided changes: a handful of statements, whatever its size."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Insert, Update, bindparam, insert, select, update

from portalkit.audit import Actor, Event, event_values
from portalkit.documents.bulk import insert_rows
from portalkit.documents.decide import Change
from portalkit.documents.files import put_files, write_files
from portalkit.documents.keys import search_text
from portalkit.documents.ledger import Settled, Settlement, settle, settle_documents
from portalkit.documents.models import DocumentRow, DocumentVersion
from portalkit.documents.receipts import Receipt, ReceiptBook
from portalkit.documents.references import Mention, link_references
from portalkit.documents.statuses import DRAFT, has_ledger, key_of_status, ledger_status, listing_of
from portalkit.documents.stored import TRANSITIONED, Stored
from portalkit.documents.tallies import Counted, Tallies
from portalkit.hooks.events import (
    DocumentPublished,
    DocumentTransitioned,
    PaymentReceived,
    PortalEvent,
)
from portalkit.hooks.types import DocumentKind
from portalkit.model import new_id
from portalkit.storage import Storage

__all__ = ("PUBLISHED", "RECEIVED", "Written", "write_batch")

PUBLISHED: Final = "document.published"
"""Name of the event of a new document or a new version."""

RECEIVED: Final = "payment.received"
"""Name of the event of a payment that is new in the ledger."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one change."""

    document_id: str
    status: str
    has_payments: bool
    events: tuple[PortalEvent, ...]


class _Item:
    """One change on its way into the tables."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.document_id = change.stored.id if change.stored is not None else new_id()
        self.status = change.status
        self.payments: list[str] = []
        self.unsettled = False

    @property
    def has_new_row(self) -> bool:
        """Whether all columns are written, and not only those beside the body."""
        change = self.change
        is_moved = (
            change.stored is not None and change.stored.counted.contact_id != change.contact_id
        )
        return change.has_new_body or is_moved


def write_batch(
    connection: Connection,
    business_id: str,
    changes: Sequence[Change],
    *,
    book: ReceiptBook,
    kinds: Mapping[str, DocumentKind],
    storage: Storage,
    now: datetime,
    actor: Actor,
) -> list[Written]:
    """Write changes and everything that follows from them, in one order for all writers."""
    items = [_Item(change) for change in changes]
    tallies = Tallies(kinds)
    files = [(item.document_id, file) for item in items for file in item.change.files]
    put_files(storage, business_id, (file for _, file in files))
    unsettled = _enter_payments(items, book)
    _write_documents(connection, business_id, items, book=book, tallies=tallies, now=now)
    write_files(connection, business_id, files, now)
    unsettled |= link_references(connection, business_id, _mentions(items), kinds=kinds, now=now)
    unsettled |= {item.document_id for item in items if item.unsettled}
    book.write(connection, business_id, now)
    settled = settle_documents(connection, unsettled, kinds=kinds, tallies=tallies, now=now)
    tallies.write(connection)
    by_id = {each.document_id: each for each in settled}
    for item in items:
        if (own := by_id.pop(item.document_id, None)) is not None:
            item.status = own.target
    rows = [row for item in items for row in _history(item, business_id, now, actor)]
    rows += [_transitioned(each, business_id, now, actor) for each in by_id.values()]
    insert_rows(connection, Event, rows)
    return [
        Written(
            document_id=item.document_id,
            status=item.status,
            has_payments=bool(item.payments),
            events=_events(item, business_id, now),
        )
        for item in items
    ]


def _write_documents(
    connection: Connection,
    business_id: str,
    items: Sequence[_Item],
    *,
    book: ReceiptBook,
    tallies: Tallies,
    now: datetime,
) -> None:
    new, superseded = [], []
    changed: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for item in items:
        change = item.change
        if change.stored is None:
            row = _new_row(item, business_id, book, now)
            tallies.add(Counted.of(row))
            new.append(row)
        elif change.has_new_columns:
            row, after = _change(item, change.stored, now)
            tallies.remove(change.stored.counted)
            tallies.add(after)
            prefixed = {f"new_{name}": value for name, value in row.items()}
            changed[item.has_new_row].append({"document_id": item.document_id} | prefixed)
            item.unsettled = has_ledger(change.prepared.kind)
            if change.has_new_body:
                superseded.append(item.document_id)
    if superseded:
        connection.execute(_keep_versions(superseded))
    insert_rows(connection, DocumentRow, new)
    for statement, rows in (
        (_SET_DOCUMENT, changed[True]),
        (_SET_STATE, changed[False]),
    ):
        if rows:
            connection.execute(statement, rows)


def _new_row(item: _Item, business_id: str, book: ReceiptBook, now: datetime) -> dict[str, Any]:
    columns = item.change.prepared.columns
    result = book.settle_new(
        item.document_id, columns["payable"], columns["issued_on"], item.change.status
    )
    return {
        "id": item.document_id,
        "business_id": business_id,
        "version": 1,
        "created_at": now,
        **columns,
        **_placed(item),
        **_state(item, columns["payable"], columns["due_on"], result),
        "updated_at": now,
    }


def _placed(item: _Item) -> dict[str, Any]:
    change = item.change
    return {
        "contact_id": change.contact_id,
        "search_text": search_text(change.contact_id, *change.prepared.texts),
    }


def _state(
    item: _Item, payable: int | None, due_on: date | None, result: Settlement
) -> dict[str, Any]:
    """Return the columns that do not stand in the body."""
    kind, status = item.change.prepared.kind, item.change.status
    item.status = ledger_status(kind, status, payable, result.amount_due)
    return {
        "listing": listing_of(kind, item.status),
        "status": item.status,
        "status_key": key_of_status(kind, item.status, due_on),
        "amount_due": result.amount_due,
        "settled_on": result.settled_on,
    }


_STATE: Final = (
    "external_id",
    "listing",
    "status",
    "status_key",
    "amount_due",
    "settled_on",
    "updated_at",
)
_BODY: Final = (
    "contact_id",
    "kind",
    "type_code",
    "issuer",
    "number",
    "number_key",
    "issued_on",
    "due_on",
    "description",
    "description_key",
    "currency",
    "total",
    "total_key",
    "payable",
    "line_count",
    "version",
    "sha256",
    "body",
    "search_text",
)


def _update(*names: str) -> Update:
    statement = update(DocumentRow).where(DocumentRow.id == bindparam("document_id"))
    return statement.values({name: bindparam(f"new_{name}") for name in names})


_SET_STATE: Final = _update(*_STATE)
_SET_DOCUMENT: Final = _update(*_STATE, *_BODY)


def _change(item: _Item, stored: Stored, now: datetime) -> tuple[dict[str, Any], Counted]:
    """Return new values of an existing row, and what the document counts afterwards."""
    change = item.change
    columns = change.prepared.columns
    row: dict[str, Any] = {
        "external_id": columns["external_id"] or stored.external_id,
        "updated_at": now,
    }
    if item.has_new_row:
        row = columns | {"version": change.version} | _placed(item) | row
        payable, issued_on, due_on = columns["payable"], columns["issued_on"], columns["due_on"]
    else:
        # The body that is stored may be another one, in another syntax: it stays.
        payable, issued_on, due_on = stored.payable, stored.issued_on, stored.counted.due_on
    # What was paid is allocated anew afterwards.
    row |= _state(item, payable, due_on, settle(payable, issued_on, change.status))
    before = msgspec.structs.asdict(stored.counted)
    return row, Counted.of(before | {name: row[name] for name in before if name in row})


def _keep_versions(document_ids: Sequence[str]) -> Insert:
    columns = DocumentVersion.__table__.c.keys()
    taken = (
        DocumentRow.id,
        DocumentRow.version,
        DocumentRow.business_id,
        DocumentRow.sha256,
        DocumentRow.body,
        DocumentRow.updated_at,
    )
    return insert(DocumentVersion).from_select(
        columns, select(*taken).where(DocumentRow.id.in_(document_ids))
    )


def _mentions(items: Sequence[_Item]) -> list[Mention]:
    return [
        Mention(
            document_id=item.document_id,
            contact_id=item.change.contact_id,
            kind=item.change.prepared.kind.name,
            number_key=item.change.prepared.columns["number_key"],
            issued_on=item.change.prepared.columns["issued_on"],
            type_code=item.change.prepared.columns["type_code"],
            references=item.change.prepared.body.references,
            is_known=item.change.stored is not None,
            is_arriving=_is_arriving(item),
        )
        for item in items
        if item.change.has_new_body or _is_arriving(item)
    ]


def _is_arriving(item: _Item) -> bool:
    """Say whether others can link to the document from now on: it is new, or issued now."""
    stored = item.change.stored
    was_hidden = stored is None or stored.counted.status == DRAFT
    return was_hidden and item.change.status != DRAFT


def _enter_payments(items: Sequence[_Item], book: ReceiptBook) -> set[str]:
    """Note down payments; return the known documents that must be settled anew."""
    paid = set()
    for item in items:
        publication = item.change.prepared.publication
        for payment in publication.payments:
            receipt = Receipt(
                document_id=item.document_id,
                contact_id=item.change.contact_id,
                currency=publication.body.currency,
                payment=payment,
            )
            payment_id = book.enter(receipt)
            if payment_id is not None:
                item.payments.append(payment_id)
                if item.change.stored is not None:
                    paid.add(item.document_id)
    return paid


def _source(item: _Item) -> str | None:
    """Return the status before, if there was a document and its status is another now."""
    stored = item.change.stored
    if stored is None or stored.counted.status == item.status:
        return None
    return stored.counted.status


def _history(
    item: _Item, business_id: str, now: datetime, actor: Actor
) -> Iterator[dict[str, Any]]:
    facts: list[tuple[str, dict[str, Any]]] = []
    if item.change.has_new_body:
        sha256 = item.change.prepared.columns["sha256"]
        facts.append((PUBLISHED, {"version": item.change.version, "sha256": sha256}))
    facts += [(RECEIVED, {"payment": payment_id}) for payment_id in item.payments]
    if (source := _source(item)) is not None:
        facts.append((TRANSITIONED, {"source": source, "target": item.status}))
    for name, data in facts:
        yield event_values(
            business_id=business_id,
            name=name,
            actor=actor,
            at=now,
            contact_id=item.change.contact_id,
            document_id=item.document_id,
            data=data,
        )


def _transitioned(
    settled: Settled, business_id: str, now: datetime, actor: Actor
) -> dict[str, Any]:
    return event_values(
        business_id=business_id,
        name=TRANSITIONED,
        actor=actor,
        at=now,
        contact_id=settled.contact_id,
        document_id=settled.document_id,
        data={"source": settled.source, "target": settled.target},
    )


def _events(item: _Item, business_id: str, now: datetime) -> tuple[PortalEvent, ...]:
    events: list[PortalEvent] = []
    if item.change.has_new_body:
        events.append(
            DocumentPublished(
                business_id=business_id,
                at=now,
                document_id=item.document_id,
                contact_id=item.change.contact_id,
                version=item.change.version,
            )
        )
    events += [
        PaymentReceived(
            business_id=business_id, at=now, payment_id=payment_id, document_id=item.document_id
        )
        for payment_id in item.payments
    ]
    if (source := _source(item)) is not None:
        events.append(
            DocumentTransitioned(
                business_id=business_id,
                at=now,
                document_id=item.document_id,
                transition="",
                source=source,
                target=item.status,
            )
        )
    return tuple(events)
