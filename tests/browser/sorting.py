"""Tells whether rows stand in the order that a column's head promises."""

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

from portalkit.documents.keys import fold

COLUMNS = ("Fecha", "Número", "Tipo", "Concepto", "Estado", "Total")
"""The columns of a Spanish list that sort."""


def _amount(text: str) -> int:
    digits = int(re.sub(r"\D", "", text))
    return -digits if text.startswith(("-", "−")) else digits  # noqa: RUF001


_KEYS: dict[str, Callable[[str], Any]] = {
    "Fecha": str,
    "Número": str,
    "Concepto": fold,
    "Total": _amount,
}


def is_sorted(rows: Sequence[dict[str, str]], column: str, *, is_descending: bool) -> bool:
    """Compare the rows' values; types and states only have to stand together."""
    values = [row[column] for row in rows]
    if column in _KEYS:
        keys = list(map(_KEYS[column], values))
        return keys == sorted(keys, reverse=is_descending)
    runs = [value for value, _ in itertools.groupby(values)]
    return len(runs) == len(set(runs))
