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
from portalkit.access.mails import SIGN_IN_LINK, SignInLink, mail_account
from portalkit.access.people import get_person
from portalkit.audit import Actor, record
from portalkit.context import SessionKind, StaffContext
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.hooks import EmailTemplate
from portalkit.i18n import Translator, language_name
from portalkit.mail.editing import find_edited
from portalkit.mail.rendering import paper_of, shown_values, words_of
from portalkit.mail.services import OwnWords
from portalkit.model import LazyText, lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import FormState
from portalkit.sections.backoffice.mail_views import LinkMailView
from portalkit.sections.backoffice.permissions import GIVE_ACCESS
from portalkit.sections.backoffice.queries import get_contact
from portalkit.web.portal import RunningPortal

__all__ = (
    "LINK_MAIL_ROUTES",
    "Addressee",
    "WordsForm",
    "WordsPage",
    "ask_for_words",
    "find_addressee",
    "propose_words",
)

_OPT: Final = {"permission": GIVE_ACCESS}
_PATH: Final = "/contacts/{contact:str}/people/{person:str}/mail-link"
_ABOUT_A_DAY: Final = timedelta(hours=24)
_WRONG: Final = lazy_gettext("Write something here, and not more than fits into a mail.")


class WordsForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written to the person."""

    subject: str
    words: str


class WordsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says on which a mail for one person is written.

    Attributes:
        note: What is added to the text, and what ends by it.
        route: Name of the route that the form is sent to.
    """

    title: LazyText
    note: LazyText
    route: str


_LINK: Final = WordsPage(
    title=lazy_gettext("Send the link"),
    note=lazy_gettext(
        "A button with the link is added below your text; an earlier link of this person ends."
    ),
    route="backoffice:person.mail_link.send",
)


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """One of a contact's people, to be written to in a language."""

    account: Account
    contact_id: str
    contact_name: str
    locale: str


async def find_addressee(
    session: AsyncSession, business: BusinessView, contact_id: str, person_id: str
) -> Addressee:
    """Return one of a contact's people, to be written to.

    Raises:
        NotFoundError: If there is no such person for this contact of this business.
        ConflictError: If their access is withdrawn.
    """
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
    return Addressee(
        account=account,
        contact_id=contact.id,
        contact_name=contact.name,
        locale=account.locale or contact.locale or business.locale,
    )


async def propose_words(
    session: AsyncSession,
    portal: RunningPortal,
    template: EmailTemplate,
    variables: msgspec.Struct,
    *,
    business_id: str,
    locale: str,
    name: str,
) -> OwnWords:
    """Return what a mail would say by itself."""
    letterhead = await portal.letterhead(session, business_id)
    paper = paper_of(portal, letterhead, locale)
    values = shown_values(paper, variables, name)
    edited = await find_edited(session, business_id, template.name, paper.translator.locale)
    text = words_of(paper, template, values, None if edited is None else edited.own)
    return OwnWords(subject=text.subject, words=text.words)


async def ask_for_words(
    page: Page,
    portal: RunningPortal,
    translator: Translator,
    sort: WordsPage,
    *,
    to: Addressee,
    words: OwnWords,
    wrong: str | None = None,
) -> Response[Any]:
    """Show a mail before it leaves, to be changed; ``wrong`` is the field that was refused."""
    contact_url = page.url("backoffice:contact", contact=to.contact_id)
    route = {"contact": to.contact_id, "person": to.account.id}
    view = LinkMailView(
        title=translator.text(sort.title),
        note=translator.text(sort.note),
        name=to.account.name,
        email=to.account.email,
        language=language_name(to.locale),
        crumbs=(
            Crumb(label=translator.gettext("Contacts"), url=page.url("backoffice:contacts")),
            Crumb(label=to.contact_name, url=contact_url),
            Crumb(label=translator.text(sort.title)),
        ),
        form=FormState(
            url=page.url(sort.route, **route),
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
async def write_link_mail(
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
    to = await find_addressee(session, business, contact, person)
    words = await propose_words(
        session,
        portal,
        SIGN_IN_LINK,
        SignInLink(link="", until=staff.now + _ABOUT_A_DAY),
        business_id=business.id,
        locale=to.locale,
        name=to.account.name,
    )
    return await ask_for_words(page, portal, translator, _LINK, to=to, words=words)


@post(_PATH, name="backoffice:person.mail_link.send", opt=_OPT)
async def send_link(
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
    """Make a link and send it; the link stands in the mail and nowhere else."""
    to = await find_addressee(session, business, contact, person)
    words = OwnWords(subject=data.subject, words=data.words)
    try:
        await _send(session, portal, page, business=business, staff=staff, to=to, words=words)
    except InputRefusedError as error:
        return await ask_for_words(
            page, portal, translator, _LINK, to=to, words=words, wrong=error.field
        )
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
    to: Addressee,
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
    link = origin + page.url("access:link", token=token)
    mail_id = await mail_account(
        session,
        account,
        SIGN_IN_LINK,
        SignInLink(link=link, until=made.expires_at),
        locale=to.locale,
        now=staff.now,
        own=words,
        valid_until=made.expires_at,
        keys=keys,
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


LINK_MAIL_ROUTES: Final = (write_link_mail, send_link)
"""Routes of the mail with a link, below ``/backoffice``."""
