"""Files that live as long as the process: for tests and for trying things out."""

from collections.abc import AsyncIterator

__all__ = ("Memory",)


class Memory:
    """Keeps files in a dictionary.

    Raises:
        FileNotFoundError: From every method that reads, if there is no such file.
    """

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> None:
        """Keep a file."""
        self._files[key] = content

    def get(self, key: str) -> bytes:
        """Return a file's bytes."""
        try:
            return self._files[key]
        except KeyError as error:
            raise FileNotFoundError(key) from error

    def stat(self, key: str) -> tuple[int, str]:
        """Return size and mark of a file."""
        content = self.get(key)
        return len(content), f"{id(content)}"

    def delete(self, key: str) -> None:
        """Forget a file."""
        self._files.pop(key, None)

    async def put_async(self, key: str, content: bytes) -> None:
        """Keep a file."""
        self.put(key, content)

    async def get_async(self, key: str) -> bytes:
        """Return a file's bytes."""
        return self.get(key)

    async def stat_async(self, key: str) -> tuple[int, str]:
        """Return size and mark of a file."""
        return self.stat(key)

    async def delete_async(self, key: str) -> None:
        """Forget a file."""
        self.delete(key)

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield a file in one piece."""
        yield self.get(key)
