"""Identifiers: UUID version 7 as text, in its one canonical spelling."""

import os
import re
import time
from typing import Final
from uuid import UUID

__all__ = ("is_id", "new_id")

_CANONICAL: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)


def new_id(milliseconds: int | None = None) -> str:
    """Make an identifier that sorts by time (RFC 9562, version 7).

    Those of one process sort in the order they were made, within a millisecond too: what
    happened together is told in its order.

    Args:
        milliseconds: Unix time to put into it; now when left out.
    """
    random = int.from_bytes(os.urandom(10), "big")
    if milliseconds is None:
        at, rest = divmod(time.time_ns(), 1_000_000)
        # Twelve bits of the clock's finer part (method 3 of section 6.2).
        fraction = (rest << 12) // 1_000_000
    else:
        at, fraction = milliseconds, random >> 68
    value = (at & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | fraction << 64
    value |= 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
    return str(UUID(int=value))


def is_id(text: str) -> bool:
    """Say whether a text is an identifier in canonical spelling (lower case, with hyphens)."""
    return _CANONICAL.fullmatch(text) is not None
