"""Texts as XML can hold them, and as EN 16931 wants them: there, or not blank."""

import re
from enum import Enum
from typing import Any, Final, TypeVar

from msgspec import Struct, structs

from portalkit.model import Identifier, Note, ReferenceStated

__all__ = ("cleaned", "without_blanks")

_Value = TypeVar("_Value")

_PAIR: Final = 2
_WITH_TEXTS: Final = (str, tuple, Struct)
# What XML 1.0 cannot hold at all.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def cleaned(text: str | None) -> str | None:
    """Return a text without blanks around it and without what XML cannot hold, if any is left."""
    return _FORBIDDEN.sub(" ", text or "").strip() or None


def without_blanks(value: _Value) -> _Value:
    """Return a document, or a part of one, whose texts are all clean; blank ones are left out.

    Its ``extra`` stays as it is: nothing of it is written.
    """
    clean: Any = value
    match value:
        case Enum():
            pass
        case str():
            clean = cleaned(value)
        case tuple():
            clean = tuple(filter(_says_anything, map(without_blanks, value)))
        case Struct():
            # Most fields of most parts are empty or figures.
            texts = [
                (name, each)
                for name in value.__struct_fields__
                if isinstance(each := getattr(value, name), _WITH_TEXTS)
            ]
            found = ((name, each, _kept(without_blanks(each))) for name, each in texts)
            changes = {name: new for name, each, new in found if new != each}
            clean = structs.replace(value, **changes) if changes else value
    result: _Value = clean
    return result


def _kept(value: object) -> object:
    return value if _says_anything(value) or isinstance(value, tuple) else None


def _says_anything(member: object) -> bool:
    """Say whether a member of a list still has the text that it is there for."""
    match member:
        case None:
            return False
        case tuple():  # name and value of an attribute
            return len(member) == _PAIR
        case Identifier():
            return bool(member.value)
        case Note():
            return bool(member.text)
        case ReferenceStated():
            return bool(member.number)
        case _:
            return True
