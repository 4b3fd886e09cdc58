"""What speaks of somebody outside of their own rows: jobs, mails, events, counts of tries."""

import re
from collections.abc import AsyncIterator, Collection
from typing import Any, Final, cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Row,
    Select,
    Update,
    and_,
    case,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.known import door_keys
from portalkit.access.models import Link, Throttle
from portalkit.audit import Event
from portalkit.jobs.models import JobRow
from portalkit.jobs.store import DEAD, RUNNING
from portalkit.mail.models import MailRow
from portalkit.privacy.mentions import silenced, speaks
from portalkit.privacy.subjects import Subject

__all__ = (
    "batches",
    "forget_in_events",
    "forget_in_jobs",
    "forget_mails",
    "forget_tries",
    "run",
)

_BATCH: Final = 500
_STAFF: Final = ("staff", "host", "system")


async def run(session: AsyncSession, statement: Delete | Update) -> int:
    """Execute a statement and return how many rows it met."""
    result = await session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


async def batches(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], key: Any
) -> AsyncIterator[list[Row[Any]]]:
    """Yield the rows of a statement in parts, by a key that is its first column."""
    last = ""
    while True:
        rows = (
            await session.execute(statement.where(key > last).order_by(key).limit(_BATCH))
        ).all()
        if not rows:
            return
        yield list(rows)
        last = rows[-1][0]


async def forget_in_jobs(session: AsyncSession, subject: Subject) -> None:
    """Take them out of what jobs are told; what was given up and tells of them goes.

    A try that has begun loses its lease: what it read may be written nowhere any more, and
    the next one reads anew.
    """
    statement = select(
        JobRow.id, JobRow.payload, JobRow.error, JobRow.dedup_key, JobRow.state
    ).where(or_(JobRow.business_id == subject.business_id, JobRow.business_id.is_(None)))
    pattern = subject.mentions()
    async for rows in batches(session, statement, JobRow.id):
        for row in rows:
            await _forget_in_job(session, subject, pattern, row)


async def _forget_in_job(
    session: AsyncSession, subject: Subject, pattern: re.Pattern[str] | None, row: Row[Any]
) -> None:
    payload = msgspec.json.decode(row.payload)
    is_told = speaks(payload, pattern)
    is_for_them = any(person in row.payload for person in subject.leaving)
    if not (is_told or is_for_them or speaks((row.error, row.dedup_key), pattern)):
        return
    values: dict[str, Any] = {
        "attempt": case((JobRow.state == RUNNING, JobRow.attempt + 1), else_=JobRow.attempt)
    }
    if is_told:
        values["payload"] = msgspec.json.encode(silenced(payload, pattern)).decode()
    values |= {name: None for name in ("error", "dedup_key") if speaks(getattr(row, name), pattern)}
    await run(session, delete(JobRow).where(JobRow.id == row.id, JobRow.state == DEAD))
    await run(session, update(JobRow).where(JobRow.id == row.id).values(values))


async def forget_mails(
    session: AsyncSession,
    business_id: str,
    emails: Collection[str],
    *,
    pattern: re.Pattern[str] | None,
) -> int:
    """Remove every mail to them, and every mail that speaks of them, whoever got it."""
    statement = select(
        MailRow.id,
        MailRow.to_email,
        MailRow.to_name,
        MailRow.reply_to,
        MailRow.subject,
        MailRow.own_words,
        MailRow.error,
        MailRow.unsubscribe_url,
        MailRow.variables,
    ).where(MailRow.business_id == business_id)
    count = 0
    async for rows in batches(session, statement, MailRow.id):
        gone = [row.id for row in rows if row.to_email in emails or speaks(tuple(row), pattern)]
        count += await run(session, delete(MailRow).where(MailRow.id.in_(gone)))
    return count


async def forget_in_events(session: AsyncSession, subject: Subject) -> int:
    """Take names, and words that tell who it was, out of the history; return of how many."""
    by_them: ColumnElement[bool] = Event.actor_id.in_(subject.leaving)
    if subject.person_id is None:
        here = and_(Event.contact_id == subject.contact_id, Event.actor_kind.not_in(_STAFF))
    else:
        here = and_(Event.contact_id == subject.contact_id, Event.actor_id == subject.person_id)
    own = Event.business_id == subject.business_id
    count = await run(
        session,
        update(Event).where(own, or_(by_them, here), Event.actor_name != "").values(actor_name=""),
    )
    await run(
        session,
        update(Link)
        .where(Link.business_id == subject.business_id, Link.actor_id.in_(subject.people))
        .where(or_(Link.actor_id.in_(subject.leaving), Link.contact_id == subject.contact_id))
        .values(actor_name=""),
    )
    pattern = subject.mentions()
    about = or_(by_them, Event.contact_id == subject.contact_id)
    statement = select(Event.id, Event.data).where(own, about)
    async for rows in batches(session, statement, Event.id):
        for row in rows:
            silent = silenced(row.data, pattern)
            if silent != row.data:
                count += 1
                await run(session, update(Event).where(Event.id == row.id).values(data=silent))
    return count


async def forget_tries(
    session: AsyncSession, business_id: str, emails: Collection[str], *, accounts: Collection[str]
) -> None:
    """Remove what counts tries of addresses and accounts, whatever the limit is called."""
    keys = set(accounts).union(*(door_keys(business_id, email) for email in emails))
    for key in sorted(keys):
        await run(session, delete(Throttle).where(Throttle.key.contains(key)))
