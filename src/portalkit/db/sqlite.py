"""SQLite beside the event loop: short reads where they are, all else in a thread.

aiosqlite sends four messages to its thread for a statement that returns rows (cursor,
execute, fetch, close). Here a statement is executed and its rows are fetched in one, and a
transaction begins together with its first statement.

Most statements of a page take a tenth of a millisecond, less than the way to the thread and
back; and the thread competes for the interpreter with the event loop, once for each row. So
a ``SELECT`` of a transaction that only reads is tried on the event loop itself, and is
started again in the thread if it turns out to be long. With write-ahead logging no reader
waits for a writer.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.util import await_only

__all__ = ("AdaptedConnection", "ThreadedConnection", "connect")

# Instructions of SQLite's machine that a statement may take on the event loop: about 2 ms.
_SHORT: Final = 50_000

_T = TypeVar("_T")
_Found = tuple[sqlite3.Cursor, list[Any]]
_Job = tuple[Callable[[], Any], "asyncio.Future[Any] | None"]


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
    """A connection and its thread."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._begin: str | None = None
        self._has_begun = False
        self._only_reads = False
        self._is_hurried = False
        # The thread knows its queue only, so that a forgotten connection can be collected.
        Thread(target=_work, args=(self._jobs,), name="sqlite", daemon=True).start()

    async def open(self, path: str, pragmas: Sequence[str], options: dict[str, Any]) -> None:
        """Connect and apply the settings; transactions begin only when SQLAlchemy says so."""
        settings = {**options, "isolation_level": None, "check_same_thread": False}

        def work() -> sqlite3.Connection:
            connection: sqlite3.Connection = sqlite3.connect(path, **settings)
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
            connection.set_progress_handler(lambda: self._is_hurried, _SHORT)
            return connection

        self._connection = await self.run(work)

    def run(self, work: Callable[[], _T]) -> "asyncio.Future[_T]":
        """Do something in the thread."""
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._jobs.put((work, future))
        return future

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection itself; for use in the thread only.

        Raises:
            ValueError: If it is closed; the words are those that SQLAlchemy looks for.
        """
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction together with the next statement."""
        self._begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        self._only_reads = not writes

    def execute(
        self, operation: str, parameters: Any, *, is_many: bool = False
    ) -> "asyncio.Future[_Found]":
        """Execute a statement, or one with each of several sets of parameters.

        Returns:
            The cursor, of which only the figures may be looked at, and all rows.
        """
        raw, begin, self._begin = self.raw, self._begin, None
        self._has_begun = self._has_begun or begin is not None

        def work() -> _Found:
            if begin is not None and not raw.in_transaction:
                raw.execute(begin)
            if is_many:
                return raw.executemany(operation, parameters), []
            cursor = raw.execute(operation, parameters)
            return cursor, cursor.fetchall() if cursor.description else []

        # Nothing but a SELECT: what is cut off in the middle of writing rolls all back.
        if self._only_reads and self._has_begun and operation.startswith("SELECT"):
            found = self._hurry(work)
            if found is not None:
                future: asyncio.Future[_Found] = asyncio.get_running_loop().create_future()
                future.set_result(found)
                return future
        return self.run(work)

    def _hurry(self, work: Callable[[], _Found]) -> _Found | None:
        """Do something at once unless it is long; what else is wrong with it the thread says."""
        self._is_hurried = True
        try:
            return work()
        except sqlite3.OperationalError:
            return None
        finally:
            self._is_hurried = False

    async def create_function(self, *args: Any, **options: Any) -> None:
        """Register a function for SQL."""
        await self.run(lambda: self.raw.create_function(*args, **options))

    async def commit(self) -> None:
        """Commit; a transaction without a statement has nothing to commit."""
        if self._end_transaction():
            await self.run(self.raw.commit)

    async def rollback(self) -> None:
        """Roll back; what was only read has nothing to wait for."""
        if not self._end_transaction():
            return
        if self._only_reads:
            self.raw.rollback()
        else:
            await self.run(self.raw.rollback)

    def _end_transaction(self) -> bool:
        """Say whether there was one; SQLAlchemy rolls back once more in its pool."""
        has_begun, self._has_begun, self._begin = self._has_begun, False, None
        return has_begun

    async def close(self) -> None:
        """Close the connection and end its thread."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        await self.run(connection.close)
        self._jobs.put(None)

    def stop(self) -> None:
        """Let go of the connection where nobody can wait any more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._jobs.put((connection.close, None))
        self._jobs.put(None)


class AdaptedConnection(AsyncAdapt_aiosqlite_connection):
    """What SQLAlchemy takes for a connection of aiosqlite; only its cursors are others."""

    __slots__ = ()

    def __init__(self, driver: Any, connection: Any) -> None:
        """Adapt a connection; ``driver`` is SQLAlchemy's module of aiosqlite."""
        super().__init__(driver, connection)

    def cursor(self, server_side: bool = False) -> Any:  # noqa: ARG002  # all rows come at once
        """Return a cursor; nothing is asked of the thread yet."""
        return _Cursor(self)


class _Cursor:
    """A statement and its rows, as SQLAlchemy asks for them from within its greenlet."""

    arraysize: Final = 1

    def __init__(self, adapted: AdaptedConnection) -> None:
        self._adapted = adapted
        self._rows: Iterator[Any] = iter(())
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, operation: str, parameters: Any = ()) -> None:
        self._execute(operation, parameters, is_many=False)

    def executemany(self, operation: str, parameters: Any) -> None:
        self._execute(operation, parameters, is_many=True)

    def _execute(self, operation: str, parameters: Any, *, is_many: bool) -> None:
        connection: ThreadedConnection = self._adapted.driver_connection
        try:
            cursor, rows = await_only(connection.execute(operation, parameters, is_many=is_many))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised again
            self._adapted._handle_exception(error)  # noqa: SLF001  # as SQLAlchemy's cursors do
        self._rows = iter(rows)
        self.description = cursor.description
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int = arraysize) -> list[Any]:
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        self._rows = iter(())

    async def _async_soft_close(self) -> None:
        """Keep the rows: no cursor is open any more."""


def _work(jobs: "SimpleQueue[_Job | None]") -> None:
    """Do one job after the other until there is none to wait for."""
    while (job := jobs.get()) is not None:
        work, future = job
        result, failure = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # it belongs to whoever waits
            failure = error
        if future is not None:
            # A loop that has ended meanwhile has nobody who waits.
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_settle, future, result, failure)
        # Nothing of a job outlives it while the next one is waited for.
        del job, work, future, result, failure


def _settle(future: "asyncio.Future[Any]", result: Any, failure: BaseException | None) -> None:
    if future.done():
        return  # Whoever waited was cancelled.
    if failure is not None:
        future.set_exception(failure)
    else:
        future.set_result(result)
