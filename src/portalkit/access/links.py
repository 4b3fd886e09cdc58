"""Links that let somebody in: signed, single-use, revocable, never consumed by a GET.

The token in the address is a signed (id, 128-bit secret). Expiry, uses and revocation stand
in the row and only there; the row keeps the secret's hash. Opening the address shows one
button; the POST of it exchanges the token for a session (decision 18, security R09-R13).
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Link
from portalkit.access.owners import hold_account
from portalkit.access.tokens import read_signed, sign
from portalkit.config import Secret
from portalkit.model.ids import new_id

__all__ = (
    "LinkPurpose",
    "LinkView",
    "find_link",
    "make_link",
    "note_opened",
    "read_token",
    "revoke_links",
    "use_link",
)

_SECRET_BYTES: Final = 16
# Two machines' clocks may differ: a link made by one is not too young for the other.
_CLOCK_SKEW: Final = timedelta(seconds=60)


class LinkPurpose(StrEnum):
    """What a link is for; a token of one purpose is refused at the door of another."""

    SIGN_IN = "sign_in"
    HOST = "host"
    INVITATION = "invitation"
    RECOVERY = "recovery"


_MAX_AGE: Final = {
    LinkPurpose.SIGN_IN: timedelta(hours=24),
    LinkPurpose.HOST: timedelta(seconds=60),
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.RECOVERY: timedelta(hours=1),
}


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link that works at this moment, and whom it lets in.

    Attributes:
        landing: Own path to go to afterwards; ``None`` for the first page.
        is_strong: Whoever made it vouches for two factors.
    """

    id: str
    business_id: str
    purpose: LinkPurpose
    person_id: str | None
    staff_id: str | None
    contact_id: str | None
    landing: str | None
    is_strong: bool
    expires_at: datetime
    opened_at: datetime | None


def _secret_hash(link_id: str, secret: str) -> str:
    return hashlib.sha256(f"{link_id}:{secret}".encode()).hexdigest()


def read_token(keys: Sequence[Secret], purpose: LinkPurpose, token: str) -> tuple[str, str] | None:
    """Return a token's link id and secret, or ``None`` if we did not sign it for this purpose."""
    return read_signed(keys, f"link.{purpose.value}", token)


async def make_link(
    session: AsyncSession,
    keys: Sequence[Secret],
    *,
    business_id: str,
    now: datetime,
    purpose: LinkPurpose = LinkPurpose.SIGN_IN,
    person_id: str | None = None,
    staff_id: str | None = None,
    contact_id: str | None = None,
    valid: timedelta | None = None,
    landing: str | None = None,
    is_strong: bool = False,
) -> str:
    """Make a link for a person or a member of staff and return its token, shown only once.

    Older links of the same purpose and for the same person stop working (security R13), but
    for those of a host: it may be about to use several, and they last for seconds. An
    invitation ends those of its own contact; what another contact has sent is not its.

    Args:
        session: A session that writes.
        keys: Newest first; the first one signs.
        business_id: Whose portal it opens.
        now: The current moment.
        purpose: The door it is for.
        person_id: Whom it lets in, if it is a person.
        staff_id: Whom it lets in, if it is a member of staff.
        contact_id: The contact that the person will act for.
        valid: How long it works; by its purpose if left out.
        landing: Own path to go to afterwards.
        is_strong: Two factors were proven elsewhere; none is asked for here.
    """
    if purpose is not LinkPurpose.HOST:
        # Of two at once the second waits, and ends what the first has made.
        await hold_account(session, person_id=person_id, staff_id=staff_id)
        await revoke_links(
            session,
            business_id=business_id,
            now=now,
            person_id=person_id,
            staff_id=staff_id,
            contact_id=contact_id if purpose is LinkPurpose.INVITATION else None,
            purpose=purpose,
        )
    link_id, secret = new_id(), secrets.token_urlsafe(_SECRET_BYTES)
    await session.execute(
        insert(Link).values(
            id=link_id,
            business_id=business_id,
            purpose=purpose.value,
            person_id=person_id,
            staff_id=staff_id,
            contact_id=contact_id,
            secret_hash=_secret_hash(link_id, secret),
            landing=landing,
            is_strong=is_strong,
            max_uses=1,
            uses=0,
            created_at=now,
            expires_at=now + (valid or _MAX_AGE[purpose]),
        )
    )
    return sign(keys, f"link.{purpose.value}", link_id, secret)


