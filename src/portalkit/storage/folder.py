"""Files in a folder of this machine.

The folder has no other users than the portal (0700), files are written beside their place,
brought to the disk and renamed, and a link is never followed.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

__all__ = ("Folder",)

_PIECE: Final = 256 * 1024
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """Keeps files below one folder; keys are relative paths of two parts.

    Raises:
        OSError: From every method, if the disk cannot do it; ``FileNotFoundError`` among them.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path

    def put(self, key: str, content: bytes) -> None:
        """Write a file at once or not at all."""
        target = self._path / key
        target.parent.mkdir(mode=0o700, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            os.replace(name, target)  # noqa: PTH105 -- what is written is a plain name
        except BaseException:
            os.unlink(name)  # noqa: PTH108
            raise

    def get(self, key: str) -> bytes:
        """Return a file's bytes."""
        with os.fdopen(os.open(self._path / key, _READ), "rb") as file:
            return file.read()

    def stat(self, key: str) -> tuple[int, str]:
        """Return size and mark of a file."""
        found = os.lstat(self._path / key)
        return found.st_size, f"{found.st_ino}-{found.st_mtime_ns}-{found.st_size}"

    def delete(self, key: str) -> None:
        """Remove a file."""
        os.unlink(self._path / key)  # noqa: PTH108

    async def put_async(self, key: str, content: bytes) -> None:
        """Do what ``put`` does, beside the loop."""
        await asyncio.to_thread(self.put, key, content)

    async def get_async(self, key: str) -> bytes:
        """Do what ``get`` does, beside the loop."""
        return await asyncio.to_thread(self.get, key)

    async def stat_async(self, key: str) -> tuple[int, str]:
        """Do what ``stat`` does: a few microseconds, which no thread would make fewer."""
        return self.stat(key)

    async def delete_async(self, key: str) -> None:
        """Do what ``delete`` does, beside the loop."""
        await asyncio.to_thread(self.delete, key)

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield a file in pieces; a small one takes a single turn beside the loop."""
        handle, piece = await asyncio.to_thread(self._opened, key)
        try:
            while piece:
                yield piece
                if len(piece) < _PIECE:
                    return
                piece = await asyncio.to_thread(os.read, handle, _PIECE)
        finally:
            os.close(handle)

    def _opened(self, key: str) -> tuple[int, bytes]:
        handle = os.open(self._path / key, _READ)
        try:
            return handle, os.read(handle, _PIECE)
        except BaseException:
            os.close(handle)
            raise
