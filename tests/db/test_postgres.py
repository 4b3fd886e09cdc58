"""Connections to PostgreSQL: what has ended is replaced, what was prepared stays prepared."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError

from portalkit.db import create_engine_for, session_makers, sync_url
from portalkit.log import described
from portalkit.testing.postgres import fresh_database

_PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%sentinel%'")
_SENTINEL = text("SELECT 1 AS sentinel WHERE :wanted")
_PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def url(request):
    with fresh_database(request.getfixturevalue("postgres_url"), "template0") as url:
        yield url


@pytest.fixture
async def sessions(url):
    """Makers of sessions that read and that write, on one connection."""
    engine = create_engine_for(url, pool_size=1, max_overflow=0)
    yield session_makers(engine)
    await engine.dispose()


async def test_statements_that_readers_repeat_are_prepared_once(sessions):
    reading, _ = sessions
    for _ in range(8):
        async with reading() as session:
            await session.execute(_SENTINEL, {"wanted": True})

    async with reading() as session:
        assert await session.scalar(_PREPARED) == 1


async def test_writers_are_in_a_transaction_after_a_reader_had_the_connection(sessions):
    reading, writing = sessions
    async with reading() as session:
        pid = await session.scalar(_PID)
    async with writing() as session, session.begin():
        assert await session.scalar(_PID) == pid
        await session.execute(text("CREATE TABLE half (id integer)"))
        await session.rollback()

    async with reading() as session:
        assert await session.scalar(text("SELECT to_regclass('half')")) is None


@pytest.mark.parametrize("kind", ["reading", "writing"])
async def test_a_connection_that_the_server_has_ended_fails_nobody(url, sessions, kind):
    make = dict(zip(("reading", "writing"), sessions, strict=True))[kind]
    async with make() as session:
        old = await session.scalar(_PID)
    engine = create_engine(sync_url(url))
    with engine.connect() as other:
        ended = text("SELECT pg_terminate_backend(:pid, 10000)")
        assert other.scalar(ended, {"pid": old})
    engine.dispose()

    async with make() as session:
        assert await session.scalar(_PID) != old


async def test_a_value_that_does_not_fit_is_not_repeated(sessions):
    _, writing = sessions
    async with writing() as session:
        with pytest.raises(DataError) as caught:
            await session.scalar(text("SELECT 'olive-trees'::integer"))

    assert "InvalidTextRepresentation" in str(caught.value)
    assert "olive-trees" not in str(caught.value.orig)
    assert described(caught.value) == "DataError: InvalidTextRepresentation"
