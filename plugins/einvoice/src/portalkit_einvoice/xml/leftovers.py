"""What no reader took: the document's ``extra``."""

from typing import Final

from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.names import local_name, split_name

__all__ = ("leftovers",)

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_PART: Final = 20_000


def leftovers(root: Element, currency: str) -> dict[str, str]:
    """Return every text and attribute that is still in a tree, by its path.

    A path is an XPath of local names below the root, with positions where a name repeats:
    ``InvoiceLine[2]/Item/BrandName``, ``InvoiceLine[2]/Item/ID@schemeAgencyID``. Left out
    are schema locations and the currency of an amount where it is the document's own. A
    text longer than 20,000 characters is cut into several entries: ``path``, ``path#2``, ...
    """
    found: dict[str, str] = {}
    _collect(root, "", currency, found)
    return found


def _collect(element: Element, path: str, currency: str, found: dict[str, str]) -> None:
    if element.text:
        _put(found, path or ".", element.text)
    for name, value in element.attributes.items():
        if value.strip() and not _is_plumbing(name, value, currency):
            _put(found, f"{path}@{local_name(name)}", value.strip())
    positions: dict[str, int] = {}
    for name, children in element.children.items():
        local = local_name(name)
        start = positions.get(local, 0)
        positions[local] = start + len(children)
        is_single = len(children) == 1 and start == 0
        for position, child in enumerate(children, start=start + 1):
            # Nearly all that was read is empty by now.
            if child.text or child.children or child.attributes:
                step = local if is_single else f"{local}[{position}]"
                _collect(child, f"{path}/{step}" if path else step, currency, found)


def _put(found: dict[str, str], path: str, text: str) -> None:
    found[path] = text[:_PART]
    for part, start in enumerate(range(_PART, len(text), _PART), start=2):
        found[f"{path}#{part}"] = text[start : start + _PART]


def _is_plumbing(name: str, value: str, currency: str) -> bool:
    return (name == "currencyID" and value == currency) or split_name(name)[0] == _XSI
