"""The statements of the job table; the caller commits.

A job belongs to a worker by its lease, and every statement of that worker names the try it
took: one that was thought dead and comes back finds that its try is no longer the current one.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Connection,
    Delete,
    Update,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portalkit.jobs.models import JobRow, ScheduleRow

__all__ = (
    "DEAD",
    "RUNNING",
    "WAITING",
    "Claimed",
    "JobOrder",
    "LeaseLostError",
    "bury",
    "claim",
    "extend",
    "finish",
    "forget_dead",
    "give_back",
    "insert_order",
    "next_due",
    "take_tick",
)

WAITING: Final = "waiting"
RUNNING: Final = "running"
DEAD: Final = "dead"

_COUNTERS: Final = ("attempt", "tries", "failures", "deaths")
# Clocks of machines that work together may differ by so much, and by no more.
_SKEW: Final = timedelta(hours=1)
_MAX_ERROR: Final = 1_000
_columns = JobRow.__table__.c


class JobOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is left to be done.

    Attributes:
        payload: JSON.
        due_at: When it may be begun.
        dedup_key: As long as another with this key waits, this one is not added.
    """

    id: str
    name: str
    payload: str
    business_id: str | None
    due_at: datetime
    dedup_key: str | None
    created_at: datetime


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A try at a job, taken by this worker.

    Attributes:
        attempt: Tells this try from all others of the job.
        tries: Which try it is, from 1; from 1 again where somebody let it be tried anew.
        failures: How many of the tries before failed by the job's own fault.
        deaths: How many workers in a row died in the midst of it.
        is_retaken: Whether this try took over from the last of them.
    """

    id: str
    name: str
    payload: str
    business_id: str | None
    dedup_key: str | None
    attempt: int
    tries: int
    failures: int
    deaths: int
    is_retaken: bool
    first_tried_at: datetime


class LeaseLostError(Exception):
    """Another worker has taken the job over; what this one did must not be kept."""


def insert_order(connection: Connection, order: JobOrder) -> bool:
    """Add a job, and say whether it was added: another with its key may wait already.

    The one that waits then goes on waiting until this transaction ends. A worker that began
    it now would read what was there before, and nobody would do the work for what is written.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    make: Any = postgresql.insert if is_postgresql else sqlite.insert
    statement = make(JobRow).values(
        **msgspec.structs.asdict(order),
        **dict.fromkeys(_COUNTERS, 0),
        state=WAITING,
        is_retaken=False,
    )
    if order.dedup_key is None:
        connection.execute(statement)
        return True
    # Written out: PostgreSQL finds no index for a condition with a parameter in it.
    statement = statement.on_conflict_do_nothing(
        index_elements=["dedup_key"], index_where=text("state = 'waiting'")
    ).returning(JobRow.id)
    while connection.execute(statement).one_or_none() is None:
        if _hold_waiting(connection, order.dedup_key):
            return False
        # It was begun at this very moment, and no longer counts.
    return True


def _hold_waiting(connection: Connection, dedup_key: str) -> bool:
    """Keep the job that waits with a key from being begun; ``False`` if there is none."""
    # SQLite knows no such clause: whoever writes has the database to itself. Others may hold
    # it too, and only whoever takes a job is kept away.
    waits = (
        select(JobRow.id)
        .where(JobRow.dedup_key == dedup_key, JobRow.state == WAITING)
        .with_for_update(read=True)
    )
    return connection.execute(waits).one_or_none() is not None


async def next_due(session: AsyncSession, names: Collection[str]) -> datetime | None:
    """Return when the next of these jobs can be taken; the one statement of an idle queue."""
    due: datetime | None = await session.scalar(
        select(JobRow.due_at)
        .where(JobRow.due_at.is_not(None), JobRow.name.in_(names))
        .order_by(JobRow.due_at)
        .limit(1)
    )
    return due


