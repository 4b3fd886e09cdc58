"""A database that a test gets is like new, whatever the one before has done to its own."""

import pytest
from sqlalchemy import NullPool, create_engine, insert, make_url, select, text

from portalkit.access.models import Throttle
from portalkit.testing.postgres import Databases


@pytest.fixture
def databases(_portalkit_postgres, postgres_url):
    """Databases of this test alone."""
    databases = Databases(postgres_url, _portalkit_postgres.template)
    yield databases
    databases.close()


def name_of(url):
    return make_url(url).database


def do(url, *statements):
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement if not isinstance(statement, str) else text(statement))
    return engine


def count(url):
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return len(connection.execute(select(Throttle)).all())


def test_rows_of_one_test_are_not_there_for_the_next(databases):
    with databases.lend() as first:
        do(first, insert(Throttle).values(key="a", free_at_ms=1))

    with databases.lend() as second:
        assert name_of(second) == name_of(first)
        assert count(second) == 0


def test_two_tests_at_once_have_their_own(databases):
    with databases.lend() as first, databases.lend() as second:
        assert name_of(first) != name_of(second)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE other (id int)",
        "ALTER TABLE portalkit_throttle ADD COLUMN other int",
        "ALTER TABLE portalkit_throttle DROP CONSTRAINT pk_portalkit_throttle",
        "DROP TABLE portalkit_throttle",
        "UPDATE portalkit_version SET version_num = '0000'",
        "ANALYZE portalkit_throttle",
        "INSERT INTO portalkit_throttle SELECT i::text, i FROM generate_series(1, 9000) AS i",
    ],
)
def test_what_was_changed_otherwise_is_not_used_again(databases, change):
    with databases.lend() as first:
        do(first, insert(Throttle).values(key="a", free_at_ms=1), change)

    with databases.lend() as second:
        assert name_of(second) != name_of(first)
        assert count(second) == 0


def test_a_connection_that_was_left_open_holds_up_nobody(databases):
    with databases.lend() as first:
        engine = create_engine(first, poolclass=NullPool)
        left_open = engine.connect()
        left_open.execute(insert(Throttle).values(key="a", free_at_ms=1))

    with databases.lend() as second:
        assert count(second) == 0
    left_open.invalidate()
    left_open.close()
