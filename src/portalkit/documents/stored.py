"""What the portal already has of the documents in a batch, read in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Result, Select, bindparam, select

from portalkit.audit import Event
from portalkit.documents.canonical import read_body
from portalkit.documents.models import AttachmentRow, DocumentRow
from portalkit.documents.prepare import Identity, Prepared, figures
from portalkit.documents.rowset import encode_rows, look_up, rowset
from portalkit.documents.tallies import Counted, counted_columns
from portalkit.errors import DocumentConflictError

__all__ = ("PORTAL_SIDE", "TRANSITIONED", "Answer", "Shelf", "Stored", "read_shelf")

TRANSITIONED: Final = "document.transitioned"
"""Name of the event that changes a status."""

PORTAL_SIDE: Final = frozenset({"person", "share", "staff", "view_as"})
"""Kinds of actors whose acts a host has to know before it changes a status."""

_IDENTITY: Final = ("issuer", "type_code", "number", "issued_on", "kind")
_KEYS: Final = ("id", "external_id", *_IDENTITY, "version", "sha256", "payable")


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A document that is already here, as far as publishing needs it."""

    id: str
    external_id: str | None
    issuer: str
    type_code: str
    number: str
    issued_on: date
    kind: str
    version: int
    sha256: str
    payable: int | None
    counted: Counted

    @property
    def identity(self) -> Identity:
        """Issuer, type code, number, issue date and kind."""
        return (self.issuer, self.type_code, self.number, self.issued_on, self.kind)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The newest change of status that was made in the portal."""

    event_id: str
    target: str
    actor_kind: str
    actor_name: str


class Shelf:
    """The documents of a batch that are already here, and what hangs on them."""

    def __init__(self, documents: Iterable[Stored]) -> None:
        self._by_id = {stored.id: stored for stored in documents}
        self._by_identity = {stored.identity: stored for stored in self._by_id.values()}
        self._by_external_id = {
            stored.external_id: stored
            for stored in self._by_id.values()
            if stored.external_id is not None
        }
        self.answers: dict[str, Answer] = {}
        self.files: dict[str, set[str]] = {}
        self.figures: dict[str, tuple[object, ...]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all documents on it."""
        return tuple(self._by_id)

    def find(self, prepared: Prepared) -> Stored | None:
        """Return the document that a publication is about, if it is here.

        Raises:
            DocumentConflictError: If the host's key and the identity mean two documents, or
                the document is known under another key.
        """
        same = self._by_identity.get(prepared.identity)
        external_id = prepared.publication.external_id
        if external_id is None:
            return same
        known = self._by_external_id.get(external_id)
        if known is None and same is not None and same.external_id is not None:
            raise DocumentConflictError(same.number, same.id)
        if known is not None and same is not None and known.id != same.id:
            raise DocumentConflictError(same.number, same.id)
        return known or same


def read_shelf(connection: Connection, business_id: str, batch: Sequence[Prepared]) -> Shelf:
    """Read what is here of a batch: rows, newest answers, hashes of files, old figures.

    Rows are locked where the database can, so that nobody answers a document meanwhile.
    """
    found: dict[str, Stored] = {}
    identities: list[dict[str, Any]] = [
        dict(zip(_IDENTITY, prepared.identity, strict=True)) for prepared in batch
    ]
    external_ids: list[dict[str, Any]] = [
        {"external_id": key} for each in batch if (key := each.publication.external_id)
    ]
    for names, wanted in ((_IDENTITY, identities), (("external_id",), external_ids)):
        if not wanted:
            continue
        statement = _documents(connection.dialect.name, *names)
        parameters = {"business": business_id} | encode_rows(wanted)
        found |= _read(connection.execute(statement, parameters))
    if found and connection.dialect.name == "postgresql":
        locked = select(*_columns()).where(DocumentRow.id.in_(sorted(found))).with_for_update()
        found = _read(connection.execute(locked.order_by(DocumentRow.id)))
    shelf = Shelf(found.values())
    if found:
        _read_surroundings(connection, shelf, batch)
    return shelf


def _read(result: Result[*tuple[Any, ...]]) -> dict[str, Stored]:
    found = {}
    for row in result.mappings():
        if row["id"] is not None:
            keys = {name: row[name] for name in _KEYS}
            found[row["id"]] = Stored(**keys, counted=Counted.of(dict(row)))
    return found


def _columns() -> tuple[Any, ...]:
    counted = counted_columns()
    known = {column.name for column in counted}
    table = DocumentRow.__table__.c
    return (*counted, *(table[name] for name in _KEYS if name not in known))


@cache
def _documents(dialect: str, *names: str) -> Select[*tuple[Any, ...]]:
    wanted = rowset(dialect, *names)
    table = DocumentRow.__table__.c
    on = table.business_id == bindparam("business")
    for name in names:
        # PostgreSQL uses no index for this comparison. With an ordinary one it may take that
        # of the business's days, and read for each document all others of its day.
        is_day = name == "issued_on" and dialect == "postgresql"
        compare = table[name].is_not_distinct_from if is_day else table[name].__eq__
        on &= compare(wanted.c[name])
    return look_up(dialect, wanted, _columns(), on)


def _read_surroundings(connection: Connection, shelf: Shelf, batch: Sequence[Prepared]) -> None:
    changed = []
    with_files = []
    for prepared in batch:
        try:
            stored = shelf.find(prepared)
        except DocumentConflictError:
            continue
        if stored is None:
            continue
        if stored.sha256 != prepared.columns["sha256"]:
            changed.append(stored.id)
        if prepared.publication.files:
            with_files.append(stored.id)
    if changed:
        bodies = select(DocumentRow.id, DocumentRow.body).where(DocumentRow.id.in_(changed))
        for document_id, body in connection.execute(bodies):
            shelf.figures[document_id] = figures(read_body(body))
    if with_files:
        files = select(AttachmentRow.document_id, AttachmentRow.sha256).where(
            AttachmentRow.document_id.in_(with_files)
        )
        for document_id, sha256 in connection.execute(files):
            shelf.files.setdefault(document_id, set()).add(sha256)
    shelf.answers.update(_answers(connection, shelf.ids))


def _answers(connection: Connection, ids: Sequence[str]) -> Mapping[str, Answer]:
    statement = (
        select(Event.document_id, Event.id, Event.actor_kind, Event.actor_name, Event.data)
        .where(
            Event.document_id.in_(ids),
            Event.name == TRANSITIONED,
            Event.actor_kind.in_(sorted(PORTAL_SIDE)),
        )
        .order_by(Event.id)
    )
    return {
        document_id: Answer(
            event_id=event_id,
            target=data["target"],
            actor_kind=actor_kind,
            actor_name=actor_name,
        )
        for document_id, event_id, actor_kind, actor_name, data in connection.execute(statement)
        if document_id is not None
    }
