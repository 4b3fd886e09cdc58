"""Sessions: a row for each signed-in browser, opened, kept and ended.

The browser holds 256 random bits, the database their SHA-256.
"""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import SessionRow
from portalkit.access.owners import hold_account
from portalkit.access.recognition import (
    SessionView,
    find_session,
    find_sessions,
    session_hash,
)
from portalkit.context import SessionKind
from portalkit.errors import SignInRequiredError

__all__ = (
    "FRESH_FOR",
    "SessionView",
    "close_session",
    "close_sessions_of",
    "cookie_name",
    "find_session",
    "find_sessions",
    "hold_session",
    "is_fresh",
    "is_touch_due",
    "open_session",
    "printable",
    "session_hash",
    "touch_session",
)

FRESH_FOR: Final = timedelta(minutes=10)
"""How long after signing in a factor may be added without proving again who one is."""

_ID_BYTES: Final = 32
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_MAX_USER_AGENT: Final = 200
# Last use is written at most this often, or every view of a page would be a write.
_TOUCH_EVERY: Final = timedelta(minutes=5)


def cookie_name(*, is_secure: bool, slug: str = "", what: str = "") -> str:
    """Return the name of the session's cookie, or of another one of ours.

    Args:
        is_secure: Whether the portal is reached by https; ``__Host-`` needs it.
        slug: The business's, where several share a host name and differ by path prefix.
        what: What it keeps, if it is not the session; no slug begins with an underscore.
    """
    name = ("__Host-pk" if is_secure else "pk") + (f"_{what}" if what else "")
    return f"{name}-{slug}" if slug else name


async def open_session(
    session: AsyncSession,
    *,
    business_id: str,
    kind: SessionKind,
    now: datetime,
    lifetime: timedelta,
    person_id: str | None = None,
    staff_id: str | None = None,
    contact_id: str | None = None,
    document_id: str | None = None,
    link_id: str | None = None,
    view_role: str | None = None,
    by: str = "",
    is_strong: bool = False,
    user_agent: str | None = None,
    replaces: str | None = None,
) -> str:
    """Start a session and return its id, the only time that anybody sees it.

    A new id is made at every rise of rights; what the browser brought along is ended, so
    that an id planted before the sign-in is worth nothing afterwards (security R24):
    ``replaces`` is the id it held until now. The session ends after ``lifetime`` at the
    latest. ``by`` says how the first factor was proven, ``is_strong`` whether a second was.
    """
    session_id = secrets.token_urlsafe(_ID_BYTES)
    if replaces:
        await close_session(session, session_hash(replaces), business_id=business_id)
    await _sweep(session, now)
    await session.execute(
        insert(SessionRow).values(
            id_hash=session_hash(session_id),
            business_id=business_id,
            kind=kind.value,
            person_id=person_id,
            staff_id=staff_id,
            contact_id=contact_id,
            document_id=document_id,
            link_id=link_id,
            view_role=view_role,
            signed_in_by=by,
            is_strong=is_strong,
            user_agent=printable(user_agent),
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
        )
    )
    return session_id


async def _sweep(session: AsyncSession, now: datetime) -> None:
    """Remove some sessions that are over, without waiting for who does the same."""
    over = (
        select(SessionRow.id_hash)
        .where(SessionRow.expires_at <= now)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        delete(SessionRow)
        .where(SessionRow.id_hash.in_(over.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )


def printable(user_agent: str | None) -> str | None:
    """Return what is kept of what a browser calls itself: nothing a database refuses."""
    if not user_agent:
        return None
    return "".join(char for char in user_agent[:_MAX_USER_AGENT] if char.isprintable())


def is_touch_due(view: SessionView, now: datetime) -> bool:
    """Say whether the session's last use should be written again: every five minutes."""
    return now - view.seen_at >= _TOUCH_EVERY


async def touch_session(session: AsyncSession, view: SessionView, now: datetime) -> None:
    """Write the last use; a session that was ended meanwhile stays ended."""
    await session.execute(
        update(SessionRow).where(SessionRow.id_hash == view.id_hash).values(seen_at=now)
    )


async def hold_session(session: AsyncSession, seen: SessionView) -> None:
    """Hold a session that another one is about to go on for, and whose it is.

    Raises:
        SignInRequiredError: If it was ended after it was read: nothing revives it (R26).
    """
    await hold_account(session, person_id=seen.person_id, staff_id=seen.staff_id)
    row = select(SessionRow.id_hash).where(SessionRow.id_hash == seen.id_hash)
    if await session.scalar(row.with_for_update()) is None:
        raise SignInRequiredError


async def close_session(
    session: AsyncSession,
    id_hash: str,
    *,
    business_id: str,
    person_id: str | None = None,
    staff_id: str | None = None,
) -> bool:
    """End one session; say whether there was one.

    With ``person_id`` or ``staff_id`` it is ended only if it is theirs.
    """
    if not _HASH.fullmatch(id_hash):
        return False
    statement = delete(SessionRow).where(
        SessionRow.id_hash == id_hash, SessionRow.business_id == business_id
    )
    if person_id is not None:
        statement = statement.where(SessionRow.person_id == person_id)
    if staff_id is not None:
        statement = statement.where(SessionRow.staff_id == staff_id)
    return await _deleted(session, statement) > 0


async def close_sessions_of(
    session: AsyncSession,
    *,
    business_id: str,
    person_id: str | None = None,
    staff_id: str | None = None,
    contact_id: str | None = None,
    keep: str | None = None,
) -> int:
    """End all sessions of a person, a member of staff or a contact; return how many.

    At least one of the three is given, and all that are given must fit. ``keep`` is the
    ``id_hash`` of the one session that goes on.
    """
    owners = {
        SessionRow.person_id: person_id,
        SessionRow.staff_id: staff_id,
        SessionRow.contact_id: contact_id,
    }
    wanted = [column == value for column, value in owners.items() if value is not None]
    if not wanted:
        raise ValueError("whose sessions?")
    if person_id is not None or staff_id is not None:
        await hold_account(session, person_id=person_id, staff_id=staff_id)
    statement = delete(SessionRow).where(SessionRow.business_id == business_id, *wanted)
    if keep is not None:
        statement = statement.where(SessionRow.id_hash != keep)
    return await _deleted(session, statement)


async def _deleted(session: AsyncSession, statement: Any) -> int:
    result = cast("CursorResult[Any]", await session.execute(statement))
    return result.rowcount


def is_fresh(seen: SessionView, now: datetime) -> bool:
    """Say whether whoever is signed in has just proven it."""
    return now - seen.created_at < FRESH_FOR
