"""Orders that wait until an overdue invoice is paid."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext
from portalkit.documents.models import DocumentRow
from portalkit.documents.statuses import is_open
from portalkit.documents.visibility import (
    OWN_DOCUMENTS,
    PORTAL,
    own_parameters,
    restrictions_in,
)
from portalkit.hooks import DocumentKind

__all__ = ("Hold", "find_hold", "known_hold")

_KNOWN: Final = "purchases_hold"

_columns = DocumentRow.__table__.c


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """The invoice that has been overdue longest.

    Attributes:
        days: How long it is overdue.
        is_shown: Whether the contact may see it.
    """

    document_id: str
    kind: str
    number: str
    days: int
    is_shown: bool


async def find_hold(session: AsyncSession, context: PortalContext, days: int) -> Hold | None:
    """Return why a contact cannot order, in one statement; ``None`` if nothing stands against it.

    What was found stays known to the session, see :func:`known_hold`.

    Args:
        session: Of the request.
        context: Who looks.
        days: An invoice may be overdue for so many days.
    """
    shape = _payable(session.info[PORTAL].kinds)
    if not shape:
        return None
    parameters = {"last": context.today - timedelta(days=days + 1), **own_parameters(context)}
    conditions = restrictions_in(session, context).conditions
    seen = [and_(true(), *conditions.get(kind, ())) for kind, _, _ in shape]
    statement = _statement(shape, seen) if conditions else _own_statement(shape)
    row = (await session.execute(statement, parameters)).one_or_none()
    hold = None if row is None else _hold(row, context.today)
    session.info[_KNOWN] = (context.contact_id, hold)
    return hold


def _hold(row: Row[*tuple[Any, ...]], today: date) -> Hold:
    return Hold(
        document_id=row.id,
        kind=row.kind,
        number=row.number,
        days=(today - row.due_on).days,
        is_shown=bool(row.is_shown),
    )


def known_hold(session: AsyncSession, context: PortalContext) -> Hold | None:
    """Return what :func:`find_hold` found in this session, without asking the database."""
    contact_id, hold = session.info.get(_KNOWN, ("", None))
    return hold if contact_id == context.contact_id else None


_Shape = tuple[tuple[str, str, tuple[str, ...]], ...]


def _payable(kinds: Mapping[str, DocumentKind]) -> _Shape:
    """Return the kinds that are to be paid, each with its list and the statuses that wait."""
    return tuple(
        (
            kind.name,
            kind.listed_with or kind.name,
            tuple(each.name for each in kind.statuses if is_open(kind, each.name)),
        )
        for kind in kinds.values()
        if kind.due_means == "payment" and not kind.is_credit
    )


def _statement(shape: _Shape, seen: Iterable[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Return the statement that finds the invoice; ``seen`` says which the contact may see."""
    waiting, shown = [], []
    for (kind, listing, statuses), is_seen in zip(shape, seen, strict=True):
        # Plain values would be put into the statement anew at every execution.
        is_open_ = _columns.status.in_([literal(status) for status in statuses])
        waiting.append(and_(_columns.listing == listing, _columns.kind == kind, is_open_))
        shown.append(and_(_columns.kind == kind, is_seen))
    return (
        select(
            _columns.id,
            _columns.kind,
            _columns.number,
            _columns.due_on,
            or_(*shown).label("is_shown"),
        )
        .where(
            OWN_DOCUMENTS,
            or_(*waiting),
            _columns.due_on <= bindparam("last"),
            _columns.amount_due > 0,
        )
        .order_by(_columns.due_on, _columns.id)
        .limit(1)
    )


@lru_cache(64)
def _own_statement(shape: _Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement for a contact that sees all own documents, built once."""
    return _statement(shape, [true()] * len(shape))
