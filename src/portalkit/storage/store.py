"""A store of immutable files, each under ``<business id>/<SHA-256 of its bytes>``.

A key says what its bytes are, so that what comes back can be checked: a file that was cut,
swapped or reached through a link to elsewhere is refused and never served.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import msgspec
from obstore.exceptions import BaseError

from portalkit.errors import ConfigError, NotFoundError, StorageError
from portalkit.storage.bucket import Bucket
from portalkit.storage.folder import Folder
from portalkit.storage.memory import Memory

__all__ = ("Shelf", "Storage", "StoredFile", "content_key", "storage_key")

_KEY: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{64}")
_BUCKETS: Final = frozenset({"s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss"})
_KNOWN_FILES: Final = 4_096


def storage_key(business_id: str, sha256: str) -> str:
    """Return the key of a file that is known by its hash.

    Raises:
        ValueError: If either part is not in its canonical spelling.
    """
    return _checked(f"{business_id}/{sha256}")


def content_key(business_id: str, content: bytes) -> str:
    """Return the key under which some bytes belong."""
    return storage_key(business_id, hashlib.sha256(content).hexdigest())


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """What the store says of a file.

    Attributes:
        size: In bytes.
        mark: Changes whenever the file is written anew; the store's own word.
    """

    key: str
    size: int
    mark: str


class Shelf(Protocol):
    """Where files lie; keys are checked before they get here.

    Every method raises ``FileNotFoundError`` where there is no such file.
    """

    def put(self, key: str, content: bytes) -> None:
        """Write a file at once or not at all."""
        ...

    def get(self, key: str) -> bytes:
        """Return a file's bytes."""
        ...

    async def put_async(self, key: str, content: bytes) -> None:
        """Write a file at once or not at all."""
        ...

    async def get_async(self, key: str) -> bytes:
        """Return a file's bytes."""
        ...

    async def stat_async(self, key: str) -> tuple[int, str]:
        """Return size and mark of a file."""
        ...

    async def delete_async(self, key: str) -> None:
        """Remove a file."""
        ...

    def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield a file in pieces."""
        ...


class Storage:
    """Puts, reads and removes files; safe to share between tasks and threads.

    Args:
        url: ``file:///folder`` (or ``file:./folder``), ``memory:``, ``s3://bucket/prefix``,
            ``gs://...``, ``az://...``.
        options: Settings of the bucket (region, endpoint, credentials), handed on.

    Raises:
        ConfigError: If the address cannot be used.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self._shelf = _open(url, options)
        # Files whose bytes this process has compared with their key: reading a file twice
        # for every answer would halve the speed, and the mark tells when it must be repeated.
        self._intact: OrderedDict[str, str] = OrderedDict()

    async def put(self, key: str, content: bytes) -> None:
        """Write a file at once or not at all; the same key again changes nothing.

        Raises:
            ValueError: If the key is not that of the content.
            StorageError: If the store cannot be written.
        """
        _check_content(key, content)
        try:
            await self._shelf.put_async(key, content)
        except (BaseError, OSError) as error:
            raise StorageError(f"cannot write {key}: {error}") from error

    def put_sync(self, key: str, content: bytes) -> None:
        """Do what ``put`` does, from code without an event loop."""
        _check_content(key, content)
        try:
            self._shelf.put(key, content)
        except (BaseError, OSError) as error:
            raise StorageError(f"cannot write {key}: {error}") from error

    async def get(self, key: str) -> bytes:
        """Return a file's bytes, compared with their key.

        Raises:
            NotFoundError: If there is no such file.
            StorageError: If the store cannot be read, or the bytes are not those of the key.
        """
        try:
            content = await self._shelf.get_async(_checked(key))
        except FileNotFoundError as error:
            raise NotFoundError(key) from error
        except (BaseError, OSError) as error:
            raise StorageError(f"cannot read {key}: {error}") from error
        return _same(key, content)

    def get_sync(self, key: str) -> bytes:
        """Do what ``get`` does, from code without an event loop."""
        try:
            content = self._shelf.get(_checked(key))
        except FileNotFoundError as error:
            raise NotFoundError(key) from error
        except (BaseError, OSError) as error:
            raise StorageError(f"cannot read {key}: {error}") from error
        return _same(key, content)

    async def find(self, key: str) -> StoredFile | None:
        """Return what the store knows of a file, or ``None`` if it is not there.

        Raises:
            StorageError: If the store cannot be asked.
        """
        try:
            size, mark = await self._shelf.stat_async(_checked(key))
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise StorageError(f"cannot look for {key}: {error}") from error
        return StoredFile(key=key, size=size, mark=mark)

    async def exists(self, key: str) -> bool:
        """Say whether a file is there."""
        return await self.find(key) is not None

    async def find_intact(self, key: str) -> StoredFile | None:
        """Return a file only if its bytes are those of its key.

        The bytes are read once in this process and again when the file was written anew.

        Returns:
            ``None`` if the file is missing or was damaged.
        """
        found = await self.find(key)
        if found is None:
            return None
        if self._intact.get(key) != found.mark:
            digest = hashlib.sha256()
            try:
                async for piece in self.stream(key):
                    digest.update(piece)
            except (NotFoundError, StorageError):
                return None
            if digest.hexdigest() != key.rpartition("/")[2]:
                return None
            self._intact[key] = found.mark
            if len(self._intact) > _KNOWN_FILES:
                self._intact.popitem(last=False)
        return found

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield a file's bytes in pieces of about 256 KiB; see ``find_intact`` first.

        Raises:
            NotFoundError: Before the first piece, if there is no such file.
            StorageError: If the store cannot be read.
        """
        try:
            async for piece in self._shelf.stream(_checked(key)):
                yield piece
        except FileNotFoundError as error:
            raise NotFoundError(key) from error
        except (BaseError, OSError) as error:
            raise StorageError(f"cannot read {key}: {error}") from error

    async def delete(self, key: str) -> None:
        """Remove a file; one that is not there is none the worse."""
        try:
            await self._shelf.delete_async(_checked(key))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StorageError(f"cannot remove {key}: {error}") from error


def _open(url: str, options: dict[str, Any]) -> Shelf:
    parts = urlsplit(url)
    try:
        if parts.scheme == "memory":
            return Memory()
        if parts.scheme == "file":
            return Folder(_folder(url))
        if parts.scheme in _BUCKETS:
            return Bucket(url, options)
    except (BaseError, OSError, ValueError) as error:
        raise ConfigError("storage_url", str(error)) from error
    raise ConfigError("storage_url", "must start with file:, memory:, s3://, gs:// or az://")


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"} or not parts.path.strip("/"):
        raise ValueError(f"{url!r} names no folder; write file:///folder")
    return Path(unquote(parts.path)).absolute()


def _checked(key: str) -> str:
    if _KEY.fullmatch(key) is None:
        raise ValueError(f"{key[:120]!r} is no key of the store")
    return key


def _check_content(key: str, content: bytes) -> None:
    if _checked(key).rpartition("/")[2] != hashlib.sha256(content).hexdigest():
        raise ValueError(f"the content is not that of {key}")


def _same(key: str, content: bytes) -> bytes:
    if hashlib.sha256(content).hexdigest() != key.rpartition("/")[2]:
        raise StorageError(f"the bytes of {key} were changed")
    return content
