"""``python -m benchmarks.report``: write the figures of the last run into the documentation."""

import os
import platform
import re
import sys
from pathlib import Path

import msgspec

__all__ = ("main",)

_RESULTS = Path(__file__).parent / "results.json"
_PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def main() -> int:
    """Replace what stands between the marks of the page."""
    name = sys.argv[1] if len(sys.argv) > 1 else "bench"
    text = _PAGE.read_text("utf-8")
    table = _table(msgspec.json.decode(_RESULTS.read_bytes()))
    marked = re.compile(rf"(<!-- figures: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    _PAGE.write_text(marked.sub(lambda m: m[1] + table + m[2], text), "utf-8")
    return 0


def _table(figures: list[dict[str, object]]) -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    rows = [f"Measured on {machine}.\n\n| figure | value | goal | |\n| --- | ---: | ---: | --- |"]
    for figure in figures:
        goal, value = figure["goal"], figure["value"]
        shown = "" if goal is None else f"{goal:g}"
        mark = "" if goal is None else "ok" if figure["ok"] else "**missed**"
        rows.append(f"| {figure['name']} | {value:,g} {figure['unit']} | {shown} | {mark} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
