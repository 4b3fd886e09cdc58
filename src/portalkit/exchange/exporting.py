"""Documents out of the portal, into a folder: each once, and again when it has changed."""

import logging
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from portalkit.access.businesses import BusinessView
from portalkit.documents.exports import ExportedFile, write_export, write_pdf
from portalkit.documents.issued import IssuedChoice, count_issued, list_issued, place_of
from portalkit.documents.portal import DocumentPortal
from portalkit.documents.queries import get_issued_document
from portalkit.errors import PortalError
from portalkit.exchange.results import one_line
from portalkit.hooks import DocumentExporter
from portalkit.model import Document, DocumentHeader

__all__ = (
    "PDF",
    "ExportDesk",
    "ExportLine",
    "ExportOutcome",
    "count_documents",
    "export_files",
)

PDF: Final = "pdf"
"""Name of the format that needs no exporter."""

_INDEX: Final = "portalkit-export.jsonl"
_PART: Final = ".portalkit-export.part"
_PAGE: Final = 500

_log: Final = logging.getLogger(__name__)


class ExportOutcome(StrEnum):
    """What became of a document."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ExportLine(msgspec.Struct, frozen=True, kw_only=True):
    """The line of a report.

    Attributes:
        file: Name of the file in the folder; ``None`` if there is none.
        date: The printed day, ISO 8601.
        error: Why there is no file, in one line.
    """

    outcome: ExportOutcome
    kind: str
    number: str
    date: str
    file: str | None = None
    error: str | None = None


class ExportDesk(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What an export needs, and what it was asked to do.

    Attributes:
        exporter: The format; ``None`` for PDFs.
        folder: Where the files go; it is made if it is not there.
        locale: Language of the names of files.
        again: Write every file anew, also where the document is the same.
    """

    portal: DocumentPortal
    business: BusinessView
    exporter: DocumentExporter | None
    folder: Path
    choice: IssuedChoice
    locale: str
    again: bool = False

    @property
    def format(self) -> str:
        """Name of the format."""
        return PDF if self.exporter is None else self.exporter.name


async def count_documents(desk: ExportDesk) -> int:
    """Count the documents that are asked for."""
    async with desk.portal.reading() as session:
        return await count_issued(session, desk.business.id, desk.choice)


async def export_files(desk: ExportDesk) -> AsyncIterator[ExportLine]:
    """Write documents into a folder and yield one line for each, oldest first.

    A file is there as a whole or not at all. What was written is noted in the folder, so that
    the same export goes on where it was ended, and a document that is the same is not written
    again. A document that cannot be expressed stops no other.

    Raises:
        OSError: If the folder cannot be written.
    """
    desk.folder.mkdir(parents=True, exist_ok=True)
    index = _Index(desk.folder, desk.format)
    async for found in _found(desk):
        known = index.find(found.id)
        if known is not None and known.sha256 == found.sha256 and not desk.again:
            yield _line(found, ExportOutcome.UNCHANGED, file=known.file)
        else:
            yield await _export(desk, found, index)


class _Entry(msgspec.Struct, frozen=True):
    """What stands in the index: the version of a document that a file was made of."""

    document: str
    format: str
    sha256: str
    file: str


class _Index:
    """The files of a folder that were written by exports, the newest entry of each last."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path, self._folder, self._format = folder / _INDEX, folder, name
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._owners: dict[str, str] = {}
        for entry in self._read():
            self._entries[entry.document, entry.format] = entry
            self._owners[entry.file.lower()] = entry.document
        self._others = {each.name.lower() for each in folder.iterdir()} - self._owners.keys()

    def find(self, document_id: str) -> _Entry | None:
        """Return what is known of a document whose file is there."""
        entry = self._entries.get((document_id, self._format))
        return entry if entry is not None and (self._folder / entry.file).is_file() else None

    def write(self, document: Document, file: ExportedFile) -> str:
        """Write a file and return its name.

        The note comes first: a file without one would get a second name the next time.
        """
        name = self._name(document.id, file.filename)
        entry = _Entry(document.id, self._format, document.header.sha256, name)
        part = self._folder / _PART
        part.write_bytes(file.content)
        with self._path.open("ab") as notes:
            notes.write(msgspec.json.encode(entry) + b"\n")
        part.replace(self._folder / name)
        self._entries[document.id, self._format] = entry
        self._owners[name.lower()] = document.id
        return name

    def _name(self, document_id: str, wanted: str) -> str:
        """Return the name a document's file has or gets; nobody else's is taken."""
        known = self._entries.get((document_id, self._format))
        if known is not None:
            return known.file
        stem, _, suffix = wanted.rpartition(".")
        name, number = wanted, 1
        while name.lower() in self._others or name.lower() in self._owners:
            number += 1
            name = f"{stem}-{number}.{suffix}"
        return name

    def _read(self) -> Iterator[_Entry]:
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                entry = msgspec.json.decode(line, type=_Entry)
            except msgspec.DecodeError:
                continue  # the end of an export that was killed
            if Path(entry.file).name == entry.file:
                yield entry


async def _export(desk: ExportDesk, found: DocumentHeader, index: _Index) -> ExportLine:
    try:
        async with desk.portal.reading() as session:
            document = await get_issued_document(session, desk.business.id, found.id)
        file = await _make(desk, document)
    except PortalError as error:
        return _line(found, ExportOutcome.REFUSED, error=str(error))
    except Exception as error:  # noqa: BLE001  # the boundary to a plugin
        _log.exception("document %s cannot be exported", found.id)
        reason = f"the format {desk.format} failed: {error!r}"
        return _line(found, ExportOutcome.REFUSED, error=reason)
    return _line(found, ExportOutcome.WRITTEN, file=index.write(document, file))


async def _make(desk: ExportDesk, document: Document) -> ExportedFile:
    if desk.exporter is None:
        return await write_pdf(desk.portal, desk.business, document, locale=desk.locale)
    return await write_export(
        desk.portal, desk.business, document, desk.exporter, locale=desk.locale
    )


def _line(
    found: DocumentHeader,
    outcome: ExportOutcome,
    *,
    file: str | None = None,
    error: str | None = None,
) -> ExportLine:
    return ExportLine(
        outcome=outcome,
        kind=found.kind,
        number=found.number,
        date=found.issued_on.isoformat(),
        file=file,
        error=None if error is None else one_line(error),
    )


async def _found(desk: ExportDesk) -> AsyncIterator[DocumentHeader]:
    """Yield the documents that are asked for, read a page at a time."""
    after = None
    while True:
        async with desk.portal.reading() as session:
            page = await list_issued(
                session, desk.business.id, desk.choice, limit=_PAGE, after=after
            )
        for found in page:
            yield found
        if len(page) < _PAGE:
            return
        after = place_of(page[-1])
