"""Figures with their goals, as they are printed and written down."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

__all__ = ("Figure", "at_least", "at_most", "for_information", "show", "write")


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value.

    Attributes:
        goal: ``None`` for what is measured for information.
        ok: Whether the goal is met; true without one.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    ok: bool = True
    bound: Literal["<=", ">="] = "<="


def at_most(name: str, value: float, goal: float, unit: str = "") -> Figure:
    """Return a figure that is good when it is small."""
    return Figure(name=name, value=_round(value), unit=unit, goal=goal, ok=value <= goal)


def at_least(name: str, value: float, goal: float, unit: str = "") -> Figure:
    """Return a figure that is good when it is large."""
    return Figure(
        name=name, value=_round(value), unit=unit, goal=goal, ok=value >= goal, bound=">="
    )


def for_information(name: str, value: float, unit: str = "") -> Figure:
    """Return a figure without a goal."""
    return Figure(name=name, value=_round(value), unit=unit)


def _round(value: float) -> float:
    return round(value, 3 if abs(value) < 10 else 1)


def show(figures: Iterable[Figure]) -> None:
    """Print all figures as a table."""
    table = Table(title="portalkit benchmarks")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("goal", justify="right")
    table.add_column("")
    for figure in figures:
        goal = "" if figure.goal is None else f"{figure.bound} {figure.goal:g}"
        mark = "" if figure.goal is None else "ok" if figure.ok else "[red]missed[/red]"
        table.add_row(figure.name, f"{figure.value:,g}", figure.unit, goal, mark)
    Console(width=110).print(table)


def write(figures: Iterable[Figure], path: Path) -> None:
    """Write all figures as a JSON list of ``{name, value, unit, goal, ok}``."""
    rows = [
        {name: getattr(figure, name) for name in ("name", "value", "unit", "goal", "ok")}
        for figure in figures
    ]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")
