"""An element that is read by taking things out of it: what stays is what nobody read."""

from collections.abc import Sequence
from typing import Final

__all__ = ("Element",)


class Element:
    """One element of a document.

    Reading empties it: ``take`` returns a text and removes it. Whatever is left in the tree
    after a reader has finished goes to the document's ``extra``, so nothing can be forgotten.

    Attributes:
        name: Local name, or ``{namespace}local`` for names that are not UBL's own.
        text: The element's own text, without blanks around it.
        children: Its elements by name, in the order of the file.
    """

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.text = ""
        self.attributes = attributes
        self.children: dict[str, list[Element]] = _NO_CHILDREN

    def add(self, child: "Element") -> None:
        """Add a child behind the others."""
        if self.children is _NO_CHILDREN:
            self.children = {}
        self.children.setdefault(child.name, []).append(child)

    def each(self, name: str) -> Sequence["Element"]:
        """Return the children of a name."""
        return self.children.get(name, ())

    def first(self, *path: str) -> "Element":
        """Follow the first child of each name; an element without content if there is none."""
        element = self
        for name in path:
            children = element.children.get(name)
            if children is None:
                return _NOTHING
            element = children[0]
        return element

    def has(self, name: str) -> bool:
        """Say whether there is a child of a name."""
        return name in self.children

    def peek(self, *path: str) -> str:
        """Return the text at a path and leave it there; empty if there is none."""
        return self.first(*path).text

    def take(self, *path: str) -> str | None:
        """Return the text at a path and remove it; ``None`` if there is none."""
        element = self.first(*path)
        text = element.text
        if not text:
            return None
        element.text = ""
        return text

    def take_if(self, expected: str | None, *path: str) -> None:
        """Remove the text at a path if it only repeats what is known already."""
        element = self.first(*path)
        if element.text and element.text == expected:
            element.text = ""

    def take_each(self, name: str) -> tuple[str, ...]:
        """Return the texts of all children of a name and remove them."""
        return tuple(text for child in self.each(name) if (text := child.take()))

    def take_attribute(self, name: str) -> str | None:
        """Return an attribute and remove it; ``None`` if it is missing or blank."""
        return self.attributes.pop(name, "").strip() or None


# Most elements are leaves: one empty dict for all of them.
_NO_CHILDREN: Final[dict[str, list[Element]]] = {}
_NOTHING: Final = Element("", {})
