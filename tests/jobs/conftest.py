"""A portal with a plugin whose jobs a test writes down, and a clock that a test moves."""

import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from portalkit.audit import Event
from portalkit.config import JobsConfig, PortalConfig
from portalkit.hooks import Job
from portalkit.jobs.models import JobRow
from portalkit.testing.factories import make_business
from portalkit.web.portal import RunningPortal

sys.path.insert(0, str(Path(__file__).parent))

from errands import Clock, Tester  # noqa: E402,I001,RUF100  # after the path is known


Open = Callable[..., RunningPortal]


@pytest.fixture
def portal_plugins():
    return ()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def open_with(portal_config: PortalConfig, clock: Clock) -> AsyncIterator[Open]:
    """Return a function that opens a portal on the test's database with some jobs."""
    opened: list[RunningPortal] = []

    def open_with(*jobs: Job, own_clock: Clock | None = None, **settings: object) -> RunningPortal:
        config = msgspec.structs.replace(
            portal_config, jobs=JobsConfig(**{"embedded": False, **settings})
        )
        portal = RunningPortal.load(
            config, extra={"tester": Tester(*jobs)}, clock=own_clock or clock
        )
        opened.append(portal)
        return portal

    yield open_with
    for portal in opened:
        await portal.close()


@pytest.fixture
def add_business():
    async def add_business(portal: RunningPortal) -> str:
        async with portal.writing() as session, session.begin():
            return await make_business(session)

    return add_business


@pytest.fixture
def effects():
    """Return what the jobs have left, and the rows of jobs that are still there."""

    async def effects(portal: RunningPortal) -> list[dict[str, object]]:
        async with portal.reading() as session:
            found = await session.scalars(
                select(Event.data).where(Event.name == "errand.done").order_by(Event.id)
            )
            return list(found)

    return effects


@pytest.fixture
def rows():
    async def rows(portal: RunningPortal) -> list[JobRow]:
        async with portal.reading() as session:
            return list(await session.scalars(select(JobRow).order_by(JobRow.id)))

    return rows


@pytest.fixture
def count():
    async def count(portal: RunningPortal) -> int:
        async with portal.reading() as session:
            return int(await session.scalar(select(func.count()).select_from(JobRow)) or 0)

    return count
