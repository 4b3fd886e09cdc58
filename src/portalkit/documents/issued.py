"""Documents of a business that may leave its portal, one page after the other."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.documents.listing import HEADER_COLUMNS
from portalkit.documents.models import DocumentRow
from portalkit.documents.queries import read_header
from portalkit.documents.visibility import issued_documents
from portalkit.model import DocumentHeader

__all__ = ("IssuedChoice", "Place", "count_issued", "list_issued", "place_of")

Place = tuple[date, str]
"""Where a document stands among the others: its printed day, then its id."""

_columns: Final = DocumentRow.__table__.c


class IssuedChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents of a business; drafts never leave.

    Attributes:
        kinds: Names of kinds.
        contact_id: Those of one contact only.
        number: Those with this number.
        since: Those printed on this day or later.
        until: Those printed on this day or earlier.
        updated_since: Those that were changed at this moment or later.
    """

    kinds: Collection[str]
    contact_id: str | None = None
    number: str | None = None
    since: date | None = None
    until: date | None = None
    updated_since: datetime | None = None


def place_of(header: DocumentHeader) -> Place:
    """Return where a document stands among the others."""
    return header.issued_on, header.id


async def list_issued(
    session: AsyncSession,
    business_id: str,
    choice: IssuedChoice,
    *,
    limit: int,
    after: Place | None = None,
) -> Sequence[DocumentHeader]:
    """Return some of the documents, the oldest printed day first.

    What is there when the first page is read is on exactly one of the pages, whatever is
    published meanwhile.

    Args:
        session: To read with.
        business_id: Whose documents.
        choice: Which of them.
        limit: How many at most.
        after: Where the page before ended.
    """
    statement = select(*HEADER_COLUMNS).where(*_conditions(business_id, choice))
    if after is not None:
        day, document_id = after
        statement = statement.where(
            _columns.issued_on >= day,
            (_columns.issued_on > day) | (_columns.id > document_id),
        )
    ordered = statement.order_by(_columns.issued_on, _columns.id).limit(limit)
    return [read_header(row) for row in await session.execute(ordered)]


async def count_issued(session: AsyncSession, business_id: str, choice: IssuedChoice) -> int:
    """Count the documents of a choice."""
    statement = select(func.count()).select_from(DocumentRow)
    counted = await session.execute(statement.where(*_conditions(business_id, choice)))
    return int(counted.scalar_one())


def _conditions(business_id: str, choice: IssuedChoice) -> Collection[ColumnElement[bool]]:
    wanted = (
        (_columns.contact_id.__eq__, choice.contact_id),
        (_columns.number.__eq__, choice.number),
        (_columns.issued_on.__ge__, choice.since),
        (_columns.issued_on.__le__, choice.until),
        (_columns.updated_at.__ge__, choice.updated_since),
    )
    return [
        issued_documents(business_id),
        _columns.kind.in_(sorted(choice.kinds)),
        *(compare(value) for compare, value in wanted if value is not None),
    ]
