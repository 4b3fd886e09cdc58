"""What plugins hand out of what they keep about people."""

import re
from typing import Final

import msgspec

__all__ = ("DataFile",)

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.[a-z0-9]{1,8}")


class DataFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an export of personal data; it lies in a folder named like the plugin.

    Attributes:
        name: ``tickets.json``: small letters, digits, ``-`` and ``_``, and a suffix.
    """

    name: str
    content: bytes

    def __post_init__(self) -> None:
        """Refuse a name that could lead out of the folder.

        Raises:
            ValueError: If it is no plain name.
        """
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(f"{self.name[:80]!r} is no plain name of a file")
