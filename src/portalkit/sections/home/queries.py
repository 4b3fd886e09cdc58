"""What the home page reads of documents: what waits for the reader, and what came last."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext
from portalkit.documents.models import DocumentRow
from portalkit.documents.statuses import is_open
from portalkit.documents.visibility import restrictions_in, visible_documents
from portalkit.hooks import DocumentKind

__all__ = ("HomeDocument", "list_latest", "list_waiting")

_WAITING_OF_A_KIND: Final = 3
_LATEST: Final = 5


class HomeDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a document that the home page shows; amounts in minor units."""

    id: str
    kind: str
    number: str
    description: str
    issued_on: date
    due_on: date | None
    status: str
    currency: str
    total: int | None
    amount_due: int | None


_row = DocumentRow.__table__.c
_COLUMNS: Final = [_row[name] for name in HomeDocument.__struct_fields__]


async def list_waiting(
    session: AsyncSession, context: PortalContext, kinds: Iterable[DocumentKind]
) -> Sequence[HomeDocument]:
    """Return what is to be paid or answered first, three documents of each kind, in one statement.

    Offers that have expired wait for nobody.
    """
    seen = visible_documents(context, restrictions_in(session, context))
    parts = [
        _first(seen, kind, _open(kind, context.today), _row.status_key, _WAITING_OF_A_KIND)
        for kind in kinds
    ]
    return await _union(session, parts)


async def list_latest(
    session: AsyncSession, context: PortalContext, kinds: Mapping[str, DocumentKind]
) -> Sequence[HomeDocument]:
    """Return the documents that were issued last, of all kinds, in one statement."""
    seen = visible_documents(context, restrictions_in(session, context))
    listings = {kind.listed_with or kind.name: kind for kind in kinds.values()}
    # One index scan for each list; sorting everything a contact has would grow with it.
    parts = [
        select(*_COLUMNS)
        .where(seen, _row.listing == listing)
        .order_by(_row.issued_on.desc(), _row.number_key.desc(), _row.id.desc())
        .limit(_LATEST)
        for listing in sorted(listings)
    ]
    found = await _union(session, parts)
    return sorted(found, key=lambda each: (each.issued_on, each.id), reverse=True)[:_LATEST]


def _open(kind: DocumentKind, today: date) -> ColumnElement[bool]:
    names = sorted(s.name for s in kind.statuses if is_open(kind, s.name) and not s.derived_from)
    open_ones = _row.status.in_(names)
    if kind.due_means != "validity":
        return open_ones
    return open_ones & ((_row.due_on >= today) | _row.due_on.is_(None))


def _first(
    seen: ColumnElement[bool],
    kind: DocumentKind,
    condition: ColumnElement[bool],
    order: ColumnElement[Any],
    limit: int,
) -> Select[Any]:
    listing = kind.listed_with or kind.name
    return (
        select(*_COLUMNS)
        .where(seen, _row.listing == listing, _row.kind == kind.name, condition)
        .order_by(order, _row.id)
        .limit(limit)
    )


async def _union(session: AsyncSession, parts: Sequence[Select[Any]]) -> list[HomeDocument]:
    if not parts:
        return []
    whole = union_all(*(select(part.subquery()) for part in parts))
    connection = await session.connection()
    rows = await connection.execute(whole)
    return [HomeDocument(**row._mapping) for row in rows]  # noqa: SLF001  # a public name
