"""What staff do on a contact's page: give, change and withdraw access."""

from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, get_account
from portalkit.access.businesses import BusinessView, business_origin
from portalkit.access.colleagues import change_role
from portalkit.access.credentials import require_passwords, store_password
from portalkit.access.doors import password_errors
from portalkit.access.factors import remove_factors
from portalkit.access.links import make_link
from portalkit.access.mails import PASSWORD_SET, PasswordSet, locale_for, mail_account
from portalkit.access.passwords import check_new_password
from portalkit.access.people import get_person, give_access, restore_access, withdraw_access
from portalkit.access.permissions import PersonRole
from portalkit.audit import Actor, record
from portalkit.context import SessionKind, StaffContext
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page
from portalkit.sections.backoffice.contact import CONTACT_PAGE, ContactPage, FormErrors
from portalkit.sections.backoffice.permissions import GIVE_ACCESS
from portalkit.web.portal import RunningPortal

__all__ = ("ACT_ROUTES", "hash_one_time")

_GIVE_ERRORS: Final[dict[str, Text]] = {
    "email": lazy_gettext("This is no e-mail address."),
    "name": lazy_gettext("Write the name of the person, in at most 200 characters."),
    "role": lazy_gettext("Choose one of the roles."),
}
_MEMBER: Final = lazy_gettext("Somebody with this address is in the list already.")


class GiveForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who gets access; without a password there is a link instead."""

    name: str
    email: str
    role: str
    password: str = ""


class RoleForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The role that a person gets."""

    role: PersonRole


class OneTimeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A password that lets in once."""

    password: str


async def hash_one_time(
    portal: RunningPortal, business: BusinessView, password: str, *words: str
) -> str:
    """Check and hash a password, before anything holds the database."""
    require_passwords(portal.config)
    check_new_password(password, context=(business.name, business.slug, *words))
    return await portal.passwords.hash(password)


async def _account(session: AsyncSession, staff: StaffContext, person_id: str) -> Account:
    account = await get_account(
        session, SessionKind.PERSON, business_id=staff.business_id, account_id=person_id
    )
    if account is None:
        raise NotFoundError(f"person {person_id}")
    return account


def _done(page: Page, contact_id: str, text: Text) -> Response[Any]:
    return page.redirect(
        page.url("backoffice:contact", contact=contact_id), notice=Notice(text=text)
    )


async def _link(
    session: AsyncSession,
    portal: RunningPortal,
    page: Page,
    *,
    business: BusinessView,
    staff: StaffContext,
    account: Account,
    contact_id: str,
) -> tuple[str, str]:
    """Make a link and return the person's name and the link, to be shown once."""
    token = await make_link(
        session,
        portal.config.secret_keys,
        business_id=business.id,
        now=staff.now,
        person_id=account.id,
        contact_id=contact_id,
    )
    await record(
        session,
        business_id=business.id,
        contact_id=contact_id,
        name="access.link_made",
        actor=Actor.of(staff),
        at=staff.now,
        data={"person": account.id},
    )
    origin = business_origin(portal.config, business.host)
    return account.name, origin + page.url("access:link", token=token)


