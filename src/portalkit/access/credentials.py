"""Setting passwords: one's own, and the one that the business hands over."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, get_account
from portalkit.access.browser import Browser, Entrance
from portalkit.access.codes import CodePurpose, end_codes
from portalkit.access.known import email_key
from portalkit.access.links import revoke_links
from portalkit.access.models import Person, Staff
from portalkit.access.passwords import check_new_password
from portalkit.access.remembered import forget_devices
from portalkit.access.sessions import (
    SessionView,
    close_sessions_of,
    hold_session,
    is_fresh,
    open_session,
)
from portalkit.access.signing_in import password_tries
from portalkit.access.telling import tell_password_changed
from portalkit.access.throttle import give_back, take_first
from portalkit.audit import Actor, record
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError

__all__ = (
    "account_of",
    "change_password",
    "end_ways_in",
    "must_prove_first",
    "renew_session",
    "require_passwords",
    "store_own_password",
    "store_password",
)


def require_passwords(config: PortalConfig) -> None:
    """Refuse what concerns passwords where the host has switched them off.

    Raises:
        NotFoundError: If passwords let nobody in.
    """
    if not config.access.password_sign_in:
        raise NotFoundError("passwords are switched off")


async def account_of(session: AsyncSession, seen: SessionView) -> Account:
    """Return the account of whoever is signed in.

    Raises:
        NotFoundError: If nobody with a password of their own is.
    """
    account_id = seen.staff_id if seen.kind is SessionKind.STAFF else seen.person_id
    if account_id is None or seen.kind not in {SessionKind.STAFF, SessionKind.PERSON}:
        raise NotFoundError(f"a {seen.kind.value} session has no account")
    account = await get_account(
        session,
        seen.kind,
        business_id=seen.business_id,
        account_id=account_id,
        contact_id=seen.contact_id,
    )
    if account is None:
        raise NotFoundError(f"{seen.kind.value} {account_id} is gone")
    return account


def must_prove_first(account: Account) -> bool:
    """Say whether a new password needs a sign-in of just now: there is none to ask for."""
    return account.password_hash is None and not account.must_change_password


async def change_password(
    entrance: Entrance,
    session: AsyncSession,
    *,
    browser: Browser,
    current: str,
    new: str,
    words: Iterable[str] = (),
) -> str:
    """Set one's own password and return the id of the new session that takes over.

    Whoever has a password must give it; whoever has none must have signed in just now. All
    sessions end, this one too: it goes on under a new id (security R18, R24, R26).

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction; it is used last.
        browser: The browser of whoever is signed in.
        current: The password until now; not looked at where there is none.
        new: The password from now on.
        words: What must not be the password: name of the business and the like.

    Raises:
        InputRefusedError: ``field`` is ``current_password`` or ``password``, or nothing if
            they must sign in anew first.
        ThrottledError: If the account's or the address's tries are used up.
        ConflictError: If the password was changed meanwhile.
        SignInRequiredError: If the session was ended meanwhile.
    """
    require_passwords(entrance.config)
    seen = browser.seen
    if seen is None:
        raise NotFoundError("nobody is signed in")
    check_new_password(new, context=(seen.email, seen.name, *words))
    key = email_key(seen.kind, seen.business_id, seen.email)
    async with entrance.make_session() as own, own.begin():
        account = await account_of(own, seen)
        choices = password_tries(entrance, browser, account, key)
        tries = await take_first(own, choices, browser.now)
    if must_prove_first(account) and not is_fresh(seen, browser.now):
        raise InputRefusedError("", "not_fresh")
    if account.password_hash is not None and not account.must_change_password:
        verification = await entrance.passwords.verify(current, account.password_hash)
        if not verification.is_right:
            raise InputRefusedError("current_password", "wrong")
    new_hash = await entrance.passwords.hash(new)
    await hold_session(session, seen)
    await store_own_password(session, account, new_hash, browser.now, is_signed_in=True)
    await give_back(session, tries)
    return await renew_session(session, entrance, browser, is_strong=seen.is_strong)


async def renew_session(
    session: AsyncSession, entrance: Entrance, browser: Browser, *, is_strong: bool
) -> str:
    """Begin the session of whoever is signed in anew, under a new id, and return it."""
    seen = browser.seen
    if seen is None:
        raise NotFoundError("nobody is signed in")
    return await open_session(
        session,
        business_id=seen.business_id,
        kind=seen.kind,
        now=browser.now,
        lifetime=timedelta(days=entrance.config.session_max_days),
        person_id=seen.person_id,
        staff_id=seen.staff_id,
        contact_id=seen.contact_id,
        by=seen.signed_in_by,
        is_strong=is_strong,
        user_agent=browser.user_agent,
        replaces=browser.session_id,
    )


async def store_own_password(
    session: AsyncSession,
    account: Account,
    new_hash: str,
    now: datetime,
    *,
    is_signed_in: bool = False,
) -> None:
    """Store a password that its owner chose, and tell them by mail, in case it was not them.

    Whoever is signed in keeps the invitations of contacts other than the one they act for.

    Raises:
        ConflictError: If the password was changed meanwhile.
    """
    actor = Actor(kind=account.kind.value, id=account.id, name=account.name)
    await store_password(
        session, account, new_hash, actor=actor, now=now, spares_invitations=is_signed_in
    )
    await tell_password_changed(session, account, now)


async def store_password(
    session: AsyncSession,
    account: Account,
    new_hash: str,
    *,
    actor: Actor,
    now: datetime,
    must_change: bool = False,
    spares_invitations: bool = False,
) -> None:
    """Store a password's hash, and end all sessions, links, codes and remembered browsers.

    The row is written first: a sign-in with the old password that runs beside this one
    either ends before, and its session is removed here, or finds that the hash is another.

    Args:
        session: A session that writes.
        account: Whose password, as it was read.
        new_hash: As :meth:`Passwords.hash` made it.
        actor: Who sets it.
        now: The current moment.
        must_change: It lets in once, and must be changed then.
        spares_invitations: Those of contacts other than the account's are left as they are.

    Raises:
        ConflictError: If the password was changed after ``account`` was read.
    """
    table = Staff if account.kind is SessionKind.STAFF else Person
    changed = cast(
        "CursorResult[Any]",
        await session.execute(
            update(table)
            .where(
                table.id == account.id,
                table.business_id == account.business_id,
                table.password_hash.is_not_distinct_from(account.password_hash),
            )
            .values(password_hash=new_hash, password_set_at=now, must_change_password=must_change)
            .execution_options(synchronize_session=False)
        ),
    )
    if changed.rowcount != 1:
        raise ConflictError(f"the password of {account.id} was changed meanwhile")
    await end_ways_in(session, account, now, spares_invitations=spares_invitations)
    await record(
        session,
        business_id=account.business_id,
        contact_id=account.contact_id,
        name="access.password_set" if must_change else "access.password_changed",
        actor=actor,
        at=now,
        data={"kind": account.kind.value, "account": account.id},
    )


async def end_ways_in(
    session: AsyncSession, account: Account, now: datetime, *, spares_invitations: bool = False
) -> None:
    """End what was opened or handed out before: sessions, remembered browsers, links, codes."""
    business_id, person_id, staff_id = account.business_id, account.person_id, account.staff_id
    await close_sessions_of(
        session, business_id=business_id, person_id=person_id, staff_id=staff_id
    )
    await forget_devices(session, account)
    await revoke_links(
        session,
        business_id=business_id,
        now=now,
        person_id=person_id,
        staff_id=staff_id,
        invitations_of=account.contact_id if spares_invitations else None,
    )
    await end_codes(
        session,
        purpose=CodePurpose.SIGN_IN,
        business_id=business_id,
        now=now,
        person_id=person_id,
        staff_id=staff_id,
    )
