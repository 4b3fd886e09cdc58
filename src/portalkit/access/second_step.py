"""The second step of a sign-in, and proving once more who one is before a factor is changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.browser import Browser, Entrance
from portalkit.access.credentials import account_of
from portalkit.access.entering import Entered, Pending, complete, find_pending
from portalkit.access.factors import code_tries
from portalkit.access.known import email_key
from portalkit.access.recovery import count_recovery_codes, use_recovery_code
from portalkit.access.remembered import remember_device
from portalkit.access.sessions import is_fresh
from portalkit.access.signing_in import password_tries
from portalkit.access.telling import tell_sign_in_changed
from portalkit.access.throttle import Try, forget_stale, give_back, take_first
from portalkit.access.totp import is_totp, use_totp
from portalkit.audit import Actor, record
from portalkit.errors import InputRefusedError, NotFoundError

__all__ = (
    "begin_step",
    "finish_step",
    "note_change",
    "note_failure",
    "prove_again",
    "step_by_code",
)


async def begin_step(
    entrance: Entrance, browser: Browser, *, business_id: str, is_recovery: bool
) -> Pending | None:
    """Count a try of the sign-in that waits, and return it; ``None`` if none does.

    Raises:
        ThrottledError: If the account's or the address's tries are used up; those of codes on
            paper are counted by address alone.
    """
    async with entrance.make_session() as own, own.begin():
        pending = await find_pending(own, browser, business_id=business_id)
        if pending is None:
            return None
        choices = code_tries(entrance, browser, pending.account, is_recovery=is_recovery)
        tries = await take_first(own, choices, browser.now)
    return msgspec.structs.replace(pending, tries=tries)


async def step_by_code(
    entrance: Entrance,
    session: AsyncSession,
    pending: Pending,
    *,
    code: str,
    is_recovery: bool,
    browser: Browser,
    remember: bool = False,
) -> Entered | None:
    """Take the second step with a code of the app or of the paper; ``None`` for a wrong one.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction.
        pending: What :func:`begin_step` returned; the try is counted.
        code: As it was typed.
        is_recovery: It is one of those on paper.
        browser: The one that has begun the sign-in.
        remember: Do not ask this browser again for a while.
    """
    account, now = pending.account, browser.now
    keys = entrance.config.secret_keys
    is_right = (
        await use_recovery_code(session, account, code, now)
        if is_recovery
        else await use_totp(session, keys, account, code, now)
    )
    if not is_right:
        await session.rollback()
        await note_failure(entrance, account, now, by="recovery_code" if is_recovery else "totp")
        return None
    if is_recovery:
        await _note_recovery(session, account, now)
    return await finish_step(
        entrance,
        session,
        pending,
        browser=browser,
        second="recovery_code" if is_recovery else "totp",
        remember=remember,
        tries=pending.tries,
    )


async def finish_step(
    entrance: Entrance,
    session: AsyncSession,
    pending: Pending,
    *,
    browser: Browser,
    second: str,
    remember: bool,
    tries: Sequence[Try],
) -> Entered | None:
    """Open the session after a second factor that was right, and remember the browser if asked.

    ``tries`` is what was counted, which is given back.
    """
    account = pending.account
    entered = await complete(session, pending, entrance.config, browser, second=second)
    if entered is None:
        await session.rollback()
        return None
    await give_back(session, tries)
    await forget_stale(session, browser.now)
    if not remember:
        return entered
    token = await remember_device(session, entrance.config.secret_keys, account, browser)
    await note_change(session, account, "access.device_remembered", browser.now)
    return msgspec.structs.replace(entered, device_token=token)


async def note_failure(entrance: Entrance, account: Account, now: datetime, *, by: str) -> None:
    """Write that a second factor was wrong, in a transaction of its own."""
    async with entrance.make_session() as own, own.begin():
        await note_change(own, account, "access.second_factor_failed", now, by=by)


async def _note_recovery(session: AsyncSession, account: Account, now: datetime) -> None:
    left = await count_recovery_codes(session, account)
    await note_change(session, account, "access.recovery_code_used", now, left=left)


async def note_change(
    session: AsyncSession, account: Account, event: str, now: datetime, **data: object
) -> None:
    """Write what somebody did to their own factors, or with them, and tell them by mail."""
    await tell_sign_in_changed(session, account, event, now)
    await record(
        session,
        business_id=account.business_id,
        contact_id=account.contact_id,
        name=event,
        actor=Actor(kind=account.kind.value, id=account.id, name=account.name),
        at=now,
        data=data,
    )


async def prove_again(
    entrance: Entrance, session: AsyncSession, browser: Browser, *, password: str, code: str
) -> Account:
    """Check a password, or a code of the app or of the paper, of whoever is signed in.

    Whoever has neither password nor app must have signed in just now.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction.
        browser: Of whoever is signed in.
        password: As it was typed; looked at if no code was.
        code: As it was typed.

    Raises:
        InputRefusedError: ``field`` is ``code`` or ``password``.
        ThrottledError: If the account's or the address's tries are used up.
    """
    seen = browser.seen
    if seen is None:
        raise NotFoundError("nobody is signed in")
    async with entrance.make_session() as own, own.begin():
        account = await account_of(own, seen)
        choices = _choices(entrance, browser, account, code)
        tries = await take_first(own, choices, browser.now)
    field = "code" if code.strip() else "password"
    if not await _is_proven(entrance, session, account, browser, password=password, code=code):
        await session.rollback()
        await note_failure(entrance, account, browser.now, by=field)
        raise InputRefusedError(field, "wrong")
    await give_back(session, tries)
    return account


def _choices(
    entrance: Entrance, browser: Browser, account: Account, code: str
) -> Sequence[Sequence[Try]]:
    if code.strip():
        return code_tries(entrance, browser, account, is_recovery=not is_totp(code))
    key = email_key(account.kind, account.business_id, account.email)
    return password_tries(entrance, browser, account, key)


async def _is_proven(
    entrance: Entrance,
    session: AsyncSession,
    account: Account,
    browser: Browser,
    *,
    password: str,
    code: str,
) -> bool:
    now, keys = browser.now, entrance.config.secret_keys
    if is_totp(code):
        return await use_totp(session, keys, account, code, now)
    if code.strip():
        return await use_recovery_code(session, account, code, now)
    if account.password_hash is not None and entrance.config.access.password_sign_in:
        # Before anything holds the database.
        return (await entrance.passwords.verify(password, account.password_hash)).is_right
    return browser.seen is not None and is_fresh(browser.seen, now)
