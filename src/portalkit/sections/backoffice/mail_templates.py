"""The words of mails: to read, to change, to look at before anybody gets them."""

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath, URLEncodedBody
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record
from portalkit.context import StaffContext
from portalkit.errors import NotFoundError
from portalkit.hooks import EmailTemplate
from portalkit.hooks.types import Tone
from portalkit.i18n import Translator, language_name
from portalkit.mail.delivery import mail_logo
from portalkit.mail.editing import (
    EditedWords,
    check_own,
    find_edited,
    list_edited,
    restore_words,
    save_words,
)
from portalkit.mail.rendering import (
    MailPaper,
    RenderedMail,
    paper_of,
    render_mail,
    shipped_source,
    shown_values,
    words_of,
)
from portalkit.mail.services import OwnWords
from portalkit.mail.words import Shown, WordsRefusedError
from portalkit.model import LazyText, lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import Chip, FormState, Pill
from portalkit.sections.backoffice.mail_views import TemplateRowView, TemplatesView, TemplateView
from portalkit.sections.backoffice.permissions import EDIT_MAILS
from portalkit.web.headers import content_security_policy
from portalkit.web.portal import RunningPortal

__all__ = ("MAIL_TEMPLATE_ROUTES",)

_OPT: Final = {"permission": EDIT_MAILS}
# Mail programs know styles in the page only. Nothing else is let in, and nothing out.
_PREVIEW_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox"
    )
}
_REFUSALS: Final[Mapping[str, LazyText]] = {
    "missing": lazy_gettext("Write something here."),
    "syntax": lazy_gettext("A brace or a condition in line %(detail)s is not closed."),
    "unknown": lazy_gettext("“%(detail)s” is none of the variables below."),
    "secret": lazy_gettext(
        "“%(detail)s” may not stand in the subject: subjects are shown and kept."
    ),
    "forbidden": lazy_gettext(
        "Line %(detail)s does more than place variables and leave parts out."
    ),
    "too_long": lazy_gettext("At most %(detail)s letters."),
}


class WordsForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words as they are typed; ``part`` asks the preview for the plain text."""

    subject: str = ""
    words: str = ""
    part: str = ""


class _Desk:
    """One sort of mail in one language, on the desk of whoever edits it."""

    def __init__(self, template: EmailTemplate, paper: MailPaper, sample_person: str) -> None:
        self.template = template
        self.paper = paper
        self.values: Shown = shown_values(paper, template.sample(), sample_person)


async def _desk(
    portal: RunningPortal, session: AsyncSession, staff: StaffContext, name: str, locale: str
) -> _Desk:
    template = portal.mail_templates.get(name)
    if template is None or not template.is_editable or locale not in portal.translators:
        raise NotFoundError(f"words of {name} in {locale}"[:200])
    letterhead = await portal.letterhead(session, staff.business_id)
    return _Desk(template, paper_of(portal, letterhead, locale), "Lucía Romero")


async def _languages(
    portal: RunningPortal, session: AsyncSession, staff: StaffContext
) -> tuple[str, ...]:
    business = await portal.businesses.get(session, staff.business_id)
    wanted = () if business is None else business.locales
    return tuple(portal.offered_locales(wanted))


@get("/mail-templates", name="backoffice:mail_templates", opt=_OPT)
async def show_templates(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """List the sorts of mail and whether their words are the business's own."""
    edited = await list_edited(session, staff.business_id)
    languages = await _languages(portal, session, staff)
    rows = tuple(
        TemplateRowView(
            title=translator.text(template.title),
            description=translator.text(template.description),
            languages=tuple(
                (
                    language_name(locale),
                    page.url("backoffice:mail_template", template=template.name, locale=locale),
                    _pill(edited.get((template.name, locale)), translator),
                )
                for locale in languages
            ),
        )
        for template in portal.mail_templates.values()
        if template.is_editable
    )
    view = TemplatesView(crumbs=_crumbs(page, translator), rows=rows)
    return await page.render("backoffice/mail_templates.html", templates=view)


