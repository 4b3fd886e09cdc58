"""A body as bytes: checked, then written in one canonical form that has one SHA-256."""

import re
from hashlib import sha256
from typing import Final

import msgspec

from portalkit.documents.checks import MAX_TEXT, check_body, check_plain_body
from portalkit.errors import DocumentRefusedError
from portalkit.model import DocumentBody

__all__ = ("canonical", "check_body", "checked_canonical", "digest", "read_body")

_encode: Final = msgspec.json.Encoder(order="sorted").encode
_decode: Final = msgspec.json.Decoder(DocumentBody).decode


# What JSON shows of a text or a number that is not to be had; the same bytes may also be
# innocent, and are then looked at one by one. Each pattern begins with fixed bytes, since only
# then the search skips what cannot match: escaped and C1 control characters, DEL, no
# characters; quoted decimals that are long, have an exponent or are not finite; plain numbers
# that are long, and floats, which no field may hold.
_ODD: Final = tuple(
    re.compile(pattern).search
    for pattern in (
        rb"\\u[0-9a-f]",
        rb"\x7f",
        rb"\xc2[\x80-\x9f]",
        rb"\xef\xbf[\xbe\xbf]",
        rb':"(?=[-0-9sNI])-?(?:[0-9.]{15}|[0-9.]+E|s?NaN|Inf)',
        rb":-?[0-9](?:[0-9]{14}|[0-9]*[.eE])",
    )
)


def canonical(body: DocumentBody) -> bytes:
    """Return the one JSON form of a body: sorted keys, no defaults, decimals as text.

    Raises:
        DocumentRefusedError: If a field has a type of which it could not be read back.
    """
    content = _encode(body)
    try:
        _decode(content)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        raise DocumentRefusedError(path.rstrip("`") or "body", reason) from None
    return content


def digest(content: bytes) -> str:
    """Return the SHA-256 of canonical bytes in hexadecimal: a version's fingerprint."""
    return sha256(content).hexdigest()


def read_body(content: str | bytes) -> DocumentBody:
    """Read a stored body back."""
    return _decode(content)


def checked_canonical(body: DocumentBody) -> bytes:
    """Check a body and return its canonical form; most are known to be fine by their bytes.

    Raises:
        DocumentRefusedError: With the path of the first wrong value (see ``check_body``).
    """
    try:
        content = canonical(body)
    except (UnicodeError, RecursionError, TypeError, OverflowError) as error:
        check_body(body)
        raise DocumentRefusedError("body", "cannot be written as JSON") from error
    if len(content) > MAX_TEXT or any(is_odd(content) for is_odd in _ODD):
        check_body(body)
    else:
        check_plain_body(body)
    return content
