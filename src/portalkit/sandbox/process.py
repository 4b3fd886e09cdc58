"""A sandboxed process as the one that asks sees it: started, asked, ended in time."""

import contextlib
import os
import subprocess
import sys
import threading
from typing import BinaryIO, TypeVar, cast

import msgspec

from portalkit.config import child_environment
from portalkit.sandbox.wire import receive, send

__all__ = ("SandboxProcess",)

_Answer = TypeVar("_Answer", bound=msgspec.Struct)


class SandboxProcess:
    """One process and the pipe to it; used by one thread at a time.

    Its environment holds no secret of the process that starts it.

    Args:
        module: What it runs; see :mod:`portalkit.sandbox.child`.

    Raises:
        OSError: If it cannot be started.
    """

    def __init__(self, module: str) -> None:
        self._is_late = False
        environment = child_environment()
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        # The order of sets decides nothing in what must be the same every time.
        environment["PYTHONHASHSEED"] = "0"
        self._process = subprocess.Popen(  # noqa: S603 -- our own module, no input
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
        self._to = cast("BinaryIO", self._process.stdin)
        self._from = cast("BinaryIO", self._process.stdout)

    def ask(
        self, question: msgspec.Struct, answer: type[_Answer], timeout: float
    ) -> _Answer | None:
        """Return the answer, or ``None`` if there is none; then the process has ended.

        Args:
            question: What to send.
            answer: The type of the answer.
            timeout: Seconds after which the process is killed.
        """
        # Blocking reads and writes end when the process is killed, so a timer is enough.
        timer = threading.Timer(timeout, self._too_late)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(question, answer)
        finally:
            timer.cancel()

    @property
    def is_late(self) -> bool:
        """Whether it was killed because an answer took too long."""
        return self._is_late

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

    def exit_code(self) -> int:
        """Wait for its end and return its exit code: 0 if it went to rest, negative a signal."""
        return self._process.wait()

    def _exchange(self, question: msgspec.Struct, answer: type[_Answer]) -> _Answer | None:
        try:
            send(self._to, question)
            found = receive(self._from, answer)
        except (OSError, ValueError, msgspec.DecodeError):
            # Gone, closed by the other thread, or nonsense: all of it means that it broke down.
            self._process.kill()
            return None
        return found

    def _too_late(self) -> None:
        self._is_late = True
        self._process.kill()
