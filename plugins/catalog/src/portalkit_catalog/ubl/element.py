"""What a reader of UBL is given to read from; the plugin ``einvoice`` parses the file."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, Self

from portalkit.model import FileInput, Identifier, TaxStated

__all__ = ("UblElement",)


class UblElement(Protocol):
    """An element: what is read is removed, and ``rest`` is what nobody has read."""

    def each(self, name: str) -> Sequence[Self]:
        """Return the children of a name."""
        ...

    def first(self, *path: str) -> Self:
        """Return the element at a path; one without content if there is none."""
        ...

    def peek(self, *path: str) -> str:
        """Return a text and leave it; empty if there is none."""
        ...

    def peek_attribute(self, name: str) -> str:
        """Return an attribute and leave it; empty if there is none."""
        ...

    def text(self, *path: str) -> str | None:
        """Take a text."""
        ...

    def attribute(self, name: str) -> str | None:
        """Take an attribute."""
        ...

    def number(self, *path: str) -> Decimal | None:
        """Take a decimal number."""
        ...

    def quantity(self, *path: str) -> Decimal | None:
        """Take a number above zero; another one stays."""
        ...

    def day(self, *path: str) -> date | None:
        """Take a date; a text that is none stays."""
        ...

    def indicator(self, *path: str) -> bool | None:
        """Take a yes or no; a text that is neither stays."""
        ...

    def identifier(self, *path: str) -> Identifier | None:
        """Take an identifier with its scheme."""
        ...

    def tax(self, *path: str) -> TaxStated | None:
        """Take a tax category."""
        ...

    def files(self) -> tuple[FileInput, ...]:
        """Take the files inside, at any depth."""
        ...

    def rest(self) -> dict[str, str]:
        """Return what nobody has taken, by its path."""
        ...
