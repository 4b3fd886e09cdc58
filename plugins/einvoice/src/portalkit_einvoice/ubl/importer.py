"""The importer: recognises UBL and reads the documents that the portal has kinds for."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.hooks.types import ImportedRecords
from portalkit.model import DocumentBody, ImportedDocument, Text, lazy_gettext
from portalkit_einvoice.ubl.despatch import read_despatch_advice
from portalkit_einvoice.ubl.invoice import read_credit_note, read_invoice
from portalkit_einvoice.ubl.money import amounts_of, take_stated
from portalkit_einvoice.ubl.namespaces import ROOT_PREFIX, short_name
from portalkit_einvoice.ubl.node import BINARY, DESCRIPTIONS, UblNode, UblReader
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


class UblImporter:
    """Reads UBL 2 documents (see ``ROOTS``), and what readers of other plugins know.

    Args:
        max_mib: Larger files are refused before they are parsed.
        readers: Of other roots.

    Raises:
        ValueError: If a root would be read by two.
    """

    name = "ubl"
    title: Text = lazy_gettext("UBL 2.1")

    def __init__(self, max_mib: int, readers: Iterable[UblReader] = ()) -> None:
        self._max_mib = max_mib
        self._readers: dict[str, UblReader] = {}
        for reader in readers:
            if reader.root in ROOTS or reader.root in self._readers:
                raise ValueError(f"UBL {reader.root} already has a reader")
            self._readers[reader.root] = reader

    def recognizes(self, head: bytes, filename: str) -> bool:  # noqa: ARG002
        """Say whether the root, or else a namespace in the first bytes, is UBL's."""
        root = find_root(head)
        if root is None:
            return ROOT_PREFIX.encode() in head
        return root[0].startswith(ROOT_PREFIX)

    def read(
        self,
        content: bytes,
        filename: str,  # noqa: ARG002
    ) -> tuple[ImportedDocument] | tuple[ImportedRecords]:
        """Read the one document of a file, or the records that it holds.

        Raises:
            ImportRefusedError: With one line that says why the file cannot be read.
        """
        check_size(content, self._max_mib)
        root = parse(content, short_name)
        local = _checked_root(root.name)
        if reader := self._readers.get(local):
            return (reader.read(UblNode(root)),)
        read_root = _document_reader(local)
        amounts = amounts_of(root)
        stated = take_stated(root, amounts)
        files = take_files(root, BINARY, DESCRIPTIONS)
        return (imported(root, read_root(root, amounts), files=files, stated=stated),)


def _checked_root(name: str) -> str:
    namespace, local = split_name(name)
    if namespace != f"{ROOT_PREFIX}{local}-2":
        raise ImportRefusedError(f"its root {shown_root(name)} is no document of UBL 2")
    return local


def _document_reader(local: str) -> Callable[[Element, Amounts], DocumentBody]:
    read_root = ROOTS.get(local)
    if read_root is None:
        reason = _CATALOGUE if local == "Catalogue" else f"only {', '.join(ROOTS)}"
        raise ImportRefusedError(f"UBL {shown(local)[:60]} is not imported: {reason}")
    return read_root
