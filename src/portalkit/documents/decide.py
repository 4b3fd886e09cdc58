"""What publishing a document means, decided without the database (decisions 1 to 3)."""

from hashlib import sha256
from typing import Final

import msgspec

from portalkit.documents.prepare import Prepared, figures
from portalkit.documents.statuses import DRAFT, ledger_names
from portalkit.documents.stored import Answer, Shelf, Stored
from portalkit.errors import ConflictError, DocumentConflictError
from portalkit.model import AttachmentRole, FileInput

__all__ = ("Change", "decide")

_FOLLOWS_PAYMENTS: Final = "status kept: it follows from what is left to pay"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written for one publication.

    Attributes:
        stored: The document as it is here; ``None`` if it is new.
        has_new_body: A version is added.
        status: The status to be stored, before the ledger has its say.
        files: Files that are not here yet.
        kept: Why the status that was asked for is not stored; empty if it is.
    """

    prepared: Prepared
    contact_id: str
    stored: Stored | None
    has_new_body: bool
    status: str
    files: tuple[FileInput, ...]
    kept: str = ""

    @property
    def version(self) -> int:
        """Number of the body's version afterwards."""
        if self.stored is None:
            return 1
        return self.stored.version + self.has_new_body

    @property
    def has_new_columns(self) -> bool:
        """Whether the row of an existing document changes."""
        stored = self.stored
        if stored is None:
            return False
        external_id = self.prepared.publication.external_id
        return (
            self.has_new_body
            or self.status != stored.counted.status
            or self.contact_id != stored.counted.contact_id
            or (external_id is not None and external_id != stored.external_id)
        )


def decide(prepared: Prepared, contact_id: str, shelf: Shelf) -> Change:
    """Decide what a publication changes.

    Raises:
        DocumentConflictError: If it would change figures, the identity or the contact of an
            issued document, and ``replace`` is not set.
        ConflictError: If it is a new body for an answered offer, and ``reopen`` is not set.
    """
    stored = shelf.find(prepared)
    if stored is None:
        status, kept = _first_status(prepared)
        return Change(
            prepared=prepared,
            contact_id=contact_id,
            stored=None,
            has_new_body=True,
            status=status,
            files=_new_files(prepared, frozenset()),
            kept=kept,
        )
    files = _new_files(prepared, shelf.files.get(stored.id, frozenset()))
    answer = shelf.answers.get(stored.id)
    has_new_body = _accept_body(prepared, contact_id, stored, shelf=shelf)
    if has_new_body and answer is not None and prepared.kind.due_means == "validity":
        if not prepared.publication.reopen:
            raise ConflictError(
                f"document {stored.number!r} was answered ({answer.target}): reopen it on purpose"
            )
        status, kept = prepared.publication.status or prepared.kind.initial_status, ""
    else:
        status, kept = _next_status(prepared, stored, answer)
    return Change(
        prepared=prepared,
        contact_id=contact_id,
        stored=stored,
        has_new_body=has_new_body,
        status=status,
        files=files,
        kept=kept,
    )


def _new_files(prepared: Prepared, known: set[str] | frozenset[str]) -> tuple[FileInput, ...]:
    new: dict[str, FileInput] = {}
    for file in prepared.publication.files:
        fingerprint = sha256(file.content).hexdigest()
        if fingerprint not in known:
            new.setdefault(fingerprint, file)
    return tuple(new.values())


def _accept_body(
    prepared: Prepared,
    contact_id: str,
    stored: Stored,
    *,
    shelf: Shelf,
) -> bool:
    """Say whether the body becomes a new version; refuse what would change an issued one."""
    is_free = prepared.publication.replace or stored.counted.status == DRAFT
    if contact_id != stored.counted.contact_id and not is_free:
        raise DocumentConflictError(stored.number, stored.id)
    if prepared.columns["sha256"] == stored.sha256:
        return False
    if is_free:
        return True
    is_same = prepared.identity == stored.identity
    if not is_same or figures(prepared.body) != shelf.figures[stored.id]:
        raise DocumentConflictError(stored.number, stored.id)
    # The same figures in another syntax: the file is kept beside the body that is here, and
    # when it comes again it is as little a new version as it was the first time.
    return not any(file.role is AttachmentRole.SOURCE for file in prepared.publication.files)


def _first_status(prepared: Prepared) -> tuple[str, str]:
    wanted = prepared.publication.status or prepared.kind.initial_status
    if wanted in ledger_names(prepared.kind):
        return prepared.kind.initial_status, _FOLLOWS_PAYMENTS
    return wanted, ""


def _next_status(prepared: Prepared, stored: Stored, answer: Answer | None) -> tuple[str, str]:
    status = stored.counted.status
    wanted = prepared.publication.status
    if wanted is None or wanted == status:
        return status, ""
    if answer is not None and answer.event_id != prepared.publication.known_event:
        who = "contact" if answer.actor_kind in {"person", "share"} else "staff"
        return status, f"status kept: {answer.target} by {who}"
    ledger = ledger_names(prepared.kind)
    if wanted in ledger:
        open_status = prepared.kind.initial_status
        return (status if status in ledger else open_status), _FOLLOWS_PAYMENTS
    if wanted == prepared.kind.initial_status and status in ledger:
        return status, _FOLLOWS_PAYMENTS
    return wanted, ""
