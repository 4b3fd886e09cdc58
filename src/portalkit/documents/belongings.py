"""What belongs to one document: its files, what it is linked with, what happened to it.

The caller has found the document, and with it that the reader may see it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    false,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Event
from portalkit.context import PortalContext, StaffContext
from portalkit.documents.models import AttachmentRow, DocumentRow, ReferenceRow
from portalkit.documents.visibility import (
    OWN_DOCUMENTS,
    UNRESTRICTED,
    Checked,
    Restrictions,
    is_plain,
    manageable_documents,
    own_parameters,
    visible_documents,
)
from portalkit.errors import NotFoundError
from portalkit.model import Attachment, AttachmentRole, DocumentHeader, LinkedDocument
from portalkit.model.ids import is_id

__all__ = (
    "HistoryEntry",
    "get_attachment",
    "list_attachments",
    "list_history",
    "list_linked",
)

_HISTORY_LIMIT: Final = 50
_CHAIN_LIMIT: Final = 24

# Columns of tables, not attributes of models: those would make rows pass through the ORM.
_columns = DocumentRow.__table__.c
_files = AttachmentRow.__table__.c
_references = ReferenceRow.__table__.c
_events = Event.__table__.c


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a document."""

    name: str
    at: datetime
    actor_kind: str
    actor_name: str
    data: Mapping[str, Any]


def _attachment(row: Sequence[Any]) -> Attachment:
    return Attachment(
        id=row[0],
        role=AttachmentRole(row[1]),
        filename=row[2],
        media_type=row[3],
        size=row[4],
        sha256=row[5],
        description=row[6],
    )


_attachments: Final = select(
    _files.id,
    _files.role,
    _files.filename,
    _files.media_type,
    _files.size,
    _files.sha256,
    _files.description,
).where(
    _files.business_id == bindparam("business"),
    _files.document_id == bindparam("document"),
)
_all_attachments: Final = _attachments.order_by(_files.id)
_one_attachment: Final = _attachments.where(_files.id == bindparam("attachment"))


async def list_attachments(session: AsyncSession, header: DocumentHeader) -> list[Attachment]:
    """Return the files of a document that the reader was found to see."""
    rows = await session.execute(
        _all_attachments, {"business": header.business_id, "document": header.id}
    )
    return [_attachment(row) for row in rows]


async def get_attachment(
    session: AsyncSession, header: DocumentHeader, attachment_id: str
) -> Attachment:
    """Return one file of a document that the reader was found to see.

    Raises:
        NotFoundError: If the document has no such file.
    """
    if is_id(attachment_id):
        found = await session.execute(
            _one_attachment,
            {"business": header.business_id, "document": header.id, "attachment": attachment_id},
        )
        row = found.one_or_none()
        if row is not None:
            return _attachment(row)
    raise NotFoundError(f"attachment {attachment_id[:60]!r}")


async def list_linked(
    session: AsyncSession,
    context: PortalContext | StaffContext,
    document_id: str,
    *,
    restrictions: Restrictions = UNRESTRICTED,
) -> list[LinkedDocument]:
    """Return what a document refers to and what refers to it, as far as the reader may see.

    A document that is mentioned but not here, or not to be seen, has its number only. What
    these are linked with in their turn follows without a relation, at most some twenty of
    other kinds than the document's own: the whole trade, but not every invoice of an order.
    """
    parameters = {"document": document_id}
    dialect = session.get_bind().dialect.name
    if isinstance(context, StaffContext):
        statement = _links(manageable_documents(context), dialect)
    elif is_plain(context, restrictions, restrictions.hidden):
        statement = _own_links(dialect)
        parameters |= own_parameters(context)
    else:
        statement = _links(visible_documents(context, restrictions), dialect)
    rows = (await session.execute(statement, parameters)).all()
    near = {row[5] for row in rows if row[0]}
    return [
        LinkedDocument(
            relation=relation,
            kind=kind,
            number=number,
            issued_on=found_on or stated_on,
            id=other_id,
            is_outgoing=bool(is_outgoing),
        )
        for relation, kind, number, stated_on, found_on, other_id, is_outgoing in rows
        if relation or other_id not in near
    ]


