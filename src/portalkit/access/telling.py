"""Telling somebody by mail that what they sign in with was changed, in case it was not them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, get_account
from portalkit.access.mails import (
    PASSWORD_CHANGED,
    SIGN_IN_CHANGED,
    PasswordChanged,
    SignInChanged,
    locale_for,
    mail_account,
)
from portalkit.context import SessionKind
from portalkit.hooks import Job, JobContext
from portalkit.jobs import enqueue
from portalkit.mail.portal import MailPortal
from portalkit.mail.rendering import paper_of
from portalkit.model import LazyText, lazy_gettext

__all__ = ("TELL", "tell_password_changed", "tell_sign_in_changed")

_NAME: Final = "access.tell_changed"
_PASSWORD: Final = "access.password_changed"  # noqa: S105 - name of an event
_TOLD: Final[Mapping[str, LazyText]] = {
    "access.totp_added": lazy_gettext("an app for codes was set up"),
    "access.totp_removed": lazy_gettext("the app for codes was removed"),
    "access.passkey_added": lazy_gettext("a passkey was added"),
    "access.passkey_removed": lazy_gettext("a passkey was removed"),
    "access.recovery_codes_made": lazy_gettext("new recovery codes were made"),
    "access.identity_bound": lazy_gettext("an outside sign-in was connected"),
    "access.identity_removed": lazy_gettext("an outside sign-in was disconnected"),
    "access.second_factor_removed": lazy_gettext("the second step was removed"),
}


class _Change(msgspec.Struct, frozen=True, kw_only=True):
    kind: SessionKind
    account_id: str
    what: str
    at: datetime


async def tell_password_changed(session: AsyncSession, account: Account, now: datetime) -> None:
    """Leave a job that writes the mail (security R18)."""
    await _leave(session, account, _PASSWORD, now)


async def tell_sign_in_changed(
    session: AsyncSession, account: Account, event: str, now: datetime
) -> None:
    """Leave a job that writes the mail, if an event is one that its owner is told of."""
    if event in _TOLD:
        await _leave(session, account, event, now)


async def _leave(session: AsyncSession, account: Account, what: str, now: datetime) -> None:
    change = _Change(kind=account.kind, account_id=account.id, what=what, at=now)
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
    locale = await locale_for(session, account, account.contact_id, letterhead.locale)
    url = letterhead.portal_url
    if change.what == _PASSWORD:
        link = f"{url}login/forgot?door={change.kind.value}"
        changed: msgspec.Struct = PasswordChanged(at=change.at, link=link)
    else:
        what = paper_of(portal, letterhead, locale).translator.text(_TOLD[change.what])
        changed = SignInChanged(what=what, at=change.at, link=f"{url}security")
    template = PASSWORD_CHANGED if change.what == _PASSWORD else SIGN_IN_CHANGED
    await mail_account(session, account, template, changed, locale=locale, now=context.now)


TELL: Final = Job(name=_NAME, run=_tell, payload=_Change)
"""Writes the mail."""
