"""What staff see of the mails of their business."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.mail.models import MailRow
from portalkit.mail.services import FAILED, SENT, WAITING

__all__ = (
    "MailEntry",
    "MailFilter",
    "Outbox",
    "count_mails",
    "is_early",
    "list_mails",
    "measure_outbox",
)

MailFilter = Literal["", "waiting", "sent", "failed"]
"""All mails, or those of one state."""

_MAX_QUERY = 100


class MailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as staff see it; never what it says.

    Attributes:
        template: Name of the sort of mail.
        subject: As it was sent, or written by hand.
        tries: How often it was tried to hand it over.
        error: Why it still waits, or why it failed.
        valid_until: What it says is of no use afterwards.
    """

    id: str
    template: str
    to_name: str
    to_email: str
    subject: str | None
    state: str
    tries: int
    error: str | None
    valid_until: datetime | None
    created_at: datetime
    finished_at: datetime | None

    def can_be_resent(self, now: datetime) -> bool:
        """Say whether it may be sent once more."""
        is_valid = self.valid_until is None or self.valid_until > now
        return self.state in {SENT, FAILED} and is_valid


def _matches(business_id: str, query: str) -> list[ColumnElement[bool]]:
    conditions = [MailRow.business_id == business_id]
    text = "".join(char for char in query if char.isprintable()).strip()[:_MAX_QUERY]
    if text:
        conditions.append(
            or_(
                func.lower(MailRow.to_email).contains(text.lower(), autoescape=True),
                func.lower(MailRow.to_name).contains(text.lower(), autoescape=True),
            )
        )
    return conditions


async def list_mails(
    session: AsyncSession,
    *,
    business_id: str,
    state: MailFilter = "",
    query: str = "",
    offset: int = 0,
    limit: int = 25,
) -> Sequence[MailEntry]:
    """Return a page of mails, newest first."""
    columns = [MailRow.__table__.c[name] for name in MailEntry.__struct_fields__]
    statement = (
        select(*columns)
        .where(*_matches(business_id, query))
        .order_by(MailRow.id.desc())
        .offset(offset)
        .limit(limit)
    )
    if state:
        statement = statement.where(MailRow.state == state)
    return [MailEntry(**row) for row in (await session.execute(statement)).mappings()]


async def is_early(session: AsyncSession, mail: MailRow) -> bool:
    """Say whether an older mail of the same thread still waits for the same address."""
    if mail.thread is None:
        return False
    older = exists().where(
        MailRow.thread == mail.thread,
        MailRow.to_email == mail.to_email,
        MailRow.id < mail.id,
        MailRow.business_id == mail.business_id,
        MailRow.state == WAITING,
    )
    return bool(await session.scalar(select(older)))


async def count_mails(
    session: AsyncSession, *, business_id: str, query: str = ""
) -> Mapping[MailFilter, int]:
    """Return how many mails stand behind each filter."""
    rows = await session.execute(
        select(MailRow.state, func.count())
        .where(*_matches(business_id, query))
        .group_by(MailRow.state)
    )
    found = {state: int(number) for state, number in rows}
    return {
        "": sum(found.values()),
        "waiting": found.get(WAITING, 0),
        "sent": found.get(SENT, 0),
        "failed": found.get(FAILED, 0),
    }


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """How the mails of all businesses stand.

    Attributes:
        waiting: How many are still to be sent.
        failed: How many were given up and not sent again.
        oldest_at: When the oldest that waits was written.
    """

    waiting: int
    failed: int
    oldest_at: datetime | None


async def measure_outbox(session: AsyncSession) -> Outbox:
    """Return how the mails of all businesses stand; what was sent is not looked at."""
    rows = await session.execute(
        select(MailRow.state, func.count(), func.min(MailRow.created_at))
        .where(MailRow.state.in_((WAITING, FAILED)))
        .group_by(MailRow.state)
    )
    found = {state: (int(count), oldest) for state, count, oldest in rows}
    waiting, oldest_at = found.get(WAITING, (0, None))
    return Outbox(waiting=waiting, failed=found.get(FAILED, (0, None))[0], oldest_at=oldest_at)
