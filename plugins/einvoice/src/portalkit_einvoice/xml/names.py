"""Names of elements, and the root of a file as its first bytes tell it."""

import re
from typing import Final

__all__ = ("find_root", "local_name", "shown", "split_name")

_MISC: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_START: Final = re.compile(r"<(?:([\w.-]+):)?([\w.-]+)((?:\s+[^<>]*)?)/?>")
_UTF16: Final = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}


def split_name(name: str) -> tuple[str, str]:
    """Split ``{namespace}local`` into its two parts; the namespace may be empty."""
    namespace, _, local = name.rpartition("}")
    return namespace[1:], local


def local_name(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def shown(text: str) -> str:
    """Return a text of a file as one line that can be shown to people."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def find_root(head: bytes) -> tuple[str, str] | None:
    """Return namespace and local name of the root, if the start of a file shows them.

    Only looks: whether the file is well-formed is the parser's word.
    """
    text = head.decode(_UTF16.get(head[:2], "latin-1"), "ignore").removeprefix("\ufeff")
    text = text.removeprefix("\xef\xbb\xbf")
    position = 0
    while match := _MISC.match(text, position):
        position = match.end()
    start = _START.match(text, position)
    if start is None:
        return None
    prefix, local, attributes = start.groups()
    declaration = f"xmlns:{prefix}" if prefix else "xmlns"
    namespace = re.search(rf"\s{re.escape(declaration)}\s*=\s*[\"']([^\"']*)", attributes)
    return (namespace[1].strip() if namespace else "", local)
