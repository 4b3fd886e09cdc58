"""Signing in by the host: it knows who is there, and sends them here with a link of seconds."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, canonical_email, find_account, get_account, is_email
from portalkit.access.links import LinkPurpose, make_link, revoke_links
from portalkit.access.paths import own_path
from portalkit.access.sessions import close_sessions_of
from portalkit.audit import Actor, record
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.model.ids import is_id

__all__ = ("end_host_visit", "make_host_link")

_LONGEST: Final = timedelta(minutes=10)


async def make_host_link(
    session: AsyncSession,
    config: PortalConfig,
    who: str,
    *,
    business_id: str,
    address: str,
    kind: SessionKind,
    contact_id: str | None,
    wish: str,
    valid: timedelta,
    by: str,
    has_two_factors: bool,
    now: datetime,
) -> str:
    """Return an address that signs somebody in, once and within seconds.

    Args:
        session: A session that writes.
        config: The host's configuration.
        who: E-mail address, or id of the person or member of staff.
        business_id: Whose portal it is.
        address: Of that portal, without a slash at its end.
        kind: Whether a person or a member of staff signs in.
        contact_id: The contact that a person acts for; of several the one chosen last if left out.
        wish: Path below the portal to go to.
        valid: How long it works, ten minutes at most.
        by: Who says so, for the history.
        has_two_factors: The host has asked for a second factor itself.
        now: The current moment.

    Raises:
        NotFoundError: If nobody with access is known by this, or not for this contact.
        InputRefusedError: ``field`` is ``valid`` or ``next``.
    """
    if not timedelta() < valid <= _LONGEST:
        raise InputRefusedError("valid", "must lie between a moment and ten minutes")
    landing = f"{urlsplit(address).path}{wish}"
    if wish and not (own_path(wish, "") and own_path(landing, "")):
        raise InputRefusedError("next", "must be a path of the portal, such as /sales/invoices")
    account = await _find(session, who, business_id, kind, contact_id)
    token = await make_link(
        session,
        config.secret_keys,
        business_id=business_id,
        now=now,
        purpose=LinkPurpose.HOST,
        person_id=account.person_id,
        staff_id=account.staff_id,
        contact_id=contact_id,
        valid=valid,
        landing=landing if wish else None,
        is_strong=has_two_factors,
    )
    await record(
        session,
        business_id=business_id,
        contact_id=account.contact_id,
        name="access.link_made",
        actor=Actor(kind="host", name=by),
        at=now,
        data={"person": account.person_id, "staff": account.staff_id, "purpose": "host"},
    )
    return f"{address}/login/host/{token}"


async def _find(
    session: AsyncSession, who: str, business_id: str, kind: SessionKind, contact_id: str | None
) -> Account:
    account = await _known(session, who, business_id, kind, contact_id)
    if account is None or not account.is_open:
        raise NotFoundError(f"nobody with access is known as {who!r} here")
    return account


async def _known(
    session: AsyncSession, who: str, business_id: str, kind: SessionKind, contact_id: str | None
) -> Account | None:
    account_id, email = who, canonical_email(who)
    if is_email(email):
        known = await find_account(session, kind, business_id=business_id, email=email)
        account_id = known.id if known is not None else ""
    if not is_id(account_id) or not (contact_id is None or is_id(contact_id)):
        return None
    return await get_account(
        session, kind, business_id=business_id, account_id=account_id, contact_id=contact_id
    )


async def end_host_visit(
    session: AsyncSession, who: str, *, business_id: str, kind: SessionKind, by: str, now: datetime
) -> int:
    """End all sessions of somebody, and the host's links that wait; return how many sessions.

    Whoever is not known, or nowhere signed in, has none: that is no mistake.

    Args:
        session: A session that writes.
        who: E-mail address, or id of the person or member of staff.
        business_id: Whose portal it is.
        kind: Whether it is a person or a member of staff.
        by: Who says so, for the history.
        now: The current moment.
    """
    account = await _known(session, who, business_id, kind, None)
    if account is None:
        return 0
    owner = {"person_id": account.person_id, "staff_id": account.staff_id}
    closed = await close_sessions_of(session, business_id=business_id, **owner)
    # An address that was made a moment ago would let the browser in again.
    await revoke_links(session, business_id=business_id, now=now, purpose=LinkPurpose.HOST, **owner)
    if closed:
        await record(
            session,
            business_id=business_id,
            contact_id=account.contact_id,
            name="access.sessions_closed",
            actor=Actor(kind="host", name=by),
            at=now,
            data={"person": account.person_id, "staff": account.staff_id, "closed": closed},
        )
    return closed
