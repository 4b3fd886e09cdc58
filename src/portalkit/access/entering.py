"""The way in: from a first factor that was right to a session, over a second one if there is.

In between there is a session of kind ``pending``: under a cookie of its own, for ten minutes,
good for nothing but to finish the sign-in. Whatever else proves who somebody is (a code by
mail, an invitation) ends in :func:`enter`, which asks for the rest.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, get_account
from portalkit.access.browser import Browser
from portalkit.access.contact_choice import find_last_chosen
from portalkit.access.models import Person, SessionRow, Staff
from portalkit.access.owners import hold_account
from portalkit.access.remembered import is_remembered
from portalkit.access.sessions import close_session, open_session, session_hash
from portalkit.access.throttle import Try
from portalkit.audit import Actor, announce, record
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.hooks.events import ContactSignedIn

__all__ = ("PENDING_FOR", "Entered", "Pending", "complete", "enter", "find_pending")

PENDING_FOR: Final = timedelta(minutes=10)
"""How long there is for the second factor."""


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser gets: a session, or only the right to prove a second factor.

    Attributes:
        account: Who it is.
        may_choose: They act for several contacts, and nothing said for which one this time.
        device_token: By which the browser is remembered from now on, if it asked for that.
    """

    session_id: str
    account: Account
    is_pending: bool = False
    may_choose: bool = False
    device_token: str | None = None


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that waits for its second factor.

    Attributes:
        by: How the first factor was proven.
        contact_id: The contact that the person was let in for, if that was said.
        tries: What the try of the second one was counted against.
    """

    id_hash: str
    account: Account
    by: str
    contact_id: str | None = None
    tries: Sequence[Try] = ()


async def enter(
    session: AsyncSession,
    account: Account,
    config: PortalConfig,
    browser: Browser,
    *,
    by: str,
    is_strong: bool = False,
    contact_id: str | None = None,
) -> Entered | None:
    """Open a session for whoever has proven the first factor, or ask for the second.

    ``None`` if the account is another than it was when that was proven.

    Args:
        session: A session that writes.
        account: Who it is; the caller has checked that it is open.
        config: The host's configuration.
        browser: Whose session it will be.
        by: How it was proven: ``password``, ``code``, ``link``, ``passkey``, ``host`` and the like.
        is_strong: Two factors were proven at once, or elsewhere.
        contact_id: The one that ``account`` acts for, if the way in said so; otherwise a
            person of several goes on for the one they chose last.
    """
    if not await _hold_as_read(session, account):
        return None
    second = None
    if account.has_second_factor and not is_strong:
        if not await is_remembered(session, config.secret_keys, account, browser):
            return await _ask_more(session, account, browser, by=by, contact_id=contact_id)
        second = "remembered_device"
    return await _open(
        session,
        account,
        config,
        browser,
        by=by,
        second=second,
        is_strong=is_strong,
        contact_id=contact_id,
    )


async def _hold_as_read(session: AsyncSession, account: Account) -> bool:
    """Hold an account to the end, and say whether it is still as it was read.

    It was read before, often in another transaction, and what was proven was compared with
    that: a password, a factor or an access that has changed since then counts (security R26).
    """
    await hold_account(session, person_id=account.person_id, staff_id=account.staff_id)
    present = await get_account(
        session,
        account.kind,
        business_id=account.business_id,
        account_id=account.id,
        contact_id=account.contact_id,
    )
    return present is not None and present.is_open and _proof(present) == _proof(account)


def _proof(account: Account) -> tuple[object, ...]:
    return account.password_hash, account.password_set_at, account.has_second_factor


async def _ask_more(
    session: AsyncSession, account: Account, browser: Browser, *, by: str, contact_id: str | None
) -> Entered:
    pending_id = await open_session(
        session,
        business_id=account.business_id,
        kind=SessionKind.PENDING,
        now=browser.now,
        lifetime=PENDING_FOR,
        person_id=account.person_id,
        staff_id=account.staff_id,
        contact_id=contact_id,
        by=by,
        user_agent=browser.user_agent,
        replaces=browser.step_id,
    )
    return Entered(session_id=pending_id, account=account, is_pending=True)


async def find_pending(
    session: AsyncSession, browser: Browser, *, business_id: str
) -> Pending | None:
    """Return the sign-in that this browser has begun, if it can still be finished."""
    if not browser.step_id:
        return None
    id_hash = session_hash(browser.step_id)
    row = (
        await session.execute(
            select(
                SessionRow.person_id,
                SessionRow.staff_id,
                SessionRow.contact_id,
                SessionRow.signed_in_by,
            ).where(
                SessionRow.id_hash == id_hash,
                SessionRow.business_id == business_id,
                SessionRow.kind == SessionKind.PENDING.value,
                SessionRow.expires_at > browser.now,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    account = await get_account(
        session,
        SessionKind.STAFF if row.staff_id is not None else SessionKind.PERSON,
        business_id=business_id,
        account_id=row.staff_id or row.person_id,
        contact_id=row.contact_id,
    )
    if account is None or not account.is_open:
        return None
    return Pending(id_hash=id_hash, account=account, by=row.signed_in_by, contact_id=row.contact_id)


async def complete(
    session: AsyncSession,
    pending: Pending,
    config: PortalConfig,
    browser: Browser,
    *,
    second: str,
) -> Entered | None:
    """Open the session now that the second factor is proven.

    ``None`` if it was just done, or if the account has changed meanwhile.

    Args:
        session: A session that writes.
        pending: The sign-in that waits.
        config: The host's configuration.
        browser: The one that has begun it.
        second: What was proven: ``totp``, ``recovery_code`` or ``passkey``.
    """
    account = pending.account
    if not await _hold_as_read(session, account):
        return None
    if not await close_session(session, pending.id_hash, business_id=account.business_id):
        return None
    return await _open(
        session,
        account,
        config,
        browser,
        by=pending.by,
        second=second,
        is_strong=True,
        contact_id=pending.contact_id,
    )


async def _open(
    session: AsyncSession,
    account: Account,
    config: PortalConfig,
    browser: Browser,
    *,
    by: str,
    second: str | None = None,
    is_strong: bool = False,
    contact_id: str | None,
) -> Entered:
    now = browser.now
    may_choose = account.has_several and contact_id is None
    if may_choose and (chosen := await find_last_chosen(session, account)) is not None:
        account = msgspec.structs.replace(account, contact_id=chosen)
    table = Staff if account.kind is SessionKind.STAFF else Person
    await session.execute(
        update(table)
        .where(table.id == account.id)
        .values(signed_in_at=now)
        .execution_options(synchronize_session=False)
    )
    session_id = await open_session(
        session,
        business_id=account.business_id,
        kind=account.kind,
        now=now,
        lifetime=timedelta(days=config.session_max_days),
        person_id=account.person_id,
        staff_id=account.staff_id,
        contact_id=account.contact_id,
        by=by,
        is_strong=is_strong,
        user_agent=browser.user_agent,
        replaces=browser.session_id,
    )
    await _tell(session, account, {"by": by} | ({"second": second} if second else {}), now)
    return Entered(session_id=session_id, account=account, may_choose=may_choose)


async def _tell(
    session: AsyncSession, account: Account, how: dict[str, str], now: datetime
) -> None:
    """Write down that somebody signed in, and let the plugins know."""
    await record(
        session,
        business_id=account.business_id,
        contact_id=account.contact_id,
        name="access.signed_in",
        actor=Actor(kind=account.kind.value, id=account.id, name=account.name),
        at=now,
        data=how,
    )
    if account.contact_id is not None:
        announce(
            session,
            ContactSignedIn(
                business_id=account.business_id,
                contact_id=account.contact_id,
                person_id=account.id,
                at=now,
            ),
        )
