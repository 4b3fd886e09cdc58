"""Files inside an invoice; compressed ones stay as they are, for nothing here unpacks."""

import base64
import binascii
import re
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import AttachmentRole, FileInput
from portalkit_einvoice.files import MAX_FILES
from portalkit_einvoice.xml.element import Element

__all__ = ("take_files",)

_MEDIA_TYPES: Final = {
    "xml": "application/xml",
    "doc": "application/msword",
    "gif": "image/gif",
    "rtf": "application/rtf",
    "pdf": "application/pdf",
    "xls": "application/vnd.ms-excel",
    "jpg": "image/jpeg",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "html": "text/html",
}
_COMPRESSED: Final = {
    "ZIP": ("zip", "application/zip"),
    "GZIP": ("gz", "application/gzip"),
}
_DESCRIPTION_LENGTH: Final = 300
_BLANKS: Final = re.compile(r"\s+")


def take_files(invoice: Element) -> tuple[FileInput, ...]:
    """Take the attached documents, in the order of the file.

    Raises:
        ImportRefusedError: If one is no base64, or there are more than a hundred.
    """
    files: list[FileInput] = []
    for element in invoice.first("AdditionalData", "RelatedDocuments").each("Attachment"):
        content = _take_content(element, len(files) + 1)
        if content is None:
            continue
        if len(files) == MAX_FILES:
            raise ImportRefusedError(f"it has more than {MAX_FILES} files inside")
        files.append(_take_file(element, content, len(files) + 1))
    return tuple(files)


def _take_content(element: Element, number: int) -> bytes | None:
    encoding = element.peek("AttachmentEncoding") or "BASE64"
    if encoding not in {"BASE64", "NONE"} or not element.peek("AttachmentData"):
        return None
    data = element.take("AttachmentData") or ""
    element.take("AttachmentEncoding")
    if encoding == "NONE":
        return data.encode()
    try:
        return base64.b64decode(_BLANKS.sub("", data), validate=True)
    except (binascii.Error, ValueError):
        raise ImportRefusedError(f"file {number} inside it is not valid base64") from None


def _take_file(element: Element, content: bytes, number: int) -> FileInput:
    suffix = element.peek("AttachmentFormat")
    media_type = _MEDIA_TYPES.get(suffix)
    name = f"attachment-{number}"
    if media_type is not None:
        element.take("AttachmentFormat")
        name = f"{name}.{suffix}"
    packed = _COMPRESSED.get(element.peek("AttachmentCompressionAlgorithm"))
    if packed is not None:
        element.take("AttachmentCompressionAlgorithm")
        name, media_type = f"{name}.{packed[0]}", packed[1]
    is_short = len(element.peek("AttachmentDescription")) <= _DESCRIPTION_LENGTH
    return FileInput(
        role=AttachmentRole.SUPPORTING,
        filename=name,
        media_type=media_type or "application/octet-stream",
        content=content,
        description=element.take("AttachmentDescription") if is_short else None,
    )
