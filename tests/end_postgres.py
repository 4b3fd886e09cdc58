"""Ends the PostgreSQL server of a test run when the last process of the run has ended.

Each process that uses the server starts one of these and holds its standard input open. That
closes by itself when the process ends, also by ``kill -9``, which runs no clean-up.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

_PATIENCE = 30.0


def main(folder: Path) -> None:
    """Wait for the end of whoever started this, and end the server if nobody else uses it."""
    with folder.with_suffix(".users").open("ab") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        sys.stdin.buffer.read()
        # An upgrade would keep the others' from succeeding: give up the share first.
        fcntl.flock(users, fcntl.LOCK_UN)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _end(folder)
        Path(users.name).unlink(missing_ok=True)


def _end(folder: Path) -> None:
    running = folder / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(int(running.read_text("utf-8").partition("\n")[0]), signal.SIGQUIT)
        until = time.monotonic() + _PATIENCE
        while running.exists() and time.monotonic() < until:
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
