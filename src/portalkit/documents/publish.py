"""Documents into the portal: many at a time, any number of times, in the host's transaction.

This core works on a synchronous connection and knows no event loop; see
:mod:`portalkit.documents.sessions` for publishing inside a session (decision 26).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import Connection

from portalkit.audit import Actor
from portalkit.documents.decide import Change, decide
from portalkit.documents.prepare import Prepared, prepare
from portalkit.documents.receipts import ReceiptBook, read_receipts
from portalkit.documents.recipients import find_recipients
from portalkit.documents.stored import read_shelf
from portalkit.documents.write import Written, write_batch
from portalkit.errors import ConflictError, DocumentRefusedError, PortalError
from portalkit.hooks.events import PortalEvent
from portalkit.hooks.types import DocumentKind
from portalkit.model import Publication
from portalkit.storage import Storage

__all__ = ("PublishOutcome", "PublishResult", "publish")

_BATCH: Final = 500
_HOST: Final = Actor(kind="host")


class PublishOutcome(StrEnum):
    """What publishing a document came to."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SOURCE_ADDED = "source_added"
    PAYMENT_ADDED = "payment_added"
    STATUS_KEPT = "status_kept"
    CONFLICT = "conflict"
    REFUSED = "refused"


class PublishResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one publication.

    Attributes:
        id: The document's id; ``None`` if it was refused.
        version: Number of the body's version that is stored now.
        message: One line for a log or a report; empty if there is nothing to say.
        error: Why it was refused.
        events: What to tell the plugins after the commit.
    """

    outcome: PublishOutcome
    number: str
    id: str | None = None
    version: int = 0
    message: str = ""
    error: PortalError | None = None
    events: tuple[PortalEvent, ...] = ()

    @property
    def is_stored(self) -> bool:
        """Whether the document is in the portal now."""
        return self.error is None


def publish(
    connection: Connection,
    business_id: str,
    publications: Iterable[Publication],
    *,
    kinds: Mapping[str, DocumentKind],
    storage: Storage,
    now: datetime,
    actor: Actor = _HOST,
) -> list[PublishResult]:
    """Store documents with their files, references and payments.

    Publishing the same again changes nothing and writes nothing. A document that cannot be
    stored is refused in its result and stops no other; what is written is written with the
    caller's transaction. On PostgreSQL publishers of one business wait for each other until
    the transaction ends.

    Args:
        connection: In a transaction that may write; the caller commits.
        business_id: Whose documents.
        publications: Any number; they are written in batches.
        kinds: Registered kinds by name.
        storage: Files are put here before their rows are written.
        now: The moment that rows and events bear.
        actor: Who does it, in the history.

    Returns:
        One result for each publication, in their order.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))",
            {"key": f"portalkit.publish:{business_id}"},
        )
    desk = _Desk(connection, business_id, kinds=kinds, storage=storage, now=now, actor=actor)
    results: list[PublishResult] = []
    for batch in _batches(publications, kinds):
        results += desk.publish_batch(batch)
    return results


_Checked = Prepared | PublishResult


def _batches(
    publications: Iterable[Publication], kinds: Mapping[str, DocumentKind]
) -> Iterator[list[_Checked]]:
    """Yield batches in which no document occurs twice, so that each sees what was before."""
    batch: list[_Checked] = []
    seen: set[object] = set()
    for publication in publications:
        checked: _Checked
        try:
            checked = prepare(publication, kinds)
        except PortalError as error:
            checked = _refused(publication, error)
            keys: set[object] = set()
        else:
            keys = {checked.identity, ("external_id", publication.external_id)}
            keys.discard(("external_id", None))
        if len(batch) >= _BATCH or keys & seen:
            yield batch
            batch, seen = [], set()
        batch.append(checked)
        seen |= keys
    if batch:
        yield batch


def _refused(publication: Publication, error: PortalError) -> PublishResult:
    is_conflict = isinstance(error, ConflictError)
    return PublishResult(
        outcome=PublishOutcome.CONFLICT if is_conflict else PublishOutcome.REFUSED,
        number=publication.body.number,
        message=str(error),
        error=error,
    )


class _Desk:
    """Where batches are read, decided and written."""

    def __init__(
        self,
        connection: Connection,
        business_id: str,
        *,
        kinds: Mapping[str, DocumentKind],
        storage: Storage,
        now: datetime,
        actor: Actor,
    ) -> None:
        self._connection = connection
        self._business_id = business_id
        self._kinds = kinds
        self._storage = storage
        self._now = now
        self._actor = actor

    def publish_batch(self, batch: Sequence[_Checked]) -> list[PublishResult]:
        """Read what is needed, decide, write; return results in the batch's order."""
        good = [each for each in batch if isinstance(each, Prepared)]
        payments = sorted({p.external_id for each in good for p in each.publication.payments})
        book = read_receipts(self._connection, self._business_id, payments)
        decided = self._decide(good, book)
        changes = [each for each in decided if isinstance(each, Change)]
        written = iter(
            write_batch(
                self._connection,
                self._business_id,
                changes,
                book=book,
                kinds=self._kinds,
                storage=self._storage,
                now=self._now,
                actor=self._actor,
            )
        )
        outcomes = iter(
            each if isinstance(each, PublishResult) else _result(each, next(written))
            for each in decided
        )
        return [each if isinstance(each, PublishResult) else next(outcomes) for each in batch]

    def _decide(self, good: Sequence[Prepared], book: ReceiptBook) -> list[Change | PublishResult]:
        if not good:
            return []
        refs = [prepared.publication.contact for prepared in good]
        recipients = find_recipients(self._connection, self._business_id, refs)
        shelf = read_shelf(self._connection, self._business_id, good)
        decided: list[Change | PublishResult] = []
        for prepared in good:
            publication = prepared.publication
            try:
                contact_id = recipients.get(publication.contact)
                change = decide(prepared, contact_id, shelf)
                book.check(contact_id, publication.body.currency, publication.payments)
            except (ConflictError, DocumentRefusedError) as error:
                decided.append(_refused(publication, error))
            else:
                decided.append(change)
        return decided


def _result(change: Change, written: Written) -> PublishResult:
    kept = change.kept
    if written.status == change.prepared.publication.status:
        kept = ""
    return PublishResult(
        outcome=_outcome(change, written, kept),
        number=change.prepared.body.number,
        id=written.document_id,
        version=change.version,
        message=kept,
        events=written.events,
    )


def _outcome(change: Change, written: Written, kept: str) -> PublishOutcome:
    if change.stored is None:
        return PublishOutcome.CREATED
    if change.has_new_columns:
        return PublishOutcome.UPDATED
    if change.files:
        return PublishOutcome.SOURCE_ADDED
    if written.has_payments:
        return PublishOutcome.PAYMENT_ADDED
    return PublishOutcome.STATUS_KEPT if kept else PublishOutcome.UNCHANGED
