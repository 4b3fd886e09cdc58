"""Writing events, from a request's session or on a host's own connection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NotRequired, Self, TypedDict, Unpack

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    String,
    column,
    func,
    insert,
    literal,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit.lines import tell_log
from portalkit.audit.models import Event
from portalkit.context import PortalContext, StaffContext
from portalkit.hooks.events import PortalEvent
from portalkit.model.ids import new_id

__all__ = (
    "Actor",
    "EventFields",
    "announce",
    "event_values",
    "name_of",
    "record",
    "record_on",
    "record_once",
)


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it.

    Attributes:
        kind: ``person``, ``staff``, ``share``, ``host`` or ``system``, or ``unknown`` for
            somebody who is not signed in.
    """

    kind: str
    id: str | None = None
    name: str = ""

    @classmethod
    def of(cls, context: PortalContext | StaffContext) -> Self:
        """Return whoever is signed in, or has come by a link."""
        if isinstance(context, StaffContext):
            return cls(kind="staff", id=context.staff_id, name=context.name)
        actor_id = context.person_id or context.link_id
        return cls(kind=context.kind.value, id=actor_id, name=context.name)


class EventFields(TypedDict):
    """What an event says; all that is no id.

    Attributes:
        name: What happened, for example ``person.signed_in``; at most 40 characters.
        once_key: Where a thing counts once: a later event with the same key is left out.
        data: Plain JSON; never a password, a token or a body (security R69).
    """

    business_id: str
    name: str
    actor: Actor
    at: datetime
    contact_id: NotRequired[str | None]
    document_id: NotRequired[str | None]
    once_key: NotRequired[str | None]
    data: NotRequired[Mapping[str, Any]]


def event_values(**event: Unpack[EventFields]) -> dict[str, Any]:
    """Return the columns of one event; its id sorts by time."""
    actor = event["actor"]
    return {
        "id": new_id(),
        "business_id": event["business_id"],
        "contact_id": event.get("contact_id"),
        "document_id": event.get("document_id"),
        "name": event["name"],
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name[:200],
        "once_key": event.get("once_key"),
        "data": dict(event.get("data", {})),
        "at": event["at"],
    }


def announce(session: AsyncSession, event: PortalEvent) -> None:
    """Tell the plugins, once the session's transaction is committed and only then."""
    session.info.setdefault("portalkit_events", []).append(event)


# Tables of the layer above, which are only looked at.
_CONTACT: Final = table("portalkit_contact", column("id"))
_PERSON: Final = table("portalkit_person", column("id"))
_MEMBER: Final = table("portalkit_membership", column("contact_id"), column("person_id"))
_LINK: Final = table("portalkit_link", column("contact_id"), column("id"))


def name_of(actor: Actor, contact_id: str | None) -> str | ColumnElement[str]:
    """Return what to write as the actor's name: nothing if they were erased meanwhile.

    The name of somebody who acts for a contact was read before this transaction waited for
    an erasure to end. So the statement that writes it looks whether they are still there,
    and on PostgreSQL holds them: first the contact, as an erasure does.
    """
    name = actor.name[:200]
    if not name or actor.id is None or actor.kind not in {"person", "share"}:
        return name
    there = select(literal(name, String))
    if contact_id is None:
        there = there.where(_PERSON.c.id == actor.id).with_for_update(
            read=True, key_share=True, of=_PERSON
        )
    else:
        by = _LINK if actor.kind == "share" else _MEMBER
        key = by.c.id if actor.kind == "share" else by.c.person_id
        there = there.where(
            _CONTACT.c.id == contact_id, by.c.contact_id == _CONTACT.c.id, key == actor.id
        ).with_for_update(read=True, key_share=True, of=[_CONTACT, by])
    return func.coalesce(there.scalar_subquery(), "")


def _statement(dialect: str, event: EventFields) -> tuple[Insert, dict[str, Any]]:
    values = event_values(**event)
    named = values | {"actor_name": name_of(event["actor"], values["contact_id"])}
    if values["once_key"] is None:
        return insert(Event).values(named), values
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(Event).values(named).on_conflict_do_nothing(index_elements=["once_key"])
    return statement, values


async def record(session: AsyncSession, **event: Unpack[EventFields]) -> str:
    """Add an event in the session's transaction and return its id; the log gets a line of it."""
    statement, values = _statement(session.get_bind().dialect.name, event)
    await session.execute(statement)
    tell_log(session, values)
    return str(values["id"])


async def record_once(session: AsyncSession, **event: Unpack[EventFields]) -> bool:
    """Like :func:`record`, and say whether the event was added: ``once_key`` may be there."""
    statement, values = _statement(session.get_bind().dialect.name, event)
    is_new = (await session.scalar(statement.returning(Event.id))) is not None
    if is_new:
        tell_log(session, values)
    return is_new


def record_on(connection: Connection, **event: Unpack[EventFields]) -> str:
    """Like :func:`record`, on a synchronous connection and without a line in the log."""
    statement, values = _statement(connection.dialect.name, event)
    connection.execute(statement)
    return str(values["id"])
