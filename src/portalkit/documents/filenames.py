"""Names under which files are handed out (security R42): never a path, never a trick."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

__all__ = ("content_disposition", "document_filename", "safe_filename")

_NOT_ASCII_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_REPEATED: Final = re.compile(r"-{2,}|\.{2,}|_{2,}")
_SUFFIX: Final = re.compile(r"[a-z0-9]{1,8}")
# Separators and what a shell, Windows or a header reads as something else.
_SPECIAL: Final = frozenset("/\\:*?\"<>|%;'`$&#{}~")
_RESERVED: Final = frozenset(
    {"aux", "con", "nul", "prn"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)
_MAX_NUMBER: Final = 80
_MAX_BYTES: Final = 200
_FALLBACK: Final = "document"


def document_filename(kind_word: str, number: str, suffix: str = "pdf", variant: str = "") -> str:
    """Return the name of a document's file: ``factura-F26-0412.pdf``.

    Letters without accents, digits, dot, hyphen and underscore are kept; everything else
    becomes a hyphen. The number's own dots never make another suffix.

    Args:
        kind_word: How the document is called in the reader's language.
        number: As the issuer wrote it; anything may stand in it.
        suffix: Of the format, without a dot.
        variant: What tells it from other files of the same document: it stands at the end.

    Raises:
        ValueError: If the suffix is none.
    """
    if _SUFFIX.fullmatch(suffix) is None:
        raise ValueError(f"{suffix!r} is no suffix")
    words = [_ascii(kind_word).replace(".", "-").lower(), _ascii(number).replace(".", "-")]
    stem = _REPEATED.sub("-", "-".join(word for word in words if word)).strip("-._")
    stem = stem[:_MAX_NUMBER].strip("-._") or _FALLBACK
    stem = f"{_unreserved(stem)}-{variant}" if variant else _unreserved(stem)
    return f"{stem}.{suffix}"


def safe_filename(name: str) -> str:
    """Return the name of a file that somebody sent, without what could deceive or escape.

    Letters of every script stay. Paths, control and bidi characters and what shells and
    Windows treat apart are dropped; the end with the suffix is kept when it is shortened.
    """
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    kept = "".join(letter if _may_stay(letter) else " " for letter in last)
    stem, dot, suffix = " ".join(kept.split()).strip(". ").rpartition(".")
    if not dot or _SUFFIX.fullmatch(suffix.lower()) is None:
        stem, dot, suffix = f"{stem}{dot}{suffix}", "", ""
    stem = _cut(stem.strip(". "), _MAX_BYTES - len(suffix) - 1) or _FALLBACK
    return f"{_unreserved(stem)}{dot}{suffix}"


def content_disposition(name: str, *, inline: bool = False) -> str:
    """Return the header that names a file (RFC 6266), with a plain name for old programs.

    Args:
        name: Any text; what is not safe in a file name is dropped.
        inline: Let the browser show it instead of saving it.
    """
    name = safe_filename(name)
    plain = _ascii(name) or _FALLBACK
    header = f'{"inline" if inline else "attachment"}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _REPEATED.sub("-", _NOT_ASCII_NAME.sub("-", plain)).strip("-._")


def _may_stay(letter: str) -> bool:
    # Cc control, Cf bidi and invisible, Cs surrogates, Co private, Cn unassigned, Zl, Zp.
    category = unicodedata.category(letter)
    return letter not in _SPECIAL and category[0] != "C" and category not in {"Zl", "Zp"}


def _unreserved(stem: str) -> str:
    """Keep clear of the names that Windows takes for devices."""
    return f"_{stem}" if stem.partition(".")[0].strip().lower() in _RESERVED else stem


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore").strip()
