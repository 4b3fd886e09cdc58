"""Texts that speak of somebody, found by names, addresses and numbers."""

import re
from collections.abc import Iterator
from typing import Any

__all__ = ("mentions_in", "silenced", "speaks")


def mentions_in(value: Any, pattern: re.Pattern[str] | None) -> Iterator[str]:
    """Yield the texts of a JSON value that speak of somebody, those of its keys too."""
    match value:
        case str():
            if pattern is not None and pattern.search(value) is not None:
                yield value
        case list() | tuple():
            for each in value:
                yield from mentions_in(each, pattern)
        case dict():
            for name, each in value.items():
                yield from mentions_in(name, pattern)
                yield from mentions_in(each, pattern)


def speaks(value: Any, pattern: re.Pattern[str] | None) -> bool:
    """Say whether a JSON value speaks of somebody."""
    return next(mentions_in(value, pattern), None) is not None


def silenced(value: Any, pattern: re.Pattern[str] | None) -> Any:
    """Return a JSON value without the texts that speak of somebody."""
    match value:
        case str():
            return "" if speaks(value, pattern) else value
        case list():
            return [silenced(each, pattern) for each in value]
        case dict():
            return {
                name: silenced(each, pattern)
                for name, each in value.items()
                if not speaks(name, pattern)
            }
        case _:
            return value