@post(
    "/contacts/{contact:str}/people",
    name="backoffice:contact.give",
    opt={"permission": GIVE_ACCESS},
    dependencies=CONTACT_PAGE,
)
async def give(
    *,
    contact: FromPath[str],
    data: URLEncodedBody[GiveForm],
    contact_page: NamedDependency[ContactPage],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Let somebody act for the contact, with a one-time password or a link."""
    typed = {"name": data.name, "email": data.email, "role": data.role}
    try:
        new_hash = (
            await hash_one_time(portal, business, data.password, data.email, data.name)
            if data.password
            else None
        )
        person_id = await give_access(
            session,
            business_id=staff.business_id,
            contact_id=contact,
            email=data.email,
            name=data.name,
            role=data.role,
            actor=Actor.of(staff),
            now=staff.now,
        )
    except (InputRefusedError, ConflictError) as error:
        wrong = FormErrors(form="give", values=typed, errors=_give_errors(error))
        return await contact_page.answer(contact, wrong=wrong)
    account = await _account(session, staff, person_id)
    # An old hash lets nobody in where passwords are switched off.
    has_password = account.password_hash is not None and portal.config.access.password_sign_in
    if new_hash is None and not has_password:
        new_link = await _link(
            session,
            portal,
            page,
            business=business,
            staff=staff,
            account=account,
            contact_id=contact,
        )
        return await contact_page.answer(contact, new_link=new_link)
    text = await _let_in(session, staff, account, new_hash)
    return _done(page, contact, text)


async def _let_in(
    session: AsyncSession, staff: StaffContext, account: Account, new_hash: str | None
) -> Text:
    """Store a new person's first password; whoever has one already keeps it."""
    if account.password_hash is not None or new_hash is None:
        return lazy_gettext(
            "%(name)s has access now, with the password they have already.", name=account.name
        )
    await store_password(
        session, account, new_hash, actor=Actor.of(staff), now=staff.now, must_change=True
    )
    return lazy_gettext("%(name)s has access now.", name=account.name)


def _give_errors(error: InputRefusedError | ConflictError) -> dict[str, Text]:
    if isinstance(error, ConflictError):
        return {"email": _MEMBER}
    if error.field == "password":
        return _password_error(error)
    return {error.field: _GIVE_ERRORS[error.field]}


def _password_error(error: InputRefusedError) -> dict[str, Text]:
    return {"password": password_errors(error)["new_password"]}


@post(
    "/contacts/{contact:str}/people/{person:str}/password",
    name="backoffice:person.password",
    opt={"permission": GIVE_ACCESS},
    dependencies=CONTACT_PAGE,
)
async def set_password(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    data: URLEncodedBody[OneTimeForm],
    contact_page: NamedDependency[ContactPage],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Set a password that lets in once; the person's sessions end."""
    try:
        new_hash = await hash_one_time(portal, business, data.password)
        entry = await get_person(
            session, business_id=staff.business_id, contact_id=contact, person_id=person
        )
        check_new_password(data.password, context=(entry.email, entry.name))
    except InputRefusedError as error:
        wrong = FormErrors(form=person, errors=_password_error(error))
        return await contact_page.answer(contact, wrong=wrong)
    account = await _account(session, staff, entry.id)
    await store_password(
        session, account, new_hash, actor=Actor.of(staff), now=staff.now, must_change=True
    )
    locale = await locale_for(session, account, contact, business.locale)
    await mail_account(
        session, account, PASSWORD_SET, PasswordSet(at=staff.now), locale=locale, now=staff.now
    )
    text = lazy_gettext(
        "The password of %(name)s is set. It works once and must be changed.", name=entry.name
    )
    return _done(page, contact, text)


@post(
    "/contacts/{contact:str}/people/{person:str}/link",
    name="backoffice:person.link",
    opt={"permission": GIVE_ACCESS},
    dependencies=CONTACT_PAGE,
)
async def make_person_link(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    contact_page: NamedDependency[ContactPage],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Make a link that signs a person in once, and show it once."""
    entry = await get_person(
        session, business_id=staff.business_id, contact_id=contact, person_id=person
    )
    if not entry.may_enter:
        raise ConflictError(f"access of {entry.id} is withdrawn")
    new_link = await _link(
        session,
        portal,
        page,
        business=business,
        staff=staff,
        account=await _account(session, staff, entry.id),
        contact_id=entry.contact_id,
    )
    return await contact_page.answer(contact, new_link=new_link)


@post(
    "/contacts/{contact:str}/people/{person:str}/role",
    name="backoffice:person.role",
    opt={"permission": GIVE_ACCESS},
)
async def set_role(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    data: URLEncodedBody[RoleForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Give a person another role for the contact."""
    entry = await get_person(
        session, business_id=staff.business_id, contact_id=contact, person_id=person
    )
    await change_role(
        session,
        entry,
        data.role,
        business_id=staff.business_id,
        roles=portal.roles,
        actor=Actor.of(staff),
        now=staff.now,
    )
    text = lazy_gettext("The role of %(email)s is changed.", email=entry.email)
    return _done(page, contact, text)


@post(
    "/contacts/{contact:str}/people/{person:str}/withdraw",
    name="backoffice:person.withdraw",
    opt={"permission": GIVE_ACCESS},
)
async def withdraw(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Shut a person out of the contact; their sessions end at once."""
    entry = await get_person(
        session, business_id=staff.business_id, contact_id=contact, person_id=person
    )
    await withdraw_access(
        session, entry, business_id=staff.business_id, actor=Actor.of(staff), now=staff.now
    )
    text = lazy_gettext("%(name)s can no longer sign in.", name=entry.name)
    return _done(page, contact, text)


@post(
    "/contacts/{contact:str}/people/{person:str}/restore",
    name="backoffice:person.restore",
    opt={"permission": GIVE_ACCESS},
)
async def restore(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Let a person in again who was shut out."""
    entry = await get_person(
        session, business_id=staff.business_id, contact_id=contact, person_id=person
    )
    await restore_access(
        session, entry, business_id=staff.business_id, actor=Actor.of(staff), now=staff.now
    )
    text = lazy_gettext("%(name)s has access again.", name=entry.name)
    return _done(page, contact, text)


@post(
    "/contacts/{contact:str}/people/{person:str}/second-factor/remove",
    name="backoffice:person.factors",
    opt={"permission": GIVE_ACCESS},
)
async def forget_factors(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Take away the second factor of a person who has lost it; their sessions end."""
    entry = await get_person(
        session, business_id=staff.business_id, contact_id=contact, person_id=person
    )
    account = await _account(session, staff, entry.id)
    await remove_factors(session, account, actor=Actor.of(staff), now=staff.now)
    text = lazy_gettext("%(name)s gets in without a second step now.", name=entry.name)
    return _done(page, contact, text)


ACT_ROUTES: Final = (
    give,
    set_password,
    make_person_link,
    set_role,
    withdraw,
    restore,
    forget_factors,
)
"""Routes of what is done, below ``/backoffice``."""
