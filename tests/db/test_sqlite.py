"""SQLite beside the event loop: short reads at once, long ones and writes in a thread."""

import asyncio
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from portalkit.db import create_engine_for, session_makers

LONG = """
SELECT count(*) FROM (
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300000)
    SELECT n FROM numbers
)
"""


@pytest.fixture
async def makers(tmp_path):
    engine = create_engine_for(f"sqlite:///{tmp_path}/numbers.db")
    reading, writing = session_makers(engine)
    async with writing() as session:
        await session.execute(text("CREATE TABLE number (n INTEGER PRIMARY KEY)"))
        await session.execute(text("INSERT INTO number VALUES (1), (2)"))
        await session.commit()
    yield reading, writing
    await engine.dispose()


async def count(session):
    return (await session.execute(text("SELECT count(*) FROM number"))).scalar_one()


async def where_executed(session, statement):
    """Return the names of the threads in which a statement called a function."""
    seen = []
    connection = await session.connection()
    raw = (await connection.get_raw_connection()).driver_connection

    def look():
        seen.append(threading.current_thread() is threading.main_thread())
        return 1

    await raw.create_function("look", 0, look)
    await session.execute(text(statement))
    return seen


async def test_a_short_read_is_done_at_once(makers) -> None:
    async with makers[0]() as session:
        assert await where_executed(session, "SELECT look()") == [True]


async def test_a_write_is_done_in_the_thread(makers) -> None:
    async with makers[1]() as session:
        assert await where_executed(session, "SELECT look()") == [False]


async def test_a_long_read_is_started_again_in_the_thread_and_lets_others_work(makers) -> None:
    others = 0

    async def other():
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async with makers[0]() as session:
        await asyncio.sleep(0)
        before = others
        assert (await session.execute(text(LONG))).scalar_one() == 300000
        assert others > before + 1
        assert await count(session) == 2
    task.cancel()


async def test_a_reader_sees_one_state_until_it_ends(makers) -> None:
    reading, writing = makers
    async with reading() as reader:
        assert await count(reader) == 2
        async with writing() as writer:
            await writer.execute(text("INSERT INTO number VALUES (3)"))
            await writer.commit()
        await reader.execute(text(LONG))
        assert await count(reader) == 2
    async with reading() as reader:
        assert await count(reader) == 3


async def test_what_a_reading_session_writes_is_not_kept(makers) -> None:
    reading, _ = makers
    async with reading() as session:
        await session.execute(text("INSERT INTO number VALUES (3)"))
        assert await count(session) == 3
    async with reading() as session:
        assert await count(session) == 2


async def test_a_writer_that_does_not_commit_leaves_nothing(makers) -> None:
    reading, writing = makers
    async with writing() as session:
        await session.execute(text("INSERT INTO number VALUES (3)"))
    async with reading() as session:
        assert await count(session) == 2


@pytest.mark.parametrize("place", [0, 1])
async def test_what_is_wrong_is_said(makers, place) -> None:
    async with makers[place]() as session:
        with pytest.raises(OperationalError, match="no such table"):
            await session.execute(text("SELECT * FROM nowhere"))
        with pytest.raises(IntegrityError):
            await session.execute(text("INSERT INTO number VALUES (1)"))


async def test_who_is_cancelled_leaves_a_usable_engine(makers) -> None:
    reading, _ = makers

    async def read():
        async with reading() as session:
            await session.execute(text(LONG))

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with reading() as session:
        assert await count(session) == 2
