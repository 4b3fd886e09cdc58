"""What stands before and after every reader: the file's size, and what it left unread."""

from collections.abc import Mapping
from typing import Final

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit.model import AttachmentRole, DocumentBody, FileInput, ImportedDocument
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.leftovers import leftovers

__all__ = ("check_size", "imported")

_MAX_EXTRA: Final = 15_000
_MIB: Final = 1024 * 1024


def check_size(content: bytes, max_mib: int) -> None:
    """Refuse a file that is too large, before it is parsed.

    Raises:
        ImportRefusedError: If it is larger than so many MiB.
    """
    if len(content) > max_mib * _MIB:
        raise ImportRefusedError(f"it is larger than {max_mib} MiB")


def imported(
    root: Element,
    body: DocumentBody,
    *,
    files: tuple[FileInput, ...] = (),
    stated: dict[str, str],
) -> ImportedDocument:
    """Return a document that was read, with all that is still in the tree as its ``extra``."""
    extra = leftovers(root, body.currency)
    if len(extra) > _MAX_EXTRA:
        files, extra = (*files, _as_file(extra)), {}
    body = msgspec.structs.replace(body, extra=extra)
    return ImportedDocument(body=body, files=files, stated=stated)


def _as_file(extra: Mapping[str, str]) -> FileInput:
    # More than a body may hold: still nothing is lost.
    return FileInput(
        role=AttachmentRole.SUPPORTING,
        filename="extra.json",
        media_type="application/json",
        content=msgspec.json.encode(extra),
    )
