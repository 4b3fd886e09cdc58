"""Documents in and out: files read and given to their contact, documents written as files."""

from portalkit.exchange.exporting import (
    ExportDesk,
    ExportLine,
    ExportOutcome,
    export_files,
)
from portalkit.exchange.importing import ImportDesk, import_files
from portalkit.exchange.reading import read_documents
from portalkit.exchange.results import FileResult, ImportLine, ImportOutcome

__all__ = (
    "ExportDesk",
    "ExportLine",
    "ExportOutcome",
    "FileResult",
    "ImportDesk",
    "ImportLine",
    "ImportOutcome",
    "export_files",
    "import_files",
    "read_documents",
)
