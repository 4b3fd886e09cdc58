"""Files in an object store: S3, Google Cloud, Azure, and what speaks like them."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import obstore
from obstore.store import from_url

__all__ = ("Bucket",)

_PIECE: Final = 256 * 1024


class Bucket:
    """Keeps files in a bucket.

    Raises:
        FileNotFoundError: From every method, if there is no such file.
        obstore.exceptions.BaseError: If the store does not answer as it should.
    """

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        self._store = from_url(url, **options)

    def put(self, key: str, content: bytes) -> None:
        """Write a file at once or not at all."""
        obstore.put(self._store, key, content, use_multipart=False)

    def get(self, key: str) -> bytes:
        """Return a file's bytes."""
        return bytes(obstore.get(self._store, key).bytes())

    async def put_async(self, key: str, content: bytes) -> None:
        """Write a file at once or not at all."""
        await obstore.put_async(self._store, key, content, use_multipart=False)

    async def get_async(self, key: str) -> bytes:
        """Return a file's bytes."""
        result = await obstore.get_async(self._store, key)
        return bytes(await result.bytes_async())

    async def stat_async(self, key: str) -> tuple[int, str]:
        """Return size and mark of a file."""
        meta = await obstore.head_async(self._store, key)
        return meta["size"], meta["e_tag"] or meta["last_modified"].isoformat()

    async def delete_async(self, key: str) -> None:
        """Remove a file."""
        await obstore.delete_async(self._store, key)

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield a file in pieces."""
        result = await obstore.get_async(self._store, key)
        async for piece in result.stream(min_chunk_size=_PIECE):
            yield bytes(piece)
