"""What people are told by mail about their access."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.invitation_mails import INVITATION
from portalkit.access.models import Contact
from portalkit.config import Secret
from portalkit.hooks import EmailTemplate
from portalkit.mail.services import OwnWords, Recipient, send_mail
from portalkit.model import Text, lazy_gettext

__all__ = (
    "ACCESS_MAILS",
    "PASSWORD_CHANGED",
    "PASSWORD_SET",
    "REASON",
    "RECOVERY",
    "SIGN_IN_CHANGED",
    "SIGN_IN_CODE",
    "SIGN_IN_LINK",
    "PasswordChanged",
    "PasswordSet",
    "Recovery",
    "SignInChanged",
    "SignInCode",
    "SignInLink",
    "locale_for",
    "mail_account",
)

REASON: Final = lazy_gettext("You get this mail because you have access to our customer portal.")


class SignInLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that lets somebody in once.

    Attributes:
        until: When it ends.
    """

    link: str
    until: datetime


class SignInCode(msgspec.Struct, frozen=True, kw_only=True):
    """Six digits for the browser that asked, and a link for any other.

    Attributes:
        until: When the link ends.
    """

    code: str
    link: str
    until: datetime


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """A link that sets a new password, once.

    Attributes:
        until: When it ends.
    """

    link: str
    until: datetime


class PasswordChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's password was changed, by themselves or by somebody else.

    Attributes:
        link: Where another one can be set by mail.
    """

    at: datetime
    link: str


class PasswordSet(msgspec.Struct, frozen=True, kw_only=True):
    """The business has set somebody's password."""

    at: datetime


class SignInChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody signs in with came or went: an app, a passkey, a provider.

    Attributes:
        what: As a part of a sentence, in the reader's language.
        link: Where they see what there is.
    """

    what: Text
    at: datetime
    link: str


def _sample_link() -> SignInLink:
    return SignInLink(
        link="https://portal.example/i/eyJhbGciOiJIUzI1NiJ9",
        until=datetime(2026, 11, 25, 17, 30, tzinfo=UTC),
    )


def _sample_code() -> SignInCode:
    return SignInCode(
        code="407316",
        link="https://portal.example/i/eyJhbGciOiJIUzI1NiJ9",
        until=datetime(2026, 11, 24, 18, 30, tzinfo=UTC),
    )


def _sample_recovery() -> Recovery:
    return Recovery(
        link="https://portal.example/login/reset/eyJhbGciOiJIUzI1NiJ9",
        until=datetime(2026, 11, 24, 18, 30, tzinfo=UTC),
    )


def _sample_changed() -> PasswordChanged:
    return PasswordChanged(
        at=datetime(2026, 11, 24, 9, 15, tzinfo=UTC), link="https://portal.example/login/forgot"
    )


def _sample_sign_in() -> SignInChanged:
    return SignInChanged(
        what=lazy_gettext("a passkey was added"),
        at=datetime(2026, 11, 24, 9, 15, tzinfo=UTC),
        link="https://portal.example/security",
    )


def _sample_password() -> PasswordSet:
    return PasswordSet(at=datetime(2026, 11, 24, 9, 15, tzinfo=UTC))


SIGN_IN_LINK: Final = EmailTemplate(
    name="access.sign_in_link",
    title=lazy_gettext("Link to the portal"),
    description=lazy_gettext("When staff send somebody a link that signs in once."),
    template="mail/sign_in_link",
    variables=SignInLink,
    sample=_sample_link,
    action=(lazy_gettext("Open the portal"), "link"),
    reason=REASON,
    secrets=frozenset({"link"}),
)

SIGN_IN_CODE: Final = EmailTemplate(
    name="access.sign_in_code",
    title=lazy_gettext("Code to sign in"),
    description=lazy_gettext("When somebody asks on the sign-in page for a code by mail."),
    template="mail/sign_in_code",
    variables=SignInCode,
    sample=_sample_code,
    action=(lazy_gettext("Sign in without the code"), "link"),
    reason=REASON,
    secrets=frozenset({"code", "link"}),
)

PASSWORD_SET: Final = EmailTemplate(
    name="access.password_set",
    title=lazy_gettext("Password set by staff"),
    description=lazy_gettext("When staff set somebody's password, so that nobody does so unseen."),
    template="mail/password_set",
    variables=PasswordSet,
    sample=_sample_password,
    reason=REASON,
)

RECOVERY: Final = EmailTemplate(
    name="access.recovery",
    title=lazy_gettext("New password"),
    description=lazy_gettext("When somebody has forgotten the password and asks for a link."),
    template="mail/recovery",
    variables=Recovery,
    sample=_sample_recovery,
    action=(lazy_gettext("Choose a new password"), "link"),
    reason=REASON,
    secrets=frozenset({"link"}),
)

PASSWORD_CHANGED: Final = EmailTemplate(
    name="access.password_changed",
    title=lazy_gettext("Password changed"),
    description=lazy_gettext(
        "When somebody's password was changed, so that nobody does so unseen."
    ),
    template="mail/password_changed",
    variables=PasswordChanged,
    sample=_sample_changed,
    action=(lazy_gettext("Set another password"), "link"),
    reason=REASON,
)

SIGN_IN_CHANGED: Final = EmailTemplate(
    name="access.sign_in_changed",
    title=lazy_gettext("Sign-in changed"),
    description=lazy_gettext(
        "When something that somebody signs in with was added or removed, so that nobody does so "
        "unseen."
    ),
    template="mail/sign_in_changed",
    variables=SignInChanged,
    sample=_sample_sign_in,
    action=(lazy_gettext("Sign-in and security"), "link"),
    reason=REASON,
)

ACCESS_MAILS: Final = (
    INVITATION,
    SIGN_IN_LINK,
    SIGN_IN_CODE,
    RECOVERY,
    PASSWORD_CHANGED,
    PASSWORD_SET,
    SIGN_IN_CHANGED,
)
"""Sorts of mail about access."""


async def locale_for(
    session: AsyncSession, account: Account, contact_id: str | None, default: str
) -> str:
    """Return the language to write to somebody in: their own, the contact's, or ``default``."""
    if account.locale is not None or contact_id is None:
        return account.locale or default
    found = await session.scalar(select(Contact.locale).where(Contact.id == contact_id))
    return found or default


async def mail_account(
    session: AsyncSession,
    account: Account,
    template: EmailTemplate,
    variables: msgspec.Struct,
    *,
    locale: str,
    now: datetime,
    own: OwnWords | None = None,
    valid_until: datetime | None = None,
    keys: Sequence[Secret] = (),
) -> str:
    """Write to somebody about their access, and return the mail's id.

    Args:
        session: A session that writes.
        account: Whom it goes to.
        template: One of ``ACCESS_MAILS``.
        variables: What stands in it.
        locale: The language to write in.
        now: The current moment.
        own: Words that somebody wrote for this one mail.
        valid_until: After this moment it is not sent any more.
        keys: The portal's, if something lets in that stands in it.

    Raises:
        InputRefusedError: If the words written for it are missing or too long.
    """
    return await send_mail(
        session,
        template,
        business_id=account.business_id,
        to=Recipient(email=account.email, name=account.name, locale=locale),
        variables=variables,
        now=now,
        own=own,
        valid_until=valid_until,
        keys=keys,
    )
