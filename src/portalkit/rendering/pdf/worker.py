"""The rendering process: ``python -m portalkit.rendering.pdf.worker``, with pipes on 0 and 1.

It gets finished HTML and assets, never plugins, configuration or a database. Whatever a
document says, it reaches no file and no network (security R38, R39).
"""

import gc
from typing import Final

from portalkit.rendering.pdf.wire import Job, Ready, Result, Start
from portalkit.sandbox.child import (
    forbid_reaching_out,
    is_asked,
    limit,
    limit_processor,
    private_pipes,
)
from portalkit.sandbox.wire import receive, send

__all__ = ("main",)

_MISSING_PANGO: Final = (
    "WeasyPrint cannot load Pango; install it "
    "(Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
)


def main() -> None:
    """Answer one job after the other until nobody asks any more."""
    asked, answers = private_pipes()
    start = receive(asked, Start)
    if start is None:
        return
    limit(start.memory_mib, start.max_output)
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
    forbid_reaching_out()
    gc.collect()
    gc.freeze()
    send(answers, Ready())
    while is_asked(asked):
        try:
            job = receive(asked, Job)
        except MemoryError:
            send(answers, Result(problem="memory"))
            return
        if job is None:
            return
        limit_processor(job.seconds)
        result = printer.print(job)
        send(answers, result)
        if result.problem == "memory":
            return


if __name__ == "__main__":
    main()
