"""Jobs are left in the caller's transaction and done once; what fails is tried again."""

import asyncio
import logging
from datetime import timedelta
from itertools import pairwise

import pytest
from errands import Errand, note
from sqlalchemy import create_engine, event, select, text, update

from portalkit.access.models import Business
from portalkit.db import configure_engine, sync_url
from portalkit.errors import JobRetryError
from portalkit.hooks import Job
from portalkit.jobs import enqueue, enqueue_in_sync, enqueue_on
from portalkit.jobs.inspection import retry_job
from portalkit.jobs.models import JobRow
from portalkit.testing.factories import NOW

ERRAND = Job(name="tester.errand", run=note, payload=Errand)


@pytest.fixture
def portal(open_with):
    return open_with(ERRAND)


@pytest.fixture
async def business(portal, add_business):
    return await add_business(portal)


async def leave(portal, business, word="", **options):
    async with portal.writing() as session, session.begin():
        return await enqueue(
            session, "tester.errand", Errand(business, word), now=portal.now(), **options
        )


async def test_a_job_is_done_once_and_leaves_no_row(portal, business, effects, count):
    await leave(portal, business, "bread")

    tries = await portal.queue.work_off(portal)

    assert tries == 1
    assert await effects(portal) == [{"word": "bread", "attempt": 1}]
    assert await count(portal) == 0
    assert await portal.queue.work_off(portal) == 0


async def test_a_job_of_a_transaction_that_is_rolled_back_is_never_seen(portal, business, count):
    async with portal.writing() as session:
        await enqueue(session, "tester.errand", Errand(business), now=NOW)
        await session.rollback()

    assert await count(portal) == 0
    assert await portal.queue.work_off(portal) == 0


async def test_a_host_leaves_a_job_on_its_own_connection(portal, business, database_url, effects):
    engine = configure_engine(create_engine(sync_url(database_url)))
    with engine.begin() as connection:
        enqueue_on(connection, "tester.errand", Errand(business, "host"), now=NOW)
    engine.dispose()

    await portal.queue.work_off(portal)

    assert [effect["word"] for effect in await effects(portal)] == ["host"]


async def test_a_job_is_left_in_a_synchronous_session(portal, business, effects):
    async with portal.writing() as session, session.begin():
        await session.run_sync(enqueue_in_sync, "tester.errand", Errand(business, "sync"), now=NOW)

    await portal.queue.work_off(portal)

    assert [effect["word"] for effect in await effects(portal)] == ["sync"]


async def test_a_job_waits_for_its_moment(portal, business, clock, effects):
    await leave(portal, business, "later", run_at=NOW + timedelta(hours=1))
    clock.move(minutes=59)
    await portal.queue.work_off(portal)
    before = await effects(portal)
    clock.move(minutes=1)

    await portal.queue.work_off(portal)

    assert before == []
    assert [effect["word"] for effect in await effects(portal)] == ["later"]


async def test_while_one_waits_another_with_its_key_is_not_added(portal, business, effects):
    first = await leave(portal, business, "first", dedup_key="tidy")
    second = await leave(portal, business, "second", dedup_key="tidy")
    other = await leave(portal, business, "other", dedup_key="else")

    await portal.queue.work_off(portal)
    third = await leave(portal, business, "third", dedup_key="tidy")

    assert second is None
    assert None not in {first, other, third}
    assert [effect["word"] for effect in await effects(portal)] == ["first", "other"]


async def test_a_connection_that_leaves_many_jobs_goes_on_finding_their_keys(portal, business):
    """PostgreSQL prepares a statement that comes again and again, and reads it more strictly."""
    async with portal.writing() as session, session.begin():
        added = [
            await enqueue(
                session, "tester.errand", Errand(business), now=NOW, dedup_key=str(place % 10)
            )
            for place in range(30)
        ]

    assert len([job for job in added if job is not None]) == 10


