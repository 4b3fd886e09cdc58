"""The browsers in which somebody is signed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import SessionRow
from portalkit.context import SessionKind

__all__ = ("SessionEntry", "list_sessions")


class SessionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in browser, as its owner sees it in a list."""

    id_hash: str
    user_agent: str
    created_at: datetime
    seen_at: datetime


async def list_sessions(
    session: AsyncSession,
    *,
    business_id: str,
    now: datetime,
    idle: timedelta,
    person_id: str | None = None,
    staff_id: str | None = None,
) -> Sequence[SessionEntry]:
    """Return a person's or a member of staff's live sessions, last used first."""
    owner = SessionRow.person_id if staff_id is None else SessionRow.staff_id
    rows = await session.execute(
        select(
            SessionRow.id_hash,
            SessionRow.user_agent,
            SessionRow.created_at,
            SessionRow.seen_at,
        )
        .where(
            SessionRow.business_id == business_id,
            SessionRow.kind != SessionKind.PENDING.value,
            owner == (person_id if staff_id is None else staff_id),
            SessionRow.expires_at > now,
            SessionRow.seen_at > now - idle,
        )
        .order_by(SessionRow.seen_at.desc(), SessionRow.id_hash)
    )
    return [
        SessionEntry(id_hash=id_hash, user_agent=agent or "", created_at=created, seen_at=seen)
        for id_hash, agent, created, seen in rows
    ]
