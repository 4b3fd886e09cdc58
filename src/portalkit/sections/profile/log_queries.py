"""What happened to a contact's documents, and what somebody did with the own access."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Membership, Person
from portalkit.audit import Event
from portalkit.audit.words import EventGroup, names_of
from portalkit.context import PortalContext
from portalkit.documents.history import CONTACT_EVENTS
from portalkit.documents.models import DocumentRow
from portalkit.documents.visibility import restrictions_in, visible_documents

__all__ = ("LogRow", "LogWish", "list_log", "list_names")

PAGE: Final = 30


class LogWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        what: ``documents``, ``access`` or both.
        person_id: Only what this person did.
        before: Id of an event: only older ones.
    """

    what: str = ""
    person_id: str | None = None
    before: str | None = None


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; the document is one that the reader may see."""

    id: str
    name: str
    at: datetime
    actor_kind: str
    actor_name: str
    document_id: str | None
    kind: str | None
    number: str | None


async def list_log(
    session: AsyncSession, context: PortalContext, wish: LogWish
) -> tuple[list[LogRow], bool]:
    """Return what happened, newest first, and whether there is more.

    Of documents everybody of the contact knows what happened to those that they may see; what
    concerns access (sign-ins, passwords, devices) is told only of oneself.
    """
    seen = visible_documents(context, restrictions_in(session, context))
    statement = (
        select(
            Event.id,
            Event.name,
            Event.at,
            Event.actor_kind,
            Event.actor_name,
            DocumentRow.id.label("document_id"),
            DocumentRow.kind,
            DocumentRow.number,
        )
        .outerjoin(DocumentRow, and_(DocumentRow.id == Event.document_id, seen))
        .where(
            Event.contact_id == context.contact_id,
            Event.business_id == context.business_id,
            _known(context, wish.what),
        )
        .order_by(Event.id.desc())
        .limit(PAGE + 1)
    )
    if wish.person_id is not None:
        statement = statement.where(Event.actor_id == wish.person_id)
    if wish.before is not None:
        statement = statement.where(Event.id < wish.before)
    rows: Any = (await session.execute(statement)).mappings().all()
    return [LogRow(**row) for row in rows[:PAGE]], len(rows) > PAGE


def _known(context: PortalContext, what: str) -> ColumnElement[bool]:
    documents = and_(DocumentRow.id.is_not(None), Event.name.in_(CONTACT_EVENTS))
    return or_(
        documents if what in {"", "documents"} else false(),
        _own(context) if what in {"", "access"} else false(),
    )


def _own(context: PortalContext) -> ColumnElement[bool]:
    names = {*names_of(EventGroup.SIGN_IN), *names_of(EventGroup.ACCESS)}
    return and_(Event.actor_id == context.person_id, Event.name.in_(sorted(names)))


async def list_names(session: AsyncSession, context: PortalContext) -> Collection[tuple[str, str]]:
    """Return ids and names, by name, of those of the contact's people whom the log names.

    Who was let in and did nothing yet is not among them: their name is still theirs.
    """
    seen = visible_documents(context, restrictions_in(session, context))
    is_named = exists().where(
        Event.actor_id == Person.id,
        Event.contact_id == context.contact_id,
        Event.business_id == context.business_id,
        or_(
            and_(
                Event.name.in_(CONTACT_EVENTS),
                Event.document_id.in_(select(DocumentRow.id).where(seen)),
            ),
            _own(context),
        ),
    )
    rows = await session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.contact_id == context.contact_id,
            Membership.business_id == context.business_id,
            is_named,
        )
        .order_by(Person.name, Person.id)
    )
    return [(row[0], row[1]) for row in rows.all()]
