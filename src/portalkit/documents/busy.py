"""Limits of archives: they take a while, so none is endless and nobody gets two at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from portalkit.errors import ArchiveRunningError

__all__ = ("MAX_DOCUMENTS", "RunningArchives")

MAX_DOCUMENTS: Final = 500
"""The most that one archive holds."""

_AT_A_TIME: Final = 4
_RETRY_SECONDS: Final = 30


class RunningArchives:
    """Who is being sent an archive by this process: each reader one, and few at a time."""

    def __init__(self) -> None:
        self._readers: set[str] = set()

    @contextmanager
    def one(self, reader: str) -> Iterator[None]:
        """Be one of those that run.

        Raises:
            ArchiveRunningError: If this reader has one already, or too many others do.
        """
        if reader in self._readers or len(self._readers) >= _AT_A_TIME:
            raise ArchiveRunningError(_RETRY_SECONDS)
        self._readers.add(reader)
        try:
            yield
        finally:
            self._readers.discard(reader)