async def claim(
    session: AsyncSession, names: Collection[str], *, now: datetime, until: datetime
) -> Claimed | None:
    """Take a due job, one that nobody else gets at the same moment.

    Args:
        session: A session that writes.
        names: Jobs that this worker can do.
        now: The current moment.
        until: End of the lease.
    """
    due = (
        select(JobRow.id)
        .where(JobRow.due_at <= now, JobRow.name.in_(names))
        .order_by(JobRow.due_at, JobRow.id)
        .limit(1)
        # SQLite knows no such clause: whoever writes has the database to itself.
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = (
        await session.execute(
            update(JobRow)
            .where(JobRow.id == due)
            .values(
                state=RUNNING,
                is_retaken=JobRow.state == RUNNING,
                deaths=JobRow.deaths + case((JobRow.state == RUNNING, 1), else_=0),
                attempt=JobRow.attempt + 1,
                tries=JobRow.tries + 1,
                first_tried_at=func.coalesce(JobRow.first_tried_at, now),
                due_at=until,
            )
            .returning(*(_columns[name] for name in Claimed.__struct_fields__))
            .execution_options(synchronize_session=False)
        )
    ).one_or_none()
    return None if row is None else Claimed(**row._asdict())


async def extend(session: AsyncSession, claimed: Claimed, until: datetime) -> None:
    """Give a sign of life.

    Raises:
        LeaseLostError: If another worker has taken the job over.
    """
    await _own(session, update(JobRow).values(due_at=until), claimed)


async def finish(session: AsyncSession, claimed: Claimed) -> None:
    """Write down that the job is done.

    Raises:
        LeaseLostError: If another worker has taken the job over.
    """
    await _own(session, delete(JobRow), claimed)


async def give_back(
    session: AsyncSession,
    claimed: Claimed,
    *,
    due_at: datetime,
    error: str | None,
    failures: int = 0,
    deaths: int = 0,
) -> None:
    """Let the job wait for its next try; where another with its key waits, that one does it.

    Args:
        session: A session that writes.
        claimed: The try that has ended.
        due_at: When the next one may begin.
        error: Why it ended, if there is a reason.
        failures: How many have failed by the job's own fault by now.
        deaths: How many workers in a row have died in the midst of it.

    Raises:
        LeaseLostError: If another worker has taken the job over.
    """
    if claimed.dedup_key is not None:
        other = aliased(JobRow)
        waits = exists().where(other.dedup_key == claimed.dedup_key, other.state == WAITING)
        if await session.scalar(select(waits)):
            await finish(session, claimed)
            return
    values: dict[str, Any] = {
        "state": WAITING,
        "due_at": due_at,
        "failures": failures,
        "deaths": deaths,
    }
    if error is not None:
        values["error"] = error[:_MAX_ERROR]
    await _own(session, update(JobRow).values(values), claimed)


async def bury(session: AsyncSession, claimed: Claimed, error: str) -> None:
    """Give the job up; it stays to be looked at, without holding its key.

    Raises:
        LeaseLostError: If another worker has taken the job over.
    """
    values = {"state": DEAD, "due_at": None, "dedup_key": None, "error": error[:_MAX_ERROR]}
    await _own(session, update(JobRow).values(values), claimed)


async def _own(session: AsyncSession, statement: Update | Delete, claimed: Claimed) -> None:
    mine = and_(JobRow.id == claimed.id, JobRow.attempt == claimed.attempt)
    found = await session.execute(
        statement.where(mine, JobRow.state == RUNNING)
        .returning(JobRow.id)
        .execution_options(synchronize_session=False)
    )
    if found.one_or_none() is None:
        raise LeaseLostError(f"{claimed.name} {claimed.id}, try {claimed.attempt}")


async def take_tick(session: AsyncSession, name: str, tick: datetime, now: datetime) -> bool:
    """Note that a moment of a schedule has come; exactly one of all workers is told so.

    The first moment of a schedule that is new here is noted, and nobody is told: what comes
    at three in the night is not made up for at noon, when it was installed. A moment that lies
    in the future was noted by a clock that was wrong, and counts for nothing.
    """
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    make: Any = postgresql.insert if is_postgresql else sqlite.insert
    known = await session.scalar(select(ScheduleRow.tick_at).where(ScheduleRow.name == name))
    if known is None:
        await session.execute(
            make(ScheduleRow).values(name=name, tick_at=tick).on_conflict_do_nothing()
        )
        return False
    has_come = or_(ScheduleRow.tick_at < tick, ScheduleRow.tick_at > now + _SKEW)
    taken = await session.execute(
        update(ScheduleRow)
        .where(ScheduleRow.name == name, has_come)
        .values(tick_at=tick)
        .returning(ScheduleRow.name)
        .execution_options(synchronize_session=False)
    )
    return taken.one_or_none() is not None


async def forget_dead(session: AsyncSession, before: datetime) -> None:
    """Remove jobs that were given up and were first tried before a moment."""
    await session.execute(
        delete(JobRow)
        .where(JobRow.state == DEAD, JobRow.first_tried_at < before)
        .execution_options(synchronize_session=False)
    )
