"""Which mails a person wants, and the links by which they say so without signing in.

A choice is kept by person and sort of mail, and is asked once, when a mail is about to leave.
The token of a link names business, person and sort of mail and is signed for this purpose
alone; it ends nothing but mails, so it neither expires nor is it used up.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import NotificationChoice, Person
from portalkit.access.tokens import read_signed, sign
from portalkit.audit import Actor, record
from portalkit.config import Secret

__all__ = (
    "CHANGED",
    "Subscriber",
    "find_subscriber",
    "list_choices",
    "read_unsubscribe_token",
    "set_choice",
    "unsubscribe_token",
)

CHANGED: Final = "access.notifications_changed"
"""Name of the event."""

_PURPOSE: Final = "unsubscribe"


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may get mails of a kind; ``is_on`` is what they chose, or that they did not."""

    business_id: str
    person_id: str
    name: str
    email: str
    kind: str
    is_on: bool


def unsubscribe_token(
    keys: Sequence[Secret], *, business_id: str, person_id: str, kind: str
) -> str:
    """Return the token of a link that stops mails of one kind for one person."""
    return sign(keys, _PURPOSE, person_id, f"{business_id}:{kind}")


def read_unsubscribe_token(
    keys: Sequence[Secret], token: str, *, business_id: str
) -> tuple[str, str] | None:
    """Return person and kind of a token; ``None`` if it is none, or another business's."""
    read = read_signed(keys, _PURPOSE, token)
    if read is None:
        return None
    owner, _, kind = read[1].partition(":")
    return (read[0], kind) if owner == business_id and kind else None


async def find_subscriber(
    session: AsyncSession,
    *,
    business_id: str,
    kind: str,
    email: str | None = None,
    person_id: str | None = None,
) -> Subscriber | None:
    """Return a person, known by address or id, and whether mails of a kind are wanted."""
    who = Person.id == person_id if email is None else Person.email == email
    row = (
        await session.execute(
            select(Person.id, Person.name, Person.email, NotificationChoice.is_on)
            .outerjoin(
                NotificationChoice,
                and_(NotificationChoice.person_id == Person.id, NotificationChoice.kind == kind),
            )
            .where(Person.business_id == business_id, who)
        )
    ).one_or_none()
    if row is None:
        return None
    return Subscriber(
        business_id=business_id,
        person_id=row[0],
        name=row[1],
        email=row[2],
        kind=kind,
        is_on=row[3] is not False,
    )


async def list_choices(session: AsyncSession, person_id: str) -> Mapping[str, bool]:
    """Return what a person chose, by kind; what is not in it is on."""
    rows = await session.execute(
        select(NotificationChoice.kind, NotificationChoice.is_on).where(
            NotificationChoice.person_id == person_id
        )
    )
    return {row[0]: row[1] for row in rows.all()}


async def set_choice(
    session: AsyncSession,
    subscriber: Subscriber,
    *,
    is_on: bool,
    now: datetime,
    contact_id: str | None = None,
) -> bool:
    """Keep whether a person wants mails of a kind, and say whether that is new."""
    if subscriber.is_on == is_on:
        return False
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    make: Any = postgresql.insert if is_postgresql else sqlite.insert
    await session.execute(
        make(NotificationChoice)
        .values(person_id=subscriber.person_id, kind=subscriber.kind, is_on=is_on)
        .on_conflict_do_update(index_elements=["person_id", "kind"], set_={"is_on": is_on})
    )
    await record(
        session,
        business_id=subscriber.business_id,
        contact_id=contact_id,
        name=CHANGED,
        actor=Actor(kind="person", id=subscriber.person_id, name=subscriber.name),
        at=now,
        data={"kind": subscriber.kind, "is_on": is_on},
    )
    return True
