"""What the home page reads of documents, in one statement: what waits, and what came last."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    bindparam,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext
from portalkit.documents.models import DocumentRow
from portalkit.documents.statuses import is_open
from portalkit.documents.visibility import (
    OWN_DOCUMENTS,
    is_plain,
    own_parameters,
    restrictions_in,
    visible_documents,
)
from portalkit.hooks import DocumentKind

__all__ = ("HomeDocument", "HomeDocuments", "read_home")

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


class HomeDocuments(msgspec.Struct, frozen=True, kw_only=True):
    """What a contact sees of documents on the home page.

    Attributes:
        waiting: To be paid or answered first, at most three of each kind.
        latest: Issued last, newest first, at most five.
    """

    waiting: Sequence[HomeDocument]
    latest: Sequence[HomeDocument]


class _Waiting(msgspec.Struct, frozen=True):
    """Which documents of a kind wait; those that expire do so until their day."""

    kind: str
    listing: str
    statuses: tuple[str, ...]
    expires: bool


_row = DocumentRow.__table__.c
_COLUMNS: Final = [_row[name] for name in HomeDocument.__struct_fields__]


async def read_home(
    session: AsyncSession, context: PortalContext, kinds: Mapping[str, DocumentKind]
) -> HomeDocuments:
    """Read what the home page shows of documents, in one statement.

    Args:
        session: Of the request.
        context: Who looks.
        kinds: Those of plugins that are switched on for them, by name.
    """
    if not kinds:
        return HomeDocuments(waiting=(), latest=())
    shape = (_waiting(kinds.values()), _listings(kinds.values()))
    restrictions = restrictions_in(session, context)
    parameters: dict[str, Any] = {"today": context.today}
    if is_plain(context, restrictions, kinds):
        statement = _own_statement(*shape)
        parameters |= own_parameters(context)
    else:
        statement = _statement(*shape, visible_documents(context, restrictions))
    waiting: list[HomeDocument] = []
    latest: list[HomeDocument] = []
    for waits, *values in await session.execute(statement, parameters):
        document = HomeDocument(**dict(zip(HomeDocument.__struct_fields__, values, strict=True)))
        (waiting if waits else latest).append(document)
    latest.sort(key=lambda each: (each.issued_on, each.id), reverse=True)
    return HomeDocuments(waiting=waiting, latest=latest[:_LATEST])


def _waiting(kinds: Iterable[DocumentKind]) -> tuple[_Waiting, ...]:
    return tuple(
        _Waiting(
            kind=kind.name,
            listing=kind.listed_with or kind.name,
            statuses=statuses,
            expires=kind.due_means == "validity",
        )
        for kind in kinds
        if kind.due_means != "none" and not kind.is_credit and (statuses := _open_statuses(kind))
    )


def _open_statuses(kind: DocumentKind) -> tuple[str, ...]:
    names = (each.name for each in kind.statuses if not each.derived_from)
    return tuple(sorted(name for name in names if is_open(kind, name)))


def _listings(kinds: Iterable[DocumentKind]) -> tuple[str, ...]:
    return tuple(sorted({kind.listed_with or kind.name for kind in kinds}))


def _statement(
    waiting: Iterable[_Waiting], listings: Iterable[str], seen: ColumnElement[bool]
) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the statement: whether a document waits, then the columns of ``HomeDocument``.

    One index scan for each part; sorting everything a contact has would grow with it.
    """
    parts = [
        _part(True, seen, each.listing, _row.kind == each.kind, _is_open(each))
        .order_by(_row.status_key, _row.id)
        .limit(_WAITING_OF_A_KIND)
        for each in waiting
    ]
    parts += [
        _part(False, seen, listing)
        .order_by(_row.issued_on.desc(), _row.number_key.desc(), _row.id.desc())
        .limit(_LATEST)
        for listing in listings
    ]
    return union_all(*(select(part.subquery()) for part in parts))


@lru_cache(256)
def _own_statement(
    waiting: tuple[_Waiting, ...], listings: tuple[str, ...]
) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the statement for a contact that sees all own documents, built once."""
    return _statement(waiting, listings, OWN_DOCUMENTS)


def _part(
    waits: bool, seen: ColumnElement[bool], listing: str, *conditions: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    columns = (literal(int(waits)).label("waits"), *_COLUMNS)
    return select(*columns).where(seen, _row.listing == listing, *conditions)


def _is_open(waiting: _Waiting) -> ColumnElement[bool]:
    # Plain values would be put into the statement anew at every execution.
    is_open = _row.status.in_([literal(status) for status in waiting.statuses])
    if not waiting.expires:
        return is_open
    return is_open & or_(_row.due_on >= bindparam("today", type_=Date), _row.due_on.is_(None))
