"""The pytest plugin of portalkit: fixtures for those who test plugins and hosts.

Everything of portalkit is imported inside functions: pytest loads this module before it
measures coverage, and also for projects whose tests have nothing to do with portalkit.
"""
# ruff: noqa: PLC0415 - see above

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest

__all__ = ("database_url", "fresh_database", "portal_config", "portal_plugins", "postgres_url")

_SECRET = "a-key-for-tests-only-0123456789abcdef"  # noqa: S105 - it protects nothing


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Return the URL of a PostgreSQL server on which tests may make databases.

    Override it in a ``conftest.py``; without one, tests on PostgreSQL are skipped.
    """
    pytest.skip("no PostgreSQL: override the fixture postgres_url")


@pytest.fixture
def portal_plugins() -> Literal["*"] | tuple[str, ...]:
    """Return the plugins of ``portal_config``; override it, or parametrize it indirectly."""
    return "*"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database with the tables of kernel and installed plugins.

    A test runs once on SQLite and once on PostgreSQL; parametrize this fixture indirectly
    with ``["sqlite"]`` where one of them is enough.
    """
    if request.param == "sqlite":
        path = tmp_path / "portalkit.db"
        shutil.copyfile(request.getfixturevalue("_portalkit_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("_portalkit_postgres")
        with fresh_database(request.getfixturevalue("postgres_url"), template) as url:
            yield url


@pytest.fixture
def portal_config(database_url: str, portal_plugins: Any, tmp_path: Path) -> Any:
    """Return a ``PortalConfig`` for a portal with a fresh database and a folder of its own."""
    from portalkit.config import JobsConfig, PortalConfig, Secret

    return PortalConfig(
        database_url=database_url,
        secret_keys=(Secret(_SECRET),),
        storage_url=f"file:{tmp_path / 'files'}",
        plugins=portal_plugins,
        # A test says itself when what it left in the background is done.
        jobs=JobsConfig(embedded=False),
    )


@pytest.fixture(scope="session")
def _portalkit_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portalkit") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _portalkit_postgres(postgres_url: str) -> Iterator[str]:
    from sqlalchemy import make_url

    with fresh_database(postgres_url, "template0") as url:
        _migrate(url)
        yield str(make_url(url).database)


@contextmanager
def fresh_database(server: str, template: str) -> Iterator[str]:
    """Make a database on a PostgreSQL server, yield its URL, and drop it.

    Args:
        server: URL of the server, with rights to make databases.
        template: Name of the database to copy; ``template0`` for an empty one.
    """
    from sqlalchemy import make_url

    name = f"portalkit_{uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _migrate(url: str) -> None:
    from portalkit.config import PortalConfig
    from portalkit.db.migrate import upgrade
    from portalkit.hooks import inspect_plugins

    # A plugin that is broken is somebody else's failing test, and has no tables here.
    upgrade(url, inspect_plugins(PortalConfig()))


def _execute(server: str, statement: str) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
