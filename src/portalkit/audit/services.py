"""Writing events, from a request's session or on a host's own connection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, Self, TypedDict, Unpack

import msgspec
from sqlalchemy import Connection, Insert, insert
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


def _statement(dialect: str, values: Mapping[str, Any]) -> Insert:
    if values["once_key"] is None:
        return insert(Event).values(values)
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return make(Event).values(values).on_conflict_do_nothing(index_elements=["once_key"])


async def record(session: AsyncSession, **event: Unpack[EventFields]) -> str:
    """Add an event in the session's transaction and return its id; the log gets a line of it."""
    values = event_values(**event)
    dialect = session.get_bind().dialect.name
    await session.execute(_statement(dialect, values))
    tell_log(session, values)
    return str(values["id"])


async def record_once(session: AsyncSession, **event: Unpack[EventFields]) -> bool:
    """Like :func:`record`, and say whether the event was added: ``once_key`` may be there."""
    values = event_values(**event)
    statement = _statement(session.get_bind().dialect.name, values)
    is_new = (await session.scalar(statement.returning(Event.id))) is not None
    if is_new:
        tell_log(session, values)
    return is_new


def record_on(connection: Connection, **event: Unpack[EventFields]) -> str:
    """Like :func:`record`, on a synchronous connection and without a line in the log."""
    values = event_values(**event)
    connection.execute(_statement(connection.dialect.name, values))
    return str(values["id"])
