"""A rendering process seen from the web process."""

from typing import Final

from portalkit.errors import RenderingError, RenderingTimeoutError
from portalkit.rendering.pdf.wire import Job, Ready, Result, Start
from portalkit.sandbox.process import SandboxProcess

__all__ = ("RenderingProcess",)

_START_SECONDS: Final = 60.0
_PROBLEMS: Final = {
    "failed": "the document cannot be set",
    "memory": "the document needs more memory than allowed",
    "size": "the PDF is larger than allowed",
}


class RenderingProcess:
    """One process that renders; used by one thread at a time.

    Args:
        start: Limits of the process.

    Raises:
        RenderingError: If it cannot be started, or lacks Pango.
    """

    def __init__(self, start: Start) -> None:
        self.jobs = 0
        try:
            self._process = SandboxProcess("portalkit.rendering.pdf.worker")
        except OSError as error:
            raise RenderingError(f"cannot start a rendering process: {error}") from error
        ready = self._process.ask(start, Ready, _START_SECONDS)
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
        result = self._process.ask(job, Result, timeout)
        if result is None:
            if self._process.is_late:
                raise RenderingTimeoutError(f"not rendered within {timeout:g} s")
            if self._process.exit_code() == 0:
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
        return self._process.is_alive

    def kill(self) -> None:
        """End it at once; whoever waits for its answer gets none."""
        self._process.kill()

    def end(self) -> None:
        """Kill it and close the pipes."""
        self._process.end()

    def _why(self) -> str:
        code = self._process.exit_code()
        if code < 0:
            return f"the rendering process was ended by signal {-code}"
        return f"the rendering process ended with code {code}"
