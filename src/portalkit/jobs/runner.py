"""Doing one job: with its limit, its signs of life, and what becomes of it afterwards."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import msgspec
from sqlalchemy.exc import IntegrityError

from portalkit.config import JobsConfig
from portalkit.errors import JobRetryError
from portalkit.hooks import Job, JobContext
from portalkit.jobs.portal import JobPortal
from portalkit.jobs.store import (
    Claimed,
    LeaseLostError,
    bury,
    extend,
    finish,
    give_back,
)
from portalkit.log import described, log_event, origin

__all__ = ("back_off", "run_claimed")

_log = logging.getLogger("portalkit.jobs")

# Signs of life for each lease: one may come late, and one more.
_BEATS: Final = 3
# A worker that dies in the midst of a job may have been killed by it. Once is an accident.
_ACCIDENTS: Final = 1
_JITTER: Final = 0.25


def back_off(failures: int, jobs: JobsConfig) -> timedelta:
    """Return how long to wait after so many failed tries: doubling, and up to a quarter longer.

    The jitter keeps what failed together from coming back together.
    """
    doubled = jobs.first_retry_seconds * 2.0 ** min(failures - 1, 40)
    seconds = min(doubled, jobs.longest_retry_seconds)
    return timedelta(seconds=seconds * (1 + _JITTER * random.random()))  # noqa: S311


async def run_claimed(portal: JobPortal, claimed: Claimed) -> timedelta | None:
    """Do a job that was taken, and write down what became of it.

    Returns:
        How long jobs of the same name should be left alone; ``None`` if they need not.
    """
    with origin(
        lambda: {"job": claimed.name, "job_id": claimed.id, "business": claimed.business_id}
    ):
        return await _run(portal, claimed)


async def _run(portal: JobPortal, claimed: Claimed) -> timedelta | None:
    job = portal.jobs[claimed.name]
    try:
        if claimed.is_retaken and claimed.deaths > _ACCIDENTS:
            error = "the worker died in the midst of it"
            await _failed(portal, job, claimed, error, deaths=claimed.deaths)
        else:
            return await _try(portal, job, claimed)
    except LeaseLostError as error:
        _log.warning("job %s was taken over by another worker", error)
    return None


async def _try(portal: JobPortal, job: Job, claimed: Claimed) -> timedelta | None:
    try:
        async with _signs_of_life(portal, claimed):
            await _do(portal, job, claimed)
    except LeaseLostError:
        raise
    except JobRetryError as error:
        log_event(_log, logging.INFO, "job.put_off", attempt=claimed.tries)
        await _failed(portal, job, claimed, str(error), after=error.after, is_own=not error.pauses)
        return timedelta(seconds=error.after or 0) if error.pauses else None
    except asyncio.CancelledError:
        # The process stops: somebody else may begin at once.
        await asyncio.shield(_release(portal, claimed))
        raise
    except Exception as error:  # noqa: BLE001  # boundary: whatever a job raises
        log_event(_log, logging.ERROR, "job.failed", error=error, attempt=claimed.tries)
        await _failed(portal, job, claimed, described(error))
    return None


async def _do(portal: JobPortal, job: Job, claimed: Claimed) -> None:
    payload = _payload(job, claimed)
    async with portal.writing() as session:
        context = JobContext(
            portal=portal,
            session=session,
            now=portal.now(),
            business_id=claimed.business_id,
            attempt=claimed.tries,
            is_anew=claimed.attempt > claimed.tries,
        )
        try:
            async with asyncio.timeout(job.timeout) as limit:
                await job.run(context, payload)
        except TimeoutError as error:
            if limit.expired():
                raise TimeoutError(f"it took longer than {job.timeout:g} s") from error
            raise
        await finish(session, claimed)
        await session.commit()
    portal.schedule_events(session)


@contextlib.asynccontextmanager
async def _signs_of_life(portal: JobPortal, claimed: Claimed) -> AsyncIterator[None]:
    """Extend the lease for as long as the block lasts; cut it off if the lease is lost."""
    runner = asyncio.current_task()
    lost: list[LeaseLostError] = []

    async def beat() -> None:
        try:
            await _beat(portal, claimed)
        except LeaseLostError as error:
            lost.append(error)
            if runner is not None:
                runner.cancel()

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost and runner is not None:
            runner.uncancel()
            raise lost[0] from None
        raise
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _beat(portal: JobPortal, claimed: Claimed) -> None:
    lease = timedelta(seconds=portal.config.jobs.lease_seconds)
    while True:
        await asyncio.sleep(lease.total_seconds() / _BEATS)
        try:
            async with portal.writing() as session:
                await extend(session, claimed, portal.now() + lease)
                await session.commit()
        except LeaseLostError:
            raise
        except Exception:  # noqa: BLE001  # busy or away: the next beat may get through
            _log.warning("job %s could not give a sign of life", claimed.name, exc_info=True)


async def _failed(
    portal: JobPortal,
    job: Job,
    claimed: Claimed,
    error: str,
    *,
    after: float | None = None,
    is_own: bool = True,
    deaths: int = 0,
) -> None:
    """Let a job wait for its next try, or give it up.

    Args:
        portal: Whose job it is.
        job: What was tried.
        claimed: The try.
        error: Why it failed.
        after: Seconds until the next try, instead of ever more of them.
        is_own: Whether it failed by its own fault, and not by what all of its name need.
        deaths: How many workers in a row have died in the midst of it.
    """
    now = portal.now()
    is_over = now - claimed.first_tried_at >= job.retry_for
    if is_over and claimed.tries >= job.attempts:
        await _give_up(portal, job, claimed, error)
        return
    failures = claimed.failures + is_own
    again = back_off(failures, portal.config.jobs) if after is None else _spread(after)
    await _give_back(
        portal, claimed, due_at=now + again, error=error, failures=failures, deaths=deaths
    )


async def _give_back(portal: JobPortal, claimed: Claimed, **changes: Any) -> None:
    """Let a job wait: see :func:`portalkit.jobs.store.give_back`."""
    try:
        async with portal.writing() as session:
            await give_back(session, claimed, **changes)
            await session.commit()
    except IntegrityError:
        # Another with its key was left at this very moment, and does the same.
        async with portal.writing() as session:
            await finish(session, claimed)
            await session.commit()


def _spread(seconds: float) -> timedelta:
    return timedelta(seconds=seconds * (1 + _JITTER * random.random()))  # noqa: S311


async def _give_up(portal: JobPortal, job: Job, claimed: Claimed, error: str) -> None:
    log_event(_log, logging.ERROR, "job.given_up", attempt=claimed.attempt)
    try:
        async with portal.writing() as session:
            await bury(session, claimed, error)
            if job.gave_up is not None:
                context = JobContext(
                    portal=portal,
                    session=session,
                    now=portal.now(),
                    business_id=claimed.business_id,
                    attempt=claimed.tries,
                    error=error,
                )
                await job.gave_up(context, _payload(job, claimed))
            await session.commit()
        portal.schedule_events(session)
    except LeaseLostError:
        raise
    except Exception:  # noqa: BLE001  # boundary: whatever a job raises
        _log.exception("job %s (%s) could not be told that it is given up", job.name, claimed.id)
        async with portal.writing() as session:
            await bury(session, claimed, error)
            await session.commit()


async def _release(portal: JobPortal, claimed: Claimed) -> None:
    with contextlib.suppress(LeaseLostError):
        await _give_back(
            portal, claimed, due_at=portal.now(), error=None, failures=claimed.failures
        )


def _payload(job: Job, claimed: Claimed) -> msgspec.Struct | None:
    if job.payload is None:
        return None
    return msgspec.json.decode(claimed.payload, type=job.payload)
