"""Personal data as one ZIP, written while it is sent."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any, Final, Protocol, cast
from zipfile import ZipFile

import msgspec
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.documents.filenames import document_filename, safe_filename
from portalkit.documents.models import AttachmentRow, DocumentRow, DocumentVersion
from portalkit.documents.zipping import ZipSink, zip_entry
from portalkit.hooks import EmailTemplate, Hooks
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.privacy.parts import list_parts, read_part
from portalkit.privacy.subjects import Subject
from portalkit.storage import Storage, storage_key

__all__ = ("ExportOrder", "PrivacyPortal", "documents_of_contact", "stream_personal_data")

_BATCH: Final = 100
_README: Final = lazy_gettext(
    "This is what the portal keeps about you. The files ending in .json open in any text "
    "editor. The folder documents has a folder for each document, with its contents and its "
    "files. Passwords and other secrets are left out."
)


class PrivacyPortal(Protocol):
    """What is needed of the running portal."""

    hooks: Hooks
    storage: Storage

    @property
    def mail_templates(self) -> Mapping[str, EmailTemplate]:
        """The sorts of mail of kernel and plugins by name."""
        ...

    def reading(self) -> AsyncSession:
        """Open a session that only reads."""
        ...


class ExportOrder(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What is asked for.

    Attributes:
        documents: Condition of the documents that belong to it; ``None`` for none.
        now: The moment, in the reader's own time zone.
    """

    subject: Subject
    documents: ColumnElement[bool] | None
    translator: Translator
    now: datetime


def documents_of_contact(subject: Subject) -> ColumnElement[bool]:
    """Return the condition of all documents of a contact, drafts too: they are kept like others."""
    return and_(
        DocumentRow.business_id == subject.business_id,
        DocumentRow.contact_id == subject.contact_id,
    )


async def stream_personal_data(
    portal: PrivacyPortal, order: ExportOrder
) -> AsyncGenerator[bytes, None]:
    """Yield a ZIP of what is kept about somebody, piece by piece.

    Raises:
        ConfigError: Before the first piece, in safe mode.
        GuardFailedError: Before the first piece, if a plugin failed.
        StorageError: If a file cannot be read to its end: the archive breaks off.
    """
    subject = order.subject
    async with portal.reading() as session:
        files = await portal.hooks.export_personal_data(
            session, subject.contact_id, subject.person_id
        )
        sink = ZipSink()
        with ZipFile(cast("IO[bytes]", sink), "w") as archive:
            readme = order.translator.text(_README)
            archive.writestr(zip_entry("README.txt", order.now), f"{readme}\r\n")
            for plugin, file in files:
                archive.writestr(zip_entry(f"{plugin}/{file.name}", order.now), file.content)
            yield sink.take()
            async for name, pieces in _files(portal, session, order):
                with archive.open(zip_entry(name, order.now), "w") as entry:
                    async for piece in pieces:
                        entry.write(piece)
                        if ready := sink.take():
                            yield ready
        yield sink.take()


async def _files(
    portal: PrivacyPortal, session: AsyncSession, order: ExportOrder
) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    for part in list_parts(order.subject, portal.mail_templates, order.documents):
        yield f"{part.name}.json", _as_json(read_part(session, part))
    if order.documents is not None:
        async for document in _documents(session, order.documents):
            async for file in _document_files(portal, session, document):
                yield file


async def _documents(
    session: AsyncSession, condition: ColumnElement[bool]
) -> AsyncIterator[tuple[str, str, str, str]]:
    last = ""
    while True:
        rows = await session.execute(
            select(DocumentRow.id, DocumentRow.kind, DocumentRow.number, DocumentRow.body)
            .where(condition, DocumentRow.id > last)
            .order_by(DocumentRow.id)
            .limit(_BATCH)
        )
        found = rows.all()
        for document_id, kind, number, body in found:
            yield document_id, kind, number, body
        if len(found) < _BATCH:
            return
        last = found[-1][0]


async def _document_files(
    portal: PrivacyPortal, session: AsyncSession, document: tuple[str, str, str, str]
) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    document_id, kind, number, body = document
    stem = document_filename(kind, number, "json", document_id[-8:]).removesuffix(".json")
    folder = f"documents/{stem}"
    yield f"{folder}/document.json", _in_one_piece(body.encode())
    earlier = await session.execute(
        select(DocumentVersion.version, DocumentVersion.body)
        .where(DocumentVersion.document_id == document_id)
        .order_by(DocumentVersion.version)
    )
    for version, replaced in earlier.all():
        yield f"{folder}/version-{version}.json", _in_one_piece(replaced.encode())
    attachments = await session.execute(
        select(AttachmentRow.filename, AttachmentRow.sha256, AttachmentRow.business_id)
        .where(AttachmentRow.document_id == document_id)
        .order_by(AttachmentRow.id)
    )
    for place, (filename, sha256, business_id) in enumerate(attachments.all(), 1):
        key = storage_key(business_id, sha256)
        yield f"{folder}/{place}-{safe_filename(filename)}", portal.storage.stream(key)


async def _as_json(rows: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    """Yield a JSON list, a row a line."""
    start: Sequence[bytes] = (b"[\n", b",\n")
    is_first = True
    async for row in rows:
        yield start[not is_first] + msgspec.json.encode(row)
        is_first = False
    yield b"[]\n" if is_first else b"\n]\n"


async def _in_one_piece(content: bytes) -> AsyncIterator[bytes]:
    yield content
