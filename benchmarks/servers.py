"""Servers on loopback, as they run in production: granian with some workers."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import psutil

__all__ = ("Server", "serve")

_PATIENCE = 30.0


class Server(msgspec.Struct, frozen=True):
    """A running server.

    Attributes:
        url: Its address without a path.
        pid: Of the process that minds the workers.
        started_in: Seconds from the start of the process to its first answer.
    """

    url: str
    pid: int
    started_in: float

    def worker_mib(self) -> float:
        """Return the largest proportional set size of a worker, in MiB."""
        return max(_pss(child.pid) for child in self._workers()) / 1024

    def helper_mib(self) -> float:
        """Return the largest proportional set size of what a worker has started, in MiB."""
        started = [child for worker in self._workers() for child in worker.children(recursive=True)]
        return max((_pss(child.pid) for child in started), default=0) / 1024

    def _workers(self) -> Sequence[psutil.Process]:
        workers: Sequence[psutil.Process] = psutil.Process(self.pid).children()
        return workers

    def cpu_seconds(self) -> float:
        """Return the processor time of all its processes so far."""
        family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in family)


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(
    target: str, *, workers: int, ready: str, environ: Mapping[str, str], port: int | None = None
) -> Iterator[Server]:
    """Run an app factory until the block ends.

    Args:
        target: ``module:factory``.
        workers: Processes.
        ready: Path that answers 200 when it works.
        environ: Further variables of the environment.
        port: Port of loopback; a free one when left out.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "granian", target, "--factory", "--interface", "asgi"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    command += ["--loop", "uvloop", "--runtime-mode", "st", "--log-level", "error"]
    # A busy worker may not stop by itself (emmett-framework/granian#875).
    command += ["--workers-kill-timeout", "10"]
    # As ``portalkit serve`` does for its workers.
    environ = {"MALLOC_MMAP_THRESHOLD_": "1048576", **environ}
    began = time.perf_counter()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=os.environ | dict(environ), stderr=log)
        try:
            _wait(f"{url}{ready}", process)
            yield Server(url, process.pid, time.perf_counter() - began)
        except BaseException:
            # Only then is it worth reading: thousands of tries are also refused on purpose.
            log.seek(0)
            sys.stderr.write(log.read().decode("utf-8", "replace")[-4_000:])
            raise
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.perf_counter() + _PATIENCE
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.01)
    raise RuntimeError(f"{url} did not answer in {_PATIENCE:.0f} s")
