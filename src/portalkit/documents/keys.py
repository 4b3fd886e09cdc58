"""Keys that order and find documents alike on every database: folded here, not in SQL."""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Final

__all__ = (
    "NEVER",
    "SMALLEST_TOTAL",
    "contact_token",
    "description_key",
    "fold",
    "number_key",
    "number_prefixes",
    "search_text",
    "status_key",
    "total_key",
)

NEVER: Final = date(9999, 12, 31)
"""Stands for "no date" where a column must have one; later than every real date."""

SMALLEST_TOTAL: Final = -(10**18)
"""Stands for "no total" in an order; smaller than every real amount."""

_DIGITS: Final = re.compile(r"\d+", re.ASCII)
_DIGITS_AT_END: Final = re.compile(r"\d+\Z", re.ASCII)
# The marks of European languages; those of others are looked up one by one.
_MARKS: Final = re.compile("[\u0300-\u036f]+")
_WIDTH: Final = 12
_KEY_LENGTH: Final = 160
_SEARCH_LENGTH: Final = 20_000
_PRIVATE_USE: Final = 0xE000
_PRIVATE_USE_SIZE: Final = 6400
_RANK_STEP: Final = 100_000_000


def fold(text: str) -> str:
    """Return a text without case, accents and repeated spaces."""
    if text.isascii():
        return " ".join(text.casefold().split())
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if not bare.isascii():
        bare = "".join(char for char in bare if not unicodedata.combining(char))
        bare = unicodedata.normalize("NFC", bare)
    return " ".join(bare.split())


def _pad(match: re.Match[str]) -> str:
    return match[0].lstrip("0").rjust(_WIDTH, "0")


def number_key(number: str) -> str:
    """Return the key by which numbers sort: ``F-9`` before ``F-10``."""
    return _DIGITS.sub(_pad, fold(number))[:_KEY_LENGTH]


def description_key(description: str) -> str:
    """Return the key by which descriptions sort."""
    return _DIGITS.sub(_pad, fold(description[:_KEY_LENGTH]))[:_KEY_LENGTH]


def number_prefixes(typed: str) -> tuple[str, ...]:
    """Return what the key of a number begins with if the number begins with ``typed``.

    Digits at the end may be the first of a longer run, so there is one prefix for each
    length of that run.
    """
    folded = fold(typed)
    match = _DIGITS_AT_END.search(folded)
    digits = match[0].lstrip("0") if match else ""
    if match is None or not digits:
        head = folded[: match.start()] if match else folded
        return (_DIGITS.sub(_pad, head),)
    head = _DIGITS.sub(_pad, folded[: match.start()])
    return tuple(head + "0" * zeros + digits for zeros in range(_WIDTH - len(digits), -1, -1))


def status_key(rank: int, due_on: date | None) -> int:
    """Return the key by which documents sort by status: rank first, then the due day."""
    day = due_on or NEVER
    return rank * _RANK_STEP + day.year * 10_000 + day.month * 100 + day.day


def total_key(total: int | None) -> int:
    """Return the key by which documents sort by total; without a total they come first."""
    return SMALLEST_TOTAL if total is None else total


@lru_cache(1024)
def contact_token(contact_id: str) -> str:
    """Return three characters that stand for a contact in the text index.

    They are one trigram, from the private use area, so that the index itself narrows a
    search to the contact; two contacts with one token are told apart by the query.
    """
    number = int.from_bytes(sha256(contact_id.encode()).digest()[:8], "big")
    token = ""
    for _ in range(3):
        number, digit = divmod(number, _PRIVATE_USE_SIZE)
        token += chr(_PRIVATE_USE + digit)
    return token


def search_text(contact_id: str, *parts: str | None) -> str:
    """Return what is searched of a document: its contact's token, and each of its words once.

    A search asks for words, so that it does not matter how often or in which order they come.
    """
    words = dict.fromkeys(fold(" ".join(part for part in parts if part)).split(" "))
    return f"{contact_token(contact_id)} {' '.join(words)}"[:_SEARCH_LENGTH]
