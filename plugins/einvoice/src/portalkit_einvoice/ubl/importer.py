"""The importer: recognises UBL and reads the documents that the portal has kinds for."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import DocumentBody, ImportedDocument, Text, lazy_gettext
from portalkit_einvoice.ubl.despatch import read_despatch_advice
from portalkit_einvoice.ubl.invoice import read_credit_note, read_invoice
from portalkit_einvoice.ubl.money import amounts_of, take_stated
from portalkit_einvoice.ubl.namespaces import ROOT_PREFIX, short_name
from portalkit_einvoice.ubl.order import read_order, read_order_response
from portalkit_einvoice.ubl.quotation import read_quotation
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.document import check_size, imported
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.files import take_files
from portalkit_einvoice.xml.names import find_root, shown, split_name
from portalkit_einvoice.xml.parsing import parse, shown_root

__all__ = ("ROOTS", "UblImporter")

ROOTS: Final[Mapping[str, Callable[[Element, Amounts], DocumentBody]]] = {
    "Invoice": read_invoice,
    "CreditNote": read_credit_note,
    "Quotation": read_quotation,
    "Order": read_order,
    "OrderResponse": read_order_response,
    "OrderResponseSimple": read_order_response,
    "DespatchAdvice": read_despatch_advice,
}
"""Reader of each document that is imported, by the local name of its root."""

_CATALOGUE: Final = "it holds products, for which the catalog plugin is needed"
_BINARY: Final = "EmbeddedDocumentBinaryObject"
_DESCRIPTIONS: Final = ("DocumentDescription", "DocumentType")


class UblImporter:
    """Reads UBL 2 documents; see ``ROOTS``.

    Args:
        max_mib: Larger files are refused before they are parsed.
    """

    name = "ubl"
    title: Text = lazy_gettext("UBL 2.1")

    def __init__(self, max_mib: int) -> None:
        self._max_mib = max_mib

    def recognizes(self, head: bytes, filename: str) -> bool:  # noqa: ARG002
        """Say whether the root, or else a namespace in the first bytes, is UBL's."""
        root = find_root(head)
        if root is None:
            return ROOT_PREFIX.encode() in head
        return root[0].startswith(ROOT_PREFIX)

    def read(self, content: bytes, filename: str) -> Iterable[ImportedDocument]:  # noqa: ARG002
        """Read the one document of a file.

        Raises:
            ImportRefusedError: With one line that says why the file cannot be read.
        """
        check_size(content, self._max_mib)
        root = parse(content, short_name)
        read_root = _reader(root.name)
        amounts = amounts_of(root)
        stated = take_stated(root, amounts)
        files = take_files(root, _BINARY, _DESCRIPTIONS)
        return (imported(root, read_root(root, amounts), files=files, stated=stated),)


def _reader(name: str) -> Callable[[Element, Amounts], DocumentBody]:
    namespace, local = split_name(name)
    if namespace != f"{ROOT_PREFIX}{local}-2":
        raise ImportRefusedError(f"its root {shown_root(name)} is no document of UBL 2")
    read_root = ROOTS.get(local)
    if read_root is None:
        reason = _CATALOGUE if local == "Catalogue" else f"only {', '.join(ROOTS)}"
        raise ImportRefusedError(f"UBL {shown(local)[:60]} is not imported: {reason}")
    return read_root
