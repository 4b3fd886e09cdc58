"""What a catalogue says of an item: words, codes, pictures."""

import re
from collections import defaultdict
from hashlib import sha256
from typing import Final

from portalkit.model import FileInput, Identifier
from portalkit_catalog.product import UNDETERMINED, Picture
from portalkit_catalog.ubl.element import UblElement

__all__ = (
    "shown_file",
    "take_attributes",
    "take_classifications",
    "take_line_text",
    "take_pictures",
    "take_texts",
)

_LANGUAGE: Final = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_ADDRESS: Final = re.compile(r"https?://[\x21-\x7e]{1,1900}", re.IGNORECASE)
_PICTURE: Final = re.compile(r"\.(?:avif|bmp|gif|jpe?g|png|svg|tiff?|webp)(?:\?|$)", re.IGNORECASE)
_IMAGE: Final = "PRODUCT_IMAGE"
_URI: Final = ("Attachment", "ExternalReference", "URI")


def take_line_text(element: UblElement, *path: str) -> str | None:
    """Take a text as one line: breaks and indentation of the file are no part of it."""
    return " ".join((element.text(*path) or "").split()) or None


def take_texts(element: UblElement, name: str, *, one_line: bool) -> dict[str, str]:
    """Take the texts of a name by language; several of one language stand below each other."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for each in element.each(name):
        text = take_line_text(each) if one_line else each.text()
        if text is not None:
            found[_take_language(each)].append(text)
    separator = " " if one_line else "\n"
    return {language: separator.join(texts) for language, texts in found.items()}


def take_classifications(item: UblElement) -> tuple[Identifier, ...]:
    """Take the codes of the item with the lists that they are of."""
    found = []
    for each in item.each("CommodityClassification"):
        code = each.first("ItemClassificationCode")
        if value := take_line_text(code):
            found.append(Identifier(value, code.attribute("listID")))
    return tuple(found)


def take_attributes(item: UblElement) -> tuple[tuple[str, str], ...]:
    """Take the properties that have both a name and a value."""
    return tuple(
        (take_line_text(each, "Name") or "", each.text("Value") or "")
        for each in item.each("AdditionalItemProperty")
        if each.peek("Name") and each.peek("Value")
    )


def take_pictures(item: UblElement) -> tuple[Picture, ...]:
    """Take the addresses of pictures; those of other documents stay."""
    return tuple(
        Picture(url=each.text(*_URI) or "")
        for each in item.each("ItemSpecificationDocumentReference")
        if _ADDRESS.fullmatch(each.peek(*_URI)) and _is_picture(each)
    )


def shown_file(file: FileInput) -> str:
    """Return what is kept of a file inside: enough to know it again, not its bytes."""
    digest = sha256(file.content).hexdigest()
    return f"{file.filename} ({file.media_type}, {len(file.content)} bytes, SHA-256 {digest})"


def _take_language(element: UblElement) -> str:
    stated = element.peek_attribute("languageID")
    if _LANGUAGE.fullmatch(stated) is None:
        return UNDETERMINED
    element.attribute("languageID")
    return stated


def _is_picture(reference: UblElement) -> bool:
    return (
        _PICTURE.search(reference.peek(*_URI)) is not None
        or reference.peek("DocumentTypeCode") == _IMAGE
    )
