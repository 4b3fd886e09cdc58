"""What a person waits for at the command line."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.bench_import import measure_import
from benchmarks.figures import Figure, at_most

__all__ = ("measure_commands",)

_TRIES = 7


def measure_commands(files: int) -> Iterator[Figure]:
    """Yield the time of ``import portalkit`` and the figures of ``portalkit import``."""
    bare, ours = _python("pass"), _python("import portalkit")
    yield at_most("import portalkit", (ours - bare) * 1000, 50, "ms")
    yield from measure_import(files)


def _python(code: str) -> float:
    """Return the median time of a fresh interpreter that runs some code."""
    times = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)
