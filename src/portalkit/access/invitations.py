"""Invitations: a mail with a link that lets somebody in for the first time, once.

Inviting again ends the older link. Looking at a link uses nothing up; it is only noted.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, canonical_email, get_account, is_email
from portalkit.access.businesses import BusinessView
from portalkit.access.invitation_mails import INVITATION, Invitation
from portalkit.access.links import LinkPurpose, make_link, revoke_links
from portalkit.access.mails import mail_account
from portalkit.access.models import Contact, Link, Membership, Person
from portalkit.access.people import get_open_contact, get_person, give_access, list_people
from portalkit.access.permissions import PersonRole
from portalkit.audit import Actor, record
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, ContactClosedError, InputRefusedError
from portalkit.mail.services import OwnWords

__all__ = (
    "InvitationState",
    "Inviter",
    "add_first_person",
    "contact_state",
    "invite_contact",
    "invite_person",
    "list_invitable",
    "list_invitations",
    "revoke_invitation",
)

_MAX_NAME: Final = 200


class InvitationState(StrEnum):
    """How far an invitation has come; accepted is whoever has signed in at least once."""

    NOT_INVITED = "not_invited"
    EXPIRED = "expired"
    INVITED = "invited"
    OPENED = "opened"
    ACCEPTED = "accepted"


_BY_RANK: Final = {
    1: InvitationState.EXPIRED,
    2: InvitationState.INVITED,
    3: InvitationState.OPENED,
}


class Inviter(msgspec.Struct, frozen=True, kw_only=True):
    """Who invites, and from where.

    Attributes:
        address: Of the business's portal, from the configuration, without a slash at its end.
    """

    config: PortalConfig
    business: BusinessView
    address: str
    actor: Actor
    now: datetime

    @property
    def valid_until(self) -> datetime:
        """When an invitation ends that is sent at this moment."""
        return self.now + timedelta(days=self.config.access.invitation_days)


def _rank(now: datetime) -> ColumnElement[int | None]:
    """Return how far the links of a selection have come: 1 expired, 2 invited, 3 opened."""
    is_opened = Link.opened_at.is_not(None) | Link.used_at.is_not(None)
    return func.max(case((Link.expires_at <= now, 1), (is_opened, 3), else_=2))


def _stands() -> ColumnElement[bool]:
    # Inviting again revokes the older link: one at most stands for a person and a contact.
    return and_(Link.purpose == LinkPurpose.INVITATION.value, Link.revoked_at.is_(None))


def contact_state(now: datetime) -> ColumnElement[str]:
    """Return how far the invitations of a contact have come, to select beside ``Contact``.

    That of the person who has come furthest counts.
    """
    signed_in = (
        select(func.max(Person.signed_in_at))
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.contact_id == Contact.id)
        .correlate(Contact)
        .scalar_subquery()
    )
    rank = (
        select(_rank(now))
        .join(Membership, Membership.person_id == Link.person_id)
        .where(
            Membership.contact_id == Contact.id,
            Membership.is_enabled,
            Link.contact_id == Contact.id,
            _stands(),
        )
        .correlate(Contact)
        .scalar_subquery()
    )
    return case(
        (signed_in.is_not(None), InvitationState.ACCEPTED.value),
        *((rank == number, state.value) for number, state in _BY_RANK.items()),
        else_=InvitationState.NOT_INVITED.value,
    )


async def list_invitations(
    session: AsyncSession, *, business_id: str, contact_id: str, now: datetime
) -> Mapping[str, InvitationState]:
    """Return how far the invitation of each of a contact's people has come, by person."""
    rank = (
        select(_rank(now))
        .where(Link.person_id == Person.id, Link.contact_id == contact_id, _stands())
        .correlate(Person)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Person.id, Person.signed_in_at, rank)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.business_id == business_id, Membership.contact_id == contact_id)
    )
    return {
        person_id: InvitationState.ACCEPTED
        if signed_in_at is not None
        else _BY_RANK.get(found or 0, InvitationState.NOT_INVITED)
        for person_id, signed_in_at, found in rows
    }


def _can_be_invited(*, only_new: bool) -> ColumnElement[bool]:
    """Say whether :func:`invite_contact` finds somebody: one of the people, or the address."""
    member = exists().where(Membership.contact_id == Contact.id).correlate(Contact)
    person = exists().where(
        Membership.contact_id == Contact.id,
        Membership.is_enabled,
        Person.id == Membership.person_id,
        Person.is_enabled,
        Person.signed_in_at.is_(None),
    )
    if only_new:
        invitation = exists().where(
            Link.person_id == Person.id, Link.contact_id == Contact.id, _stands()
        )
        person = person.where(~invitation.correlate(Person, Contact))
    return and_(
        Contact.is_enabled,
        person.correlate(Contact) | and_(~member, Contact.email.is_not(None)),
    )


async def list_invitable(
    session: AsyncSession,
    *,
    business_id: str,
    contact_ids: Collection[str] | None = None,
) -> Sequence[str]:
    """Return which contacts can be invited, by name.

    Of all contacts those with somebody who never was; of those that are named also with
    somebody who was invited and has never signed in. What others of a contact did is not theirs.
    """
    statement = select(Contact.id).where(
        Contact.business_id == business_id, _can_be_invited(only_new=contact_ids is None)
    )
    if contact_ids is not None:
        statement = statement.where(Contact.id.in_(contact_ids))
    return list(await session.scalars(statement.order_by(Contact.name_key, Contact.id)))