async def test_a_job_that_has_begun_does_not_keep_a_new_one_with_its_key_away(
    open_with, add_business, rows, effects
):
    async def changed_meanwhile(context, errand):
        if errand.word == "first":
            await leave(context.portal, errand.business_id, "second", dedup_key="tidy")
        await note(context, errand)

    portal = open_with(Job(name="tester.errand", run=changed_meanwhile, payload=Errand))
    business = await add_business(portal)
    await leave(portal, business, "first", dedup_key="tidy")

    await portal.queue.work_off(portal)

    assert [effect["word"] for effect in await effects(portal)] == ["first", "second"]


async def test_a_failed_job_lets_the_one_that_waits_with_its_key_do_the_work(
    open_with, add_business, rows
):
    async def fail(context, errand):
        await leave(context.portal, errand.business_id, "second", dedup_key="tidy", run_at=LATER)
        raise RuntimeError("first")

    portal = open_with(Job(name="tester.errand", run=fail, payload=Errand))
    business = await add_business(portal)
    await leave(portal, business, "first", dedup_key="tidy")

    await portal.queue.work_off(portal)

    (row,) = await rows(portal)
    assert '"second"' in row.payload
    assert row.dedup_key == "tidy"


LATER = NOW + timedelta(days=1)


async def test_what_a_failed_try_wrote_is_not_kept(open_with, add_business, effects, rows, clock):
    async def fail_once(context, errand):
        await note(context, errand)
        if context.attempt == 1:
            raise ValueError("no bread\nleft")

    portal = open_with(Job(name="tester.errand", run=fail_once, payload=Errand))
    business = await add_business(portal)
    await leave(portal, business)

    await portal.queue.work_off(portal)
    (row,) = await rows(portal)
    clock.move(minutes=1)
    await portal.queue.work_off(portal)

    assert row.error == "ValueError: no bread left"
    assert await effects(portal) == [{"word": "", "attempt": 2}]


async def test_a_failing_job_is_tried_ever_more_rarely_for_four_days_and_then_given_up(
    open_with, add_business, rows, effects, clock
):
    async def fail(context, errand):
        raise OSError("nobody at home")

    async def give_up(context, errand):
        assert context.error == "OSError: nobody at home"
        await note(context, errand)

    job = Job(name="tester.errand", run=fail, payload=Errand, gave_up=give_up)
    portal = open_with(job)
    business = await add_business(portal)
    await leave(portal, business)
    moments = [NOW]

    while await portal.queue.work_off(portal):
        (row,) = await rows(portal)
        if row.due_at is None:
            break
        moments.append(row.due_at)
        clock.now = row.due_at

    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert moments[-1] - NOW >= timedelta(days=4)
    assert timedelta(seconds=30) <= waits[0] <= timedelta(seconds=37.5)
    assert all(later > earlier * 1.5 for earlier, later in pairwise(waits[:9]))
    assert all(timedelta(hours=6) <= wait <= timedelta(hours=7.5) for wait in waits[11:])
    assert (row.state, row.error, row.attempt) == ("dead", "OSError: nobody at home", len(moments))
    assert len(await effects(portal)) == 1
    assert await portal.queue.work_off(portal) == 0


async def test_a_job_is_given_up_even_if_telling_it_fails(open_with, add_business, rows):
    async def fail(context, errand):
        raise OSError("nobody at home")

    job = Job(
        name="tester.errand",
        run=fail,
        gave_up=fail,
        payload=Errand,
        attempts=1,
        retry_for=timedelta(),
    )
    portal = open_with(job)
    await leave(portal, await add_business(portal))

    await portal.queue.work_off(portal)

    (row,) = await rows(portal)
    assert row.state == "dead"


async def test_a_job_that_takes_too_long_is_cancelled_and_tried_again(
    open_with, add_business, rows
):
    async def wait_for_ever(context, errand):
        await asyncio.Event().wait()

    portal = open_with(Job(name="tester.errand", run=wait_for_ever, payload=Errand, timeout=0.01))
    await leave(portal, await add_business(portal))

    await portal.queue.work_off(portal)

    (row,) = await rows(portal)
    assert (row.state, row.error) == ("waiting", "TimeoutError: it took longer than 0.01 s")


