"""Tables of mail: what goes out, and the words that businesses have changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portalkit.db import Base, Id

__all__ = ("MailRow", "MailTemplateRow")


class MailRow(Base):
    """A mail to one address: it waits, was sent, or failed for good."""

    __tablename__ = "portalkit_mail"
    __table_args__ = (
        Index("ix_portalkit_mail_business", "business_id", "id"),
        Index("ix_portalkit_mail_state", "business_id", "state", "id"),
        Index("ix_portalkit_mail_thread", "thread", "to_email", "id"),
        # Few among the many that were sent: what is asked for every few seconds.
        Index(
            "ix_portalkit_mail_unsent",
            "state",
            "created_at",
            sqlite_where=text("state IN ('waiting', 'failed')"),
            postgresql_where=text("state IN ('waiting', 'failed')"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    template: Mapped[str] = mapped_column(String(80))
    to_email: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(20))
    reply_to: Mapped[str | None] = mapped_column(String(254))
    variables: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Those of them that are secrets, until the mail is sent or of no use.
    sealed: Mapped[str | None] = mapped_column(Text)
    # Mails with the same one reach the same address in the order they were written.
    thread: Mapped[str | None] = mapped_column(String(80))
    # Words that somebody wrote for this one mail; else those of the template are used.
    own_words: Mapped[str | None] = mapped_column(Text)
    # Written by hand together with the words, else what it said when it was last tried.
    subject: Mapped[str | None] = mapped_column(String(250))
    unsubscribe_url: Mapped[str | None] = mapped_column(String(1000))
    # Kept from the first time that a server may have had the mail, and the same for ever.
    message_id: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    # How often a server may have got the whole mail without our hearing of it.
    handovers: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(1000))
    valid_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)


class MailTemplateRow(Base):
    """Words that a business uses instead of the shipped ones, in one language."""

    __tablename__ = "portalkit_mail_template"

    business_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_business.id"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    locale: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(250))
    words: Mapped[str] = mapped_column(Text)
    # Why they could not be used the last time; the shipped words went out instead.
    problem: Mapped[str | None] = mapped_column(String(500))
    updated_at: Mapped[datetime]
