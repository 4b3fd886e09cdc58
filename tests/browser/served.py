"""The example app in a process of its own, for as long as a block lasts."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

TODAY = "2026-11-24"
_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
# Filling the demo takes seconds of a processor that others may be using too.
_PATIENCE = 180.0


@contextlib.contextmanager
def served(folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve the example from a folder, filled if it is empty, and return its address.

    Args:
        folder: Where its data lies.
        host: In its address; ``localhost`` for passkeys, which know no numbers.

    Raises:
        AssertionError: If it does not get ready, or has logged an error by the end.
    """
    port = _free_port()
    log = folder / "served.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, _HERE / "serve.py"],
            cwd=_ROOT,
            env=os.environ
            | {
                "PYTHONPATH": os.pathsep.join((str(_ROOT), os.environ.get("PYTHONPATH", ""))),
                "DEMO_DIR": str(folder),
                "DEMO_HOST": host,
                "DEMO_TODAY": TODAY,
                "PORT": str(port),
            },
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://{host}:{port}"
    try:
        _await_ready(process, url, log)
        yield url
    finally:
        _end(process)
    said = log.read_text("utf-8")
    assert "Traceback" not in said, said[-4000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text("utf-8")[-4000:]
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(f"{url}/-/ready", timeout=5) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"not ready after {_PATIENCE} s: {log.read_text('utf-8')[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop; closing its input makes its whole group stop if it does not."""
    process.terminate()
    with process, contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(15)
