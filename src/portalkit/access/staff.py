"""Members of staff."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import canonical_email, is_email, is_name
from portalkit.access.models import Staff
from portalkit.access.permissions import StaffRole
from portalkit.audit import Actor, record
from portalkit.errors import ConflictError, InputRefusedError
from portalkit.model.ids import new_id

__all__ = ("add_staff",)


async def add_staff(
    session: AsyncSession,
    *,
    business_id: str,
    email: str,
    name: str,
    role: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Add a member of staff, who gets in by a link, and return the id.

    Raises:
        InputRefusedError: ``field`` is ``email``, ``name`` or ``role``.
        ConflictError: If the business has somebody with this address already.
    """
    email, name = canonical_email(email), " ".join(name.split())
    if not is_email(email):
        raise InputRefusedError("email", "is no e-mail address")
    if not is_name(name):
        raise InputRefusedError("name", "is missing or too long")
    if role not in set(StaffRole):
        raise InputRefusedError("role", f"must be one of {', '.join(StaffRole)}")
    known = await session.scalar(
        select(Staff.id).where(Staff.business_id == business_id, Staff.email == email)
    )
    if known is not None:
        raise ConflictError(f"{email} is a member of staff already")
    staff_id = new_id()
    await session.execute(
        insert(Staff).values(
            id=staff_id,
            business_id=business_id,
            email=email,
            name=name,
            role=role,
            # There is no profile page for staff: the first thing they do is choose one.
            must_change_password=True,
            created_at=now,
        )
    )
    await record(
        session,
        business_id=business_id,
        name="access.staff_added",
        actor=actor,
        at=now,
        data={"staff": staff_id, "role": role},
    )
    return staff_id
