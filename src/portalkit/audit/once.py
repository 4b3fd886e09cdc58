"""What this process has noted already, so that the same thing is not written again and again."""

from collections import OrderedDict
from typing import Final

__all__ = ("OnceKeys",)

_MAX_KEYS: Final = 50_000


class OnceKeys:
    """The newest keys of things that count once; the database decides about the others.

    A page that is reloaded and a PDF that is asked for again would otherwise cost a
    transaction each time, only for the database to leave the event out.
    """

    def __init__(self, most: int = _MAX_KEYS) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._most = most

    def add(self, key: str) -> bool:
        """Keep a key and say whether it is new to this process."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._most:
            self._keys.popitem(last=False)
        return True

    def discard(self, key: str) -> None:
        """Forget a key whose event could not be written."""
        self._keys.pop(key, None)
