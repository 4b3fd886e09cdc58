"""Documents in: files found, recognised, read and given to their contact."""

from portalkit.exchange.importing import ImportDesk, import_files
from portalkit.exchange.reading import read_documents
from portalkit.exchange.results import FileResult, ImportLine, ImportOutcome

__all__ = (
    "FileResult",
    "ImportDesk",
    "ImportLine",
    "ImportOutcome",
    "import_files",
    "read_documents",
)
