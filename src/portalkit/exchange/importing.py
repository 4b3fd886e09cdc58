"""Files into the portal: read, given to their contact, stored in batches."""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from portalkit.audit import Actor
from portalkit.documents.models import DocumentRow
from portalkit.documents.publish import PublishOutcome, PublishResult, publish
from portalkit.errors import DocumentConflictError, ImportRefusedError, PortalError
from portalkit.exchange.addresses import Addressed, Addresses
from portalkit.exchange.owners import find_forced_contact, read_own_numbers
from portalkit.exchange.paths import find_files
from portalkit.exchange.reading import Read, ReadRecords, read_batches
from portalkit.exchange.results import FileResult, ImportOutcome, line_of, records_line
from portalkit.hooks.types import DocumentImporter, DocumentKind
from portalkit.storage import Storage

__all__ = ("ImportDesk", "import_files")

_log: Final = logging.getLogger("portalkit.exchange")

_IMPORT: Final = Actor(kind="system", name="import")
_OUTCOMES: Final = {
    PublishOutcome.CREATED: ImportOutcome.ARRIVED,
    PublishOutcome.UPDATED: ImportOutcome.UPDATED,
    PublishOutcome.SOURCE_ADDED: ImportOutcome.SOURCE_ADDED,
}


class ImportDesk(msgspec.Struct, frozen=True, kw_only=True):
    """What an import needs, and what it was asked to do.

    Attributes:
        engine: Of the portal's database; it passed through ``configure_engine``.
        business_id: Whose documents.
        importers: In the order of their plugins.
        kinds: Registered kinds by name.
        storage: Where files are kept.
        max_mib: Larger files are refused unread.
        contact: Id or external id of the contact that all documents are for; ``None`` to find
            it by the other party's identifiers.
        match_email: Also find contacts by e-mail address.
        is_dry_run: Read and check everything, store nothing.
    """

    engine: Engine
    business_id: str
    importers: Sequence[DocumentImporter]
    kinds: Mapping[str, DocumentKind]
    storage: Storage
    max_mib: int = 32
    contact: str | None = None
    match_email: bool = False
    is_dry_run: bool = False
    actor: Actor = _IMPORT


def import_files(desk: ImportDesk, paths: Iterable[str | os.PathLike[str]]) -> Iterator[FileResult]:
    """Import files, folders and patterns; yield one result for each document, in order.

    A batch is one transaction, and a result is yielded after its commit. A file that cannot be
    stored is refused as a whole and stops no other. Memory does not grow with the files.

    Args:
        desk: What to do it with.
        paths: Files, folders and patterns; see :func:`portalkit.exchange.paths.find_files`.

    Raises:
        NotFoundError: If the business or the contact does not exist.
    """
    with desk.engine.connect() as connection:
        own = read_own_numbers(connection, desk.business_id)
        forced = None
        if desk.contact is not None:
            forced = find_forced_contact(connection, desk.business_id, desk.contact)
    for batch in read_batches(find_files(paths), desk.importers, desk.max_mib):
        yield from _store(desk, batch, own=own, forced=forced)


def _store(
    desk: ImportDesk, batch: Sequence[Read], *, own: frozenset[str], forced: str | None
) -> list[FileResult]:
    """Store a batch in one transaction; if that fails, each document in one of its own."""
    try:
        with desk.engine.connect() as connection, connection.begin() as transaction:
            results = _Batch(desk, connection, own=own, forced=forced).store(batch)
            if desk.is_dry_run:
                transaction.rollback()
            return results
    except (PortalError, SQLAlchemyError, OSError) as error:
        if len(batch) > 1:
            return [
                result for each in batch for result in _store(desk, [each], own=own, forced=forced)
            ]
        (only,) = batch
        if isinstance(only, FileResult):
            return [only]
        return [only.refused(_reason(error))]


def _reason(error: PortalError | SQLAlchemyError | OSError) -> str:
    if isinstance(error, ImportRefusedError):
        return error.reason
    if isinstance(error, DBAPIError):
        # Its first line says what is wrong; the others hold the statement and its values.
        return f"it cannot be stored: {str(error.orig).strip().partition(chr(10))[0]}"
    return f"it cannot be stored: {error}"


class _Batch:
    """One transaction: contacts first, then documents, then what became of both."""

    def __init__(
        self, desk: ImportDesk, connection: Connection, *, own: frozenset[str], forced: str | None
    ) -> None:
        self._desk = desk
        self._connection = connection
        self._addresses = Addresses(
            connection,
            desk.business_id,
            kinds=desk.kinds,
            own=own,
            forced=forced,
            match_email=desk.match_email,
        )

    def store(self, batch: Sequence[Read]) -> list[FileResult]:
        """Store what was read; the results are in the batch's order."""
        desk, now = self._desk, datetime.now(UTC)
        addressed = self._addresses.address(
            [self._keep(each, now) if isinstance(each, ReadRecords) else each for each in batch],
            now,
        )
        going = [each for each in addressed if isinstance(each, Addressed)]
        published = publish(
            self._connection,
            desk.business_id,
            [each.publication for each in going],
            kinds=desk.kinds,
            # What is only tried out must not leave files behind.
            storage=Storage("memory:") if desk.is_dry_run else desk.storage,
            now=now,
            actor=desk.actor,
        )
        stored = [
            each.contact_id
            for each, result in zip(going, published, strict=True)
            if result.is_stored
        ]
        self._addresses.settle(stored, actor=desk.actor, now=now)
        outcomes = iter(published)
        return [
            each if isinstance(each, FileResult) else self._result(each, next(outcomes))
            for each in addressed
        ]

    def _keep(self, read: ReadRecords, now: datetime) -> FileResult:
        """Let a plugin store its records; what it refuses, or fails at, ends the transaction."""
        try:
            stored = read.records.store(self._connection, self._desk.business_id, now)
            outcome = ImportOutcome(stored)
        except (PortalError, SQLAlchemyError):
            raise
        except Exception as error:
            _log.exception("%s could not be stored", read.records.kind)
            reason = f"storing the {read.records.kind} failed ({type(error).__name__})"
            raise ImportRefusedError(reason) from error
        return FileResult(line=records_line(read.path, read.records, None), outcome=outcome)

    def _result(self, addressed: Addressed, published: PublishResult) -> FileResult:
        read = addressed.read
        if published.error is not None:
            return read.refused(self._explained(published.error, addressed))
        is_real = not self._desk.is_dry_run
        return FileResult(
            line=line_of(read.path, read.document.body, read.document.stated, None),
            outcome=_OUTCOMES.get(published.outcome, ImportOutcome.UNCHANGED),
            document_id=published.id if is_real else None,
            contact_id=addressed.contact_id if is_real else None,
            events=published.events if is_real else (),
        )

    def _explained(self, error: PortalError, addressed: Addressed) -> PortalError:
        """Tell a document that is here for somebody else from one with other figures."""
        if not isinstance(error, DocumentConflictError):
            return error
        statement = select(DocumentRow.contact_id).where(DocumentRow.id == error.document_id)
        if self._connection.execute(statement).scalar() == addressed.contact_id:
            return error
        number = addressed.read.document.body.number
        return ImportRefusedError(f"document {number!r} is already here for another contact")
