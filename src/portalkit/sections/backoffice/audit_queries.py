"""What the audit log reads: events of the business, newest first."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Contact
from portalkit.audit import Event
from portalkit.audit.words import EventGroup, names_of
from portalkit.context import StaffContext
from portalkit.documents.models import DocumentRow

__all__ = ("SEARCHED", "AuditEntry", "AuditWish", "find_search_end", "list_audit")

SEARCHED: Final = 50_000
"""Among how many events, the newest that are asked for otherwise, a name is looked for: a part
of a name has no index, and the log only grows."""

_MAX_QUERY: Final = 200


class AuditWish(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are asked for.

    Attributes:
        q: Part of the name of whoever did it, or of the contact that it is about.
        first: Not before this day, where the business is.
        last: Not after this day.
        before: Id of an event; only older ones.
        since: Id of an event; only this one and newer ones.
    """

    group: EventGroup | None = None
    q: str = ""
    contact_id: str | None = None
    first: date | None = None
    last: date | None = None
    before: str | None = None
    since: str | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An event, with the contact and the document that it is about."""

    id: str
    name: str
    at: datetime
    actor_kind: str
    actor_name: str
    data: dict[str, Any]
    contact_id: str | None
    contact_name: str | None
    document_id: str | None
    document_kind: str | None
    document_number: str | None


async def find_search_end(
    session: AsyncSession, staff: StaffContext, wish: AuditWish
) -> str | None:
    """Return the last event among which a name is looked for; ``None`` if all of them are."""
    if not wish.q:
        return None
    everybodys = msgspec.structs.replace(wish, q="")
    statement = (
        select(Event.id)
        .where(Event.business_id == staff.business_id, *_conditions(staff, everybodys))
        .order_by(Event.id.desc())
        .offset(SEARCHED - 1)
        .limit(1)
    )
    found: str | None = await session.scalar(statement)
    return found


async def list_audit(
    session: AsyncSession, staff: StaffContext, wish: AuditWish, *, limit: int
) -> list[AuditEntry]:
    """Return the newest events of the business that are asked for, in one statement."""
    statement = (
        select(
            Event.id,
            Event.name,
            Event.at,
            Event.actor_kind,
            Event.actor_name,
            Event.data,
            Event.contact_id,
            Contact.name.label("contact_name"),
            Event.document_id,
            DocumentRow.kind.label("document_kind"),
            DocumentRow.number.label("document_number"),
        )
        .outerjoin(Contact, Contact.id == Event.contact_id)
        .outerjoin(DocumentRow, DocumentRow.id == Event.document_id)
        .where(Event.business_id == staff.business_id, *_conditions(staff, wish))
        .order_by(Event.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(statement)).mappings().all()
    return [AuditEntry(**row) for row in rows]


def _conditions(staff: StaffContext, wish: AuditWish) -> list[Any]:
    zone = ZoneInfo(staff.zone)
    conditions: list[Any] = []
    if wish.group is not None:
        conditions.append(Event.name.in_(sorted(names_of(wish.group))))
    if wish.contact_id is not None:
        conditions.append(Event.contact_id == wish.contact_id)
    if q := wish.q[:_MAX_QUERY]:
        conditions.append(
            or_(
                Event.actor_name.icontains(q, autoescape=True),
                Contact.name.icontains(q, autoescape=True),
            )
        )
    if wish.first is not None:
        conditions.append(Event.at >= datetime.combine(wish.first, time(), zone))
    if wish.last is not None:
        after = wish.last + timedelta(days=1)
        conditions.append(Event.at < datetime.combine(after, time(), zone))
    if wish.before is not None:
        conditions.append(Event.id < wish.before)
    if wish.since is not None:
        conditions.append(Event.id >= wish.since)
    return conditions
