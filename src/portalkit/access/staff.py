"""Members of staff: let in, given a role, shut out; an admin always stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, canonical_email, get_account, is_email, is_name
from portalkit.access.credentials import end_ways_in
from portalkit.access.models import Business, Staff
from portalkit.access.permissions import StaffRole
from portalkit.audit import Actor, record
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.model.ids import is_id, new_id

__all__ = (
    "StaffEntry",
    "add_staff",
    "disable_staff",
    "enable_staff",
    "get_staff",
    "keep_an_admin",
    "list_staff",
    "set_staff_role",
)


class StaffEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff, as admins see them in a list."""

    id: str
    email: str
    name: str
    role: str
    is_enabled: bool
    has_second_factor: bool
    signed_in_at: datetime | None


async def list_staff(session: AsyncSession, *, business_id: str) -> Sequence[StaffEntry]:
    """Return the members of staff by name, those who are shut out last."""
    rows = await session.execute(
        select(
            Staff.id,
            Staff.email,
            Staff.name,
            Staff.role,
            Staff.is_enabled,
            Staff.has_second_factor,
            Staff.signed_in_at,
        )
        .where(Staff.business_id == business_id)
        .order_by(Staff.is_enabled.desc(), Staff.name, Staff.id)
    )
    return [StaffEntry(**row) for row in rows.mappings()]


async def get_staff(session: AsyncSession, staff_id: str, *, business_id: str) -> Account:
    """Return the account of a member of staff.

    Raises:
        NotFoundError: If the business has no such member of staff.
    """
    account = None
    if is_id(staff_id):
        account = await get_account(
            session, SessionKind.STAFF, business_id=business_id, account_id=staff_id
        )
    if account is None:
        raise NotFoundError(f"member of staff {staff_id[:60]!r}")
    return account


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
    _check_role(role)
    staff_id = new_id()
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(Staff).values(
        id=staff_id,
        business_id=business_id,
        email=email,
        name=name,
        role=role,
        # There is no profile page for staff: the first thing they do is choose one.
        must_change_password=True,
        created_at=now,
    )
    added = statement.on_conflict_do_nothing().returning(Staff.id)
    if await session.scalar(added) is None:
        raise ConflictError(f"{email} is a member of staff already")
    await record(
        session,
        business_id=business_id,
        name="access.staff_added",
        actor=actor,
        at=now,
        data={"staff": staff_id, "role": role},
    )
    return staff_id


def _check_role(role: str) -> None:
    if role not in set(StaffRole):
        raise InputRefusedError("role", f"must be one of {', '.join(StaffRole)}")


async def keep_an_admin(session: AsyncSession, staff_id: str, *, business_id: str) -> None:
    """Make sure that there is an admin beside somebody, until the transaction ends.

    The business's row is the lock: of two admins who shut each other out at once, the second
    waits, and then finds that it is alone. Whoever only refers to the row does not wait.

    Raises:
        ConflictError: If it is the last admin who can get in.
    """
    await session.execute(
        select(Business.id).where(Business.id == business_id).with_for_update(key_share=True)
    )
    admins = and_(
        Staff.business_id == business_id, Staff.role == StaffRole.ADMIN.value, Staff.is_enabled
    )
    is_admin = exists().where(admins, Staff.id == staff_id)
    others = exists().where(admins, Staff.id != staff_id)
    if await session.scalar(select(and_(is_admin, ~others))):
        raise ConflictError("this is the last admin: make somebody else one first")


async def set_staff_role(
    session: AsyncSession,
    staff_id: str,
    role: str,
    *,
    business_id: str,
    actor: Actor,
    now: datetime,
) -> Account:
    """Give a member of staff another role; what is open ends, and they sign in anew.

    Raises:
        InputRefusedError: ``field`` is ``role`` if there is no such role.
        NotFoundError: If the business has no such member of staff.
        ConflictError: If it is the last admin, or whoever asks.
    """
    _check_role(role)
    account = await _other(session, staff_id, business_id=business_id, actor=actor)
    before = await session.scalar(select(Staff.role).where(Staff.id == account.id))
    if before != role:
        await _change(session, account, now, role=role)
        data = {"role": role, "before": before}
        await _note(session, account, "access.staff_role_changed", actor, now, **data)
    return account


async def disable_staff(
    session: AsyncSession, staff_id: str, *, business_id: str, actor: Actor, now: datetime
) -> Account:
    """Shut a member of staff out at once; the password goes, the second factor stays.

    Raises:
        NotFoundError: If the business has no such member of staff.
        ConflictError: If it is the last admin, or whoever asks.
    """
    account = await _other(session, staff_id, business_id=business_id, actor=actor)
    if account.is_open:
        await _change(
            session,
            account,
            now,
            is_enabled=False,
            password_hash=None,
            must_change_password=True,
        )
        await _note(session, account, "access.staff_disabled", actor, now)
    return account


async def enable_staff(
    session: AsyncSession, staff_id: str, *, business_id: str, actor: Actor, now: datetime
) -> Account:
    """Let a member of staff in again; without a password they need a link.

    Raises:
        NotFoundError: If the business has no such member of staff.
    """
    account = await get_staff(session, staff_id, business_id=business_id)
    if not account.is_open:
        # A sign-in that ran beside the shutting out may have left something.
        await _write(session, account, now, is_enabled=True)
        await _note(session, account, "access.staff_enabled", actor, now)
    return await get_staff(session, staff_id, business_id=business_id)


async def _other(
    session: AsyncSession, staff_id: str, *, business_id: str, actor: Actor
) -> Account:
    """Return somebody who is not the one who asks: nobody shuts themselves out by accident."""
    account = await get_staff(session, staff_id, business_id=business_id)
    if actor.kind == SessionKind.STAFF.value and actor.id == account.id:
        raise ConflictError("it takes another admin to change one's own role or access")
    return account


async def _change(session: AsyncSession, account: Account, now: datetime, **values: Any) -> None:
    if values.get("role") != StaffRole.ADMIN.value:
        await keep_an_admin(session, account.id, business_id=account.business_id)
    await _write(session, account, now, **values)


async def _write(session: AsyncSession, account: Account, now: datetime, **values: Any) -> None:
    """Change the row first: whoever signs in meanwhile waits for it, and is shut out below."""
    await session.execute(
        update(Staff)
        .where(Staff.id == account.id, Staff.business_id == account.business_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    await end_ways_in(session, account, now)


async def _note(
    session: AsyncSession, account: Account, name: str, actor: Actor, now: datetime, **data: Any
) -> None:
    await record(
        session,
        business_id=account.business_id,
        name=name,
        actor=actor,
        at=now,
        data={"staff": account.id} | data,
    )
