"""Files inside a document, wherever they hang."""

import base64
import binascii
import re
from pathlib import PurePosixPath
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import AttachmentRole, FileInput
from portalkit_einvoice.ubl.element import Element

__all__ = ("take_files",)

_BINARY: Final = "EmbeddedDocumentBinaryObject"
_MAX_FILES: Final = 100
_NAME_LENGTH: Final = 120
_SUFFIX_LENGTH: Final = 10
_DESCRIPTION_LENGTH: Final = 300
_BLANKS: Final = re.compile(r"\s+")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,48}/[a-z0-9][a-z0-9.+-]{0,48}")


def take_files(root: Element) -> tuple[FileInput, ...]:
    """Take all embedded files, in the order of the file.

    Raises:
        ImportRefusedError: If one is no base64, or there are more than a hundred.
    """
    found: list[FileInput] = []
    _collect(root, root, found)
    return tuple(found)


def _collect(element: Element, parent: Element, found: list[FileInput]) -> None:
    for name, children in element.children.items():
        for child in children:
            if name == _BINARY and child.text:
                found.append(_take_file(child, parent, len(found) + 1))
            elif child.children:
                _collect(child, element, found)


def _take_file(binary: Element, reference: Element, number: int) -> FileInput:
    if number > _MAX_FILES:
        raise ImportRefusedError(f"it has more than {_MAX_FILES} files inside")
    try:
        content = base64.b64decode(_BLANKS.sub("", binary.take() or ""), validate=True)
    except (binascii.Error, ValueError):
        raise ImportRefusedError(f"file {number} inside it is not valid base64") from None
    return FileInput(
        role=AttachmentRole.SUPPORTING,
        filename=_take_file_name(binary) or f"attachment-{number}",
        media_type=_take_media_type(binary) or "application/octet-stream",
        content=content,
        description=_take_description(reference),
    )


def _take_media_type(binary: Element) -> str | None:
    stated = binary.attributes.get("mimeCode", "").strip().lower()
    if _MEDIA_TYPE.fullmatch(stated) is None:
        return None
    binary.take_attribute("mimeCode")
    return stated


def _take_description(reference: Element) -> str | None:
    for name in ("DocumentDescription", "DocumentType"):
        if 0 < len(reference.peek(name)) <= _DESCRIPTION_LENGTH:
            return reference.take(name)
    return None


def _take_file_name(binary: Element) -> str:
    """Return the last part of a name, without characters that deceive or lead elsewhere.

    A name that had to be changed also stays as it was stated.
    """
    stated = binary.attributes.get("filename", "").strip()
    last = stated.replace("\\", "/").rpartition("/")[2]
    clean = "".join(char for char in last if char.isprintable()).strip(". ")
    if len(clean) > _NAME_LENGTH:
        suffix = PurePosixPath(clean).suffix[:_SUFFIX_LENGTH]
        clean = clean[: _NAME_LENGTH - len(suffix)] + suffix
    if clean == stated:
        binary.take_attribute("filename")
    return clean
