"""The rendering process: ``python -m portalkit.rendering.pdf.worker``, with pipes on 0 and 1.

It gets finished HTML and assets, never plugins, configuration or a database. Whatever a
document says, it reaches no file and no network (security R38, R39).
"""

import contextlib
import gc
import os
import resource
import select
import sys
from typing import BinaryIO, Final

from portalkit.rendering.pdf.wire import Job, Ready, Result, Start, receive, send

__all__ = ("main",)

_IDLE_SECONDS: Final = 600
_NICENESS: Final = 5
_MISSING_PANGO: Final = (
    "WeasyPrint cannot load Pango; install it "
    "(Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
)
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.system", "os.spawn", "os.fork")


def main() -> None:
    """Answer one job after the other until nobody asks any more."""
    asked, answers = _private_pipes()
    start = receive(asked, Start)
    if start is None:
        return
    _limit(start)
    try:
        # Half a second and 50 MiB, paid here, after the limits, and never by the web process.
        from portalkit.rendering.pdf.printer import SheetPrinter  # noqa: PLC0415

        printer = SheetPrinter(start.max_output)
    except OSError as error:
        send(answers, Ready(problem=f"{_MISSING_PANGO}: {error}"))
        return
    except ImportError as error:
        send(answers, Ready(problem=f"WeasyPrint cannot be imported: {error}"))
        return
    sys.addaudithook(_refuse)
    gc.collect()
    gc.freeze()
    send(answers, Ready())
    while select.select([asked], [], [], _IDLE_SECONDS)[0]:
        try:
            job = receive(asked, Job)
        except MemoryError:
            send(answers, Result(problem="memory"))
            return
        if job is None:
            return
        _limit_processor(job.seconds)
        result = printer.print(job)
        send(answers, result)
        if result.problem == "memory":
            return


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes away from 0 and 1, so that no library can write into an answer."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return asked, answers


def _limit(start: Start) -> None:
    memory = start.memory_mib * 1024 * 1024
    # A system that has no such limit (macOS knows no address space) still has the clock.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (start.max_output, start.max_output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Somebody who reads a page does not wait for somebody else's PDF.
    os.nice(_NICENESS)


def _limit_processor(seconds: int) -> None:
    """Let this process end itself even if the one that would kill it was killed."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _refuse(event: str, _: object) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for a rendering process")


if __name__ == "__main__":
    main()