def _pill(edited: EditedWords | None, translator: Translator) -> Pill | None:
    if edited is None:
        return None
    if edited.problem is not None:
        label = translator.gettext("Not used")
        return Pill(label=label, icon="alert-triangle", tone=Tone.CRITICAL)
    return Pill(label=translator.gettext("Own words"), icon="pencil", tone=Tone.INFO)


def _crumbs(page: Page, translator: Translator, *last: str) -> tuple[Crumb, ...]:
    words = translator.gettext("Words of mails")
    return (
        Crumb(label=translator.gettext("Mail"), url=page.url("backoffice:mails")),
        Crumb(label=words, url=page.url("backoffice:mail_templates")),
        *(Crumb(label=label) for label in last),
    )


async def _show(
    page: Page,
    session: AsyncSession,
    staff: StaffContext,
    portal: RunningPortal,
    translator: Translator,
    *,
    desk: _Desk,
    typed: WordsForm | None = None,
    wrong: WordsRefusedError | None = None,
) -> Response[Any]:
    template, locale = desk.template, desk.paper.translator.locale
    edited = await find_edited(session, staff.business_id, template.name, locale)
    shown = typed or (edited.own if edited is not None else shipped_source(desk.paper, template))
    route = {"template": template.name, "locale": locale}
    languages = await _languages(portal, session, staff)
    view = TemplateView(
        title=translator.text(template.title),
        description=translator.text(template.description),
        crumbs=_crumbs(page, translator, translator.text(template.title)),
        languages=tuple(
            Chip(
                label=language_name(tag),
                url=page.url("backoffice:mail_template", template=template.name, locale=tag),
                is_current=tag == locale,
            )
            for tag in languages
        ),
        form=FormState(
            url=page.url("backoffice:mail_template.save", **route),
            values={"subject": shown.subject, "words": shown.words},
            errors={} if wrong is None else {wrong.field: translator.text(_refusal(wrong))},
        ),
        variables=tuple((name, str(value)) for name, value in desk.values.items()),
        preview_url=page.url("backoffice:mail_template.preview", **route),
        restore_url=None
        if edited is None
        else page.url("backoffice:mail_template.restore", **route),
        problem=None if edited is None else edited.problem,
        state=_pill(edited, translator),
    )
    policy = {**portal.config.csp_sources, "frame-src": ("'self'",)}
    return await page.render(
        "backoffice/mail_template.html",
        status=HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        headers={"content-security-policy": content_security_policy(policy)},
        mail=view,
    )


def _refusal(error: WordsRefusedError) -> LazyText:
    return msgspec.structs.replace(_REFUSALS[error.reason], values={"detail": error.detail})


