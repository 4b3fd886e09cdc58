"""Forgetting somebody: one transaction, and what the law wants kept stays.

Documents, payments and the fact that something happened stay; who somebody was does not.
This is the one place that changes events (security R71): names and words that tell who it was
are taken out of them, what happened and when is left.
"""

import json
import re
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Select,
    Update,
    and_,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import (
    Contact,
    ContactIdentifier,
    Link,
    Membership,
    Person,
    PluginSwitch,
    SessionRow,
    Throttle,
)
from portalkit.access.throttle import account_key
from portalkit.audit import Actor, Event, record
from portalkit.documents.keys import fold
from portalkit.hooks import Hooks
from portalkit.mail.models import MailRow
from portalkit.privacy.subjects import Subject

__all__ = ("Erasure", "erase_personal_data", "find_erasure")

_BATCH: Final = 500
_ERASED: Final = "contact.erased"
_STAFF: Final = ("staff", "host", "system")


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What was forgotten.

    Attributes:
        people: How many people can no longer be told from anybody else.
        mails: How many mails are gone.
        events: From how many events names or words were taken.
    """

    people: int
    mails: int
    events: int


async def erase_personal_data(
    session: AsyncSession, hooks: Hooks, subject: Subject, *, actor: Actor, now: datetime
) -> Erasure:
    """Forget somebody in the session's transaction, plugins included.

    Somebody who also acts for other contacts stays a person there.

    Args:
        session: A session that writes; undo it if this fails.
        hooks: The plugins'.
        subject: Who, read in the same transaction.
        actor: Who does it, for the history.
        now: The current moment.

    Raises:
        ConfigError: In safe mode.
        GuardFailedError: If a plugin failed.
    """
    await hooks.erase_personal_data(session, subject.contact_id, subject.person_id)
    mails = await _forget_mails(session, subject)
    events = await _forget_in_events(session, subject)
    await _forget_tries(session, subject)
    await _forget_people(session, subject)
    if subject.person_id is None:
        await _forget_contact(session, subject)
    await record(
        session,
        business_id=subject.business_id,
        contact_id=subject.contact_id,
        name=_ERASED if subject.person_id is None else "person.erased",
        actor=actor,
        at=now,
        data={"people": len(subject.leaving)},
    )
    return Erasure(people=len(subject.leaving), mails=mails, events=events)


async def find_erasure(
    session: AsyncSession, *, business_id: str, contact_id: str
) -> datetime | None:
    """Return when a contact of the business was erased last, if it was."""
    found: datetime | None = await session.scalar(
        select(Event.at)
        .where(
            Event.business_id == business_id,
            Event.contact_id == contact_id,
            Event.name == _ERASED,
        )
        .order_by(Event.id.desc())
        .limit(1)
    )
    return found


async def _run(session: AsyncSession, statement: Delete | Update) -> int:
    result = await session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


async def _batches(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], key: Any
) -> AsyncIterator[list[Any]]:
    last = ""
    while True:
        rows = (
            await session.execute(statement.where(key > last).order_by(key).limit(_BATCH))
        ).all()
        if not rows:
            return
        yield list(rows)
        last = rows[-1][0]


async def _forget_mails(session: AsyncSession, subject: Subject) -> int:
    """Remove every mail to them, and every mail that speaks of them, whoever got it."""
    pattern = subject.mentions()
    statement = select(
        MailRow.id,
        MailRow.to_email,
        MailRow.to_name,
        MailRow.reply_to,
        MailRow.subject,
        MailRow.own_words,
        MailRow.error,
        MailRow.variables,
    ).where(MailRow.business_id == subject.business_id)
    count = 0
    async for rows in _batches(session, statement, MailRow.id):
        gone = [
            row.id
            for row in rows
            if row.to_email in subject.emails or _speaks(pattern, _text(row[1:]))
        ]
        count += await _run(session, delete(MailRow).where(MailRow.id.in_(gone)))
    return count


def _text(values: Collection[Any]) -> str:
    texts = (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for value in values
        if value is not None
    )
    return "\n".join(texts)


def _speaks(pattern: re.Pattern[str] | None, text: str) -> bool:
    return pattern is not None and pattern.search(text) is not None


async def _forget_in_events(session: AsyncSession, subject: Subject) -> int:
    by_them: ColumnElement[bool] = Event.actor_id.in_(subject.leaving)
    if subject.person_id is None:
        here = and_(Event.contact_id == subject.contact_id, Event.actor_kind.not_in(_STAFF))
    else:
        here = and_(Event.contact_id == subject.contact_id, Event.actor_id == subject.person_id)
    own = Event.business_id == subject.business_id
    count = await _run(
        session,
        update(Event).where(own, or_(by_them, here), Event.actor_name != "").values(actor_name=""),
    )
    await _run(
        session,
        update(Link)
        .where(Link.business_id == subject.business_id, Link.actor_id.in_(subject.people))
        .where(or_(Link.actor_id.in_(subject.leaving), Link.contact_id == subject.contact_id))
        .values(actor_name=""),
    )
    pattern = subject.mentions()
    about = or_(by_them, Event.contact_id == subject.contact_id)
    statement = select(Event.id, Event.data).where(own, about)
    async for rows in _batches(session, statement, Event.id):
        for event_id, data in rows:
            silent = _silenced(data, pattern)
            if silent != data:
                count += 1
                await _run(session, update(Event).where(Event.id == event_id).values(data=silent))
    return count


def _silenced(value: Any, pattern: re.Pattern[str] | None) -> Any:
    """Return a value without the texts that speak of somebody."""
    match value:
        case str():
            return "" if _speaks(pattern, value) else value
        case list():
            return [_silenced(each, pattern) for each in value]
        case dict():
            return {name: _silenced(each, pattern) for name, each in value.items()}
        case _:
            return value


async def _forget_tries(session: AsyncSession, subject: Subject) -> None:
    """Remove what counts tries of their addresses, whatever the limit is called."""
    for email in subject.emails:
        key = account_key(subject.business_id, email)
        await _run(session, delete(Throttle).where(Throttle.key.contains(key)))


async def _forget_people(session: AsyncSession, subject: Subject) -> None:
    """Remove people; sessions, keys, codes, links and choices go with them."""
    people, contact = subject.people, subject.contact_id
    for model in (SessionRow, Link):
        theirs = and_(model.contact_id == contact, model.person_id.in_(people))
        await _run(session, delete(model).where(theirs))
    # What they shared is open to nobody any more.
    shared = and_(Link.contact_id == contact, Link.actor_id.in_(people))
    await _run(session, delete(Link).where(shared))
    await _run(
        session,
        delete(Membership).where(
            Membership.contact_id == contact, Membership.person_id.in_(people)
        ),
    )
    await _run(
        session,
        delete(Person).where(
            Person.business_id == subject.business_id, Person.id.in_(subject.leaving)
        ),
    )


async def _forget_contact(session: AsyncSession, subject: Subject) -> None:
    """Leave of a contact what its documents need: a row without anything that tells who."""
    contact = subject.contact_id
    for model in (SessionRow, Link, ContactIdentifier, PluginSwitch):
        await _run(session, delete(model).where(model.contact_id == contact))
    name = f"#{contact[-6:]}"
    await _run(
        session,
        update(Contact)
        .where(Contact.id == contact)
        .values(
            name=name,
            name_key=fold(name),
            external_id=None,
            email=None,
            tax_id=None,
            locale=None,
            is_enabled=False,
        ),
    )
