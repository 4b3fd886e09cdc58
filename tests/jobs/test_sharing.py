"""Several workers on one database: each job is done by one of them, also when one dies."""

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from errands import Clock, Errand, note
from sqlalchemy import event, select, update

from portalkit.errors import JobRetryError
from portalkit.hooks import Job
from portalkit.jobs import enqueue
from portalkit.jobs.models import JobRow
from portalkit.jobs.store import claim
from portalkit.testing.factories import NOW

JOBS = 200
NAMES = ["tester.errand"]
UNTIL = NOW + timedelta(minutes=1)


async def leave(portal, business, number=1):
    async with portal.writing() as session, session.begin():
        for place in range(number):
            await enqueue(session, "tester.errand", Errand(business, str(place)), now=NOW)


async def test_two_workers_share_many_jobs_and_do_each_once(
    open_with, add_business, effects, count
):
    done: Counter[str] = Counter()
    finished = asyncio.Event()

    def worker(name):
        async def work(context, errand):
            done[name] += 1
            await note(context, errand)
            if done.total() == JOBS:
                finished.set()

        return open_with(Job(name="tester.errand", run=work, payload=Errand), poll_seconds=0.05)

    one, two = worker("one"), worker("two")
    business = await add_business(one)
    await leave(one, business, JOBS)

    async with one.working(), two.working():
        await asyncio.wait_for(finished.wait(), 120)

    assert await count(one) == 0
    words = sorted(int(effect["word"]) for effect in await effects(one))
    assert words == list(range(JOBS))
    assert done.total() == JOBS
    assert min(done.values()) > 0


async def _take_without_protection(portal, everybody_has_looked):
    """What a claim would be without its lock: look, then take what was seen."""
    async with portal.reading() as session:
        seen = await session.scalar(
            select(JobRow.id).where(JobRow.due_at <= NOW).order_by(JobRow.due_at).limit(1)
        )
    await everybody_has_looked.wait()
    async with portal.writing() as session, session.begin():
        await session.execute(
            update(JobRow).where(JobRow.id == seen).values(state="running", due_at=UNTIL)
        )
    return seen


async def test_without_the_protection_two_workers_take_the_same_job(open_with, add_business):
    """The control of the two tests beside it: the race is there."""
    portal = open_with()
    await leave(portal, await add_business(portal), 2)
    looked = asyncio.Barrier(2)

    taken = await asyncio.gather(
        _take_without_protection(portal, looked), _take_without_protection(portal, looked)
    )

    assert len(set(taken)) == 1


async def test_two_workers_that_take_at_the_same_moment_get_different_jobs(open_with, add_business):
    portal = open_with()
    await leave(portal, await add_business(portal), 2)

    async with portal.writing() as first, portal.writing() as second:
        one = await claim(first, NAMES, now=NOW, until=UNTIL)
        other = asyncio.create_task(claim(second, NAMES, now=NOW, until=UNTIL))
        if portal.engine.dialect.name == "postgresql":
            # Nobody waits for the first transaction: its row is skipped.
            await asyncio.wait_for(other, 30)
        await first.commit()
        two = await other
        await second.commit()

    assert one is not None
    assert two is not None
    assert one.id != two.id


async def test_a_worker_that_was_thought_dead_cannot_keep_what_it_did(
    open_with, add_business, effects, count, clock
):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(context, errand):
        if context.attempt == 1:
            begun.set()
            await go_on.wait()
        await note(context, errand)

    job = Job(name="tester.errand", run=slow, payload=Errand)
    later = Clock()
    later.move(seconds=61)
    stalled, other = open_with(job), open_with(job, own_clock=later)
    await leave(stalled, await add_business(stalled))
    first = asyncio.create_task(stalled.queue.work_off(stalled))
    await asyncio.wait_for(begun.wait(), 30)

    taken_over = await other.queue.work_off(other)
    go_on.set()
    await first

    assert taken_over == 1
    assert await effects(other) == [{"word": "0", "attempt": 2}]
    assert await count(other) == 0


async def test_a_worker_that_was_thought_dead_does_not_end_the_job_of_its_successor(
    open_with, add_business, effects, count
):
    begun = {1: asyncio.Event(), 2: asyncio.Event()}
    go_on = {1: asyncio.Event(), 2: asyncio.Event()}

    async def slow(context, errand):
        begun[context.attempt].set()
        await go_on[context.attempt].wait()
        await note(context, errand)

    job = Job(name="tester.errand", run=slow, payload=Errand)
    later = Clock()
    later.move(seconds=61)
    stalled, other = open_with(job), open_with(job, own_clock=later)
    await leave(stalled, await add_business(stalled))
    first = asyncio.create_task(stalled.queue.work_off(stalled))
    await asyncio.wait_for(begun[1].wait(), 30)
    second = asyncio.create_task(other.queue.work_off(other))
    await asyncio.wait_for(begun[2].wait(), 30)

    go_on[1].set()
    await first
    in_between = (await effects(other), await count(other))
    go_on[2].set()
    await second

    assert in_between == ([], 1)
    assert await effects(other) == [{"word": "0", "attempt": 2}]
    assert await count(other) == 0


