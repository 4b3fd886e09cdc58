"""Staff look at the portal as one of its contacts: to read only, and never as if it were them."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Contact, SessionRow
from portalkit.access.people import get_person
from portalkit.access.permissions import PersonRole
from portalkit.access.sessions import open_session, session_hash
from portalkit.audit import Actor, record
from portalkit.context import SessionKind, StaffContext
from portalkit.errors import ConflictError, NotFoundError
from portalkit.model.ids import is_id

__all__ = ("VIEW_AS", "VIEW_FOR", "begin_view", "end_view")

VIEW_AS: Final = "backoffice.view_as"
"""The permission; also asked for while somebody looks, not only when they begin."""

VIEW_FOR: Final = timedelta(hours=1)
"""How long staff look as a contact before they begin again."""


async def begin_view(
    session: AsyncSession,
    staff: StaffContext,
    contact_id: str,
    *,
    person_id: str | None = None,
    user_agent: str | None,
    replaces: str | None,
) -> str:
    """Open a session that sees what a contact sees, and return its id.

    It is worth something only together with the session of the same member of staff, and ends
    with that one.

    Args:
        session: A session that writes.
        staff: Who looks.
        contact_id: As whom.
        person_id: With whose role; with that of an owner if left out.
        user_agent: What the browser calls itself.
        replaces: The id of such a session that the browser held until now.

    Raises:
        NotFoundError: If the business has no such contact, or its access is switched off; also
            if the contact has no such person.
        ConflictError: If the person's access is withdrawn.
    """
    found = is_id(contact_id) and await session.scalar(
        select(Contact.id).where(
            Contact.id == contact_id,
            Contact.business_id == staff.business_id,
            Contact.is_enabled,
        )
    )
    if not found:
        raise NotFoundError(f"contact {contact_id[:60]!r}")
    role = await _role_of(session, staff.business_id, contact_id, person_id)
    until = staff.now + VIEW_FOR
    await record(
        session,
        business_id=staff.business_id,
        contact_id=contact_id,
        name="access.viewed_as",
        actor=Actor.of(staff),
        at=staff.now,
        data={"until": until.isoformat(), "person": person_id, "role": role},
    )
    return await open_session(
        session,
        business_id=staff.business_id,
        kind=SessionKind.VIEW_AS,
        now=staff.now,
        lifetime=VIEW_FOR,
        staff_id=staff.staff_id,
        contact_id=contact_id,
        view_role=role,
        by="view_as",
        user_agent=user_agent,
        replaces=replaces,
    )


async def _role_of(
    session: AsyncSession, business_id: str, contact_id: str, person_id: str | None
) -> str:
    if person_id is None:
        return PersonRole.OWNER.value
    person = await get_person(
        session, business_id=business_id, contact_id=contact_id, person_id=person_id
    )
    if not person.may_enter:
        raise ConflictError(f"access of {person.id} is withdrawn")
    return person.role


async def end_view(session: AsyncSession, staff: StaffContext, session_id: str) -> str | None:
    """End looking as a contact, and return which one it was; ``None`` if it was none."""
    contact_id = await session.scalar(
        delete(SessionRow)
        .where(
            SessionRow.id_hash == session_hash(session_id),
            SessionRow.kind == SessionKind.VIEW_AS.value,
            SessionRow.business_id == staff.business_id,
            SessionRow.staff_id == staff.staff_id,
        )
        .returning(SessionRow.contact_id)
        .execution_options(synchronize_session=False)
    )
    if contact_id is None:
        return None
    await record(
        session,
        business_id=staff.business_id,
        contact_id=contact_id,
        name="access.view_as_ended",
        actor=Actor.of(staff),
        at=staff.now,
    )
    return str(contact_id)
