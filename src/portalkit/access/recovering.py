"""A password that was forgotten: a link by mail, with which a new one is set.

As with codes (see :mod:`.asking`), the request looks nobody up, and a job writes the mail.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, find_account, get_account
from portalkit.access.asking import LINK_FOR, count_ask
from portalkit.access.browser import Browser, Entrance
from portalkit.access.credentials import store_own_password
from portalkit.access.entering import Entered, enter
from portalkit.access.links import LinkPurpose, LinkView, make_link, use_link
from portalkit.access.mails import RECOVERY, Recovery, locale_for, mail_account
from portalkit.access.passwords import check_new_password
from portalkit.audit import Actor, record
from portalkit.context import SessionKind
from portalkit.hooks import Job, JobContext
from portalkit.jobs import enqueue
from portalkit.mail.portal import MailPortal

__all__ = ("RECOVERY_JOBS", "ask_recovery", "recover", "recovering_account")

_NAME: Final = "access.send_recovery"


class RecoveryOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the job is told.

    Attributes:
        kind: At which door it was asked.
        email: As it was typed, in canonical spelling.
    """

    kind: SessionKind
    email: str


async def ask_recovery(
    entrance: Entrance, browser: Browser, *, kind: SessionKind, business_id: str, email: str
) -> None:
    """Take an order for a mail with a link to set a new password.

    Args:
        entrance: The portal's.
        browser: Who asks.
        kind: At which door.
        business_id: Whose portal it is.
        email: In canonical spelling.

    Raises:
        ThrottledError: If the account's or the address's tries are used up.
    """
    async with entrance.make_session() as own, own.begin():
        await count_ask(own, entrance, browser, kind=kind, business_id=business_id, email=email)
        order = RecoveryOrder(kind=kind, email=email)
        await enqueue(own, _NAME, order, now=browser.now, business_id=business_id)


async def _send(context: JobContext, order: RecoveryOrder) -> None:
    session, portal = context.session, cast("MailPortal", context.portal)
    business_id, now = context.business_id or "", context.now
    account = await find_account(session, order.kind, business_id=business_id, email=order.email)
    if account is None or not account.is_open:
        return
    letterhead = await portal.letterhead(session, business_id)
    token = await make_link(
        session,
        portal.config.secret_keys,
        business_id=business_id,
        now=now,
        purpose=LinkPurpose.RECOVERY,
        person_id=account.person_id,
        staff_id=account.staff_id,
    )
    link, until = f"{letterhead.portal_url}login/reset/{token}", now + LINK_FOR
    await mail_account(
        session,
        account,
        RECOVERY,
        Recovery(link=link, until=until),
        locale=await locale_for(session, account, account.contact_id, letterhead.locale),
        now=now,
        valid_until=until,
        keys=portal.config.secret_keys,
    )
    await record(
        session,
        business_id=business_id,
        contact_id=account.contact_id,
        name="access.recovery_sent",
        actor=Actor(kind="unknown"),
        at=now,
        data={"kind": account.kind.value, "account": account.id},
    )


async def recovering_account(session: AsyncSession, link: LinkView) -> Account | None:
    """Return whose password a link sets, or ``None`` if they have no access any more."""
    account = await get_account(
        session,
        SessionKind.STAFF if link.staff_id is not None else SessionKind.PERSON,
        business_id=link.business_id,
        account_id=link.staff_id or link.person_id or "",
    )
    return account if account is not None and account.is_open else None


async def recover(
    entrance: Entrance,
    session: AsyncSession,
    link: LinkView,
    account: Account,
    *,
    new: str,
    words: Iterable[str],
    browser: Browser,
) -> Entered | None:
    """Set a password by a link and go on; ``None`` if the link was just used, or access ended.

    All sessions end, no browser is remembered any longer, and a second factor is asked for.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction.
        link: What :func:`find_link` returned.
        account: What :func:`recovering_account` returned.
        new: The password from now on.
        words: What must not be the password.
        browser: Who knocks; the caller has counted the try.

    Raises:
        InputRefusedError: ``field`` is ``password``.
        ConflictError: If the password was changed meanwhile.
    """
    check_new_password(new, context=(account.email, account.name, *words))
    new_hash = await entrance.passwords.hash(new)
    if not await use_link(session, link, browser.now):
        return None
    await store_own_password(session, account, new_hash, browser.now)
    # Anew: with the password that it has now, and a factor that was added meanwhile.
    present = await recovering_account(session, link)
    if present is None:
        return None
    return await enter(session, present, entrance.config, browser, by="recovery")


RECOVERY_JOBS: Final = (
    Job(name=_NAME, run=_send, payload=RecoveryOrder, retry_for=timedelta(minutes=10)),
)
"""Writes the mail, if there is somebody to write to."""
