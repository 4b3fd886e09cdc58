"""Links to one document: made, listed, ended, and exchanged for a session that sees it.

The address holds a signed (id, 128-bit secret); the row keeps the secret's hash, until when the
link works and how often it was opened. A share session names its link and is gone with it at
the next request. Looking is free; to act, whoever has the link types a code that is sent to
the contact's own address.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec
from sqlalchemy import ColumnElement, CursorResult, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Link
from portalkit.access.owners import hold_contact
from portalkit.access.sessions import SessionView, open_session
from portalkit.access.share_rules import ShareRules
from portalkit.access.throttle import Limit, Try
from portalkit.access.tokens import read_signed, sign
from portalkit.audit import Actor, name_of, record
from portalkit.config import Secret
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.model.ids import is_id, new_id

__all__ = (
    "ACT_FOR",
    "MAX_LINKS",
    "SHARE",
    "SHARED",
    "SHARE_CONFIRMED",
    "SHARE_ENDED",
    "SHARE_OPENED",
    "ShareLink",
    "confirm_share",
    "confirmed_email",
    "end_share_link",
    "end_share_links",
    "end_shares_of",
    "find_share_link",
    "list_share_links",
    "make_share_link",
    "open_share",
    "share_cookie",
    "share_tries",
)

SHARE: Final = "profile.share"
"""Permission of a contact's person to share documents."""

SHARED: Final = "document.shared"
SHARE_ENDED: Final = "document.share_ended"
SHARE_OPENED: Final = "document.share_opened"
SHARE_CONFIRMED: Final = "document.share_confirmed"

ACT_FOR: Final = timedelta(minutes=30)
"""How long whoever has typed the code may act."""

MAX_LINKS: Final = 20
"""How many links to one document may work at a time."""

_PURPOSE: Final = "share"
_SECRET_BYTES: Final = 16
_LIMIT: Final = Limit(name="share", burst=40, every=60)


class ShareLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link to a document that works at this moment.

    Attributes:
        uses: How often somebody has come in by it.
        used_at: When somebody last did.
    """

    id: str
    business_id: str
    contact_id: str
    document_id: str
    actor_name: str
    uses: int
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def share_tries(contact_id: str) -> tuple[Try, ...]:
    """Return what one link by a contact's people counts against: 40, then one a minute."""
    return (Try(_LIMIT, contact_id),)


def _secret_hash(link_id: str, secret: str) -> str:
    return hashlib.sha256(f"{link_id}:{secret}".encode()).hexdigest()


async def make_share_link(
    session: AsyncSession,
    keys: Sequence[Secret],
    *,
    business_id: str,
    contact_id: str,
    document_id: str,
    rules: ShareRules,
    actor: Actor,
    now: datetime,
) -> str:
    """Make a link to a document that its maker may see, and return its token, shown only once.

    A document has :data:`MAX_LINKS` that work at a time; of two makers the second waits.

    Args:
        session: A session that writes.
        keys: Newest first; the first one signs.
        business_id: Whose portal it opens.
        contact_id: Whose document it is.
        document_id: What it opens, and nothing else.
        rules: How long it works.
        actor: Who shares.
        now: The current moment.

    Raises:
        InputRefusedError: ``field`` is ``links`` if there are too many.
        NotFoundError: If the business has no such contact any more.
    """
    await hold_contact(session, contact_id, business_id=business_id)
    links = await list_share_links(
        session, business_id=business_id, document_id=document_id, now=now
    )
    if len(links) >= MAX_LINKS:
        raise InputRefusedError("links", "too_many")
    link_id, secret = new_id(), secrets.token_urlsafe(_SECRET_BYTES)
    expires_at = now + timedelta(hours=rules.hours)
    await session.execute(
        insert(Link).values(
            id=link_id,
            business_id=business_id,
            purpose=_PURPOSE,
            contact_id=contact_id,
            document_id=document_id,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=name_of(actor, contact_id),
            secret_hash=_secret_hash(link_id, secret),
            max_uses=None,
            uses=0,
            created_at=now,
            expires_at=expires_at,
        )
    )
    await record(
        session,
        business_id=business_id,
        contact_id=contact_id,
        document_id=document_id,
        name=SHARED,
        actor=actor,
        at=now,
        data={"link": link_id, "until": expires_at.isoformat()},
    )
    return sign(keys, f"link.{_PURPOSE}", link_id, secret)


def _is_usable(business_id: str, now: datetime) -> tuple[Any, ...]:
    return (
        Link.business_id == business_id,
        Link.purpose == _PURPOSE,
        Link.revoked_at.is_(None),
        Link.expires_at > now,
    )


async def find_share_link(
    session: AsyncSession, keys: Sequence[Secret], token: str, *, business_id: str, now: datetime
) -> ShareLink | None:
    """Return the link of a token if it works now; nothing is changed."""
    read = read_signed(keys, f"link.{_PURPOSE}", token)
    if read is None:
        return None
    link_id, secret = read
    link = await session.scalar(
        select(Link).where(Link.id == link_id, *_is_usable(business_id, now))
    )
    if link is None or not hmac.compare_digest(link.secret_hash, _secret_hash(link_id, secret)):
        return None
    return _view(link)


