"""Readers of other plugins, and the elements of UBL that they get: typed values, taken out."""

from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from portalkit.hooks.types import ImportedRecords
from portalkit.model import FileInput, Identifier, TaxStated
from portalkit_einvoice.ubl.taxes import take_category
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.files import take_files
from portalkit_einvoice.xml.leftovers import leftovers
from portalkit_einvoice.xml.values import (
    number_of,
    take_date,
    take_identifier,
    take_indicator,
    take_number,
)

__all__ = ("BINARY", "DESCRIPTIONS", "UblNode", "UblReader")

BINARY: Final = "EmbeddedDocumentBinaryObject"
"""Elements with the bytes of a file."""

DESCRIPTIONS: Final = ("DocumentDescription", "DocumentType")
"""Elements beside or above them that say what the file is."""


class UblNode:
    """Reading removes what is read; ``rest`` is what nobody has read.

    Components of UBL are known by their local names. A path of names leads to the first of
    each; where there is nothing, an element without content stands in.
    """

    __slots__ = ("_element",)

    def __init__(self, element: Element) -> None:
        self._element = element

    def each(self, name: str) -> list["UblNode"]:
        """Return the children of a name."""
        return [UblNode(child) for child in self._element.each(name)]

    def first(self, *path: str) -> "UblNode":
        """Return the element at a path."""
        return UblNode(self._element.first(*path))

    def peek(self, *path: str) -> str:
        """Return a text and leave it; empty if there is none."""
        return self._element.peek(*path)

    def peek_attribute(self, name: str) -> str:
        """Return an attribute and leave it; empty if there is none."""
        return self._element.attributes.get(name, "").strip()

    def text(self, *path: str) -> str | None:
        """Take a text; ``None`` if there is none."""
        return self._element.take(*path)

    def attribute(self, name: str) -> str | None:
        """Take an attribute; ``None`` if it is missing or blank."""
        return self._element.take_attribute(name)

    def number(self, *path: str) -> Decimal | None:
        """Take a decimal number.

        Raises:
            ImportRefusedError: If the text is no number.
        """
        return take_number(self._element, *path)

    def quantity(self, *path: str) -> Decimal | None:
        """Take a number above zero; another one stays.

        Raises:
            ImportRefusedError: If the text is no number.
        """
        element = self._element.first(*path)
        if not element.text or number_of(element.text, element.name) <= 0:
            return None
        return take_number(element)

    def day(self, *path: str) -> date | None:
        """Take a date; a text that is none stays."""
        return take_date(self._element, *path)

    def indicator(self, *path: str) -> bool | None:
        """Take a yes or no; a text that is neither stays."""
        return take_indicator(self._element, *path)

    def identifier(self, *path: str) -> Identifier | None:
        """Take an identifier with its ``schemeID``."""
        return take_identifier(self._element.first(*path))

    def tax(self, *path: str) -> TaxStated | None:
        """Take a tax category; ``None`` if there is nothing in it."""
        return take_category(self._element.first(*path))

    def files(self) -> tuple[FileInput, ...]:
        """Take the files inside, at any depth.

        Raises:
            ImportRefusedError: If one is no base64, or there are more than a hundred.
        """
        return take_files(self._element, BINARY, DESCRIPTIONS)

    def rest(self) -> dict[str, str]:
        """Return all texts and attributes that nobody has taken, by their path."""
        return leftovers(self._element, "")


class UblReader(Protocol):
    """Reads what is no document of the portal: a catalogue, a statement.

    Attributes:
        root: Local name of the root element of UBL 2 (``Catalogue``).
    """

    root: str

    def read(self, root: UblNode, /) -> ImportedRecords:
        """Read a file; it was parsed within the limits of all others.

        Raises:
            ImportRefusedError: With one line that says why it cannot be read.
        """
        ...
