"""From files to documents that are ready to be stored, a batch at a time."""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit.exchange.formats import choose_importer
from portalkit.exchange.paths import FoundFile, read_bytes
from portalkit.exchange.results import FileResult, ImportOutcome, line_of, records_line
from portalkit.hooks.types import DocumentImporter, ImportedRecords
from portalkit.model import AttachmentRole, FileInput, ImportedDocument

__all__ = (
    "ReadDocument",
    "ReadRecords",
    "read_batches",
    "read_content",
    "read_documents",
    "read_file",
)

_log = logging.getLogger("portalkit.exchange")

_BATCH: Final = 50
_BATCH_BYTES: Final = 4 * 1024 * 1024
_FILENAME: Final = 200


class ReadDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document on its way from a file into the portal."""

    path: str
    document: ImportedDocument
    source: FileInput

    @property
    def files(self) -> tuple[FileInput, ...]:
        """The file it came in, and those that were inside."""
        return (self.source, *self.document.files)

    def refused(self, error: object) -> FileResult:
        """Return the result of a document that was read and then refused."""
        line = line_of(self.path, self.document.body, self.document.stated, error)
        return FileResult(line=line, outcome=ImportOutcome.REFUSED)


class ReadRecords(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Records on their way from a file to the plugin that keeps them."""

    path: str
    records: ImportedRecords

    def refused(self, error: object) -> FileResult:
        """Return the result of records that were read and then refused."""
        line = records_line(self.path, self.records, error)
        return FileResult(line=line, outcome=ImportOutcome.REFUSED)


Read = ReadDocument | ReadRecords | FileResult
"""What was read, or the result of a file that could not be."""


def read_documents(
    content: bytes, filename: str, importers: Iterable[DocumentImporter]
) -> tuple[ImportedDocument, ...]:
    """Read all documents of some bytes, where nothing else is wanted.

    Args:
        content: The whole file.
        filename: Its name, without folders.
        importers: In the order of their plugins.

    Raises:
        ImportRefusedError: As :func:`read_content` does, and if there are records in it.
    """
    found = read_content(content, filename, importers)
    documents = tuple(each for each in found if isinstance(each, ImportedDocument))
    if len(documents) != len(found):
        raise ImportRefusedError("there is no document in it")
    return documents


def read_content(
    content: bytes, filename: str, importers: Iterable[DocumentImporter]
) -> tuple[ImportedDocument | ImportedRecords, ...]:
    """Read all there is in some bytes with the importer that recognises them.

    Args:
        content: The whole file.
        filename: Its name, without folders.
        importers: In the order of their plugins.

    Raises:
        ImportRefusedError: If no importer recognises it, or the one that does refuses it or
            fails.
    """
    importer = choose_importer(content, filename, importers)
    try:
        found: tuple[ImportedDocument | ImportedRecords, ...] = tuple(
            importer.read(content, filename)
        )
    except ImportRefusedError:
        raise
    except Exception as error:
        # An importer is a plugin's code: its faults refuse a file and stop no import.
        _log.exception("importer %s failed on %s", importer.name, filename)
        reason = f"the importer {importer.name} failed ({type(error).__name__})"
        raise ImportRefusedError(reason) from error
    if not found:
        raise ImportRefusedError("there is no document in it")
    return found


def read_file(
    found: FoundFile, importers: Sequence[DocumentImporter], max_mib: int
) -> tuple[Read, ...]:
    """Read one file; what cannot be read is a refused result."""
    path = os.fsencode(found.path).decode("utf-8", "replace")
    if found.problem is not None:
        return (FileResult.refused(path, found.problem),)
    try:
        content = read_bytes(found.path, max_mib)
        contents = read_content(content, found.path.name, importers)
    except ImportRefusedError as error:
        return (FileResult.refused(path, error),)
    source = FileInput(
        role=AttachmentRole.SOURCE,
        filename=_file_name(Path(path)),
        media_type="application/pdf" if content.startswith(b"%PDF-") else "application/xml",
        content=content,
    )
    return tuple(
        ReadRecords(path=path, records=each)
        if isinstance(each, ImportedRecords)
        else ReadDocument(path=path, document=each, source=source)
        for each in contents
    )


def read_batches(
    files: Iterable[FoundFile], importers: Sequence[DocumentImporter], max_mib: int
) -> Iterator[list[Read]]:
    """Read files and yield them in batches of bounded number and size, in their order."""
    batch: list[Read] = []
    size = 0
    for found in files:
        read = read_file(found, importers, max_mib)
        batch.extend(read)
        size += sum(len(each.source.content) for each in read if isinstance(each, ReadDocument))
        if len(batch) >= _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _file_name(path: Path) -> str:
    name = "".join(char for char in path.name if char.isprintable()).replace("\\", "_")
    return name[-_FILENAME:] or "document.xml"
