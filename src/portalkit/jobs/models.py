"""Tables of background work."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portalkit.db import Base, Id

__all__ = ("JobRow", "ScheduleRow")


class JobRow(Base):
    """Work that waits, that is being done, or that was given up; what is done has no row.

    ``due_at`` says when somebody may take it: its moment, or, while it is being done, the
    end of the lease; what was given up has none.
    """

    __tablename__ = "portalkit_job"
    __table_args__ = (
        Index("ix_portalkit_job_due", "due_at", "id"),
        # Work that was begun no longer counts: it may have read what has changed since.
        Index(
            "uq_portalkit_job_dedup_key",
            "dedup_key",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str | None] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    due_at: Mapped[datetime | None]
    dedup_key: Mapped[str | None] = mapped_column(String(200))
    # Grows with each try, and so tells a worker that was thought dead from its successor.
    attempt: Mapped[int] = mapped_column(default=0)
    # Tries since it was left, or since somebody let it be tried anew: what its limit counts.
    tries: Mapped[int] = mapped_column(default=0)
    # Those that failed by its own fault: what it waits ever longer for.
    failures: Mapped[int] = mapped_column(default=0)
    # Workers in a row that died in the midst of it; and whether this try took over from one.
    deaths: Mapped[int] = mapped_column(default=0)
    is_retaken: Mapped[bool] = mapped_column(default=False)
    first_tried_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(1000))
    created_at: Mapped[datetime]


class ScheduleRow(Base):
    """The newest moment for which work that comes by the clock was left, by its name."""

    __tablename__ = "portalkit_schedule"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    tick_at: Mapped[datetime]
