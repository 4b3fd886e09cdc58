"""The table of events; rows are added and never changed (security R71).

What is said of a contact or a document holds them: neither is deleted from under it. See
:mod:`.guard_ddl` for what keeps the rows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portalkit.db import Base, Id

__all__ = ("Event",)


class Event(Base):
    """Something that happened: append-only history, and the audit trail."""

    __tablename__ = "portalkit_event"
    __table_args__ = (
        Index("ix_portalkit_event_document", "document_id", "id"),
        Index("ix_portalkit_event_business", "business_id", "id"),
        Index("ix_portalkit_event_contact", "contact_id", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    contact_id: Mapped[str | None] = mapped_column(Id, ForeignKey("portalkit_contact.id"))
    document_id: Mapped[str | None] = mapped_column(Id, ForeignKey("portalkit_document.id"))
    name: Mapped[str] = mapped_column(String(40))
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(Id)
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    # Set where a thing counts once (a view a person and day): a second row is refused.
    once_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime]
