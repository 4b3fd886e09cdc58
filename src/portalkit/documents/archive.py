"""Many documents as one ZIP, written while it is sent: memory does not grow with it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import IO, Final, cast
from zipfile import ZipFile, ZipInfo
from zoneinfo import ZoneInfo

import msgspec

from portalkit.context import PortalContext, StaffContext
from portalkit.documents.exports import reasons_of, write_export
from portalkit.documents.filenames import document_filename
from portalkit.documents.pages import Reader
from portalkit.documents.queries import get_document
from portalkit.documents.services import Download, record_downloads
from portalkit.documents.zipping import ZipSink, zip_entry
from portalkit.errors import (
    ExportRefusedError,
    NotFoundError,
    RenderingBusyError,
    RenderingError,
)
from portalkit.hooks import DocumentExporter, Purpose
from portalkit.model import Document, DocumentHeader, Text, lazy_gettext

__all__ = ("stream_archive",)

_log: Final = logging.getLogger(__name__)

_TRIES: Final = 6

_LEFT_OUT: Final = lazy_gettext("not included")
_HEAD: Final = lazy_gettext("These documents are not in the archive:")
_NOT_NOW: Final = lazy_gettext("It cannot be made right now. Try again in a few minutes.")
_GONE: Final = lazy_gettext("It is not there any more.")
_FAILED: Final = lazy_gettext("Something went wrong on our side.")


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    filename: str
    sha256: str
    pieces: AsyncIterator[bytes]


async def stream_archive(
    reader: Reader, headers: Sequence[DocumentHeader], exporter: DocumentExporter | None
) -> AsyncGenerator[bytes, None]:
    """Yield a ZIP of documents piece by piece.

    PDFs that were never made are made on the way, one after the other. What cannot be had
    stands with the reason in a text file at the end.

    Args:
        reader: Who gets it; the request's session is not used.
        headers: Of documents that the reader was found to see.
        exporter: The format; ``None`` for PDFs.

    Raises:
        ArchiveRunningError: Before the first piece, if the reader has another one running.
        StorageError: If a file cannot be read to its end: the archive breaks off.
    """
    with reader.portal.archives.one(_who(reader)):
        packing = _Packing(reader, exporter)
        try:
            async for piece in packing.pack(headers):
                yield piece
        finally:
            packing.record()


def _who(reader: Reader) -> str:
    context = reader.context
    if isinstance(context, StaffContext):
        return context.staff_id
    return context.person_id or context.contact_id


class _Packing:
    """One archive on its way."""

    def __init__(self, reader: Reader, exporter: DocumentExporter | None) -> None:
        self._reader = reader
        self._exporter = exporter
        self._format = exporter.name if exporter is not None else ""
        self._names: set[str] = set()
        self._left_out: list[str] = []
        self._sent: list[tuple[DocumentHeader, Download]] = []

    async def pack(self, headers: Sequence[DocumentHeader]) -> AsyncIterator[bytes]:
        sink = ZipSink()
        with ZipFile(cast("IO[bytes]", sink), "w") as archive:
            for header in headers:
                entry = await self._find(header)
                if entry is None:
                    continue
                name = self._unique(entry.filename)
                with archive.open(self._info(name), "w") as file:
                    async for piece in entry.pieces:
                        file.write(piece)
                        if ready := sink.take():
                            yield ready
                download = Download(filename=name, sha256=entry.sha256, exporter=self._format)
                self._sent.append((header, download))
            if self._left_out:
                archive.writestr(*self._report())
        yield sink.take()

    def record(self) -> None:
        """Note what was sent, also if the reader went away before the end."""
        context = self._reader.context
        if self._sent and isinstance(context, PortalContext):
            portal = self._reader.portal
            portal.in_background(record_downloads(portal, context, self._sent))

    async def _find(self, header: DocumentHeader) -> _Entry | None:
        reasons: tuple[Text, ...]
        try:
            return await self._make_patiently(header)
        except ExportRefusedError as error:
            reasons = reasons_of(error)
        except NotFoundError:
            reasons = (_GONE,)
        except RenderingError:
            reasons = (_NOT_NOW,)
        except Exception:  # noqa: BLE001  # the boundary to a plugin
            _log.exception("document %s is left out of an archive", header.id)
            reasons = (_FAILED,)
        text = self._reader.translator.text
        kind = self._reader.portal.kinds[header.kind]
        said = " ".join(text(reason) for reason in reasons)
        self._left_out.append(f"{text(kind.title)} {header.number}: {said}")
        return None

    async def _make_patiently(self, header: DocumentHeader) -> _Entry:
        for _ in range(_TRIES):
            try:
                return await self._make(header)
            except RenderingBusyError as error:
                await asyncio.sleep(error.retry_after)
        return await self._make(header)

    async def _make(self, header: DocumentHeader) -> _Entry:
        reader, portal = self._reader, self._reader.portal
        document = await self._read(header)
        template = portal.registry.hooks.choose_template(reader.context, document, Purpose.PDF)
        locale = reader.page.locale
        if self._exporter is not None:
            file = await write_export(
                portal,
                reader.business,
                document,
                self._exporter,
                locale=locale,
                template=template,
            )
            return _Entry(
                filename=file.filename, sha256=file.sha256, pieces=_in_one_piece(file.content)
            )
        async with portal.reading() as session:
            pdf = await portal.pdf_cache.get(
                session,
                reader.business,
                document,
                portal.kinds[header.kind],
                locale=locale,
                template=template,
            )
        return _Entry(
            filename=pdf.filename, sha256=pdf.sha256, pieces=portal.storage.stream(pdf.key)
        )

    async def _read(self, header: DocumentHeader) -> Document:
        reader = self._reader
        async with reader.portal.reading() as session:
            found = await get_document(
                session, reader.context, header.id, restrictions=reader.restrictions
            )
        return found.document

    def _unique(self, filename: str) -> str:
        """Return a name that no other file of the archive has, on any system."""
        stem, _, suffix = filename.rpartition(".")
        name, number = filename, 1
        while name.lower() in self._names:
            number += 1
            name = f"{stem}-{number}.{suffix}"
        self._names.add(name.lower())
        return name

    def _info(self, name: str) -> ZipInfo:
        context = self._reader.context
        return zip_entry(name, context.now.astimezone(ZoneInfo(context.zone)))

    def _report(self) -> tuple[ZipInfo, str]:
        text = self._reader.translator.text
        name = self._unique(document_filename(text(_LEFT_OUT), "", "txt"))
        return self._info(name), "\r\n".join((text(_HEAD), "", *self._left_out, ""))


async def _in_one_piece(content: bytes) -> AsyncIterator[bytes]:
    yield content
