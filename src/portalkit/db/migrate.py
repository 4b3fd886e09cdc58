"""Upgrade the database of kernel and plugins, and say what is pending.

Every owner has migrations of its own and a version table of its own. Alembic is imported only
when something is upgraded.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from portalkit.db.engine import configure_engine, sync_url
from portalkit.db.revisions import (
    HasPlugins,
    Owner,
    current_revisions,
    is_pending,
    owners_of,
    read_revisions,
)
from portalkit.errors import MigrationsPendingError

__all__ = ("check_migrated", "current", "downgrade", "pending", "reading", "upgrade")

# Any number will do, as long as nobody else in the database locks the same one.
_LOCK: Final = 7_012_026_011
# Another process may be upgrading; that is worth waiting for longer than for a request.
_BUSY_TIMEOUT_MS: Final = 120_000

Target = str | Connection
"""A database: its URL, or a connection, in whose transaction everything then happens."""


def upgrade(target: Target, registry: HasPlugins) -> list[str]:
    """Bring the kernel's and all plugins' tables up to date, each owner in one transaction.

    Two processes may do so at once: one of them works, the other waits and finds it done.

    Args:
        target: URL, or a connection of the host; without a transaction one is begun on it.
        registry: The loaded plugins.

    Returns:
        Names of the owners that were not up to date.
    """
    return [owner.name for owner in owners_of(registry) if _in_transaction(target, owner, _upgrade)]


def downgrade(target: Target, registry: HasPlugins, owner: str, revision: str = "base") -> None:
    """Take an owner's migrations back; for tests, and before a plugin is uninstalled.

    Args:
        target: URL or connection.
        registry: The loaded plugins.
        owner: ``portalkit`` or the name of a plugin.
        revision: Down to which; ``base`` takes everything back.

    Raises:
        LookupError: If there is no such owner.
    """
    found = {candidate.name: candidate for candidate in owners_of(registry)}[owner]

    def run(connection: Connection, owner: Owner) -> bool:
        _alembic().downgrade(_alembic_config(connection, owner), revision)
        return True

    _in_transaction(target, found, run)


def current(target: Target, registry: HasPlugins) -> dict[str, tuple[str, ...]]:
    """Return the revisions that the database is at, by owner; empty where there are none."""
    owners = owners_of(registry)
    if isinstance(target, str) and not _exists(target):
        return {owner.name: () for owner in owners}
    with reading(target) as connection:
        return {owner.name: current_revisions(connection, owner) for owner in owners}


def pending(target: Target, registry: HasPlugins) -> list[str]:
    """Return the owners whose migrations are not all in the database."""
    found = current(target, registry)
    return [
        owner.name
        for owner in owners_of(registry)
        if is_pending(found[owner.name], read_revisions(owner.folder))
    ]


def check_migrated(target: Target, registry: HasPlugins) -> None:
    """Refuse to work on a database that is older than the code.

    Raises:
        MigrationsPendingError: If migrations are pending.
    """
    if owners := pending(target, registry):
        raise MigrationsPendingError(owners)


def _upgrade(connection: Connection, owner: Owner) -> bool:
    if not is_pending(current_revisions(connection, owner), read_revisions(owner.folder)):
        return False
    _alembic().upgrade(_alembic_config(connection, owner), "heads")
    return True


def _alembic() -> Any:
    from alembic import command  # noqa: PLC0415 - needed by the command line only

    return command


def _alembic_config(connection: Connection, owner: Owner) -> Any:
    from alembic.config import Config  # noqa: PLC0415 - needed by the command line only

    config = Config()
    options = {
        "script_location": Path(__file__).parent / "migrations",
        "version_locations": owner.folder,
        "path_separator": "newline",
    }
    for name, value in options.items():
        config.set_main_option(name, str(value).replace("%", "%%"))
    config.attributes.update(connection=connection, version_table=owner.version_table)
    return config


def _in_transaction(target: Target, owner: Owner, run: Callable[[Connection, Owner], bool]) -> bool:
    with _writing(target) as connection:
        if connection.dialect.name == "postgresql":
            # Ends with the transaction. SQLite locks as it begins (BEGIN IMMEDIATE).
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        result = run(connection, owner)
        _check_foreign_keys(connection)
        return result


@contextmanager
def _writing(target: Target) -> Iterator[Connection]:
    if isinstance(target, Connection):
        begun: AbstractContextManager[Any] = (
            nullcontext() if target.in_transaction() else target.begin()
        )
        with begun:
            yield target
    else:
        with _engine(target) as engine, engine.begin() as connection:
            yield connection


@contextmanager
def reading(target: Target) -> Iterator[Connection]:
    """Yield a connection that only reads: the given one, or a new one to a URL."""
    if isinstance(target, Connection):
        yield target
    else:
        with _engine(target) as engine:
            reading = engine.execution_options(portalkit_write=False)
            with reading.connect() as connection:
                yield connection


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = configure_engine(create_engine(sync_url(url), poolclass=NullPool))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
    try:
        yield engine
    finally:
        engine.dispose()


def _on_connect(connection: Any, record: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    # A table that is rebuilt is dropped on the way, which would delete what refers to it.
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise RuntimeError(f"a migration left a row of {broken[0]} without its {broken[2]}")


def _exists(url: str) -> bool:
    """Whether looking at a database would not make it: SQLite creates a file to look into."""
    parsed = sync_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return True
    return Path(parsed.database).exists()
