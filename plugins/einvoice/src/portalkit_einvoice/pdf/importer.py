"""The importer: finds the XML inside a PDF and lets the importer of its syntax read it."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from portalkit_einvoice_pdf.wire import EmbeddedFile

from portalkit.errors import ImportRefusedError
from portalkit.exchange import read_documents
from portalkit.hooks.types import DocumentImporter
from portalkit.model import AttachmentRole, FileInput, ImportedDocument, Text, lazy_gettext
from portalkit_einvoice.files import clean_media_type, clean_name
from portalkit_einvoice.pdf.process import PdfOpener
from portalkit_einvoice.xml.document import check_size
from portalkit_einvoice.xml.names import shown

__all__ = ("XML_NAMES", "PdfImporter")

XML_NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")
"""What the standards call the XML; ZUGFeRD 1 wrote capitals, so these do not matter."""

_SECONDS: Final = 20.0
_DESCRIPTION_LENGTH: Final = 300
_SHOWN_NAMES: Final = 3


class PdfImporter:
    """Reads PDFs with the document as XML inside.

    Args:
        max_mib: Larger files are refused, and PDFs that unpack to more.
        importers: Those that read the XML.
        seconds: How long opening one PDF may take.
    """

    name = "pdf"
    title: Text = lazy_gettext("PDF with XML inside (Factur-X, ZUGFeRD, Order-X)")

    def __init__(
        self, max_mib: int, importers: Sequence[DocumentImporter], *, seconds: float = _SECONDS
    ) -> None:
        self._max_mib = max_mib
        self._importers = importers
        self._opener = PdfOpener(max_mib, seconds)

    def recognizes(self, head: bytes, filename: str) -> bool:  # noqa: ARG002
        """Say whether a file begins like a PDF."""
        return head.startswith(b"%PDF-")

    def read(self, content: bytes, filename: str) -> Iterable[ImportedDocument]:  # noqa: ARG002
        """Read the one document of a PDF; the other files inside come along.

        Raises:
            ImportRefusedError: With one line that says why the file cannot be read.
        """
        check_size(content, self._max_mib)
        embedded = self._opener.open(content)
        xml = _choose(embedded)
        name = clean_name(xml.name)
        try:
            (document,) = read_documents(xml.content, name, self._importers)
        except ImportRefusedError as error:
            raise ImportRefusedError(f"{name} inside it: {error.reason}") from None
        source = _as_file(xml, 1, AttachmentRole.SOURCE)
        others = [
            _as_file(file, number, AttachmentRole.SUPPORTING)
            for number, file in enumerate(embedded, start=1)
            if file.content != xml.content
        ]
        return (msgspec.structs.replace(document, files=(source, *document.files, *others)),)


def _choose(embedded: Sequence[EmbeddedFile]) -> EmbeddedFile:
    if not embedded:
        raise ImportRefusedError("it is a PDF without XML inside")
    found = {file.content: file for file in embedded if clean_name(file.name).lower() in XML_NAMES}
    if len(found) > 1:
        raise ImportRefusedError("it is a PDF with several documents as XML inside")
    for file in found.values():
        return file
    names = ", ".join(clean_name(file.name) or "?" for file in embedded[:_SHOWN_NAMES])
    more = len(embedded) - _SHOWN_NAMES
    raise ImportRefusedError(
        f"it is a PDF with {names}{f' and {more} more' if more > 0 else ''} inside, "
        f"but not {', '.join(XML_NAMES[:-1])} or {XML_NAMES[-1]}"
    )


def _as_file(file: EmbeddedFile, number: int, role: AttachmentRole) -> FileInput:
    return FileInput(
        role=role,
        filename=clean_name(file.name) or f"attachment-{number}",
        media_type=clean_media_type(file.media_type) or "application/octet-stream",
        content=file.content,
        description=shown(file.description)[:_DESCRIPTION_LENGTH] or None,
    )
