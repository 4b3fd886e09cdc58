"""What a host or an importer hands over to be stored."""

from datetime import date

import msgspec

from portalkit.model.document import DocumentBody
from portalkit.model.header import AttachmentRole
from portalkit.model.party import Identifier

__all__ = ("ContactRef", "FileInput", "ImportedDocument", "PaymentInput", "Publication")


class ContactRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which contact of the business: one of these, tried in this order."""

    id: str | None = None
    external_id: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    email: str | None = None


class FileInput(msgspec.Struct, frozen=True, kw_only=True):
    """A file to keep beside a document."""

    role: AttachmentRole
    filename: str
    media_type: str
    content: bytes
    description: str | None = None


class PaymentInput(msgspec.Struct, frozen=True, kw_only=True):
    """A payment received for a document, in minor units of the document's currency."""

    external_id: str
    amount: int
    paid_on: date
    method: str | None = None
    reference: str | None = None


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One document to publish into the portal.

    Attributes:
        external_id: The host's own key, unique in the business.
        status: Applied only if ``known_event`` is the newest event of the portal's side.
        replace: Accept other figures under the same identity.
        reopen: Accept a new body for a quote that was already answered.
    """

    body: DocumentBody
    contact: ContactRef
    external_id: str | None = None
    status: str | None = None
    known_event: str | None = None
    files: tuple[FileInput, ...] = ()
    payments: tuple[PaymentInput, ...] = ()
    replace: bool = False
    reopen: bool = False


class ImportedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document as an importer read it; files that were embedded in it come along.

    ``stated`` holds the figures exactly as the file spells them, for the import report:
    the keys are ``net``, ``tax``, ``gross`` and ``payable``.
    """

    body: DocumentBody
    files: tuple[FileInput, ...] = ()
    stated: dict[str, str] = {}
