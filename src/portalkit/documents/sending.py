"""Archives as answers to requests: written while they are sent, and ended with their reader."""

from collections.abc import AsyncGenerator, AsyncIterator

from litestar.background_tasks import BackgroundTask
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK

from portalkit.documents.filenames import content_disposition

__all__ = ("send_archive",)


async def send_archive(pieces: AsyncGenerator[bytes, None], filename: str) -> Stream:
    """Answer with a ZIP.

    The first piece is made before the answer begins, so that what is wrong is still told.
    The generator is closed as soon as its reader has all of it or goes away: left to the
    collection of garbage, it would keep them from the next archive until then.
    """
    first = await anext(pieces)
    return Stream(
        _after(first, pieces),
        status_code=HTTP_200_OK,
        media_type="application/zip",
        headers={"content-disposition": content_disposition(filename)},
        background=BackgroundTask(_close, pieces),
    )


async def _after(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


async def _close(pieces: AsyncGenerator[bytes, None]) -> None:
    await pieces.aclose()