async def test_a_job_says_itself_when_it_wants_to_be_tried_again(
    open_with, add_business, rows, clock
):
    async def away(context, errand):
        raise JobRetryError("closed for lunch", after=600)

    portal = open_with(Job(name="tester.errand", run=away, payload=Errand))
    await leave(portal, await add_business(portal))

    await portal.queue.work_off(portal)

    (row,) = await rows(portal)
    assert row.error == "closed for lunch"
    assert timedelta(minutes=10) <= row.due_at - clock.now <= timedelta(minutes=12.5)


async def test_trouble_that_all_have_makes_a_job_wait_no_longer_for_its_own(
    open_with, add_business, rows, clock
):
    trouble = [JobRetryError("the server is away", after=60, pauses=True)] * 40

    async def fail(context, errand):
        raise trouble.pop() if trouble else OSError("not today")

    portal = open_with(Job(name="tester.errand", run=fail, payload=Errand))
    await leave(portal, await add_business(portal))
    while trouble:
        await portal.queue.work_off(portal)
        clock.move(seconds=90)

    await portal.queue.work_off(portal)

    (row,) = await rows(portal)
    assert row.error == "OSError: not today"
    assert timedelta(seconds=30) <= row.due_at - clock.now <= timedelta(seconds=37.5)


async def test_trouble_that_all_have_ends_in_giving_up_too(open_with, add_business, rows, clock):
    async def away(context, errand):
        raise JobRetryError("the server is away", after=3600, pauses=True)

    portal = open_with(Job(name="tester.errand", run=away, payload=Errand))
    await leave(portal, await add_business(portal))

    await _work_until_given_up(portal, rows, clock, hours=2)

    assert timedelta(days=4) <= clock.now - NOW <= timedelta(days=4, hours=4)


async def test_what_one_lets_be_tried_anew_gets_all_its_tries(open_with, add_business, rows, clock):
    async def fail(context, errand):
        raise OSError(f"try {context.attempt}")

    job = Job(name="tester.errand", run=fail, payload=Errand, attempts=3, retry_for=timedelta())
    portal = open_with(job)
    await leave(portal, await add_business(portal))

    first = await _work_until_given_up(portal, rows, clock, days=1)
    async with portal.writing() as session, session.begin():
        await retry_job(session, first.id, clock.now)
    second = await _work_until_given_up(portal, rows, clock, days=1)

    assert (first.error, first.attempt) == ("OSError: try 3", 3)
    assert (second.error, second.attempt) == ("OSError: try 3", 6)


async def _work_until_given_up(portal, rows, clock, **step):
    while True:
        await portal.queue.work_off(portal)
        # What comes by the clock is done and gone.
        (row,) = await rows(portal)
        if row.state == "dead":
            return row
        clock.move(**step)


async def test_one_that_was_begun_before_a_pause_does_not_end_it(open_with, add_business, rows):
    begun, go_on, other = (asyncio.Event() for _ in range(3))
    done = []

    async def work(context, errand):
        if errand.word == "slow":
            begun.set()
            await go_on.wait()
        elif errand.word == "away":
            await begun.wait()
            raise JobRetryError("the server is away", after=60, pauses=True)
        done.append(errand.word)

    async def tell(context, errand):
        other.set()

    portal = open_with(
        Job(name="tester.errand", run=work, payload=Errand),
        Job(name="tester.other", run=tell, payload=Errand),
        concurrency=2,
    )
    business = await add_business(portal)
    await leave(portal, business, "slow")
    await leave(portal, business, "away")

    async with portal.working():
        while not any(row.error for row in await rows(portal)):
            pass
        go_on.set()
        await leave(portal, business, "next")
        async with portal.writing() as session, session.begin():
            await enqueue(session, "tester.other", Errand(business), now=NOW)
        await asyncio.wait_for(other.wait(), 30)

    assert done == ["slow"]


