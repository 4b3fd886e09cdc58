"""Engines with the settings that keep data safe, and sessions on them."""

import select
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Engine, event, make_url
from sqlalchemy.engine import URL, Connection, ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from portalkit.db.sqlite import AdaptedConnection, ThreadedConnection, connect
from portalkit.log import driver_message

__all__ = ("async_url", "configure_engine", "create_engine_for", "session_makers", "sync_url")

_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-16384",
    "mmap_size=268435456",
    "temp_store=MEMORY",
)

_POOL_TIMEOUT_SECONDS: Final = 5.0


def async_url(url: str) -> URL:
    """Return the URL with the driver for the event loop (aiosqlite, psycopg)."""
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    return parsed.set(drivername="sqlite+aiosqlite" if sqlite else "postgresql+psycopg")


def sync_url(url: str) -> URL:
    """Return the URL with the plain driver, for migrations and commands."""
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    return parsed.set(drivername="sqlite" if sqlite else "postgresql+psycopg")


def create_engine_for(url: str, **options: Any) -> AsyncEngine:
    """Create the portal's own engine.

    Args:
        url: A SQLite or PostgreSQL URL; the driver is chosen here.
        options: Handed on to SQLAlchemy.
    """
    parsed = async_url(url)
    # Whoever waits longer for a connection is better told to come back (security R63).
    options = {"pool_timeout": _POOL_TIMEOUT_SECONDS, **options}
    if parsed.get_backend_name() == "postgresql":
        engine = create_async_engine(parsed, **options)
        event.listen(engine.sync_engine, "checkout", _refuse_ended)
    else:
        engine = create_async_engine(parsed, creator=_opening(parsed), **options)
        event.listen(engine.sync_engine, "begin", _on_begin)
    _hide_values(engine.sync_engine)
    return engine


def _hide_values(engine: Engine) -> None:
    """Keep what is stored out of the messages of errors: it may be a link or a code (R69)."""
    engine.hide_parameters = True
    if not event.contains(engine, "handle_error", _on_error):
        event.listen(engine, "handle_error", _on_error)


def _on_error(failure: ExceptionContext) -> None:
    """Take the values out of the driver's own message and of the copy that SQLAlchemy made."""
    original, wrapped = failure.original_exception, failure.sqlalchemy_exception
    if hasattr(original, "diag"):
        message = driver_message(original)
        original.args = (message,)
        if wrapped is not None:
            name = f"{type(original).__module__}.{type(original).__qualname__}"
            wrapped.args = (f"({name}) {message}",)


def _refuse_ended(_: object, record: ConnectionPoolEntry, __: object) -> None:
    """Have a connection replaced that its server has ended (security R50).

    An idle connection has nothing to read but the news of its end: looking costs no round
    trip, as asking would.
    """
    connection: Any = record.driver_connection
    if connection.closed or _is_readable(connection.fileno()):
        raise DisconnectionError("the server has ended an idle connection")


def _is_readable(descriptor: int) -> bool:
    if hasattr(select, "poll"):  # takes a descriptor of any size, which select does not
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([descriptor], (), (), 0)[0])


def _opening(url: URL) -> Callable[[], AdaptedConnection]:
    dialect = url.get_dialect()
    arguments, settings = dialect().create_connect_args(url)
    driver = dialect.import_dbapi()

    def opening() -> AdaptedConnection:
        connection = await_only(connect(*arguments, pragmas=_PRAGMAS, **settings))
        return AdaptedConnection(driver, connection)

    return opening


def configure_engine(engine: Engine) -> Engine:
    """Give a host's engine the settings portalkit relies on.

    SQLite: WAL, ``synchronous=FULL``, foreign keys, a busy timeout, and transactions that
    begin when SQLAlchemy says so: ``BEGIN IMMEDIATE`` for a write unit (execution option
    ``portalkit_write``), so that two of them never decide the same thing twice.

    On both databases errors no longer carry the values of a statement.
    """
    _hide_values(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("portalkit_write", True)
    driver = connection.connection.driver_connection
    if isinstance(driver, ThreadedConnection):
        driver.begin(writes=writes)
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def session_makers(
    engine: AsyncEngine, info: Mapping[Any, Any] | None = None
) -> tuple[async_sessionmaker[AsyncSession], async_sessionmaker[AsyncSession]]:
    """Return the makers of sessions that only read and of sessions that write.

    Args:
        engine: What they talk to.
        info: Put into the ``info`` of each.
    """
    _hide_values(engine.sync_engine)  # a host's may not have passed through configure_engine
    reading = engine.execution_options(portalkit_write=False)
    if engine.dialect.name == "postgresql":
        # Its statements see each their own moment anyway, so a transaction would only cost:
        # two round trips, and at its end psycopg forgets what the server has prepared.
        reading = reading.execution_options(isolation_level="AUTOCOMMIT")
    options: dict[str, Any] = {"expire_on_commit": False, "info": dict(info or {})}
    return (
        async_sessionmaker(reading, autoflush=False, **options),
        async_sessionmaker(engine, **options),
    )
