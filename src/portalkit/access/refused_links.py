"""Links that open nothing: why, for the log alone.

Everybody sees the same page. Nothing is stored either: whoever has nothing but a made-up
address must not be able to fill the database.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.links import LinkPurpose
from portalkit.access.models import Link
from portalkit.access.tokens import read_signed
from portalkit.config import Secret
from portalkit.log import log_event

__all__ = ("note_refused_link",)

_log = logging.getLogger("portalkit.access")

_STOP: Final = "unsubscribe"
_SIGNED_FOR: Final = {
    **{purpose.value: f"link.{purpose.value}" for purpose in LinkPurpose},
    "share": "link.share",
    _STOP: _STOP,
}


async def note_refused_link(
    session: AsyncSession,
    keys: Sequence[Secret],
    token: str,
    *,
    purposes: Sequence[str],
    business_id: str,
    now: datetime,
) -> None:
    """Write into the log that a link was refused, and why; never the token.

    Args:
        session: The request's own; what it has begun is undone.
        keys: Newest first.
        token: As it stood in the address.
        purposes: What the door is for.
        business_id: At whose portal.
        now: The current moment.
    """
    await session.rollback()
    purpose, reason = "unknown", "not_signed"
    for name, signed_for in _SIGNED_FOR.items():
        read = read_signed(keys, signed_for, token)
        if read is not None:
            purpose, reason = name, "other_door"
            if name in purposes:
                reason = await _reason(session, name, read, business_id, now)
            break
    log_event(_log, logging.WARNING, "access.link_refused", purpose=purpose, reason=reason)


async def _reason(
    session: AsyncSession, purpose: str, read: tuple[str, str], business_id: str, now: datetime
) -> str:
    if purpose == _STOP:
        return "no_access" if read[1].partition(":")[0] == business_id else "other_business"
    link = await session.scalar(select(Link).where(Link.id == read[0]))
    if link is None:
        return "unknown"
    reasons = {
        "other_business": link.business_id != business_id,
        "ended": link.revoked_at is not None,
        "used": link.max_uses is not None and link.uses >= link.max_uses,
        "expired": link.expires_at <= now,
    }
    return next((reason for reason, holds in reasons.items() if holds), "no_access")
