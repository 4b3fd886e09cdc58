"""How many documents a contact has in each state, and what is owed: one statement a request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext
from portalkit.documents.models import DocumentCount, DocumentRow
from portalkit.documents.statuses import DRAFT, is_open
from portalkit.documents.visibility import (
    PORTAL,
    Restrictions,
    is_plain,
    own_parameters,
    restrictions_in,
    visible_documents,
)
from portalkit.hooks.types import DocumentKind

__all__ = ("Age", "AgingSums", "Count", "aging_sums", "counts_in", "open_counts", "read_counts")

Age = Literal["overdue", "soon", "later"]
"""Of an open document: past its day, due within a week, or later."""

_SOON: Final = timedelta(days=7)
_COUNTS: Final = "portalkit_counts"


class Count(msgspec.Struct, frozen=True):
    """Documents of one kind, status, currency and age.

    Attributes:
        age: For open documents: past the due day, due within a week, or later (also those
            without a day and those that are not open).
    """

    kind: str
    status: str
    currency: str
    age: Age
    count: int
    total: int
    amount_due: int


class AgingSums(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed in one currency, in minor units: past due, within a week, later."""

    currency: str
    overdue: int
    soon: int
    later: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.overdue + self.soon + self.later


def _sums(
    due_on: ColumnElement[date], *sums: ColumnElement[int], source: Any
) -> Select[*tuple[Any, ...]]:
    """Sum up by kind, status and currency: in all, then what is past, then what is soon.

    Grouping by age as well would make the database sort what comes in order already.
    """
    group = (source.kind, source.status, source.currency)
    is_past = due_on < bindparam("today")
    is_soon = and_(due_on >= bindparam("today"), due_on <= bindparam("soon"))
    parts = [
        cast(func.coalesce(func.sum(part), 0), BigInteger)
        for condition in (None, is_past, is_soon)
        for each in sums
        for part in (each if condition is None else case((condition, each), else_=0),)
    ]
    return select(*group, *parts).group_by(*group)


@cache
def _kept() -> Select[*tuple[Any, ...]]:
    table = DocumentCount.__table__.c
    return _sums(table.due_on, table.count, table.total, table.amount_due, source=table).where(
        table.business_id == bindparam("business"),
        table.contact_id == bindparam("contact"),
        table.status != DRAFT,
        table.count > 0,
    )


def _live(
    context: PortalContext, restrictions: Restrictions, kinds: Mapping[str, DocumentKind]
) -> Select[*tuple[Any, ...]]:
    """Count the rows themselves, where a reader does not see all of the contact's documents."""
    columns = DocumentRow.__table__.c
    is_due = or_(
        *(
            and_(columns.kind == kind.name, columns.status == status.name)
            for kind in kinds.values()
            for status in kind.statuses
            if status.is_open
        )
    )
    due_on = case((is_due, columns.due_on), else_=null())
    return _sums(due_on, literal(1), columns.total, columns.amount_due, source=columns).where(
        visible_documents(context, restrictions)
    )


async def read_counts(
    session: AsyncSession,
    context: PortalContext,
    restrictions: Restrictions,
    kinds: Mapping[str, DocumentKind],
) -> tuple[Count, ...]:
    """Count a contact's documents in one statement, once a session.

    The kept sums are read where the contact sees all own documents; else the documents
    themselves are counted.
    """
    known = session.info.get(_COUNTS)
    if known is not None and known[0] is context:
        counts: tuple[Count, ...] = known[1]
        return counts
    parameters: dict[str, Any] = {"today": context.today, "soon": context.today + _SOON}
    if is_plain(context, restrictions):
        statement = _kept()
        parameters |= own_parameters(context)
    else:
        statement = _live(context, restrictions, kinds)
    rows = await session.execute(statement, parameters)
    counts = tuple(
        count for row in rows if row[0] not in restrictions.hidden for count in _by_age(row)
    )
    session.info[_COUNTS] = (context, counts)
    return counts


def _by_age(row: Sequence[Any]) -> Iterator[Count]:
    whole, past, soon = row[3:6], row[6:9], row[9:12]
    later = [all_ - one - other for all_, one, other in zip(whole, past, soon, strict=True)]
    ages: tuple[tuple[Age, Sequence[int]], ...] = (
        ("overdue", past),
        ("soon", soon),
        ("later", later),
    )
    for age, (count, total, amount_due) in ages:
        if count:
            yield Count(row[0], row[1], row[2], age, count, total, amount_due)


async def counts_in(session: AsyncSession, context: PortalContext) -> tuple[Count, ...]:
    """Do what :func:`read_counts` does, for whom there is only a request's session."""
    restrictions = restrictions_in(session, context)
    return await read_counts(session, context, restrictions, session.info[PORTAL].kinds)


async def open_counts(session: AsyncSession, context: PortalContext) -> Mapping[str, int]:
    """Return how many documents of each kind wait for somebody; expired ones do not.

    The badges of the navigation share the one statement with chips and aging.
    """
    kinds: Mapping[str, DocumentKind] = session.info[PORTAL].kinds
    waiting: dict[str, int] = {}
    for count in await counts_in(session, context):
        kind = kinds.get(count.kind)
        if kind is None or not is_open(kind, count.status):
            continue
        if kind.due_means == "validity" and count.age == "overdue":
            continue
        waiting[count.kind] = waiting.get(count.kind, 0) + count.count
    return waiting


def aging_sums(
    counts: Iterable[Count], kinds: Mapping[str, DocumentKind], *, main: str
) -> list[AgingSums]:
    """Add up what is owed by age, a currency each.

    Args:
        counts: What is open, and other counts, which are left out.
        kinds: Those of the portal, by name.
        main: The currency that comes first (decision 10); of the others, the one with the most.
    """
    sums: dict[str, dict[str, int]] = {}
    for count in counts:
        kind = kinds.get(count.kind)
        if kind is None or kind.due_means != "payment" or not is_open(kind, count.status):
            continue
        ages = sums.setdefault(count.currency, {"overdue": 0, "soon": 0, "later": 0})
        ages[count.age] += count.amount_due
    found = [
        AgingSums(currency=currency, **ages)
        for currency, ages in sums.items()
        if any(ages.values())
    ]
    return sorted(found, key=lambda each: (each.currency != main, -each.total))
