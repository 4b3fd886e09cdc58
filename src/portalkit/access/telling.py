"""Telling somebody by mail that their password was changed, in case it was not them."""

from datetime import datetime
from typing import Final, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, get_account
from portalkit.access.mails import PASSWORD_CHANGED, PasswordChanged, locale_for, mail_account
from portalkit.context import SessionKind
from portalkit.hooks import Job, JobContext
from portalkit.jobs import enqueue
from portalkit.mail.portal import MailPortal

__all__ = ("TELL", "tell_password_changed")

_NAME: Final = "access.tell_password_changed"


class _Change(msgspec.Struct, frozen=True, kw_only=True):
    kind: SessionKind
    account_id: str
    at: datetime


async def tell_password_changed(session: AsyncSession, account: Account, now: datetime) -> None:
    """Leave a job that writes the mail (security R18)."""
    change = _Change(kind=account.kind, account_id=account.id, at=now)
    await enqueue(session, _NAME, change, now=now, business_id=account.business_id)


async def _tell(context: JobContext, change: _Change) -> None:
    session, portal = context.session, cast("MailPortal", context.portal)
    business_id = context.business_id or ""
    account = await get_account(
        session, change.kind, business_id=business_id, account_id=change.account_id
    )
    if account is None:
        return
    letterhead = await portal.letterhead(session, business_id)
    link = f"{letterhead.portal_url}login/forgot?door={change.kind.value}"
    await mail_account(
        session,
        account,
        PASSWORD_CHANGED,
        PasswordChanged(at=change.at, link=link),
        locale=await locale_for(session, account, account.contact_id, letterhead.locale),
        now=context.now,
    )


TELL: Final = Job(name=_NAME, run=_tell, payload=_Change)
"""Writes the mail."""
