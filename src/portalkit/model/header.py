"""What lists, filters, sorting and totals need of a document, and what lives beside its body."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import msgspec

from portalkit.model.document import DocumentBody

__all__ = (
    "Attachment",
    "AttachmentRole",
    "Document",
    "DocumentHeader",
    "LinkedDocument",
    "PdfAttachment",
)


class DocumentHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a document row.

    Attributes:
        status: The stored status; ``overdue`` and ``expired`` are derived when shown.
        total: Gross amount in minor units (negative for credit notes), ``None`` if unstated.
        amount_due: What is left to pay, in minor units.
        version: Number of the body's version, from 1.
        sha256: Of the canonical body, in hexadecimal.
    """

    id: str
    business_id: str
    contact_id: str
    kind: str
    number: str
    type_code: str | None
    issued_on: date
    due_on: date | None
    status: str
    description: str
    currency: str
    total: int | None
    amount_due: int | None
    line_count: int
    settled_on: date | None
    external_id: str | None
    version: int
    sha256: str
    updated_at: datetime


class AttachmentRole(StrEnum):
    """Why a file hangs on a document."""

    SOURCE = "source"
    RENDERING = "rendering"
    SUPPORTING = "supporting"


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that belongs to a document; its bytes lie in the store under ``sha256``."""

    id: str
    role: AttachmentRole
    filename: str
    media_type: str
    size: int
    sha256: str
    description: str | None = None


class PdfAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file inside the PDF of a document.

    Attributes:
        modified_on: Stands beside the file; PDF/A-3 wants a date, and the same one makes the
            same PDF.
        relationship: What it is to the document (PDF/A-3): the same figures as XML are an
            ``Alternative``, or ``Data``.
    """

    name: str
    content: bytes
    media_type: str
    modified_on: date
    description: str = ""
    relationship: Literal["Source", "Data", "Alternative", "Supplement", "Unspecified"] = (
        "Unspecified"
    )


class LinkedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document that another one refers to or is referred to by.

    Attributes:
        id: ``None`` while the other document has not arrived.
        is_outgoing: Whether the reference stands in the document that is looked at.
    """

    relation: str
    kind: str | None
    number: str
    issued_on: date | None
    id: str | None
    is_outgoing: bool


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One document as a page, an action or an exporter sees it."""

    header: DocumentHeader
    body: DocumentBody

    @property
    def id(self) -> str:
        """The document's identifier."""
        return self.header.id

    @property
    def kind(self) -> str:
        """The name of the document's kind."""
        return self.header.kind
