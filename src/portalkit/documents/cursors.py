"""Where a page of a list begins or ends: the keys of a row, as text for an address."""

import base64
import binascii
from datetime import date
from typing import Final, Literal

import msgspec

from portalkit.errors import InputRefusedError

__all__ = ("Cursor", "KeyValue", "read_cursor", "write_cursor")

KeyValue = str | int | date
_MAX_LENGTH: Final = 2_000


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The row that a page comes after, or before.

    Attributes:
        side: ``a``: the page after this row; ``b``: the one before it.
        sort: The list's order, for which the keys were taken.
        keys: Values of the columns of the order, the id last.
    """

    side: Literal["a", "b"]
    sort: str
    keys: tuple[KeyValue, ...]


class _Written(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    side: Literal["a", "b"]
    sort: str
    keys: tuple[str | int, ...]


def write_cursor(cursor: Cursor) -> str:
    """Return a cursor as text of letters, digits, ``-`` and ``_``."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def read_cursor(text: str, *, sort: str, types: tuple[type[KeyValue], ...]) -> Cursor:
    """Read a cursor back.

    Args:
        text: From an address; it says where to begin and nothing about who may see what.
        sort: The order of the list that is asked for.
        types: Of the columns of that order.

    Raises:
        InputRefusedError: If it was not written for this order.
    """
    try:
        content = base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
        written = msgspec.json.decode(content[:_MAX_LENGTH], type=_Written)
        keys = tuple(
            msgspec.convert(value, type=kind)
            for value, kind in zip(written.keys, types, strict=True)
        )
    except (binascii.Error, UnicodeError, ValueError, msgspec.DecodeError) as error:
        raise InputRefusedError("cursor", "is none of this list") from error
    if written.sort != sort or any("\x00" in key for key in keys if isinstance(key, str)):
        raise InputRefusedError("cursor", "is none of this list")
    return Cursor(written.side, written.sort, keys)
