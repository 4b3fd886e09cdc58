"""Files inside a document, wherever they hang."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import AttachmentRole, FileInput
from portalkit_einvoice.files import MAX_FILES, clean_media_type, clean_name
from portalkit_einvoice.xml.element import Element

__all__ = ("take_files",)

_DESCRIPTION_LENGTH: Final = 300
_BLANKS: Final = re.compile(r"\s+")

_Found = tuple[Element, Element, Element]


def take_files(root: Element, binary: str, descriptions: Sequence[str]) -> tuple[FileInput, ...]:
    """Take all embedded files, in the order of the file.

    Args:
        root: Where to look for them, at any depth.
        binary: Name of the elements that hold their bytes as base64.
        descriptions: Names of the elements beside or above these that say what a file is.

    Raises:
        ImportRefusedError: If one is no base64, or there are more than a hundred.
    """
    files: list[FileInput] = []
    for element, holder, above in _find(root, root, binary):
        if len(files) == MAX_FILES:
            raise ImportRefusedError(f"it has more than {MAX_FILES} files inside")
        files.append(_take_file(element, (holder, above), descriptions, len(files) + 1))
    return tuple(files)


def _find(element: Element, above: Element, binary: str) -> Iterator[_Found]:
    for name, children in element.children.items():
        for child in children:
            if name == binary and child.text:
                yield child, element, above
            elif child.children:
                yield from _find(child, element, binary)


def _take_file(
    binary: Element, around: Sequence[Element], descriptions: Sequence[str], number: int
) -> FileInput:
    try:
        content = base64.b64decode(_BLANKS.sub("", binary.take() or ""), validate=True)
    except (binascii.Error, ValueError):
        raise ImportRefusedError(f"file {number} inside it is not valid base64") from None
    return FileInput(
        role=AttachmentRole.SUPPORTING,
        filename=_take_name(binary) or f"attachment-{number}",
        media_type=_take_media_type(binary) or "application/octet-stream",
        content=content,
        description=_take_description(around, descriptions),
    )


def _take_media_type(binary: Element) -> str | None:
    media_type = clean_media_type(binary.attributes.get("mimeCode", ""))
    if media_type is not None:
        binary.take_attribute("mimeCode")
    return media_type


def _take_description(around: Sequence[Element], names: Sequence[str]) -> str | None:
    for element in around:
        for name in names:
            if 0 < len(element.peek(name)) <= _DESCRIPTION_LENGTH:
                return element.take(name)
    return None


def _take_name(binary: Element) -> str:
    """Return a name that is safe; one that had to be changed also stays as it was stated."""
    stated = binary.attributes.get("filename", "").strip()
    clean = clean_name(stated)
    if clean == stated:
        binary.take_attribute("filename")
    return clean
