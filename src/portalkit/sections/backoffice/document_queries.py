"""What the back office reads of documents: those of all contacts of the business."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Contact
from portalkit.context import StaffContext
from portalkit.documents.models import DocumentRow
from portalkit.documents.search import parse_search, search_everywhere, search_parameters
from portalkit.documents.visibility import manageable_documents

__all__ = ("COUNT_LIMIT", "DocumentEntry", "DocumentWish", "count_documents", "list_documents")

COUNT_LIMIT: Final = 10_000
"""Rows are counted up to here."""

_columns = DocumentRow.__table__.c


class DocumentWish(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents staff ask for.

    Attributes:
        kind: One kind, or all.
        contact_id: One contact's, or everybody's.
        number: Of the page, from 1.
    """

    q: str = ""
    kind: str = ""
    contact_id: str = ""
    is_descending: bool = True
    number: int = 1


class DocumentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list; amounts in minor units."""

    id: str
    kind: str
    number: str
    description: str
    issued_on: date
    due_on: date | None
    status: str
    currency: str
    total: int | None
    contact_id: str
    contact_name: str


async def list_documents(
    session: AsyncSession, staff: StaffContext, wish: DocumentWish, *, offset: int, limit: int
) -> Sequence[DocumentEntry]:
    """Return a page of the business's documents by date, in one statement."""
    names = DocumentEntry.__struct_fields__[:-1]
    order = (_columns.issued_on, _columns.id)
    statement = (
        _found(select(*(_columns[name] for name in names), Contact.name), session, staff, wish)
        .join(Contact, Contact.id == _columns.contact_id)
        .order_by(*(key.desc() if wish.is_descending else key.asc() for key in order))
        .offset(offset)
        .limit(limit)
    )
    rows = await session.execute(statement, _parameters(wish))
    return [
        DocumentEntry(**dict(zip(DocumentEntry.__struct_fields__, row, strict=True)))
        for row in rows
    ]


async def count_documents(session: AsyncSession, staff: StaffContext, wish: DocumentWish) -> int:
    """Count the documents, up to one more than :data:`COUNT_LIMIT`."""
    found = _found(select(literal(1)), session, staff, wish).limit(COUNT_LIMIT + 1)
    counted = await session.execute(
        select(func.count()).select_from(found.subquery()), _parameters(wish)
    )
    return int(counted.scalar_one())


def _found(
    statement: Select[Any], session: AsyncSession, staff: StaffContext, wish: DocumentWish
) -> Select[Any]:
    statement = statement.select_from(DocumentRow).where(manageable_documents(staff))
    if wish.kind:
        statement = statement.where(_columns.kind == wish.kind)
    if wish.contact_id:
        statement = statement.where(_columns.contact_id == wish.contact_id)
    search = parse_search(wish.q)
    if search is not None:
        dialect = session.get_bind().dialect.name
        statement = statement.where(search_everywhere(search, dialect))
    return statement


def _parameters(wish: DocumentWish) -> dict[str, str]:
    search = parse_search(wish.q)
    return search_parameters(search, None) if search is not None else {}
