"""Tables of what: documents, their versions, references, files and money."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portalkit.db import Base, FoldedText, Id

__all__ = (
    "Allocation",
    "AttachmentRow",
    "ContactMonth",
    "DocumentCount",
    "DocumentRow",
    "DocumentVersion",
    "Payment",
    "ReferenceRow",
    "Rendering",
    "Sequence",
)


class DocumentRow(Base):
    """A document: columns for what lists need, and the body as canonical JSON.

    ``listing`` is the kind in whose list it stands, so that one index serves a list of
    invoices with their credit notes; drafts stand in a listing ``draft`` that no list shows.
    ``issuer`` is part of a document's identity. The
    columns ``..._key`` are never null and order alike on every database: ``status_key`` is
    the status's rank and the due day in one number, ``total_key`` the total or the least
    number. ``payable`` is what the body asks for, ``amount_due`` what is left of it; on
    credit notes both are negative. ``search_text`` is folded and begins with a token of
    the contact.
    """

    __tablename__ = "portalkit_document"
    __table_args__ = (
        UniqueConstraint("business_id", "external_id"),
        UniqueConstraint("business_id", "issuer", "type_code", "number", "issued_on", "kind"),
        Index(
            "ix_portalkit_document_date", "contact_id", "listing", "issued_on", "number_key", "id"
        ),
        Index("ix_portalkit_document_number", "contact_id", "listing", "number_key", "id"),
        Index(
            "ix_portalkit_document_kind",
            "contact_id",
            "listing",
            "kind",
            "issued_on",
            "number_key",
            "id",
        ),
        Index(
            "ix_portalkit_document_description", "contact_id", "listing", "description_key", "id"
        ),
        Index("ix_portalkit_document_status", "contact_id", "listing", "status_key", "id"),
        Index(
            "ix_portalkit_document_filter",
            "contact_id",
            "listing",
            "status",
            "issued_on",
            "number_key",
            "id",
        ),
        Index("ix_portalkit_document_total", "contact_id", "listing", "total_key", "id"),
        Index("ix_portalkit_document_business", "business_id", "issued_on", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    contact_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_contact.id"))
    external_id: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    listing: Mapped[str] = mapped_column(String(40))
    type_code: Mapped[str] = mapped_column(String(10), default="")
    issuer: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(200))
    number_key: Mapped[str] = mapped_column(FoldedText)
    issued_on: Mapped[date]
    due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20))
    status_key: Mapped[int] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(String(300))
    description_key: Mapped[str] = mapped_column(FoldedText)
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[int | None] = mapped_column(BigInteger)
    total_key: Mapped[int] = mapped_column(BigInteger)
    payable: Mapped[int | None] = mapped_column(BigInteger)
    amount_due: Mapped[int | None] = mapped_column(BigInteger)
    line_count: Mapped[int]
    settled_on: Mapped[date | None]
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # Long texts last: SQLite then reads the columns of a list without their further pages.
    search_text: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


class DocumentVersion(Base):
    """An earlier body of a document, kept when the next one took its place."""

    __tablename__ = "portalkit_document_version"

    document_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ReferenceRow(Base):
    """One document mentions another, by number; ``target_id`` once the other is here."""

    __tablename__ = "portalkit_reference"
    __table_args__ = (
        Index("ix_portalkit_reference_open", "business_id", "number_key"),
        Index("ix_portalkit_reference_target", "target_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    source_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="CASCADE"), index=True
    )
    target_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="SET NULL")
    )
    relation: Mapped[str] = mapped_column(String(30))
    number: Mapped[str] = mapped_column(String(200))
    number_key: Mapped[str] = mapped_column(FoldedText)
    issued_on: Mapped[date | None]
    type_code: Mapped[str | None] = mapped_column(String(10))


class AttachmentRow(Base):
    """A file of a document; its bytes lie in the store under their SHA-256."""

    __tablename__ = "portalkit_attachment"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    document_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]


class Payment(Base):
    """Money that arrived."""

    __tablename__ = "portalkit_payment"
    __table_args__ = (UniqueConstraint("business_id", "external_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    contact_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_contact.id"), index=True)
    external_id: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[date]
    method: Mapped[str | None] = mapped_column(String(60))
    reference: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Allocation(Base):
    """A part of a payment, or of a credit note, that settles a document.

    ``offered`` is what was given for the document, ``amount`` how much of it was needed:
    the rest is credit.
    """

    __tablename__ = "portalkit_allocation"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    document_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="CASCADE"), index=True
    )
    payment_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_payment.id", ondelete="CASCADE"), index=True
    )
    credit_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="CASCADE"), index=True
    )
    offered: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    allocated_on: Mapped[date]
    created_at: Mapped[datetime]


class ContactMonth(Base):
    """Sums of a contact's issued documents by kind, currency and month.

    Kept with every change of a document, in the same transaction. ``count``, ``total`` and
    ``lines`` stand in the month of issue; ``settled_count`` and ``settle_days`` (days from
    issue to payment) in the month of settlement. Drafts and cancelled documents are left out.
    """

    __tablename__ = "portalkit_contact_month"
    __table_args__ = ({"sqlite_with_rowid": False},)

    contact_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_contact.id"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    count: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int] = mapped_column(BigInteger)
    settled_count: Mapped[int]
    settle_days: Mapped[int] = mapped_column(BigInteger)


class DocumentCount(Base):
    """How many documents of a contact are in a status, their totals and what is due on them.

    Kept like :class:`ContactMonth`, so that chips, badges and what is owed by age cost the
    same with a hundred documents as with a million. ``due_on`` tells apart only documents
    that are open; it is 9999-12-31 for all others and for those without a date.
    """

    __tablename__ = "portalkit_document_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    contact_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_contact.id"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    count: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)
    amount_due: Mapped[int] = mapped_column(BigInteger)


class Sequence(Base):
    """The last number given in a series and year."""

    __tablename__ = "portalkit_sequence"

    business_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_business.id"), primary_key=True
    )
    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Rendering(Base):
    """A PDF that was made: its content key, and the hash of the bytes that were served.

    A row without ``sha256`` is a lease: one process renders, the others wait for it.
    """

    __tablename__ = "portalkit_rendering"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    document_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="CASCADE"), index=True
    )
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