@get("/mail-templates/{template:str}/{locale:str}", name="backoffice:mail_template", opt=_OPT)
async def show_template(
    *,
    template: FromPath[str],
    locale: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show the words of a sort of mail, in one language, to be changed."""
    desk = await _desk(portal, session, staff, template, locale)
    return await _show(page, session, staff, portal, translator, desk=desk)


@post("/mail-templates/{template:str}/{locale:str}", name="backoffice:mail_template.save", opt=_OPT)
async def save_template(
    *,
    template: FromPath[str],
    locale: FromPath[str],
    data: URLEncodedBody[WordsForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Use these words from now on."""
    desk = await _desk(portal, session, staff, template, locale)
    try:
        await save_words(
            session,
            desk.template,
            OwnWords(subject=data.subject, words=data.words),
            business_id=staff.business_id,
            locale=locale,
            sample=desk.values,
            now=staff.now,
        )
    except WordsRefusedError as error:
        return await _show(
            page, session, staff, portal, translator, desk=desk, typed=data, wrong=error
        )
    await _note(session, staff, "mail.words_changed", template, locale)
    notice = Notice(text=lazy_gettext("Mails of this sort use your words from now on."))
    return page.redirect(_url(page, template, locale), notice=notice)


@post(
    "/mail-templates/{template:str}/{locale:str}/restore",
    name="backoffice:mail_template.restore",
    opt=_OPT,
)
async def restore_template(
    *,
    template: FromPath[str],
    locale: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Use the shipped words again."""
    desk = await _desk(portal, session, staff, template, locale)
    if await restore_words(session, desk.template, business_id=staff.business_id, locale=locale):
        await _note(session, staff, "mail.words_restored", template, locale)
    notice = Notice(text=lazy_gettext("Mails of this sort use the words of the portal again."))
    return page.redirect(_url(page, template, locale), notice=notice)


def _url(page: Page, template: str, locale: str) -> str:
    return page.url("backoffice:mail_template", template=template, locale=locale)


async def _note(
    session: AsyncSession, staff: StaffContext, name: str, template: str, locale: str
) -> None:
    await record(
        session,
        business_id=staff.business_id,
        name=name,
        actor=Actor.of(staff),
        at=staff.now,
        data={"template": template, "locale": locale},
    )


@get(
    "/mail-templates/{template:str}/{locale:str}/preview",
    name="backoffice:mail_template.stored",
    opt=_OPT,
)
async def preview_stored(
    *,
    template: FromPath[str],
    locale: FromPath[str],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Show the mail with made-up values, as it is sent now."""
    desk = await _desk(portal, session, staff, template, locale)
    edited = await find_edited(session, staff.business_id, template, locale)
    return _document(await _rendered(portal, desk, None if edited is None else edited.own))


@post(
    "/mail-templates/{template:str}/{locale:str}/preview",
    name="backoffice:mail_template.preview",
    opt=_OPT,
)
async def preview_typed(
    *,
    template: FromPath[str],
    locale: FromPath[str],
    data: URLEncodedBody[WordsForm],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show the mail with made-up values, as it is typed; nothing is stored."""
    desk = await _desk(portal, session, staff, template, locale)
    own = OwnWords(subject=data.subject, words=data.words)
    try:
        check_own(desk.template, own, desk.values)
    except WordsRefusedError as error:
        label = {"subject": lazy_gettext("Subject"), "words": lazy_gettext("Words")}[error.field]
        return _plain(f"{translator.text(label)}: {translator.text(_refusal(error))}")
    mail = await _rendered(portal, desk, own)
    return _plain(f"{mail.subject}\n\n{mail.text}") if data.part == "text" else _document(mail)


async def _rendered(portal: RunningPortal, desk: _Desk, own: OwnWords | None) -> RenderedMail:
    logo = await mail_logo(portal, desk.paper.letterhead)
    address = None
    if logo is not None:
        # The preview is closed to everything outside, the portal's own pictures among it.
        address = f"data:image/{logo.subtype};base64,{base64.b64encode(logo.content).decode()}"
    text = words_of(desk.paper, desk.template, desk.values, own)
    return render_mail(desk.paper, desk.template, text, values=desk.values, logo_url=address)


def _document(mail: RenderedMail) -> Response[Any]:
    return Response(mail.html, media_type=MediaType.HTML, headers=_PREVIEW_HEADERS, status_code=200)


def _plain(text: str) -> Response[Any]:
    html = Markup(
        '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        '<pre style="margin:24px;font:15px/1.5 ui-monospace,monospace;white-space:pre-wrap;'
        'overflow-wrap:anywhere">{}</pre>'
    ).format(text)
    return Response(html, media_type=MediaType.HTML, headers=_PREVIEW_HEADERS, status_code=200)


MAIL_TEMPLATE_ROUTES: Final = (
    show_templates,
    show_template,
    save_template,
    restore_template,
    preview_stored,
    preview_typed,
)
"""Routes of the words of mails, below ``/backoffice``."""
