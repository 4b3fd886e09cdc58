"""The pytest plugin of portalkit: fixtures for those who test plugins and hosts.

Everything of portalkit is imported inside functions: pytest loads this module before it
measures coverage, and also for projects whose tests have nothing to do with portalkit.
"""
# ruff: noqa: PLC0415 - see above

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

__all__ = (
    "database_url",
    "portal_config",
    "portal_plugins",
    "postgres_url",
    "shared_database_url",
    "shared_portal_config",
)

_SECRET = "a-key-for-tests-only-0123456789abcdef"  # noqa: S105 - it protects nothing


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Return the URL of a PostgreSQL server on which tests may make databases.

    Override it in a ``conftest.py``; without one, tests on PostgreSQL are skipped.
    """
    pytest.skip("no PostgreSQL: override the fixture postgres_url")


@pytest.fixture(scope="session")
def portal_plugins() -> Literal["*"] | tuple[str, ...]:
    """Return the plugins of ``portal_config``; override it, or parametrize it indirectly."""
    return "*"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database with the tables of kernel and installed plugins.

    A test runs once on SQLite and once on PostgreSQL; parametrize this fixture indirectly
    with ``["sqlite"]`` where one of them is enough.
    """
    yield from _database(request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield such a database for all tests of a module, which only read what is in it."""
    yield from _database(request, tmp_path_factory.mktemp("database"))


def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        path = folder / "portalkit.db"
        shutil.copyfile(request.getfixturevalue("_portalkit_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        with request.getfixturevalue("_portalkit_postgres").lend() as url:
            yield url


@pytest.fixture
def portal_config(database_url: str, portal_plugins: Any, tmp_path: Path) -> Any:
    """Return a ``PortalConfig`` for a portal with a fresh database and a folder of its own."""
    return _config(database_url, portal_plugins, tmp_path)


@pytest.fixture(scope="module")
def shared_portal_config(
    shared_database_url: str, portal_plugins: Any, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Return a ``PortalConfig`` for all tests of a module, which only read."""
    return _config(shared_database_url, portal_plugins, tmp_path_factory.mktemp("portal"))


def _config(database_url: str, plugins: Any, folder: Path) -> Any:
    from portalkit.config import JobsConfig, PortalConfig, Secret

    return PortalConfig(
        database_url=database_url,
        secret_keys=(Secret(_SECRET),),
        storage_url=f"file:{folder / 'files'}",
        plugins=plugins,
        # A test says itself when what it left in the background is done.
        jobs=JobsConfig(embedded=False),
    )


@pytest.fixture(scope="session")
def _portalkit_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portalkit") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _portalkit_postgres(postgres_url: str) -> Iterator[Any]:
    from sqlalchemy import make_url

    from portalkit.testing.postgres import Databases, fresh_database

    with fresh_database(postgres_url, "template0") as url:
        _migrate(url)
        databases = Databases(postgres_url, str(make_url(url).database))
        yield databases
        databases.close()


def _migrate(url: str) -> None:
    from portalkit.config import PortalConfig
    from portalkit.db.migrate import upgrade
    from portalkit.hooks import inspect_plugins

    # A plugin that is broken is somebody else's failing test, and has no tables here.
    upgrade(url, inspect_plugins(PortalConfig()))
