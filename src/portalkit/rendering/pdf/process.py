"""A rendering process seen from the web process: started, asked, ended in time."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import BinaryIO, Final, TypeVar, cast

import msgspec

from portalkit.errors import RenderingError, RenderingTimeoutError
from portalkit.rendering.pdf.wire import Job, Ready, Result, Start, receive, send

__all__ = ("RenderingProcess",)

_Answer = TypeVar("_Answer", bound=msgspec.Struct)

_START_SECONDS: Final = 60.0
_PROBLEMS: Final = {
    "failed": "the document cannot be set",
    "memory": "the document needs more memory than allowed",
    "size": "the PDF is larger than allowed",
}


class RenderingProcess:
    """One process and the pipe to it; used by one thread at a time.

    Args:
        start: Limits of the process.
        environment: Its environment, whole: secrets of the web process are not in it.

    Raises:
        RenderingError: If it cannot be started, or lacks Pango.
    """

    def __init__(self, start: Start, environment: Mapping[str, str]) -> None:
        self.jobs = 0
        self._is_late = False
        command = [sys.executable, "-P", "-m", "portalkit.rendering.pdf.worker"]
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own module, no input
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=dict(environment),
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise RenderingError(f"cannot start a rendering process: {error}") from error
        self._to = cast("BinaryIO", self._process.stdin)
        self._from = cast("BinaryIO", self._process.stdout)
        ready = self._ask(start, Ready, _START_SECONDS)
        if ready is None or ready.problem:
            self.end()
            raise RenderingError(ready.problem if ready and ready.problem else self._why())

    def render(self, job: Job, timeout: float) -> Result | None:
        """Return a job's result, or ``None`` if the process had ended before it got the job.

        Raises:
            RenderingTimeoutError: If it took longer than ``timeout`` seconds.
            RenderingError: If the process broke down, or the document cannot be rendered.
        """
        self.jobs += 1
        result = self._ask(job, Result, timeout)
        if result is None:
            if self._is_late:
                raise RenderingTimeoutError(f"not rendered within {timeout:g} s")
            if self._process.wait() == 0:
                return None
            raise RenderingError(self._why())
        if result.problem:
            raise RenderingError(f"{_PROBLEMS[result.problem]}: {result.detail}")
        return result

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it may be asked again."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once; whoever waits for its answer gets none."""
        self._process.kill()

    def end(self) -> None:
        """Kill it and close the pipes."""
        self._process.kill()
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.wait()

    def _ask(
        self, question: msgspec.Struct, answer: type[_Answer], timeout: float
    ) -> _Answer | None:
        # Blocking reads and writes end when the process is killed, so a timer is enough.
        timer = threading.Timer(timeout, self._too_late)
        timer.daemon = True
        timer.start()
        try:
            send(self._to, question)
            return receive(self._from, answer)
        except (OSError, ValueError, msgspec.DecodeError):
            # Gone, closed by the other thread, or nonsense: all of it means that it broke down.
            self._process.kill()
            return None
        finally:
            timer.cancel()

    def _too_late(self) -> None:
        self._is_late = True
        self._process.kill()

    def _why(self) -> str:
        code = self._process.wait()
        if code < 0:
            return f"the rendering process was ended by signal {-code}"
        return f"the rendering process ended with code {code}"
