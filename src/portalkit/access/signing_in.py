"""Signing in: by password or by link, with the same work and the same answer for everybody.

Hashing takes long and happens outside of any transaction: on SQLite a sign-in that waited
for its turn would keep everybody else from writing. So counting the try, comparing the
password and opening the session are three steps, and the last one checks again what the
first one has read.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, canonical_email, find_account, get_account, is_email
from portalkit.access.browser import Browser, Entrance
from portalkit.access.codes import CodePurpose, check_code, guess_tries
from portalkit.access.entering import Entered, enter
from portalkit.access.known import known_try
from portalkit.access.links import LinkPurpose, LinkView, use_link
from portalkit.access.models import Person, Staff
from portalkit.access.passwords import Verification
from portalkit.access.throttle import (
    ACCOUNT,
    ADDRESS,
    LINK,
    Try,
    address_key,
    door_key,
    forget_stale,
    give_back,
    take,
)
from portalkit.audit import Actor, record
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.errors import ThrottledError

__all__ = (
    "count_try",
    "link_tries",
    "note_sign_in_failed",
    "sign_in",
    "sign_in_by_code",
    "sign_in_by_link",
    "tries_of",
)

_log = logging.getLogger("portalkit.access")
_UNKNOWN: Final = Actor(kind="unknown")
_BY: Final = {
    LinkPurpose.SIGN_IN: "link",
    LinkPurpose.HOST: "host",
    LinkPurpose.INVITATION: "invitation",
}


def tries_of(kind: SessionKind, business_id: str, email: str, address: str) -> tuple[Try, Try]:
    """Return what one comparison of a password counts against: account and address."""
    return (
        Try(ACCOUNT, door_key(kind, business_id, canonical_email(email))),
        Try(ADDRESS, address_key(address)),
    )


async def count_try(entrance: Entrance, tries: Sequence[Try], now: datetime) -> None:
    """Count a try in a transaction of its own, so that it counts even if the try fails.

    Raises:
        ThrottledError: If a limit is used up.
    """
    async with entrance.make_session() as session, session.begin():
        wait = await take(session, tries, now)
    if wait:
        raise ThrottledError(wait)


async def sign_in(
    entrance: Entrance,
    session: AsyncSession,
    *,
    kind: SessionKind,
    business_id: str,
    email: str,
    password: str,
    browser: Browser,
) -> Entered | None:
    """Compare a password and go on from there; return how far, or ``None`` for a wrong one.

    Unknown, disabled and password-less accounts take the same statements and one hash, like
    everybody else (security R20).

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction; it is used last.
        kind: Which door it is; a person's password opens nothing in the back office.
        business_id: Whose portal it is.
        email: As it was typed.
        password: As it was typed.
        browser: Who knocks.

    Raises:
        ThrottledError: If the account's or the address's tries are used up.
    """
    now = browser.now
    # What is no address is looked up as nobody's, with the same work.
    address = canonical_email(email)
    if not is_email(address):
        address = ""
    of_account, of_address = tries_of(kind, business_id, address, browser.address)
    keys = entrance.config.secret_keys
    tries = (known_try(keys, of_account, browser.known), of_address)
    async with entrance.make_session() as own, own.begin():
        wait = await take(own, tries, now)
        account = await find_account(own, kind, business_id=business_id, email=address)
    if wait:
        _log.warning("sign-in throttled at %s", business_id)
        raise ThrottledError(wait)
    stored = account.hash_at(now) if account is not None else None
    verification = await entrance.passwords.verify(password, stored)
    entered = None
    if account is not None and verification.is_right:
        entered = await _go_on(session, account, verification, entrance.config, browser)
    if entered is None:
        # What was begun in vain must not keep the note from being written (SQLite has one
        # writer), and nothing of it is to be kept.
        await session.rollback()
        await note_sign_in_failed(entrance, kind, business_id, account, now)
        return None
    await give_back(session, tries)
    await forget_stale(session, now)
    return entered


async def _go_on(
    session: AsyncSession,
    account: Account,
    verification: Verification,
    config: PortalConfig,
    browser: Browser,
) -> Entered | None:
    """Let somebody in, unless the password was changed while this one was compared."""
    table = Staff if account.kind is SessionKind.STAFF else Person
    new_hash = verification.new_hash or account.password_hash
    changed = cast(
        "CursorResult[Any]",
        await session.execute(
            update(table)
            .where(
                table.id == account.id,
                table.business_id == account.business_id,
                table.is_enabled,
                table.password_hash == account.password_hash,
                # A factor that was added meanwhile is not passed by.
                table.has_second_factor.is_(account.has_second_factor),
            )
            # What the business set lets in once (security R19).
            .values(password_hash=None if account.must_change_password else new_hash)
            .execution_options(synchronize_session=False)
        ),
    )
    if changed.rowcount != 1:
        return None
    return await enter(session, account, config, browser, by="password")


async def note_sign_in_failed(
    entrance: Entrance,
    kind: SessionKind,
    business_id: str,
    account: Account | None,
    now: datetime,
) -> None:
    """Write that a sign-in failed: as much work for an unknown account as for a known one."""
    async with entrance.make_session() as session, session.begin():
        await record(
            session,
            business_id=business_id,
            name="access.sign_in_failed",
            actor=_UNKNOWN,
            at=now,
            data={"kind": kind.value, "account": account.id if account is not None else None},
        )
    _log.warning("sign-in failed at %s", business_id)


async def sign_in_by_code(
    entrance: Entrance,
    session: AsyncSession,
    *,
    kind: SessionKind,
    business_id: str,
    email: str,
    proof: str,
    digits: str,
    browser: Browser,
) -> Entered | None:
    """Exchange the code of a mail for a session; return how far it led, ``None`` if it is wrong.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction; it is used last.
        kind: At which door the code was asked for.
        business_id: Whose portal it is.
        email: For which address.
        proof: What the browser keeps since then.
        digits: As they were typed.
        browser: Who knocks.

    Raises:
        ThrottledError: If the account's or the address's tries are used up.
    """
    of_account, _ = tries_of(kind, business_id, email, browser.address)
    of_guess, of_address = guess_tries(of_account.key, browser.address)
    keys, now = entrance.config.secret_keys, browser.now
    tries = (known_try(keys, of_guess, browser.known), of_address)
    code = await check_code(
        entrance,
        session,
        purpose=CodePurpose.SIGN_IN,
        business_id=business_id,
        proof=proof,
        digits=digits,
        tries=tries,
        now=now,
    )
    account = await find_account(session, kind, business_id=business_id, email=email)
    is_theirs = (
        code is not None
        and account is not None
        and account.is_open
        and account.id in {code.person_id, code.staff_id}
    )
    if account is None or not is_theirs:
        await session.rollback()
        await note_sign_in_failed(entrance, kind, business_id, account, now)
        return None
    return await enter(session, account, entrance.config, browser, by="code")


async def sign_in_by_link(
    session: AsyncSession, link: LinkView, config: PortalConfig, *, browser: Browser
) -> Entered | None:
    """Exchange a link for a session; return how far it led, or ``None`` if it works no longer.

    Of two exchanges at once exactly one succeeds. The caller has counted the try.
    """
    if not await use_link(session, link, browser.now):
        return None
    kind = SessionKind.STAFF if link.staff_id is not None else SessionKind.PERSON
    account_id = link.staff_id or link.person_id
    if account_id is None:
        return None
    account = await get_account(
        session,
        kind,
        business_id=link.business_id,
        account_id=account_id,
        contact_id=link.contact_id,
    )
    if account is None or not account.is_open:
        return None
    by = _BY[link.purpose]
    return await enter(
        session,
        account,
        config,
        browser,
        by=by,
        is_strong=link.is_strong,
        contact_id=link.contact_id,
    )


def link_tries(address: str) -> tuple[Try, ...]:
    """Return what one try with a link counts against."""
    return (Try(LINK, address_key(address)),)
