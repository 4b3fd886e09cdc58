"""The plugin's own table."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portalkit.db import Base, Id

__all__ = ("Ticket",)


class Ticket(Base):
    """Something a contact asks for; ``number`` counts for each business."""

    __tablename__ = "acme_tickets_ticket"
    __table_args__ = (
        Index("uq_acme_tickets_ticket_number", "business_id", "number", unique=True),
        Index("ix_acme_tickets_ticket_contact", "contact_id", "is_open", "number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_business.id", ondelete="CASCADE")
    )
    contact_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_contact.id", ondelete="CASCADE")
    )
    document_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_document.id", ondelete="SET NULL"), index=True
    )
    number: Mapped[int]
    subject: Mapped[str] = mapped_column(String(200))
    is_open: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
