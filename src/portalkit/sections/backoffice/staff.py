"""The staff of the business: let in, given a role, shut out."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.access.credentials import store_password
from portalkit.access.doors import password_errors
from portalkit.access.factors import remove_factors
from portalkit.access.permissions import StaffRole
from portalkit.access.staff import (
    add_staff,
    disable_staff,
    enable_staff,
    get_staff,
    set_staff_role,
)
from portalkit.audit import Actor
from portalkit.context import StaffContext
from portalkit.errors import ConflictError, InputRefusedError
from portalkit.model import Text, lazy_gettext
from portalkit.sections.backoffice.acts import hash_one_time
from portalkit.sections.backoffice.permissions import MANAGE_STAFF
from portalkit.sections.backoffice.staff_page import STAFF_PAGE, StaffPage
from portalkit.web.portal import RunningPortal

__all__ = ("STAFF_ROUTES",)

_OPT: Final = {"permission": MANAGE_STAFF}
_WRONG: Final[Mapping[str, Text]] = {
    "email": lazy_gettext("This is no e-mail address."),
    "name": lazy_gettext("Write the name of the person, in at most 200 characters."),
    "role": lazy_gettext("Choose one of the roles."),
}
_KNOWN: Final = lazy_gettext("Somebody with this address is in the list already.")


class AddForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is let in; without a password there is a link instead."""

    name: str
    email: str
    role: str
    password: str = ""


class RoleForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The role that a member of staff gets."""

    role: StaffRole


@get("/staff", name="backoffice:staff", opt=_OPT, dependencies=STAFF_PAGE)
async def show_staff(
    *,
    office: NamedDependency[StaffPage],
) -> Response[Any]:
    """List the members of staff, with those who are shut out."""
    return await office.answer()


@post("/staff", name="backoffice:staff.add", opt=_OPT, dependencies=STAFF_PAGE)
async def add_member(
    *,
    data: URLEncodedBody[AddForm],
    office: NamedDependency[StaffPage],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Let somebody in, with a one-time password or a link."""
    typed = {"name": data.name, "email": data.email, "role": data.role}
    try:
        new_hash = (
            await hash_one_time(portal, business, data.password, data.email, data.name)
            if data.password
            else None
        )
        staff_id = await add_staff(
            session,
            business_id=staff.business_id,
            email=data.email,
            name=data.name,
            role=data.role,
            actor=Actor.of(staff),
            now=staff.now,
        )
    except (InputRefusedError, ConflictError) as error:
        return await office.answer(typed=typed, errors=_errors(error))
    account = await get_staff(session, staff_id, business_id=staff.business_id)
    if new_hash is None:
        return await office.let_in(account, business)
    await store_password(
        session, account, new_hash, actor=Actor.of(staff), now=staff.now, must_change=True
    )
    return office.done(lazy_gettext("%(name)s has access now.", name=account.name))


def _errors(error: InputRefusedError | ConflictError) -> dict[str, Text]:
    if isinstance(error, ConflictError):
        return {"email": _KNOWN}
    if error.field == "password":
        return {"password": password_errors(error)["new_password"]}
    return {error.field: _WRONG[error.field]}


@post("/staff/{member:str}/role", name="backoffice:staff.role", opt=_OPT, dependencies=STAFF_PAGE)
async def change_member_role(
    *,
    member: FromPath[str],
    data: URLEncodedBody[RoleForm],
    office: NamedDependency[StaffPage],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Give a member of staff another role; they sign in anew."""
    account = await set_staff_role(
        session,
        member,
        data.role.value,
        business_id=staff.business_id,
        actor=Actor.of(staff),
        now=staff.now,
    )
    text = lazy_gettext("The role of %(email)s is changed.", email=account.email)
    return office.done(text)


@post("/staff/{member:str}/link", name="backoffice:staff.link", opt=_OPT, dependencies=STAFF_PAGE)
async def send_member_link(
    *,
    member: FromPath[str],
    office: NamedDependency[StaffPage],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
) -> Response[Any]:
    """Send a member of staff a link that lets in once, or show it."""
    account = await get_staff(session, member, business_id=staff.business_id)
    return await office.let_in(account, business)


@post(
    "/staff/{member:str}/second-factor/remove",
    name="backoffice:staff.factors",
    opt=_OPT,
    dependencies=STAFF_PAGE,
)
async def forget_member_factors(
    *,
    member: FromPath[str],
    office: NamedDependency[StaffPage],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Take away the second factor of a member of staff who has lost it; their sessions end."""
    account = await get_staff(session, member, business_id=staff.business_id)
    if account.id == staff.staff_id:
        raise ConflictError("one's own second step goes under security, by proving it")
    await remove_factors(session, account, actor=Actor.of(staff), now=staff.now)
    text = lazy_gettext("%(name)s gets in without a second step now.", name=account.name)
    return office.done(text)


@post(
    "/staff/{member:str}/disable",
    name="backoffice:staff.disable",
    opt=_OPT,
    dependencies=STAFF_PAGE,
)
async def shut_out(
    *,
    member: FromPath[str],
    office: NamedDependency[StaffPage],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Shut a member of staff out; all that is open ends at once."""
    account = await disable_staff(
        session,
        member,
        business_id=staff.business_id,
        actor=Actor.of(staff),
        now=staff.now,
    )
    return office.done(lazy_gettext("%(name)s can no longer sign in.", name=account.name))


@post(
    "/staff/{member:str}/enable", name="backoffice:staff.enable", opt=_OPT, dependencies=STAFF_PAGE
)
async def let_in_again(
    *,
    member: FromPath[str],
    office: NamedDependency[StaffPage],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
) -> Response[Any]:
    """Let a member of staff in again who was shut out, by a link."""
    account = await enable_staff(
        session,
        member,
        business_id=staff.business_id,
        actor=Actor.of(staff),
        now=staff.now,
    )
    return await office.let_in(account, business)


STAFF_ROUTES: Final = (
    show_staff,
    add_member,
    change_member_role,
    send_member_link,
    forget_member_factors,
    shut_out,
    let_in_again,
)
"""Routes of the staff, below ``/backoffice``."""
