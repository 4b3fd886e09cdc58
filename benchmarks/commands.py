"""What a person waits for at the command line: an import, a folder of files."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from os import environ
from pathlib import Path

from benchmarks.documents import ubl_invoice
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.site import Site

__all__ = ("measure_commands",)

_FILES = 1_500
_TRIES = 7


def measure_commands(site: Site) -> Iterator[Figure]:
    """Yield the time of ``import portalkit`` and the rate of ``portalkit import``."""
    bare, ours = _python("pass"), _python("import portalkit")
    yield at_most("import portalkit", (ours - bare) * 1000, 50, "ms")
    folder = site.folder / "incoming"
    folder.mkdir()
    for place in range(_FILES):
        (folder / f"{place:05d}.xml").write_text(ubl_invoice(place), "utf-8")
    began = time.perf_counter()
    command = [str(Path(sys.executable).parent / "portalkit"), "import", str(folder)]
    done = subprocess.run(
        command, env=environ | site.environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the import failed: {done.stderr[-500:]}")
    yield at_least("portalkit import, UBL", _FILES / (time.perf_counter() - began), 150, "files/s")


def _python(code: str) -> float:
    """Return the median time of a fresh interpreter that runs some code."""
    times = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)