def _links(scope: ColumnElement[bool], dialect: str) -> CompoundSelect[*tuple[Any, ...]]:
    return union_all(*_mentions(scope), _further(scope, dialect))


@cache
def _own_links(dialect: str) -> CompoundSelect[*tuple[Any, ...]]:
    return _links(OWN_DOCUMENTS, dialect)


def _mentions(scope: ColumnElement[bool]) -> tuple[Select[*tuple[Any, ...]], ...]:
    outgoing = (
        select(
            _references.relation,
            _columns.kind,
            _references.number,
            _references.issued_on,
            _columns.issued_on.label("found_on"),
            _columns.id,
            true().label("is_outgoing"),
        )
        .outerjoin(DocumentRow.__table__, and_(_columns.id == _references.target_id, scope))
        .where(_references.source_id == bindparam("document"))
    )
    incoming = (
        select(
            _references.relation,
            _columns.kind,
            _columns.number,
            null(),
            _columns.issued_on,
            _columns.id,
            false(),
        )
        .join(DocumentRow.__table__, _columns.id == _references.source_id)
        .where(_references.target_id == bindparam("document"), scope)
    )
    return outgoing, incoming


def _further(scope: ColumnElement[bool], dialect: str) -> Select[*tuple[Any, ...]]:
    """Select what is reached from a document by following links in both directions.

    SQLite follows each direction by its index only in a step of its own; PostgreSQL allows one
    step, and there the indexes are used below the union.
    """
    document: ColumnElement[str] = bindparam("document")
    own_kind = select(_columns.kind).where(_columns.id == document).scalar_subquery()
    reached = select(_columns.id).where(_columns.id == document).cte("reached", recursive=True)
    there = _references.source_id, _references.target_id
    back = _references.target_id, _references.source_id
    if dialect == "sqlite":
        ways = [there, back]
    else:
        edges = union_all(
            select(there[0].label("origin"), there[1].label("next")), select(*back)
        ).subquery("edges")
        ways = [(edges.c.origin, edges.c.next)]
    steps = [
        select(_columns.id)
        .join_from(reached, origin.table, origin == reached.c.id)
        .join(DocumentRow.__table__, _columns.id == following)
        .where(_columns.id != document, (origin == document) | (_columns.kind != own_kind), scope)
        for origin, following in ways
    ]
    # Nearest first, and no further than it is shown.
    near = select(reached.union(*steps).c.id).limit(_CHAIN_LIMIT).subquery("near")
    return select(
        literal(""),
        _columns.kind,
        _columns.number,
        null(),
        _columns.issued_on,
        _columns.id,
        false(),
    ).join_from(near, DocumentRow.__table__, and_(_columns.id == near.c.id, near.c.id != document))


async def list_history(
    session: AsyncSession, header: DocumentHeader, names: Sequence[str]
) -> list[HistoryEntry]:
    """Return what happened to a document, newest first, at most fifty entries.

    Args:
        session: To read with.
        header: Of a document that the reader was found to see.
        names: Which events the reader may know of.
    """
    parameters = {"document": header.id, "business": header.business_id}
    rows = await session.execute(_history_statement(tuple(names)), parameters)
    return [
        HistoryEntry(name=name, at=at, actor_kind=kind, actor_name=actor, data=data)
        for name, at, kind, actor, data in rows
    ]


@lru_cache(64)
def _history_statement(names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    return (
        select(_events.name, _events.at, _events.actor_kind, _events.actor_name, _events.data)
        .where(
            _events.document_id == bindparam("document"),
            Checked(_events.business_id) == bindparam("business"),
            # Plain values would be put into the statement anew at every execution.
            _events.name.in_([literal(name) for name in names]),
        )
        .order_by(_events.id.desc())
        .limit(_HISTORY_LIMIT)
    )
