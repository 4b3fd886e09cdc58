"""The importer: recognises UBL and reads the documents that the portal has kinds for."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit.model import (
    AttachmentRole,
    DocumentBody,
    FileInput,
    ImportedDocument,
    Text,
    lazy_gettext,
)
from portalkit_einvoice.ubl.attachments import take_files
from portalkit_einvoice.ubl.despatch import read_despatch_advice
from portalkit_einvoice.ubl.element import Element
from portalkit_einvoice.ubl.invoice import read_credit_note, read_invoice
from portalkit_einvoice.ubl.leftovers import leftovers
from portalkit_einvoice.ubl.money import Amounts, document_currency, take_stated
from portalkit_einvoice.ubl.namespaces import ROOT_PREFIX, find_root, shown
from portalkit_einvoice.ubl.order import read_order, read_order_response
from portalkit_einvoice.ubl.parsing import parse
from portalkit_einvoice.ubl.quotation import read_quotation

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

_MAX_EXTRA: Final = 15_000
_MIB: Final = 1024 * 1024


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
        if len(content) > self._max_mib * _MIB:
            raise ImportRefusedError(f"it is larger than {self._max_mib} MiB")
        name, root = parse(content)
        read_root = ROOTS.get(name)
        if read_root is None:
            raise ImportRefusedError(
                f"UBL {shown(name)[:60]} is not imported: only {', '.join(ROOTS)}"
            )
        amounts = Amounts(document_currency(root))
        stated = take_stated(root, amounts)
        files = take_files(root)
        body = read_root(root, amounts)
        extra = leftovers(root, amounts.currency)
        if len(extra) > _MAX_EXTRA:
            files, extra = (*files, _as_file(extra)), {}
        body = msgspec.structs.replace(body, extra=extra)
        return (ImportedDocument(body=body, files=files, stated=stated),)


def _as_file(extra: Mapping[str, str]) -> FileInput:
    # More than a body may hold: still nothing is lost.
    return FileInput(
        role=AttachmentRole.SUPPORTING,
        filename="extra.json",
        media_type="application/json",
        content=msgspec.json.encode(extra),
    )
