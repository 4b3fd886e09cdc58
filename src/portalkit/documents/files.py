"""Files of documents on their way into the store, and the rows that name them."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from portalkit.documents.bulk import insert_rows
from portalkit.documents.canonical import digest
from portalkit.documents.models import AttachmentRow
from portalkit.model import FileInput, new_id
from portalkit.storage import Storage, storage_key

__all__ = ("put_files", "write_files")

_WRITERS: Final = 8


def put_files(storage: Storage, business_id: str, files: Iterable[FileInput]) -> None:
    """Put files into the store, before their rows are written.

    A file without a row is litter; a row without its file would be a broken page.

    Raises:
        StorageError: If one of them cannot be written.
    """
    contents = {storage_key(business_id, digest(file.content)): file.content for file in files}
    if not contents:
        return
    # Each file is brought to the disk, which is much faster at several than one by one.
    with ThreadPoolExecutor(min(len(contents), _WRITERS)) as pool:
        for _ in pool.map(storage.put_sync, contents.keys(), contents.values()):
            pass


def write_files(
    connection: Connection,
    business_id: str,
    files: Sequence[tuple[str, FileInput]],
    now: datetime,
) -> None:
    """Write the rows of files, each given with the id of its document."""
    rows = [
        {
            "id": new_id(),
            "business_id": business_id,
            "document_id": document_id,
            "role": file.role.value,
            "filename": file.filename,
            "media_type": file.media_type,
            "size": len(file.content),
            "sha256": digest(file.content),
            "description": file.description,
            "created_at": now,
        }
        for document_id, file in files
    ]
    insert_rows(connection, AttachmentRow, rows)
