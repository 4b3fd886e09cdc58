"""What the API answers with; amounts are integers in minor units of ``currency``."""

from datetime import date, datetime

import msgspec

from portalkit.model import AttachmentRole, DocumentBody, DocumentHeader

__all__ = ("ApiDocument", "ApiEntry", "ApiFile", "ApiFormat", "ApiPage", "entry_of")


class ApiEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A document in a list.

    Attributes:
        status: As it is stored; what is overdue or expired follows from ``due_on``.
        total: Gross amount in minor units, negative for credit notes.
        amount_due: What is left to pay, in minor units.
        version: Number of the body's version, from 1.
        sha256: Of the canonical body: the same hash is the same document.
        url: Where the document is.
    """

    id: str
    external_id: str | None
    contact_id: str
    kind: str
    type_code: str | None
    number: str
    description: str
    issued_on: date
    due_on: date | None
    settled_on: date | None
    status: str
    currency: str
    total: int | None
    amount_due: int | None
    line_count: int
    version: int
    sha256: str
    updated_at: datetime
    url: str


class ApiPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a list.

    Attributes:
        next: Where it goes on; ``null`` at the end.
    """

    documents: list[ApiEntry]
    next: str | None


class ApiFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A format that a document may be had in.

    Attributes:
        reasons: What is known at a glance to keep the document from it; with none, ask.
        url: Where the file is.
    """

    name: str
    title: str
    media_type: str
    reasons: list[str]
    url: str


class ApiFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a document: what it was made of (``source``), or what goes with it."""

    id: str
    role: AttachmentRole
    filename: str
    media_type: str
    size: int
    sha256: str
    description: str | None
    url: str


class ApiDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document as its issuer stated it, and what else there is of it."""

    document: ApiEntry
    body: DocumentBody
    formats: list[ApiFormat]
    files: list[ApiFile]
    pdf_url: str


def entry_of(header: DocumentHeader, url: str) -> ApiEntry:
    """Return what the API says of a document in a list."""
    stated = (name for name in ApiEntry.__struct_fields__ if name != "url")
    return ApiEntry(**{name: getattr(header, name) for name in stated}, url=url)
