"""Inviting contacts to the portal: one person with words of one's own, or many at once."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.access.invitation_jobs import order_invitations
from portalkit.access.invitation_mails import INVITATION, Invitation
from portalkit.access.invitations import (
    Inviter,
    add_first_person,
    invite_person,
    list_invitable,
    revoke_invitation,
)
from portalkit.audit import Actor
from portalkit.context import StaffContext
from portalkit.errors import ConflictError, InputRefusedError
from portalkit.i18n import Translator, language_name
from portalkit.mail.services import OwnWords
from portalkit.model import lazy_gettext
from portalkit.model.ids import is_id
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.sections.backoffice.link_mail import (
    Addressee,
    WordsForm,
    WordsPage,
    ask_for_words,
    find_addressee,
    propose_words,
)
from portalkit.sections.backoffice.mail_views import InviteView
from portalkit.sections.backoffice.permissions import EDIT_MAILS, GIVE_ACCESS
from portalkit.web.portal import RunningPortal

__all__ = ("INVITE_ROUTES",)

_OPT: Final = {"permission": GIVE_ACCESS}
_PERSON: Final = "/contacts/{contact:str}/people/{person:str}/invite"
_MANY: Final = "/invitations"
_MOST: Final = 200

_WORDS: Final = WordsPage(
    title=lazy_gettext("Invite"),
    note=lazy_gettext(
        "A button with the link is added below your text; an earlier invitation of this person"
        " ends."
    ),
    route="backoffice:person.invite.send",
)


class ManyForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which contacts are invited; none means all that never were."""

    id: str | tuple[str, ...] = ()


@get(_PERSON, name="backoffice:person.invite", opt=_OPT)
async def write_invitation(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show the invitation of one person before it leaves, to be changed."""
    to = await find_addressee(session, business, contact, person)
    inviter = await portal.inviter(session, business, Actor.of(staff), staff.now)
    words = await _proposal(session, portal, inviter, to)
    return await ask_for_words(page, portal, translator, _WORDS, to=to, words=words)


async def _proposal(
    session: AsyncSession, portal: RunningPortal, inviter: Inviter, to: Addressee
) -> OwnWords:
    return await propose_words(
        session,
        portal,
        INVITATION,
        Invitation(link="", contact=to.contact_name, until=inviter.valid_until),
        business_id=inviter.business.id,
        locale=to.locale,
        name=to.account.name,
    )


@post(_PERSON, name="backoffice:person.invite.send", opt=_OPT)
async def send_invitation(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    data: URLEncodedBody[WordsForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Invite one person; an earlier invitation ends."""
    to = await find_addressee(session, business, contact, person)
    words = OwnWords(subject=data.subject, words=data.words)
    inviter = await portal.inviter(session, business, Actor.of(staff), staff.now)
    try:
        await invite_person(
            session, inviter, contact_id=to.contact_id, person_id=to.account.id, own=words
        )
    except InputRefusedError as error:
        return await ask_for_words(
            page, portal, translator, _WORDS, to=to, words=words, wrong=error.field
        )
    text = lazy_gettext("The invitation for %(email)s is on its way.", email=to.account.email)
    return page.redirect(
        page.url("backoffice:contact", contact=to.contact_id), notice=Notice(text=text)
    )


@post(f"{_PERSON}/revoke", name="backoffice:person.invite.revoke", opt=_OPT)
async def take_back_invitation(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """End the invitation of one person: its link lets nobody in any more."""
    inviter = await portal.inviter(session, business, Actor.of(staff), staff.now)
    await revoke_invitation(session, inviter, contact_id=contact, person_id=person)
    notice = Notice(text=lazy_gettext("The invitation is taken back: its link no longer works."))
    return page.redirect(page.url("backoffice:contact", contact=contact), notice=notice)


@post("/contacts/{contact:str}/own-address", name="backoffice:contact.own_address", opt=_OPT)
async def add_own_address(
    *,
    contact: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Make the contact's own e-mail address one of its people, and go on to the invitation."""
    inviter = await portal.inviter(session, business, Actor.of(staff), staff.now)
    try:
        person_id = await add_first_person(session, inviter, contact)
    except InputRefusedError as error:
        raise ConflictError(f"contact {contact} has no usable e-mail address") from error
    return page.redirect(page.url("backoffice:person.invite", contact=contact, person=person_id))


@get(_MANY, name="backoffice:contacts.invite", opt=_OPT)
async def ask_about_many(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
    id: FromQuery[list[str] | None] = None,  # noqa: A002 - the word of every list
) -> Response[Any]:
    """Say how many contacts would be invited, and with which words."""
    chosen = _chosen(id or ())
    found = await list_invitable(session, business_id=business.id, contact_ids=chosen)
    inviter = await portal.inviter(session, business, Actor.of(staff), staff.now)
    words = await propose_words(
        session,
        portal,
        INVITATION,
        Invitation(link="", contact="…", until=inviter.valid_until),
        business_id=business.id,
        locale=translator.locale,
        name="…",
    )
    contacts_url = page.url("backoffice:contacts")
    view = InviteView(
        crumbs=(
            Crumb(label=translator.gettext("Contacts"), url=contacts_url),
            Crumb(label=translator.gettext("Invite")),
        ),
        count=len(found),
        left_out=len(chosen) - len(found) if chosen is not None else 0,
        ids=tuple(found) if chosen is not None else (),
        form_url=page.url("backoffice:contacts.invite"),
        cancel_url=contacts_url,
        subject=words.subject,
        words=words.words,
        template_urls=_template_urls(page, portal, business),
        has_server=portal.config.smtp_url is not None,
    )
    return await page.render("backoffice/invite.html", invite=view)


def _chosen(ids: Sequence[str]) -> Sequence[str] | None:
    """Return the contacts that were named, or ``None`` if all are meant.

    Raises:
        InputRefusedError: ``field`` is ``id`` if there are too many.
    """
    if not ids:
        return None
    if len(ids) > _MOST:
        raise InputRefusedError("id", f"names more than {_MOST} contacts")
    return sorted({each for each in ids if is_id(each)})


def _template_urls(
    page: Page, portal: RunningPortal, business: BusinessView
) -> tuple[tuple[str, str], ...]:
    if not page.may(EDIT_MAILS):
        return ()
    return tuple(
        (
            language_name(locale),
            page.url("backoffice:mail_template", template=INVITATION.name, locale=locale),
        )
        for locale in portal.offered_locales(business.locales)
    )


@post(_MANY, name="backoffice:contacts.invite.send", opt=_OPT)
async def invite_many(
    *,
    data: URLEncodedBody[ManyForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Order the invitations: they are made and sent in the background."""
    chosen = _chosen((data.id,) if isinstance(data.id, str) else data.id)
    found = await list_invitable(session, business_id=business.id, contact_ids=chosen)
    await order_invitations(
        session,
        found,
        business_id=business.id,
        actor=Actor.of(staff),
        now=staff.now,
        only_new=chosen is None,
    )
    text = translator.ngettext(
        "%(num)d contact is being invited. The list of mails shows how far it is.",
        "%(num)d contacts are being invited. The list of mails shows how far it is.",
        len(found),
    ) % {"num": len(found)}
    return page.redirect(page.url("backoffice:contacts"), notice=Notice(text=text))


INVITE_ROUTES: Final = (
    write_invitation,
    send_invitation,
    take_back_invitation,
    add_own_address,
    ask_about_many,
    invite_many,
)
"""Routes of invitations, below ``/backoffice``."""