async def test_a_sign_of_life_keeps_the_lease_and_a_lost_one_ends_the_job(
    open_with, add_business, rows, effects, clock
):
    begun, extended = asyncio.Event(), asyncio.Event()

    async def wait_for_ever(context, errand):
        begun.set()
        await asyncio.Event().wait()

    portal = open_with(
        Job(name="tester.errand", run=wait_for_ever, payload=Errand), lease_seconds=0.03
    )
    await leave(portal, await add_business(portal))
    working = asyncio.create_task(portal.queue.work_off(portal))
    await asyncio.wait_for(begun.wait(), 30)
    clock.move(days=1)

    @event.listens_for(portal.engine.sync_engine, "commit")
    def _note(connection):
        extended.set()

    await asyncio.wait_for(extended.wait(), 30)
    extended.clear()
    await asyncio.wait_for(extended.wait(), 30)
    assert (await rows(portal))[0].due_at >= clock.now

    async with portal.writing() as session, session.begin():
        await session.execute(
            update(JobRow).values(attempt=JobRow.attempt + 1, due_at=clock.now + timedelta(days=1))
        )

    assert await asyncio.wait_for(working, 30) == 1
    (row,) = await rows(portal)
    assert (row.state, row.attempt) == ("running", 2)


async def test_a_worker_that_is_asked_to_stop_hands_on_what_it_cannot_finish(
    open_with, add_business, rows, effects
):
    begun = asyncio.Event()

    async def wait_once(context, errand):
        if context.attempt == 1:
            begun.set()
            await asyncio.Event().wait()
        await note(context, errand)

    job = Job(name="tester.errand", run=wait_once, payload=Errand)
    portal = open_with(job, stop_seconds=0.01)
    await leave(portal, await add_business(portal))

    async with portal.working():
        await asyncio.wait_for(begun.wait(), 30)
    (row,) = await rows(portal)
    await portal.queue.work_off(portal)

    assert row.state == "waiting"
    assert [effect["attempt"] for effect in await effects(portal)] == [2]


async def test_a_worker_killed_in_the_midst_of_a_job_is_replaced_after_the_lease(
    open_with, add_business, effects, rows, clock
):
    portal = open_with(Job(name="tester.errand", run=note, payload=Errand))
    await leave(portal, await add_business(portal))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        Path(__file__).parent / "killed_worker.py",
        portal.config.database_url,
        stdout=asyncio.subprocess.PIPE,
    )
    assert await process.stdout.readline() == b"in the midst of it\n"
    process.kill()
    await process.wait()

    clock.move(seconds=59)
    too_early = await portal.queue.work_off(portal)
    clock.move(seconds=2)
    taken_over = await portal.queue.work_off(portal)

    assert (too_early, taken_over) == (0, 1)
    assert [effect["attempt"] for effect in await effects(portal)] == [2]
    assert await rows(portal) == []


async def test_one_worker_that_dies_after_many_tries_is_an_accident(
    open_with, add_business, rows, effects, clock
):
    away = [JobRetryError("the server is away", after=60, pauses=True)] * 5

    async def work(context, errand):
        if away:
            raise away.pop()
        await note(context, errand)

    portal = open_with(Job(name="tester.errand", run=work, payload=Errand))
    await leave(portal, await add_business(portal))
    while away:
        await portal.queue.work_off(portal)
        clock.move(seconds=90)
    async with portal.writing() as session, session.begin():
        assert await claim(session, NAMES, now=clock.now, until=clock.now) is not None

    await portal.queue.work_off(portal)

    assert len(await effects(portal)) == 1


async def test_a_job_that_kills_its_worker_is_left_alone_for_ever_longer(
    open_with, add_business, rows, clock
):
    async def never(context, errand):
        raise AssertionError("it must not be begun")

    portal = open_with(Job(name="tester.errand", run=never, payload=Errand))
    await leave(portal, await add_business(portal))
    for _ in range(2):
        async with portal.writing() as session, session.begin():
            await claim(session, NAMES, now=clock.now, until=clock.now)

    await portal.queue.work_off(portal)

    (row,) = await rows(portal)
    assert row.error == "the worker died in the midst of it"
    assert row.due_at > clock.now