async def _leave_in_two(portal, business, put):
    """Let a worker look for work while a change and the job for it are not yet committed.

    Returns:
        What the job has read, and how many jobs wait in the end.
    """
    read = []

    async def look(context, errand):
        read.append(await context.session.scalar(select(Business.name)))

    portal.jobs["tester.errand"] = Job(name="tester.errand", run=look, payload=Errand)
    await leave(portal, business, dedup_key="tidy")
    async with portal.writing() as session:
        async with session.begin():
            await session.execute(update(Business).values(name="Changed"))
            await session.run_sync(put, business)
            looking = asyncio.create_task(portal.queue.work_off(portal))
            if portal.engine.dialect.name == "postgresql":
                # Nobody waits there for whoever writes.
                await asyncio.wait_for(looking, 30)
        await looking
    await portal.queue.work_off(portal)
    return read


async def test_what_is_changed_while_a_job_with_the_key_waits_is_seen_by_it(
    open_with, add_business
):
    portal = open_with(ERRAND)

    def put(session, business):
        enqueue_in_sync(session, "tester.errand", Errand(business), now=NOW, dedup_key="tidy")

    read = await _leave_in_two(portal, await add_business(portal), put)

    assert read[-1] == "Changed"


async def test_without_holding_the_one_that_waits_a_change_is_missed(open_with, add_business):
    """The control of the test above; SQLite has one writer, so that there is no race in it."""
    portal = open_with(ERRAND)

    def find(session, business):
        found = session.scalar(select(JobRow.id).where(JobRow.dedup_key == "tidy"))
        assert found is not None

    read = await _leave_in_two(portal, await add_business(portal), find)

    is_racy = portal.engine.dialect.name == "postgresql"
    assert (read[-1] == "Changed") is not is_racy


async def test_a_job_that_nobody_here_knows_waits_for_somebody_who_does(
    open_with, add_business, rows, effects
):
    without = open_with()
    business = await add_business(without)
    await leave(without, business)

    assert await without.queue.work_off(without) == 0

    knowing = open_with(ERRAND)
    assert await knowing.queue.work_off(knowing) == 1


async def test_an_idle_queue_costs_one_statement_a_look(open_with, add_business):
    portal = open_with(ERRAND, poll_seconds=3600)
    await add_business(portal)
    statements = []
    looked = asyncio.Event()

    @event.listens_for(portal.engine.sync_engine, "after_cursor_execute")
    def _note(connection, cursor, statement, *_):
        statements.append(statement)
        looked.set()

    # What comes by the clock is noted when a worker begins, and remembered from then on.
    async with portal.working():
        while not any("portalkit_job" in statement for statement in statements):
            looked.clear()
            await asyncio.wait_for(looked.wait(), 30)
        statements.clear()
        looked.clear()
        portal.queue.wake()
        await asyncio.wait_for(looked.wait(), 30)

    assert len(statements) == 1
    assert statements[0].startswith("SELECT")


async def test_a_commit_in_this_process_wakes_the_worker_at_once(open_with, add_business):
    done = asyncio.Event()

    async def tell(context, errand):
        done.set()

    portal = open_with(Job(name="tester.errand", run=tell, payload=Errand), poll_seconds=3600)
    business = await add_business(portal)

    async with portal.working():
        async with portal.writing() as session, session.begin():
            async with session.begin_nested():
                await enqueue(session, "tester.errand", Errand(business), now=NOW)
            assert not done.is_set()
        await asyncio.wait_for(done.wait(), 30)


async def test_the_database_may_be_away_for_a_while(open_with, add_business):
    done, noticed = asyncio.Event(), asyncio.Event()

    async def tell(context, errand):
        done.set()

    class Notice(logging.Handler):
        def emit(self, record):
            noticed.set()

    notice, log = Notice(logging.ERROR), logging.getLogger("portalkit.jobs")
    portal = open_with(Job(name="tester.errand", run=tell, payload=Errand), poll_seconds=0.01)
    business = await add_business(portal)
    async with portal.writing() as session, session.begin():
        await session.execute(text("ALTER TABLE portalkit_job RENAME TO hidden"))
    log.addHandler(notice)
    try:
        async with portal.working():
            await asyncio.wait_for(noticed.wait(), 30)
            async with portal.writing() as session, session.begin():
                await session.execute(text("ALTER TABLE hidden RENAME TO portalkit_job"))
            await leave(portal, business, "back")
            await asyncio.wait_for(done.wait(), 30)
    finally:
        log.removeHandler(notice)
