"""The importer: recognises Facturae and reads each invoice of a file as a document."""

from collections.abc import Iterable
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import ImportedDocument, Text, is_currency
from portalkit_einvoice.facturae.attachments import take_files
from portalkit_einvoice.facturae.invoice import read_invoice, take_shared
from portalkit_einvoice.facturae.money import take_stated
from portalkit_einvoice.facturae.namespaces import NAMESPACES, ROOT, SIGNATURE, short_name
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.document import check_size, imported
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.names import find_root, split_name
from portalkit_einvoice.xml.parsing import parse, shown_root

__all__ = ("FacturaeImporter",)

_MOST_INVOICES: Final = 1_000


class FacturaeImporter:
    """Reads Facturae 3.2, 3.2.1 and 3.2.2, signed or not, one invoice or a batch.

    A signature is not checked and says nothing about the figures; it stays in the file, which
    is kept as the document's source.

    Args:
        max_mib: Larger files are refused before they are parsed.
    """

    name = "facturae"
    title: Text = "Facturae 3.2"

    def __init__(self, max_mib: int) -> None:
        self._max_mib = max_mib

    def recognizes(self, head: bytes, filename: str) -> bool:  # noqa: ARG002
        """Say whether the root, or else a namespace in the first bytes, is Facturae's."""
        root = find_root(head)
        if root is None:
            return any(namespace.encode() in head for namespace in NAMESPACES)
        return root[1] == ROOT

    def read(self, content: bytes, filename: str) -> Iterable[ImportedDocument]:  # noqa: ARG002
        """Read the invoices of a file, in its order.

        Raises:
            ImportRefusedError: With one line that says why the file cannot be read.
        """
        check_size(content, self._max_mib)
        root = parse(content, short_name)
        namespace, local = split_name(root.name)
        if local != ROOT or namespace not in NAMESPACES:
            raise ImportRefusedError(f"its root {shown_root(root.name)} is no Facturae 3.2")
        root.children.pop(SIGNATURE, None)
        invoices = root.first("Invoices").each("Invoice")
        if not invoices:
            raise ImportRefusedError("there is no invoice in it")
        if len(invoices) > _MOST_INVOICES:
            raise ImportRefusedError(f"it has more than {_MOST_INVOICES} invoices inside")
        return _read_all(root, invoices)


def _read_all(root: Element, invoices: Iterable[Element]) -> Iterable[ImportedDocument]:
    shared = take_shared(root)
    for invoice in invoices:
        amounts = _amounts(invoice)
        stated = take_stated(invoice)
        files = take_files(invoice)
        body = read_invoice(invoice, amounts, shared)
        yield imported(_alone(root, invoice), body, files=files, stated=stated)


def _amounts(invoice: Element) -> Amounts:
    currency = invoice.first("InvoiceIssueData").take("InvoiceCurrencyCode")
    if currency is None:
        raise ImportRefusedError("it has no InvoiceCurrencyCode")
    if not is_currency(currency):
        raise ImportRefusedError(f"its currency {currency[:20]!r} is no ISO 4217 code")
    return Amounts(currency)


def _alone(root: Element, invoice: Element) -> Element:
    """Return a tree with all that a file says of one of its invoices."""
    invoices = Element("Invoices", {})
    invoices.add(invoice)
    alone = Element(root.name, root.attributes)
    alone.children = {**root.children, "Invoices": [invoices]}
    return alone
