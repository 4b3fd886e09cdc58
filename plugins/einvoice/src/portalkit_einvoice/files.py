"""Names and types of files inside documents, which strangers have chosen."""

import re
from pathlib import PurePosixPath
from typing import Final

__all__ = ("MAX_FILES", "clean_media_type", "clean_name")

MAX_FILES: Final = 100
"""More files inside one document are refused."""

_NAME_LENGTH: Final = 120
_SUFFIX_LENGTH: Final = 10
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,48}/[a-z0-9][a-z0-9.+-]{0,48}")


def clean_name(stated: str) -> str:
    """Return the last part of a name, without characters that deceive or lead elsewhere.

    At most 120 characters, the suffix among them; empty if nothing is left.
    """
    last = stated.replace("\\", "/").rpartition("/")[2]
    clean = "".join(char for char in last if char.isprintable()).strip(". ")
    if len(clean) > _NAME_LENGTH:
        suffix = PurePosixPath(clean).suffix[:_SUFFIX_LENGTH]
        clean = clean[: _NAME_LENGTH - len(suffix)] + suffix
    return clean


def clean_media_type(stated: str) -> str | None:
    """Return a media type in lower case; ``None`` if it has not the form of one."""
    lowered = stated.strip().lower()
    return lowered if _MEDIA_TYPE.fullmatch(lowered) else None
