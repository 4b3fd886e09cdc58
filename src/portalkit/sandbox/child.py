"""The sandboxed side: pipes on 0 and 1, limits, and nothing else within reach."""

import contextlib
import os
import resource
import select
import sys
from typing import BinaryIO, Final

__all__ = ("forbid_reaching_out", "is_asked", "limit", "limit_processor", "private_pipes")

_IDLE_SECONDS: Final = 600
_NICENESS: Final = 5
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.system", "os.spawn", "os.fork")


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes away from 0 and 1, so that no library can write into an answer."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return asked, answers


def limit(memory_mib: int, max_output: int) -> None:
    """Limit address space and the size of files, and step back behind other processes."""
    memory = memory_mib * 1024 * 1024
    # A system that has no such limit (macOS knows no address space) still has the clock.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_output, max_output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Somebody who reads a page does not wait for somebody else's PDF.
    os.nice(_NICENESS)


def limit_processor(seconds: int) -> None:
    """Let this process end itself even if the one that would kill it was killed."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))


def forbid_reaching_out() -> None:
    """Let nothing in this process open a connection or start another one, from now on."""
    sys.addaudithook(_refuse)


def is_asked(asked: BinaryIO) -> bool:
    """Wait for a question; ``False`` after ten minutes without one."""
    return bool(select.select([asked], [], [], _IDLE_SECONDS)[0])


def _refuse(event: str, _: object) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for a sandboxed process")
