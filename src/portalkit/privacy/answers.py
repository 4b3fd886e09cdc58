"""Personal data as the answer to a request: one file, written while it is sent."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from litestar.response import Stream

from portalkit.documents.busy import RunningArchives
from portalkit.documents.filenames import document_filename
from portalkit.documents.sending import send_archive
from portalkit.privacy.exporting import ExportOrder, PrivacyPortal, stream_personal_data

__all__ = ("SendingPortal", "send_personal_data")


class SendingPortal(PrivacyPortal, Protocol):
    """What is needed of the running portal to send a file."""

    @property
    def archives(self) -> RunningArchives:
        """Who is being sent an archive."""
        ...


async def send_personal_data(
    portal: SendingPortal, order: ExportOrder, *, reader: str, title: str
) -> Stream:
    """Answer with the file, named by ``title`` and the day.

    Args:
        portal: The running one.
        order: What is asked for.
        reader: Id of whoever gets it: one file at a time.
        title: What the file is called.

    Raises:
        ArchiveRunningError: If the reader, or too many others, are being sent one.
        ConfigError: In safe mode.
        GuardFailedError: If a plugin failed.
    """
    filename = document_filename(title, order.now.date().isoformat(), "zip")
    return await send_archive(_pieces(portal, order, reader), filename)


async def _pieces(
    portal: SendingPortal, order: ExportOrder, reader: str
) -> AsyncGenerator[bytes, None]:
    with portal.archives.one(reader):
        async with aclosing(stream_personal_data(portal, order)) as pieces:
            async for piece in pieces:
                yield piece