async def add_first_person(session: AsyncSession, inviter: Inviter, contact_id: str) -> str:
    """Let the e-mail address that a contact is known by act for it, and return the person's id.

    Raises:
        NotFoundError: If the business has no such contact.
        ContactClosedError: If it is disabled, as after an erasure.
        InputRefusedError: ``field`` is ``email`` if the contact has none that can be one.
        ConflictError: If the address acts for the contact already.
    """
    contact = await get_open_contact(session, inviter.business.id, contact_id)
    email = canonical_email(contact.email or "")
    if not is_email(email):
        raise InputRefusedError("email", "not_an_address")
    people = await list_people(session, business_id=contact.business_id, contact_id=contact.id)
    # Whoever comes second is no owner by an address that may be anybody's (decision 14).
    role = PersonRole.READER if people else PersonRole.OWNER
    return await give_access(
        session,
        business_id=contact.business_id,
        contact_id=contact.id,
        email=email,
        name=" ".join(contact.name.split())[:_MAX_NAME],
        role=role.value,
        actor=inviter.actor,
        now=inviter.now,
    )


async def invite_person(
    session: AsyncSession,
    inviter: Inviter,
    *,
    contact_id: str,
    person_id: str,
    own: OwnWords | None = None,
) -> Account:
    """Send one of a contact's people an invitation; an older one ends.

    Raises:
        NotFoundError: If there is no such person for this contact of this business.
        ContactClosedError: If the contact is disabled, as after an erasure.
        ConflictError: If their access is withdrawn.
        InputRefusedError: If ``own`` is missing words or has too many.
    """
    business = inviter.business
    contact = await get_open_contact(session, business.id, contact_id)
    entry = await get_person(
        session, business_id=business.id, contact_id=contact_id, person_id=person_id
    )
    account = await get_account(
        session,
        SessionKind.PERSON,
        business_id=business.id,
        account_id=entry.id,
        contact_id=contact_id,
    )
    if account is None or not account.is_open:
        raise ConflictError(f"access of {person_id} is withdrawn")
    await _send(session, inviter, account, contact, own)
    return account


async def _send(
    session: AsyncSession,
    inviter: Inviter,
    account: Account,
    contact: Contact,
    own: OwnWords | None,
) -> None:
    business, now = inviter.business, inviter.now
    token = await make_link(
        session,
        inviter.config.secret_keys,
        business_id=business.id,
        now=now,
        purpose=LinkPurpose.INVITATION,
        person_id=account.id,
        contact_id=contact.id,
        valid=inviter.valid_until - now,
    )
    mail_id = await mail_account(
        session,
        account,
        INVITATION,
        Invitation(
            link=f"{inviter.address}/i/{token}", contact=contact.name, until=inviter.valid_until
        ),
        locale=account.locale or contact.locale or business.locale,
        now=now,
        own=own,
        valid_until=inviter.valid_until,
        keys=inviter.config.secret_keys,
    )
    await _note(session, inviter, contact.id, "access.invited", account.id, mail=mail_id)


async def invite_contact(
    session: AsyncSession, inviter: Inviter, contact_id: str, *, only_new: bool = False
) -> Sequence[Account]:
    """Invite those of a contact's people who have never signed in, and return them.

    A contact without people gets its first one by its e-mail address. Who cannot be
    invited is left out: nothing is sent to a contact that is disabled or has no address.

    Args:
        session: A session that writes.
        inviter: Who invites.
        contact_id: Which contact.
        only_new: Leave out whoever has been invited before.

    Raises:
        NotFoundError: If the business has no such contact.
    """
    business_id = inviter.business.id
    try:
        contact = await get_open_contact(session, business_id, contact_id)
    except ContactClosedError:
        return ()
    people = await list_people(session, business_id=business_id, contact_id=contact.id)
    states = await list_invitations(
        session, business_id=business_id, contact_id=contact.id, now=inviter.now
    )
    unwanted = {InvitationState.ACCEPTED}
    if only_new:
        unwanted |= set(InvitationState) - {InvitationState.NOT_INVITED}
    wanted = [each.id for each in people if each.may_enter and states[each.id] not in unwanted]
    if not people and is_email(canonical_email(contact.email or "")):
        wanted = [await add_first_person(session, inviter, contact.id)]
    return [
        await invite_person(session, inviter, contact_id=contact.id, person_id=person_id)
        for person_id in wanted
    ]


async def revoke_invitation(
    session: AsyncSession, inviter: Inviter, *, contact_id: str, person_id: str
) -> None:
    """End the invitation of one of a contact's people, if one stands.

    Raises:
        NotFoundError: If there is no such person for this contact of this business.
    """
    business_id = inviter.business.id
    entry = await get_person(
        session, business_id=business_id, contact_id=contact_id, person_id=person_id
    )
    await revoke_links(
        session,
        business_id=business_id,
        now=inviter.now,
        person_id=entry.id,
        contact_id=contact_id,
        purpose=LinkPurpose.INVITATION,
    )
    await _note(session, inviter, contact_id, "access.invitation_revoked", entry.id)


async def _note(
    session: AsyncSession, inviter: Inviter, contact_id: str, name: str, person_id: str, **data: str
) -> None:
    await record(
        session,
        business_id=inviter.business.id,
        contact_id=contact_id,
        name=name,
        actor=inviter.actor,
        at=inviter.now,
        data={"person": person_id} | data,
    )
