"""The people of one's own contact: owners invite, change roles, remove and bring back."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.colleagues import (
    change_role,
    hold_role,
    invitation_tries,
    keep_an_owner,
)
from portalkit.access.invitations import invite_person
from portalkit.access.people import (
    PersonEntry,
    get_person,
    give_access,
    restore_access,
    withdraw_access,
)
from portalkit.access.signing_in import count_try
from portalkit.audit import Actor
from portalkit.context import PortalContext
from portalkit.errors import ConflictError, InputRefusedError
from portalkit.i18n import Translator
from portalkit.model import LazyText, Text, lazy_gettext
from portalkit.rendering.page import Notice, Page
from portalkit.sections.profile.people_page import PeoplePage
from portalkit.sections.profile.permissions import PEOPLE
from portalkit.web.portal import RunningPortal

__all__ = ("PEOPLE_ROUTES",)

_OPT: Final = {"permission": PEOPLE}
_ERRORS: Final[dict[tuple[str, str], Text]] = {
    ("email", "not_an_address"): lazy_gettext("This is no e-mail address."),
    ("name", "no_name"): lazy_gettext("Write the name of the person, in at most 200 characters."),
    ("role", "unknown"): lazy_gettext("Choose one of the roles."),
}
_MEMBER: Final = lazy_gettext("Somebody with this address is in the list already.")
_LAST_OWNER: Final = lazy_gettext("There must be an owner: make somebody else one first.")


class ColleagueForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is invited."""

    name: str
    email: str
    role: str


class RoleForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The role that somebody gets."""

    role: str


async def _person(session: AsyncSession, context: PortalContext, person_id: str) -> PersonEntry:
    """Return the person that an owner acts on, who is held to be an owner until all is done."""
    await hold_role(session, context, PEOPLE)
    return await get_person(
        session,
        business_id=context.business_id,
        contact_id=context.contact_id,
        person_id=person_id,
    )


def _done(page: Page, text: LazyText) -> Response[Any]:
    return page.redirect(page.url("profile:people"), notice=Notice(text=text))


@get("/people", name="profile:people", opt=_OPT)
async def show_people(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    context: NamedDependency[PortalContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show who acts for the contact."""
    return await PeoplePage(page, session, context, portal, translator).answer()


@post("/people", name="profile:people.invite", opt=_OPT)
async def invite_colleague(
    *,
    data: URLEncodedBody[ColleagueForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    context: NamedDependency[PortalContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Let somebody act for the contact, and write to them; each one counts."""
    await count_try(entrance, invitation_tries(context.contact_id), context.now)
    await hold_role(session, context, PEOPLE)
    try:
        person_id = await give_access(
            session,
            business_id=context.business_id,
            contact_id=context.contact_id,
            email=data.email,
            name=data.name,
            role=data.role,
            actor=Actor.of(context),
            now=context.now,
        )
    except (InputRefusedError, ConflictError) as error:
        typed = {"name": data.name, "email": data.email, "role": data.role}
        people = PeoplePage(page, session, context, portal, translator)
        return await people.answer(
            status=HTTPStatus.UNPROCESSABLE_ENTITY, values=typed, errors=_invite_errors(error)
        )
    inviter = await portal.inviter(session, business, Actor.of(context), context.now)
    account = await invite_person(
        session, inviter, contact_id=context.contact_id, person_id=person_id
    )
    return _done(
        page, lazy_gettext("The invitation for %(email)s is on its way.", email=account.email)
    )


def _invite_errors(error: InputRefusedError | ConflictError) -> dict[str, Text]:
    if isinstance(error, ConflictError):
        return {"email": _MEMBER}
    return {error.field: _ERRORS[error.field, error.reason]}


@post("/people/{person:str}/invite", name="profile:person.invite", opt=_OPT)
async def invite_again(
    *,
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    context: NamedDependency[PortalContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Invite somebody once more; the earlier invitation ends."""
    await count_try(entrance, invitation_tries(context.contact_id), context.now)
    await hold_role(session, context, PEOPLE)
    inviter = await portal.inviter(session, business, Actor.of(context), context.now)
    account = await invite_person(session, inviter, contact_id=context.contact_id, person_id=person)
    return _done(
        page, lazy_gettext("The invitation for %(email)s is on its way.", email=account.email)
    )


@post("/people/{person:str}/role", name="profile:person.role", opt=_OPT)
async def set_role(
    *,
    person: FromPath[str],
    data: URLEncodedBody[RoleForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    context: NamedDependency[PortalContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Give somebody another role; the last owner stays one."""
    entry = await _person(session, context, person)
    try:
        if data.role != "owner":
            await keep_an_owner(session, entry, business_id=context.business_id)
        await change_role(
            session,
            entry,
            data.role,
            business_id=context.business_id,
            roles=portal.roles,
            actor=Actor.of(context),
            now=context.now,
        )
    except InputRefusedError as error:
        return await _refuse(PeoplePage(page, session, context, portal, translator), error)
    return _done(page, lazy_gettext("The role of %(email)s is changed.", email=entry.email))


@post("/people/{person:str}/remove", name="profile:person.remove", opt=_OPT)
async def remove(
    *,
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    context: NamedDependency[PortalContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Shut somebody out of the contact; their sessions for it end at once."""
    entry = await _person(session, context, person)
    try:
        await keep_an_owner(session, entry, business_id=context.business_id)
    except InputRefusedError as error:
        return await _refuse(PeoplePage(page, session, context, portal, translator), error)
    await withdraw_access(
        session,
        entry,
        business_id=context.business_id,
        actor=Actor.of(context),
        now=context.now,
    )
    return _done(page, lazy_gettext("%(email)s has no access any more.", email=entry.email))


@post("/people/{person:str}/restore", name="profile:person.restore", opt=_OPT)
async def restore(
    *,
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    context: NamedDependency[PortalContext],
) -> Response[Any]:
    """Let somebody in again who was removed."""
    entry = await _person(session, context, person)
    await restore_access(
        session,
        entry,
        business_id=context.business_id,
        actor=Actor.of(context),
        now=context.now,
    )
    return _done(page, lazy_gettext("%(email)s has access again.", email=entry.email))


async def _refuse(people: PeoplePage, error: InputRefusedError) -> Response[Any]:
    problem = _ERRORS.get((error.field, error.reason), _LAST_OWNER)
    return await people.answer(status=HTTPStatus.UNPROCESSABLE_ENTITY, problem=problem)


PEOPLE_ROUTES: Final = (show_people, invite_colleague, invite_again, set_role, remove, restore)
"""Routes of people, below ``/profile``."""
