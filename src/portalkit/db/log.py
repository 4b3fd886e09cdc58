"""SQLite's write-ahead log: it keeps what was changed until it is begun anew."""

from contextlib import suppress
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

__all__ = ("empty_log_after",)

_PATIENCE_MS: Final = 500


def empty_log_after(session: AsyncSession) -> None:
    """Have the log emptied once the session is committed; PostgreSQL has no such log.

    Somebody who still reads what was before keeps it from being emptied: then the next
    checkpoint does it, and nobody waits for long.
    """
    if session.get_bind().dialect.name == "sqlite":
        event.listen(session.sync_session, "after_commit", _empty)


def _empty(session: Session) -> None:
    # The end of a savepoint is announced too.
    if session.in_nested_transaction():
        return
    engine = session.get_bind().engine
    driver: Any = engine.dialect.loaded_dbapi
    with suppress(driver.Error, PoolTimeoutError):
        _checkpoint(engine)


def _checkpoint(engine: Engine) -> None:
    # A checkpoint within a transaction is refused: the pool's connections are in none.
    connection = engine.raw_connection()
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout")
        [(patience,)] = cursor.fetchall()
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
        cursor.execute(f"PRAGMA busy_timeout={patience}")
    finally:
        cursor.close()
        connection.close()
