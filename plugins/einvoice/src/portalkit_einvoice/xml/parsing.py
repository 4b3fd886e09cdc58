"""From bytes to elements, with a parser that fetches, expands and trusts nothing."""

from collections.abc import Callable, Mapping
from typing import Final, cast

from lxml import etree

from portalkit.errors import ImportRefusedError
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.names import shown, split_name

__all__ = ("MAX_DEPTH", "MAX_ITEMS", "parse", "shown_root")

MAX_DEPTH: Final = 64
"""Deepest nesting; the deepest real documents have 12 levels."""

MAX_ITEMS: Final = 600_000
"""Elements and attributes of a file: some 10,000 lines, and about 200 MB while it is read."""

_REASON_LENGTH: Final = 160


class _Builder:
    """Receives the parser's events; unlike a tree it can stop in the middle of a file."""

    def __init__(self, short_name: Callable[[str], str]) -> None:
        self._short_name = short_name
        self._document = Element("", {})
        self._open = [self._document]
        self._more: list[str] = []
        self._items = 0

    def doctype(self, *_names: str | None) -> None:
        # Before any entity is declared: nothing is expanded, nothing is fetched.
        raise ImportRefusedError("it has a document type declaration (DTD), which is not accepted")

    def comment(self, data: str | bytes) -> None:
        """Comments say nothing about the document."""

    def start(self, tag: str | bytes, attrib: Mapping[str | bytes, str | bytes]) -> None:
        self._items += 1 + len(attrib)
        if self._items > MAX_ITEMS:
            raise ImportRefusedError(f"it has more than {MAX_ITEMS} elements and attributes")
        if len(self._open) > MAX_DEPTH:
            raise ImportRefusedError(f"its elements are nested more than {MAX_DEPTH} deep")
        if self._more:
            self._flush()
        # The parser makes a new dict for each element, or hands out one that is always empty.
        element = Element(
            self._short_name(str(tag)), cast("dict[str, str]", attrib) if attrib else {}
        )
        self._open[-1].add(element)
        self._open.append(element)

    def data(self, data: str | bytes) -> None:
        # Long texts come in many pieces, and most blanks stand between elements.
        if self._more or self._open[-1].text:
            self._more.append(str(data))
        elif not data.isspace():
            self._open[-1].text = str(data)

    def end(self, _tag: str | bytes) -> None:
        if self._more:
            self._flush()
        element = self._open.pop()
        if element.text:
            element.text = element.text.strip()

    def close(self) -> Element:
        # Also called after an error, when there may be no root.
        return self._document

    def _flush(self) -> None:
        self._open[-1].text += "".join(self._more)
        self._more.clear()


def parse(content: bytes, short_name: Callable[[str], str]) -> Element:
    """Parse a document and return its root.

    Args:
        content: The whole file.
        short_name: Makes the name under which readers know an element of ``{namespace}local``;
            it is called for every element.

    Raises:
        ImportRefusedError: If it is not well-formed, has a DTD, is nested too deeply, or has
            too many elements.
    """
    parser = etree.XMLParser(
        target=_Builder(short_name),
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        document: Element = etree.fromstring(content, parser)  # type: ignore[assignment]
    except etree.XMLSyntaxError as error:
        raise ImportRefusedError(f"it is not well-formed XML: {_reason(error)}") from None
    (root,) = next(iter(document.children.values()))
    return root


def shown_root(name: str) -> str:
    """Return the ``{namespace}local`` of a root as people read it in one line."""
    namespace, local = split_name(name)
    return f"{shown(local)[:60]} ({shown(namespace)[:80] or 'no namespace'})"


def _reason(error: etree.XMLSyntaxError) -> str:
    # libxml2 puts the file's bytes into some of its messages.
    return shown(error.msg or "")[:_REASON_LENGTH]
