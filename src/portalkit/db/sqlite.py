"""SQLite off the event loop with one hop to its thread for each statement.

aiosqlite sends four messages to its thread for a statement that returns rows (cursor,
execute, fetch, close); on a page of five statements the hops cost more than the queries.
Here a statement is executed and its rows are fetched in one. SQLAlchemy's aiosqlite
dialect drives these classes through ``async_creator``. A transaction begins together with
its first statement, and is rolled back without anybody waiting for it: the thread does one
thing after the other.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

__all__ = ("ThreadedConnection", "connect")

_T = TypeVar("_T")


async def connect(path: str, *, pragmas: Sequence[str], **options: Any) -> "ThreadedConnection":
    """Open a database in a thread of its own.

    Args:
        path: File, or a ``file:`` URI with ``uri=True``.
        pragmas: Settings of the connection, for example ``foreign_keys=ON``.
        options: Of :func:`sqlite3.connect`.
    """
    connection = ThreadedConnection()
    await connection.open(path, pragmas, options)
    return connection


class ThreadedConnection:
    """What SQLAlchemy expects of an aiosqlite connection, and not more."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None
        self._begin: str | None = None

    async def open(self, path: str, pragmas: Sequence[str], options: dict[str, Any]) -> None:
        """Connect and apply the settings; transactions begin only when SQLAlchemy says so."""
        settings = {**options, "isolation_level": None, "check_same_thread": False}

        def work() -> sqlite3.Connection:
            connection: sqlite3.Connection = sqlite3.connect(path, **settings)
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
            return connection

        self._connection = await self.run(work)

    async def run(self, work: Callable[[], _T]) -> _T:
        """Do something in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection itself; for use in the thread only.

        Raises:
            ValueError: If it is closed; the words are those that SQLAlchemy looks for.
        """
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    def begin(self, statement: str) -> None:
        """Begin a transaction together with the next statement."""
        self._begin = statement

    def take_begin(self) -> str | None:
        """Return the statement that begins the transaction, if it has not begun yet."""
        statement, self._begin = self._begin, None
        return statement

    def cursor(self) -> "ThreadedCursor":
        """Return a cursor; nothing is asked of the thread yet."""
        return ThreadedCursor(self)

    async def create_function(self, *args: Any, **options: Any) -> None:
        """Register a function for SQL."""
        await self.run(lambda: self.raw.create_function(*args, **options))

    async def commit(self) -> None:
        """Commit; a transaction without a statement has nothing to commit."""
        if self.take_begin() is None:
            await self.run(self.raw.commit)

    async def rollback(self) -> None:
        """Roll back before whatever comes next."""
        if self.take_begin() is None:
            self._thread.submit(self.raw.rollback)

    async def close(self) -> None:
        """Close the connection and end its thread."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        await self.run(connection.close)
        self._thread.shutdown(wait=False)

    def stop(self) -> None:
        """Let go of the connection where nobody can wait any more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._thread.submit(connection.close)
        self._thread.shutdown(wait=False)


class ThreadedCursor:
    """A statement and its rows, all of them fetched in the hop that executed it."""

    arraysize = 1

    def __init__(self, connection: ThreadedConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement."""
        raw, begin = self._connection.raw, self._connection.take_begin()

        def work() -> tuple[sqlite3.Cursor, list[Any]]:
            if begin is not None:
                raw.execute(begin)
            cursor = raw.execute(operation, parameters)
            return cursor, cursor.fetchall() if cursor.description else []

        cursor, self._rows = await self._connection.run(work)
        self.description = cursor.description
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Execute a statement with each of several sets of parameters."""
        raw, begin = self._connection.raw, self._connection.take_begin()

        def work() -> sqlite3.Cursor:
            if begin is not None:
                raw.execute(begin)
            return raw.executemany(operation, parameters)

        cursor = await self._connection.run(work)
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid

    async def fetchall(self) -> list[Any]:
        """Hand over the rows."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Forget the rows."""
        self._rows = []
