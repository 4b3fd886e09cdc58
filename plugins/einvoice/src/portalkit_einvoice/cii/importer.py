"""The importer: recognises Cross Industry messages and reads invoices and orders."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import DocumentBody, ImportedDocument, Text, lazy_gettext
from portalkit_einvoice.cii.invoice import read_invoice
from portalkit_einvoice.cii.namespaces import (
    INVOICE,
    ORDER,
    ZUGFERD_1,
    Parts,
    is_family,
    parts_of,
    short_name,
)
from portalkit_einvoice.cii.order import read_order
from portalkit_einvoice.cii.totals import amounts_of, take_stated
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.document import check_size, imported
from portalkit_einvoice.xml.files import take_files
from portalkit_einvoice.xml.names import find_root
from portalkit_einvoice.xml.parsing import parse, shown_root

__all__ = ("CiiImporter",)

_READERS: Final[Mapping[str, Callable[[Parts, Amounts], DocumentBody]]] = {
    INVOICE: read_invoice,
    ZUGFERD_1: read_invoice,
    ORDER: read_order,
}
_BINARY: Final = "AttachmentBinaryObject"
_DESCRIPTIONS: Final = ("Name",)


class CiiImporter:
    """Reads Cross Industry Invoices of every profile, ZUGFeRD 1, and Order-X.

    Args:
        max_mib: Larger files are refused before they are parsed.
    """

    name = "cii"
    title: Text = lazy_gettext("CII (Factur-X, ZUGFeRD, XRechnung, Order-X)")

    def __init__(self, max_mib: int) -> None:
        self._max_mib = max_mib

    def recognizes(self, head: bytes, filename: str) -> bool:  # noqa: ARG002
        """Say whether the root, or else a namespace in the first bytes, is of this family."""
        root = find_root(head)
        return is_family(head.decode("latin-1") if root is None else root[0])

    def read(self, content: bytes, filename: str) -> Iterable[ImportedDocument]:  # noqa: ARG002
        """Read the one document of a file.

        Raises:
            ImportRefusedError: With one line that says why the file cannot be read.
        """
        check_size(content, self._max_mib)
        root = parse(content, short_name)
        read_body = _READERS.get(root.name)
        if read_body is None:
            raise ImportRefusedError(
                f"its root {shown_root(root.name)} is no invoice or order of CII that is imported"
            )
        parts = parts_of(root)
        amounts = amounts_of(parts.settlement)
        stated = take_stated(parts.settlement, amounts)
        files = take_files(root, _BINARY, _DESCRIPTIONS)
        return (imported(root, read_body(parts, amounts), files=files, stated=stated),)
