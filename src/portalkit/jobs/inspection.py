"""Looking at jobs, and taking them in hand where they have been given up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from portalkit.errors import NotFoundError
from portalkit.jobs.models import JobRow
from portalkit.jobs.store import DEAD, RUNNING, WAITING

__all__ = (
    "JobFigures",
    "JobView",
    "drop_job",
    "list_jobs",
    "measure_jobs",
    "retry_dead",
    "retry_job",
)


# As if it had just been left; its attempts go on, which tell a late worker from its successor.
_ANEW: Final[dict[str, Any]] = {
    "state": WAITING,
    "tries": 0,
    "failures": 0,
    "deaths": 0,
    "first_tried_at": None,
}


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is not done yet.

    Attributes:
        state: ``waiting``, ``running`` or ``dead``.
        due_at: When it is begun, or its lease ends; ``None`` if it was given up.
        tries: How often it was begun, since it was left or tried anew.
        error: Why the last try failed.
    """

    id: str
    name: str
    business_id: str | None
    state: str
    due_at: datetime | None
    tries: int
    error: str | None
    created_at: datetime


async def list_jobs(
    session: AsyncSession, *, state: str | None = None, limit: int = 100
) -> Sequence[JobView]:
    """Return jobs, oldest first."""
    columns = [JobRow.__table__.c[name] for name in JobView.__struct_fields__]
    statement = select(*columns).order_by(JobRow.id).limit(limit)
    if state is not None:
        statement = statement.where(JobRow.state == state)
    return [JobView(**row) for row in (await session.execute(statement)).mappings()]


class JobFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How the work in the background stands.

    Attributes:
        states: How many there are in each state.
        due_at: Since when the job waits that should have begun first; ``None`` if none is due.
    """

    states: Mapping[str, int]
    due_at: datetime | None


async def measure_jobs(session: AsyncSession, now: datetime) -> JobFigures:
    """Return how many jobs there are, and how far behind they are."""
    rows = await session.execute(select(JobRow.state, func.count()).group_by(JobRow.state))
    states = {state: int(count) for state, count in rows}
    due_at = await session.scalar(
        select(func.min(JobRow.due_at)).where(JobRow.state == WAITING, JobRow.due_at <= now)
    )
    return JobFigures(states=states, due_at=due_at)


async def retry_job(session: AsyncSession, job_id: str, now: datetime) -> str | None:
    """Let a job be begun now, whatever it waits for, and return its business.

    What was given up gets as many tries as at first.

    Raises:
        NotFoundError: If there is no such job, or it is being done.
    """
    return await _take(
        session,
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state.in_((WAITING, DEAD)))
        .values(**_ANEW, due_at=now)
        .returning(JobRow.id, JobRow.business_id),
        job_id,
    )


async def retry_dead(session: AsyncSession, now: datetime) -> int:
    """Let all jobs that were given up be begun now, and return how many there were."""
    found = await session.scalars(
        update(JobRow)
        .where(JobRow.state == DEAD)
        .values(**_ANEW, due_at=now)
        .returning(JobRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


async def drop_job(session: AsyncSession, job_id: str) -> str | None:
    """Remove a job that nobody is doing, and return its business.

    Raises:
        NotFoundError: If there is no such job, or it is being done.
    """
    return await _take(
        session,
        delete(JobRow)
        .where(JobRow.id == job_id, JobRow.state != RUNNING)
        .returning(JobRow.id, JobRow.business_id),
        job_id,
    )


async def _take(
    session: AsyncSession,
    statement: ReturningDelete[str, str | None] | ReturningUpdate[str, str | None],
    job_id: str,
) -> str | None:
    found = await session.execute(statement.execution_options(synchronize_session=False))
    row = found.one_or_none()
    if row is None:
        raise NotFoundError(f"no job {job_id} that nobody is doing")
    business_id: str | None = row.business_id
    return business_id
