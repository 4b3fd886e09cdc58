"""What comes by the clock comes once, however many workers look at it."""

import asyncio
from datetime import UTC, datetime

import pytest
from errands import Errand, note

from portalkit.hooks import Job
from portalkit.model import Cron


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "now", "latest"),
    [
        ("* * * * *", "2026-11-24 09:00:59", "2026-11-24 09:00"),
        ("*/15 * * * *", "2026-11-24 09:14", "2026-11-24 09:00"),
        ("30 3 * * *", "2026-11-24 03:29", "2026-11-23 03:30"),
        ("0 9-17/4 * * 1-5", "2026-11-23 08:00", "2026-11-20 17:00"),
        ("0 0 * * 0", "2026-11-24 00:00", "2026-11-22 00:00"),
        ("0 0 * * 7", "2026-11-24 00:00", "2026-11-22 00:00"),
        ("0 0 29 2 *", "2026-11-24 00:00", "2024-02-29 00:00"),
        ("0 0 1 1,7 *", "2026-11-24 00:00", "2026-07-01 00:00"),
        ("0 0 24 * 1", "2026-11-25 00:00", "2026-11-24 00:00"),
        ("5/20 * * * *", "2026-11-24 09:46", "2026-11-24 09:45"),
    ],
)
def test_a_rule_says_when_it_came_last(rule, now, latest):
    assert Cron.parse(rule).latest(moment(now)) == moment(latest)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("* * * *", "4 fields"),
        ("60 * * * *", "minute '60'"),
        ("* 24 * * *", "hour '24'"),
        ("* * 0 * *", "day '0'"),
        ("* * * 13 *", "month '13'"),
        ("* * * * 8", "weekday '8'"),
        ("5-1 * * * *", "'5-1' runs backwards"),
        ("*/0 * * * *", "minute '0'"),
        ("a * * * *", "minute 'a'"),
        (", * * * *", "minute ''"),
        ("0 0 31 2 *", "never comes"),
    ],
)
def test_a_rule_that_is_none_is_refused_with_the_part_that_is_wrong(rule, named):
    with pytest.raises(ValueError, match=named.replace("(", r"\(")):
        Cron.parse(rule)


async def test_a_moment_comes_once_with_two_workers(open_with, add_business, effects, clock):
    async def tick(context, _):
        await note(context, Errand(business, context.now.isoformat()))

    job = Job(name="tester.nightly", run=tick, cron="30 3 * * *")
    one, two = open_with(job), open_with(job)
    business = await add_business(one)

    async def both() -> int:
        before = len(await effects(one))
        await asyncio.gather(one.queue.work_off(one), two.queue.work_off(two))
        return len(await effects(one)) - before

    new_here = await both()
    clock.now = moment("2026-11-25 03:29")
    too_early = await both()
    clock.move(minutes=1)
    came = await both()
    clock.move(minutes=1)
    again = await both()
    # Two nights in which nothing ran are made up for once.
    clock.move(days=2)
    later = await both()

    assert (new_here, too_early, came, again, later) == (0, 0, 1, 0, 1)


async def test_a_clock_that_was_years_ahead_once_stops_no_schedule(
    open_with, add_business, effects, clock
):
    async def tick(context, _):
        await note(context, Errand(business))

    portal = open_with(Job(name="tester.nightly", run=tick, cron="30 3 * * *"))
    business = await add_business(portal)
    await portal.queue.work_off(portal)
    real = clock.now
    clock.move(days=3650)
    await portal.queue.work_off(portal)
    before = len(await effects(portal))
    clock.now = real

    for _ in range(3):
        clock.move(days=1)
        await portal.queue.work_off(portal)

    assert len(await effects(portal)) == before + 3
