"""Throttling: counted on its own by account and address, in parallel too, never for good."""

import asyncio
import itertools
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, insert, select, update

from portalkit.access.asking import ASK_JOBS
from portalkit.access.known import KNOWN, TOGETHER
from portalkit.access.models import Throttle
from portalkit.access.throttle import (
    ACCOUNT,
    ADDRESS,
    Limit,
    Try,
    account_key,
    address_key,
    forget_stale,
    give_back,
    take,
    take_first,
)
from portalkit.errors import ThrottledError
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio
FEW = Limit(name="few", burst=3, every=60)


@pytest.fixture
def take_one(database):
    async def take_it(*tries, now=NOW):
        try:
            async with database.writing() as session, session.begin():
                await take(session, tries or (Try(FEW, "lucia"),), now)
        except ThrottledError as error:
            return error.retry_after
        return 0

    return take_it


async def test_a_few_tries_pass_and_the_next_one_waits(take_one):
    waits = [await take_one() for _ in range(5)]

    assert waits == [0, 0, 0, 60, 60]


async def test_time_gives_tries_back_one_by_one(take_one):
    for _ in range(4):
        await take_one()

    assert await take_one(now=NOW + timedelta(seconds=59)) == 1
    assert await take_one(now=NOW + timedelta(seconds=60)) == 0
    assert await take_one(now=NOW + timedelta(seconds=60)) == 60
    assert await take_one(now=NOW + timedelta(hours=1)) == 0


async def test_each_key_is_counted_on_its_own(take_one):
    for _ in range(4):
        await take_one(Try(FEW, "lucia"))

    assert await take_one(Try(FEW, "mateo")) == 0
    assert await take_one(Try(ACCOUNT, "lucia")) == 0


async def test_a_refused_try_is_counted_nowhere(database, take_one):
    for _ in range(3):
        await take_one(Try(FEW, "lucia"))

    await take_one(Try(FEW, "lucia"), Try(ADDRESS, "203.0.113.7"))

    async with database.reading() as session:
        free = await session.scalar(
            select(Throttle.free_at_ms).where(Throttle.key == "address:203.0.113.7")
        )
    assert free is None or free <= NOW.timestamp() * 1_000


async def test_an_honest_try_is_given_back(database, take_one):
    for _ in range(10):
        assert await take_one() == 0
        async with database.writing() as session, session.begin():
            await give_back(session, (Try(FEW, "lucia"),))


async def test_parallel_tries_are_counted_one_by_one(take_one):
    waits = await asyncio.gather(
        *(take_one(Try(FEW, "lucia"), Try(ADDRESS, "203.0.113.7")) for _ in range(12))
    )

    assert waits.count(0) == 3


async def test_without_its_protection_more_tries_would_pass_than_there_are(database, take_one):
    """Control: what reads first and writes afterwards is beaten by the same race."""
    for _ in range(2):
        await take_one()
    barrier, step = asyncio.Barrier(4), FEW.every * 1_000

    async def careless():
        async with database.reading() as session:
            free_at = await session.scalar(select(Throttle.free_at_ms))
        await barrier.wait()
        if free_at + step > NOW.timestamp() * 1_000 + step * FEW.burst:
            return False
        async with database.writing() as session, session.begin():
            await session.execute(update(Throttle).values(free_at_ms=free_at + step))
        return True

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


@pytest.mark.parametrize(("limit", "most"), [(ACCOUNT, 14), (TOGETHER, 6), (KNOWN, 3)])
async def test_a_limit_holds_in_any_quarter_of_an_hour(limit, most, take_one):
    passed = []
    for second in range(0, 3_600, 15):
        at = NOW + timedelta(seconds=second)
        if await take_one(Try(limit, "lucia"), now=at) == 0:
            passed.append(second)

    window = 15 * 60
    for start in passed:
        assert len([second for second in passed if start <= second <= start + window]) <= most
    # Never for good: whoever waits gets a try, however long it goes on.
    assert max(later - earlier for earlier, later in itertools.pairwise(passed)) <= limit.every


async def test_the_first_set_of_limits_that_is_free_is_used(database):
    choices = ((Try(FEW, "own"), Try(ADDRESS, "a")), (Try(FEW, "all"), Try(ADDRESS, "a")))
    used = []
    for _ in range(6):
        async with database.writing() as session, session.begin():
            used.append((await take_first(session, choices, NOW))[0].key)

    assert used == ["own"] * 3 + ["all"] * 3
    with pytest.raises(ThrottledError):
        async with database.writing() as session, session.begin():
            await take_first(session, choices, NOW)
    async with database.reading() as session:
        rows = dict((await session.execute(select(Throttle.key, Throttle.free_at_ms))).all())
    counted = (rows["address:a"] - int(NOW.timestamp() * 1_000)) / 1_000 / ADDRESS.every
    assert counted == 6


async def test_who_is_refused_leaves_no_row(database, take_one):
    gate = Limit(name="gate", burst=1, every=60, is_by_address=True)
    for number in range(5):
        await take_one(Try(FEW, f"person{number}"), Try(gate, "203.0.113.7"))
    for number in range(5):
        await take_one(Try(FEW, "person0"), Try(ADDRESS, f"198.51.100.{number}"))

    async with database.reading() as session:
        keys = set(await session.scalars(select(Throttle.key)))
    # Two more addresses had a try each, until the limit of the account was used up.
    addresses = {"gate:203.0.113.7", "address:198.51.100.0", "address:198.51.100.1"}
    assert keys == {"few:person0", *addresses}


async def test_the_job_sweeps_away_what_is_over_in_batches(database, world):
    over, later = int(NOW.timestamp() * 1_000), int(NOW.timestamp() * 1_000) + 1
    rows = [{"key": f"ticket:{number}", "free_at_ms": over} for number in range(1_200)]
    async with database.writing() as session, session.begin():
        await session.execute(insert(Throttle), [*rows, {"key": "few:mateo", "free_at_ms": later}])
    [tidy] = [job for job in ASK_JOBS if job.name == "access.tidy_codes"]

    async with database.writing() as session, session.begin():
        await tidy.run(SimpleNamespace(session=session, now=NOW), None)

    async with database.reading() as session:
        assert list(await session.scalars(select(Throttle.key))) == ["few:mateo"]


async def test_rows_that_say_nothing_any_more_are_swept_away(database, take_one):
    await take_one(Try(FEW, "lucia"))
    await take_one(Try(FEW, "mateo"), now=NOW + timedelta(hours=1))

    async with database.writing() as session, session.begin():
        await forget_stale(session, NOW + timedelta(hours=1))

    async with database.reading() as session:
        assert list(await session.scalars(select(Throttle.key))) == ["few:mateo"]
        assert await session.scalar(select(func.count()).select_from(Throttle)) == 1


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_client_is_counted_by_what_it_cannot_change_easily(address, key):
    assert address_key(address) == key


def test_the_key_of_an_account_shows_no_address():
    key = account_key("mill", "lucia@sol.example")

    assert "lucia" not in key
    assert key != account_key("forge", "lucia@sol.example")
    assert len(f"{ACCOUNT.name}:{key}") <= 120
