"""Forgetting somebody: one transaction, and what the law wants kept stays.

Documents, payments and the fact that something happened stay; who somebody was does not.
This is the one place that changes events (security R71): names and words that tell who it was
are taken out of them, what happened and when is left.
"""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import (
    Contact,
    ContactIdentifier,
    Link,
    Membership,
    Person,
    PluginSwitch,
    SessionRow,
)
from portalkit.audit import Actor, Event, record
from portalkit.db.log import empty_log_after
from portalkit.documents.keys import fold
from portalkit.hooks import Hooks
from portalkit.privacy.subjects import Subject, nameless
from portalkit.privacy.traces import (
    forget_in_events,
    forget_in_jobs,
    forget_mails,
    forget_tries,
    run,
)

__all__ = ("Erasure", "erase_personal_data", "find_erasure")

_ERASED: Final = "contact.erased"


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
    # First of all: a job that is at its end is waited for, and may write one more mail.
    await forget_in_jobs(session, subject)
    mails = await forget_mails(
        session, subject.business_id, subject.emails, pattern=subject.mentions()
    )
    events = await forget_in_events(session, subject)
    await forget_tries(session, subject.business_id, subject.emails, accounts=subject.leaving)
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
    empty_log_after(session)
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


async def _forget_people(session: AsyncSession, subject: Subject) -> None:
    """Remove people; sessions, keys, codes, links and choices go with them."""
    people, contact = subject.people, subject.contact_id
    for model in (SessionRow, Link):
        theirs = and_(model.contact_id == contact, model.person_id.in_(people))
        await run(session, delete(model).where(theirs))
    # What they shared is open to nobody any more.
    shared = and_(Link.contact_id == contact, Link.actor_id.in_(people))
    await run(session, delete(Link).where(shared))
    await run(
        session,
        delete(Membership).where(
            Membership.contact_id == contact, Membership.person_id.in_(people)
        ),
    )
    await run(
        session,
        delete(Person).where(
            Person.business_id == subject.business_id, Person.id.in_(subject.leaving)
        ),
    )


async def _forget_contact(session: AsyncSession, subject: Subject) -> None:
    """Leave of a contact what its documents need: a row without anything that tells who."""
    contact = subject.contact_id
    for model in (SessionRow, Link, ContactIdentifier, PluginSwitch):
        await run(session, delete(model).where(model.contact_id == contact))
    name = nameless(contact)
    await run(
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
