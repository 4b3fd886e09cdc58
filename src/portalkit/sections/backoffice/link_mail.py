"""Sending somebody the link to the portal, with words that can be changed first."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, get_account
from portalkit.access.businesses import BusinessView, business_origin
from portalkit.access.links import find_link, make_link
from portalkit.access.mails import SIGN_IN_LINK, SignInLink, mail_sign_in_link
from portalkit.access.people import get_person
from portalkit.audit import Actor, record
from portalkit.context import SessionKind, StaffContext
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.i18n import Translator, language_name
from portalkit.mail.editing import find_edited
from portalkit.mail.rendering import paper_of, shown_values, words_of
from portalkit.mail.services import OwnWords
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import FormState
from portalkit.sections.backoffice.mail_views import LinkMailView
from portalkit.sections.backoffice.permissions import GIVE_ACCESS
from portalkit.sections.backoffice.queries import get_contact
from portalkit.web.portal import RunningPortal

__all__ = ("LINK_MAIL_ROUTES", "locale_of_person")

_OPT: Final = {"permission": GIVE_ACCESS}
_PATH: Final = "/contacts/{contact:str}/people/{person:str}/mail-link"
_ABOUT_A_DAY: Final = timedelta(hours=24)
_WRONG: Final = lazy_gettext("Write something here, and not more than fits into a mail.")


class LinkMailForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written to the person."""

    subject: str
    words: str


class _Addressee(msgspec.Struct, frozen=True, kw_only=True):
    account: Account
    contact_id: str
    contact_name: str
    locale: str


async def locale_of_person(
    session: AsyncSession, account: Account, contact_id: str, business: BusinessView
) -> str:
    """Return the language to write to somebody in: their own, the contact's, the business's."""
    if account.locale is not None:
        return account.locale
    contact = await get_contact(session, business_id=business.id, contact_id=contact_id)
    return contact.locale or business.locale


async def _addressee(
    session: AsyncSession, business: BusinessView, contact_id: str, person_id: str
) -> _Addressee:
    entry = await get_person(
        session, business_id=business.id, contact_id=contact_id, person_id=person_id
    )
    account = await get_account(
        session, SessionKind.PERSON, business_id=business.id, account_id=entry.id
    )
    if account is None:
        raise NotFoundError(f"person {person_id}")
    if not entry.may_enter:
        raise ConflictError(f"access of {entry.id} is withdrawn")
    contact = await get_contact(session, business_id=business.id, contact_id=contact_id)
    return _Addressee(
        account=account,
        contact_id=contact.id,
        contact_name=contact.name,
        locale=account.locale or contact.locale or business.locale,
    )


async def _proposal(
    session: AsyncSession, portal: RunningPortal, staff: StaffContext, to: _Addressee
) -> OwnWords:
    """Return what the mail would say by itself."""
    letterhead = await portal.letterhead(session, staff.business_id)
    paper = paper_of(portal, letterhead, to.locale)
    variables = SignInLink(link="", until=staff.now + _ABOUT_A_DAY)
    values = shown_values(paper, variables, to.account.name)
    edited = await find_edited(
        session, staff.business_id, SIGN_IN_LINK.name, paper.translator.locale
    )
    text = words_of(paper, SIGN_IN_LINK, values, None if edited is None else edited.own)
    return OwnWords(subject=text.subject, words=text.words)


async def _ask(
    page: Page,
    portal: RunningPortal,
    translator: Translator,
    *,
    to: _Addressee,
    words: OwnWords,
    wrong: str | None = None,
) -> Response[Any]:
    contact_url = page.url("backoffice:contact", contact=to.contact_id)
    route = {"contact": to.contact_id, "person": to.account.id}
    view = LinkMailView(
        name=to.account.name,
        email=to.account.email,
        language=language_name(to.locale),
        crumbs=(
            Crumb(label=translator.gettext("Contacts"), url=page.url("backoffice:contacts")),
            Crumb(label=to.contact_name, url=contact_url),
            Crumb(label=translator.gettext("Send the link")),
        ),
        form=FormState(
            url=page.url("backoffice:person.mail_link.send", **route),
            values={"subject": words.subject, "words": words.words},
            errors={} if wrong is None else {wrong: translator.text(_WRONG)},
        ),
        cancel_url=contact_url,
        has_server=portal.config.smtp_url is not None,
    )
    return await page.render(
        "backoffice/link_mail.html",
        status=HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        mail=view,
    )


@get(_PATH, name="backoffice:person.mail_link", opt=_OPT)
async def ask_for_words(
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
    """Show the mail with the link before it leaves, to be changed."""
    to = await _addressee(session, business, contact, person)
    words = await _proposal(session, portal, staff, to)
    return await _ask(page, portal, translator, to=to, words=words)


@post(_PATH, name="backoffice:person.mail_link.send", opt=_OPT)
async def send_link(
    *,
    contact: FromPath[str],
    person: FromPath[str],
    data: URLEncodedBody[LinkMailForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Make a link and send it; the link stands in the mail and nowhere else."""
    to = await _addressee(session, business, contact, person)
    words = OwnWords(subject=data.subject, words=data.words)
    try:
        await _send(session, portal, page, business=business, staff=staff, to=to, words=words)
    except InputRefusedError as error:
        return await _ask(page, portal, translator, to=to, words=words, wrong=error.field)
    text = lazy_gettext("The link for %(email)s is on its way.", email=to.account.email)
    return page.redirect(
        page.url("backoffice:contact", contact=to.contact_id), notice=Notice(text=text)
    )


async def _send(
    session: AsyncSession,
    portal: RunningPortal,
    page: Page,
    *,
    business: BusinessView,
    staff: StaffContext,
    to: _Addressee,
    words: OwnWords,
) -> None:
    keys, account = portal.config.secret_keys, to.account
    token = await make_link(
        session,
        keys,
        business_id=business.id,
        now=staff.now,
        person_id=account.id,
        contact_id=to.contact_id,
    )
    made = await find_link(session, keys, token, business_id=business.id, now=staff.now)
    if made is None:
        raise ConflictError(f"a link for {account.id} was ended as soon as it was made")
    origin = business_origin(portal.config, business.host)
    mail_id = await mail_sign_in_link(
        session,
        account,
        link=origin + page.url("access:link", token=token),
        until=made.expires_at,
        locale=to.locale,
        now=staff.now,
        own=words,
    )
    await record(
        session,
        business_id=business.id,
        contact_id=to.contact_id,
        name="access.link_mailed",
        actor=Actor.of(staff),
        at=staff.now,
        data={"person": account.id, "mail": mail_id},
    )


LINK_MAIL_ROUTES: Final = (ask_for_words, send_link)
"""Routes of the mail with a link, below ``/backoffice``."""