def _view(link: Link) -> ShareLink:
    return ShareLink(
        id=link.id,
        business_id=link.business_id,
        contact_id=link.contact_id or "",
        document_id=link.document_id or "",
        actor_name=link.actor_name,
        uses=link.uses,
        created_at=link.created_at,
        expires_at=link.expires_at,
        used_at=link.used_at,
    )


async def list_share_links(
    session: AsyncSession, *, business_id: str, document_id: str, now: datetime
) -> Sequence[ShareLink]:
    """Return the links that open a document now, newest first."""
    rows = await session.scalars(
        select(Link)
        .where(Link.document_id == document_id, *_is_usable(business_id, now))
        .order_by(Link.id.desc())
    )
    return [_view(link) for link in rows]


async def end_share_link(
    session: AsyncSession,
    link_id: str,
    *,
    business_id: str,
    document_id: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Stop a link; whoever has come in by it is out at the next request.

    Raises:
        NotFoundError: If no such link opens this document.
    """
    which = (Link.id == link_id, Link.document_id == document_id)
    if not is_id(link_id) or not await _end(
        session, *which, business_id=business_id, actor=actor, now=now
    ):
        raise NotFoundError(f"share link {link_id[:60]!r}")


async def end_share_links(
    session: AsyncSession, *, business_id: str, document_id: str, actor: Actor, now: datetime
) -> None:
    """Stop all links to a document, whoever made them."""
    which = Link.document_id == document_id
    await _end(session, which, business_id=business_id, actor=actor, now=now)


async def end_shares_of(
    session: AsyncSession,
    person_id: str,
    *,
    business_id: str,
    contact_id: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Stop the links that a person has made for a contact."""
    is_theirs = (Link.actor_kind == SessionKind.PERSON.value, Link.actor_id == person_id)
    await _end(
        session,
        *is_theirs,
        Link.contact_id == contact_id,
        business_id=business_id,
        actor=actor,
        now=now,
    )


async def _end(
    session: AsyncSession,
    *which: ColumnElement[bool],
    business_id: str,
    actor: Actor,
    now: datetime,
) -> int:
    ended = await session.execute(
        update(Link)
        .where(*which, *_is_usable(business_id, now))
        .values(revoked_at=now)
        .returning(Link.id, Link.contact_id, Link.document_id)
        .execution_options(synchronize_session=False)
    )
    links = sorted(tuple(link) for link in ended)
    for link_id, contact_id, document_id in links:
        await record(
            session,
            business_id=business_id,
            contact_id=contact_id,
            document_id=document_id,
            name=SHARE_ENDED,
            actor=actor,
            at=now,
            data={"link": link_id},
        )
    return len(links)


def share_cookie(name: str, document_id: str) -> str:
    """Return the name of the cookie that opens one shared document.

    Each document has a cookie of its own, which is looked at on that document's addresses and
    nowhere else: so it never stands in the way of whoever is signed in.
    """
    return f"{name}-{document_id}"


async def open_share(
    session: AsyncSession,
    link: ShareLink,
    *,
    now: datetime,
    user_agent: str | None,
    replaces: str | None,
) -> str | None:
    """Come in by a link and return the session's id; ``None`` if the link was just ended.

    The statement that counts the use checks again that the link works.
    """
    used = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Link)
            .where(Link.id == link.id, *_is_usable(link.business_id, now))
            .values(uses=Link.uses + 1, used_at=now)
            .execution_options(synchronize_session=False)
        ),
    )
    if used.rowcount != 1:
        return None
    await record(
        session,
        business_id=link.business_id,
        contact_id=link.contact_id,
        document_id=link.document_id,
        name=SHARE_OPENED,
        actor=Actor(kind="share", id=link.id),
        at=now,
        data={"link": link.id},
    )
    return await open_session(
        session,
        business_id=link.business_id,
        kind=SessionKind.SHARE,
        now=now,
        lifetime=link.expires_at - now,
        contact_id=link.contact_id,
        document_id=link.document_id,
        link_id=link.id,
        by="share",
        user_agent=user_agent,
        replaces=replaces,
    )


def _proof_of(email: str) -> str:
    return f"code:{hashlib.sha256(email.encode()).hexdigest()[:32]}"


async def confirm_share(
    session: AsyncSession, seen: SessionView, *, session_id: str, email: str, now: datetime
) -> str:
    """Let a share session act, after the code sent to ``email``; return the new session's id."""
    await record(
        session,
        business_id=seen.business_id,
        contact_id=seen.contact_id,
        document_id=seen.document_id,
        name=SHARE_CONFIRMED,
        actor=Actor(kind="share", id=seen.link_id, name=email),
        at=now,
        data={"link": seen.link_id},
    )
    return await open_session(
        session,
        business_id=seen.business_id,
        kind=SessionKind.SHARE,
        now=now,
        lifetime=seen.expires_at - now,
        contact_id=seen.contact_id,
        document_id=seen.document_id,
        link_id=seen.link_id,
        by=_proof_of(email),
        replaces=session_id,
    )


def confirmed_email(seen: SessionView, now: datetime) -> str | None:
    """Return the address by which a share session has proven that it may act, if it has.

    The proof holds for :data:`ACT_FOR`, and as long as the contact keeps its address.
    """
    email = seen.contact_email
    if email is None or seen.signed_in_by != _proof_of(email) or now - seen.created_at >= ACT_FOR:
        return None
    return email
