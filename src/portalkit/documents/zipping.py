"""ZIP files that are written while they are sent: memory does not grow with them."""

from datetime import datetime
from typing import Final
from zipfile import ZIP_DEFLATED, ZipInfo

__all__ = ("ZipSink", "zip_entry")

_FILE_MODE: Final = 0o600


class ZipSink:
    """Takes what ``ZipFile`` writes; it has no way back, so nothing is patched later."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: whoever sends takes the pieces."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


def zip_entry(name: str, moment: datetime) -> ZipInfo:
    """Return the head of a compressed file; ``moment`` is in the reader's own time."""
    info = ZipInfo(name, moment.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    info.external_attr = _FILE_MODE << 16
    return info
