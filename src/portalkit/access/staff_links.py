"""How members of staff get in for the first time, or again: by mail, or by a link handed over."""

from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.invitations import Inviter
from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.mails import REASON, mail_account
from portalkit.audit import record
from portalkit.errors import ConflictError
from portalkit.hooks import EmailTemplate
from portalkit.model import lazy_gettext

__all__ = ("STAFF_INVITATION", "StaffInvitation", "invite_staff", "make_staff_link")


class StaffInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """A link that lets a member of staff in once.

    Attributes:
        until: When it ends.
    """

    link: str
    until: datetime


def _sample() -> StaffInvitation:
    return StaffInvitation(
        link="https://portal.example/i/eyJhbGciOiJIUzI1NiJ9",
        until=datetime(2026, 12, 8, 17, 30, tzinfo=UTC),
    )


STAFF_INVITATION: Final = EmailTemplate(
    name="access.staff_invitation",
    title=lazy_gettext("Access to the back office"),
    description=lazy_gettext("When somebody is let into the back office."),
    template="mail/staff_invitation",
    variables=StaffInvitation,
    sample=_sample,
    action=(lazy_gettext("Open the portal"), "link"),
    reason=REASON,
    secrets=frozenset({"link"}),
)


async def invite_staff(session: AsyncSession, inviter: Inviter, account: Account) -> None:
    """Send a member of staff a link that lets them in once; an older invitation ends.

    Raises:
        ConflictError: If they are shut out.
    """
    _require_open(account)
    business, now = inviter.business, inviter.now
    token = await make_link(
        session,
        inviter.config.secret_keys,
        business_id=business.id,
        now=now,
        purpose=LinkPurpose.INVITATION,
        staff_id=account.id,
        valid=inviter.valid_until - now,
    )
    mail_id = await mail_account(
        session,
        account,
        STAFF_INVITATION,
        StaffInvitation(link=f"{inviter.address}/i/{token}", until=inviter.valid_until),
        locale=account.locale or business.locale,
        now=now,
        valid_until=inviter.valid_until,
        keys=inviter.config.secret_keys,
    )
    await _note(session, inviter, account, "access.staff_invited", mail=mail_id)


async def make_staff_link(session: AsyncSession, inviter: Inviter, account: Account) -> str:
    """Make a link that lets a member of staff in once, within a day, and return its address.

    Raises:
        ConflictError: If they are shut out.
    """
    _require_open(account)
    token = await make_link(
        session,
        inviter.config.secret_keys,
        business_id=inviter.business.id,
        now=inviter.now,
        staff_id=account.id,
    )
    await _note(session, inviter, account, "access.link_made")
    return f"{inviter.address}/i/{token}"


def _require_open(account: Account) -> None:
    if not account.is_open:
        raise ConflictError(f"{account.id} is shut out")


async def _note(
    session: AsyncSession, inviter: Inviter, account: Account, name: str, **data: str
) -> None:
    await record(
        session,
        business_id=inviter.business.id,
        name=name,
        actor=inviter.actor,
        at=inviter.now,
        data={"staff": account.id} | data,
    )