async def find_link(
    session: AsyncSession,
    keys: Sequence[Secret],
    token: str,
    *,
    business_id: str,
    now: datetime,
    purpose: LinkPurpose = LinkPurpose.SIGN_IN,
) -> LinkView | None:
    """Return the link of a token if it can be used now; nothing is consumed."""
    read = read_token(keys, purpose, token)
    if read is None:
        return None
    link_id, secret = read
    link = await session.scalar(
        select(Link).where(Link.id == link_id, *_is_usable(business_id, purpose, now))
    )
    if link is None or not hmac.compare_digest(link.secret_hash, _secret_hash(link_id, secret)):
        return None
    return LinkView(
        id=link.id,
        business_id=link.business_id,
        purpose=purpose,
        person_id=link.person_id,
        staff_id=link.staff_id,
        contact_id=link.contact_id,
        landing=link.landing,
        is_strong=link.is_strong,
        expires_at=link.expires_at,
        opened_at=link.opened_at,
    )


def _is_usable(business_id: str, purpose: LinkPurpose, now: datetime) -> tuple[Any, ...]:
    return (
        Link.business_id == business_id,
        Link.purpose == purpose.value,
        Link.revoked_at.is_(None),
        Link.expires_at > now,
        Link.created_at <= now + _CLOCK_SKEW,
        or_(Link.max_uses.is_(None), Link.uses < Link.max_uses),
    )


async def use_link(session: AsyncSession, link: LinkView, now: datetime) -> bool:
    """Use a link up; of several at once exactly one succeeds.

    The condition is checked by the statement that counts the use, so that two browsers
    never both get in (security O02).
    """
    await hold_account(session, person_id=link.person_id, staff_id=link.staff_id)
    result = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Link)
            .where(Link.id == link.id, *_is_usable(link.business_id, link.purpose, now))
            .values(uses=Link.uses + 1, used_at=now)
            .execution_options(synchronize_session=False)
        ),
    )
    return result.rowcount == 1


async def note_opened(session: AsyncSession, link: LinkView, now: datetime) -> None:
    """Keep when a link was first looked at: it is shown to staff and decides nothing."""
    await session.execute(
        update(Link)
        .where(Link.id == link.id, Link.opened_at.is_(None))
        .values(opened_at=now)
        .execution_options(synchronize_session=False)
    )


async def revoke_links(
    session: AsyncSession,
    *,
    business_id: str,
    now: datetime,
    person_id: str | None = None,
    staff_id: str | None = None,
    contact_id: str | None = None,
    purpose: LinkPurpose | None = None,
    invitations_of: str | None = None,
) -> None:
    """Stop the links of a person or a member of staff, of one contact or purpose if given.

    A link that names no contact counts as each one's. With ``invitations_of`` the
    invitations of all contacts but this one are left as they are.
    """
    owner = Link.person_id == person_id if staff_id is None else Link.staff_id == staff_id
    statement = update(Link).where(
        Link.business_id == business_id, owner, Link.revoked_at.is_(None), Link.used_at.is_(None)
    )
    if contact_id is not None:
        statement = statement.where(or_(Link.contact_id == contact_id, Link.contact_id.is_(None)))
    if purpose is not None:
        statement = statement.where(Link.purpose == purpose.value)
    if invitations_of is not None:
        is_other = Link.purpose != LinkPurpose.INVITATION.value
        its_own = or_(Link.contact_id == invitations_of, Link.contact_id.is_(None))
        statement = statement.where(or_(is_other, its_own))
    await session.execute(
        statement.values(revoked_at=now).execution_options(synchronize_session=False)
    )
