"""People of a contact as its owners see and change them; one owner always stays.

An owner learns nothing of what somebody does for other contacts, nor whether an address was
known before: a name is shown once its person has come in for this contact.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, ScalarSelect, and_, case, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.invitations import InvitationState
from portalkit.access.links import LinkPurpose
from portalkit.access.models import Link, Membership, Person, SessionRow
from portalkit.access.owners import hold_contact
from portalkit.access.people import PersonEntry
from portalkit.access.permissions import PersonRole, RoleTable, permissions_for
from portalkit.access.sharing import SHARE, end_shares_of
from portalkit.access.throttle import Limit, Try
from portalkit.audit import Actor, record
from portalkit.context import Audience, PortalContext, SessionKind
from portalkit.errors import InputRefusedError, NotFoundError, PermissionRefusedError

__all__ = (
    "Colleague",
    "change_role",
    "hold_role",
    "invitation_tries",
    "keep_an_owner",
    "list_colleagues",
)

_INVITE: Final = Limit(name="invite", burst=20, every=300)


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts for the same contact.

    Attributes:
        name: Empty until they have come in for this contact.
        is_enabled: Not removed.
        seen_at: When a session for this contact was last used, if one is open.
    """

    id: str
    email: str
    name: str
    role: str
    is_enabled: bool
    state: InvitationState
    seen_at: datetime | None


def invitation_tries(contact_id: str) -> tuple[Try, ...]:
    """Return what one invitation by an owner counts against: 20, then one in five minutes."""
    return (Try(_INVITE, contact_id),)


async def list_colleagues(
    session: AsyncSession, *, business_id: str, contact_id: str, now: datetime
) -> Sequence[Colleague]:
    """Return the people of a contact by e-mail address."""
    rows = await session.execute(
        select(
            Person.id,
            Person.email,
            Person.name,
            Membership.role,
            and_(Membership.is_enabled, Person.is_enabled),
            _seen_at(contact_id),
            _furthest(contact_id, now),
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.business_id == business_id, Membership.contact_id == contact_id)
        .order_by(Person.email)
    )
    return [_colleague(tuple(row)) for row in rows]


def _seen_at(contact_id: str) -> ScalarSelect[datetime]:
    return (
        select(func.max(SessionRow.seen_at))
        .where(
            SessionRow.person_id == Person.id,
            SessionRow.contact_id == contact_id,
            SessionRow.kind == SessionKind.PERSON.value,
        )
        .correlate(Person)
        .scalar_subquery()
    )


def _furthest(contact_id: str, now: datetime) -> ScalarSelect[int | None]:
    """Return how far a person's invitations to a contact have come: a key of ``_STATES``."""
    rank = case(
        (Link.used_at.is_not(None), 4),
        (Link.expires_at <= now, 1),
        (Link.opened_at.is_not(None), 3),
        else_=2,
    )
    return (
        select(func.max(rank))
        .where(
            Link.person_id == Person.id,
            Link.contact_id == contact_id,
            Link.purpose == LinkPurpose.INVITATION.value,
            Link.revoked_at.is_(None),
        )
        .correlate(Person)
        .scalar_subquery()
    )


_STATES: Final = {
    1: InvitationState.EXPIRED,
    2: InvitationState.INVITED,
    3: InvitationState.OPENED,
    4: InvitationState.ACCEPTED,
}


def _colleague(row: Sequence[Any]) -> Colleague:
    person_id, email, name, role, is_enabled, seen_at, rank = row
    state = _STATES.get(rank or 0, InvitationState.NOT_INVITED)
    if seen_at is not None:
        state = InvitationState.ACCEPTED
    return Colleague(
        id=person_id,
        email=email,
        name=name if state is InvitationState.ACCEPTED else "",
        role=role,
        is_enabled=bool(is_enabled),
        state=state,
        seen_at=seen_at,
    )


async def hold_role(session: AsyncSession, context: PortalContext, permission: str) -> None:
    """Make sure that whoever acts still has the role they came with, until the transaction ends.

    It was read before the transaction began, and may have been taken away since.

    Raises:
        PermissionRefusedError: If they are shut out, or have another role.
        NotFoundError: If the business has no such contact any more.
    """
    await hold_contact(session, context.contact_id, business_id=context.business_id)
    role = await session.scalar(
        select(Membership.role).where(
            Membership.person_id == context.person_id,
            Membership.contact_id == context.contact_id,
            Membership.business_id == context.business_id,
            Membership.is_enabled,
        )
    )
    if role != context.role:
        raise PermissionRefusedError(permission)


async def keep_an_owner(session: AsyncSession, person: PersonEntry, *, business_id: str) -> None:
    """Make sure that a contact has an owner beside somebody, until the transaction ends.

    The contact's row is the lock: of two owners who remove each other at once, the second
    waits, and then finds that it is alone.

    Raises:
        InputRefusedError: ``field`` is ``role`` if the person is the last owner.
        NotFoundError: If the business has no such contact any more.
    """
    await hold_contact(session, person.contact_id, business_id=business_id)
    owners = and_(
        Membership.contact_id == person.contact_id,
        Membership.role == PersonRole.OWNER.value,
        Membership.is_enabled,
    )
    is_owner = exists().where(owners, Membership.person_id == person.id)
    others = exists().where(
        owners,
        Membership.person_id != person.id,
        Person.id == Membership.person_id,
        Person.is_enabled,
    )
    is_last = await session.scalar(select(and_(is_owner, ~others)))
    if is_last:
        raise InputRefusedError("role", "last_owner")


async def change_role(
    session: AsyncSession,
    person: PersonEntry,
    role: str,
    *,
    business_id: str,
    roles: RoleTable,
    actor: Actor,
    now: datetime,
) -> None:
    """Give one of a contact's people another role; it holds from their next request on.

    Links that they have made to documents end if they may not share any more.

    Args:
        session: A session that writes.
        person: Who gets it.
        role: The role.
        business_id: The business.
        roles: What each role may do.
        actor: Who gives it.
        now: The current moment.

    Raises:
        InputRefusedError: ``field`` is ``role`` if there is no such role.
        NotFoundError: If the person acts for the contact no longer.
    """
    if role not in set(PersonRole):
        raise InputRefusedError("role", "unknown")
    await hold_contact(session, person.contact_id, business_id=business_id)
    changed = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Membership)
            .where(
                Membership.person_id == person.id,
                Membership.contact_id == person.contact_id,
                Membership.business_id == business_id,
            )
            .values(role=role)
            .execution_options(synchronize_session=False)
        ),
    )
    if changed.rowcount != 1:
        raise NotFoundError(f"person {person.id}")
    if SHARE not in permissions_for(roles, Audience.CONTACT, role):
        await end_shares_of(
            session,
            person.id,
            business_id=business_id,
            contact_id=person.contact_id,
            actor=actor,
            now=now,
        )
    await record(
        session,
        business_id=business_id,
        contact_id=person.contact_id,
        name="access.role_changed",
        actor=actor,
        at=now,
        data={"person": person.id, "role": role, "before": person.role},
    )
