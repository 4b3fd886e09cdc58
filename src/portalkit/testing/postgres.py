"""Databases on a PostgreSQL server for tests: copied from a template, and used again.

To make and drop a database takes a server several times as long as to empty one. One that a
test has left otherwise than it was (other tables or versions, statistics, much room that rows
took) is dropped.
Everything of portalkit and its drivers is imported inside functions: see ``plugin``.
"""
# ruff: noqa: PLC0415 - see above

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

__all__ = ("Databases", "fresh_database")

_PUBLIC: Final = "relnamespace = 'public'::regnamespace"
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_USED: Final = f"""
SELECT relname FROM pg_class WHERE {_PUBLIC} AND relkind = 'r' AND pg_relation_size(oid) > 0
"""  # noqa: S608 - a condition of ours
# What is left of a test's connections would hold locks.
_ALONE: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SHAPE: Final = f"""
SELECT
  (SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid, attnotnull), ','
          ORDER BY relname, attnum))
     FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid WHERE {_PUBLIC}),
  (SELECT md5(string_agg(conname, ',' ORDER BY conname)) FROM pg_constraint),
  (SELECT count(*) FROM pg_trigger),
  (SELECT count(*) FROM pg_proc),
  (SELECT count(*) FROM pg_statistic JOIN pg_class ON starelid = pg_class.oid WHERE {_PUBLIC}),
  (SELECT max(pg_relation_size(oid)) < 131072 FROM pg_class WHERE {_PUBLIC})
"""  # noqa: S608 - a condition of ours


class Databases:
    """Copies of one template that are lent out one after another.

    Args:
        server: URL of the server, with rights to make databases and to switch off triggers.
        template: Name of the database to copy; nobody may be connected to it.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server, self.template = server, template
        self._idle: list[str] = []
        self._shape: object = None
        self._kept: list[str] = []

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Yield the URL of a database that is like its template."""
        name = self._idle.pop() if self._idle else self._make()
        try:
            yield _url(self._server, name)
        finally:
            if self._empty(name):
                self._idle.append(name)
            else:
                _drop(self._server, name)

    def close(self) -> None:
        """Drop all of them."""
        while self._idle:
            _drop(self._server, self._idle.pop())

    def _make(self) -> str:
        name = _create(self._server, self.template)
        if self._shape is None:
            with _connected(_url(self._server, name)) as connection:
                tables = [row[0] for row in connection.execute(_TABLES)]
                # Those say which migrations there are.
                self._kept = [
                    table
                    for table in tables
                    if connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone()  # noqa: S608
                ]
                self._shape = self._look(connection)
        return name

    def _look(self, connection: Any) -> object:
        shape = connection.execute(_SHAPE).fetchone()
        rows = [connection.execute(f'SELECT * FROM "{kept}"').fetchall() for kept in self._kept]  # noqa: S608
        return shape, rows

    def _empty(self, name: str) -> bool:
        """Delete all rows and say whether the database is like new."""
        import psycopg

        try:
            with _connected(_url(self._server, name)) as connection:
                connection.execute("SET lock_timeout = '2s'")
                connection.execute(_ALONE)
                connection.execute("SET session_replication_role = 'replica'")
                used = [row[0] for row in connection.execute(_USED) if row[0] not in self._kept]
                connection.execute("; ".join(f'DELETE FROM "{table}"' for table in used))  # noqa: S608
                return self._look(connection) == self._shape
        except psycopg.Error:
            return False


@contextmanager
def fresh_database(server: str, template: str) -> Iterator[str]:
    """Make a database on a PostgreSQL server, yield its URL, and drop it.

    Args:
        server: URL of the server, with rights to make databases.
        template: Name of the database to copy; ``template0`` for an empty one.
    """
    name = _create(server, template)
    try:
        yield _url(server, name)
    finally:
        _drop(server, name)


def _url(server: str, name: str) -> str:
    from sqlalchemy import make_url

    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    import psycopg
    from sqlalchemy import make_url

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def _create(server: str, template: str) -> str:
    name = f"portalkit_{uuid4().hex}"
    with _connected(server) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def _drop(server: str, name: str) -> None:
    with _connected(server) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
