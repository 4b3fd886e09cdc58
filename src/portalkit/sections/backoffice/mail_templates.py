"""The words of mails: to read, to change, to look at before anybody gets them."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record
from portalkit.context import StaffContext
from portalkit.hooks.types import Tone
from portalkit.i18n import Translator, language_name
from portalkit.mail.editing import (
    EditedWords,
    find_edited,
    list_edited,
    restore_words,
    save_words,
)
from portalkit.mail.rendering import (
    shipped_source,
)
from portalkit.mail.services import OwnWords
from portalkit.mail.words import WordsRefusedError
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import Chip, FormState, Pill
from portalkit.sections.backoffice.mail_desk import (
    WORDS_OPT,
    Desk,
    WordsForm,
    open_desk,
    refusal_text,
)
from portalkit.sections.backoffice.mail_views import TemplateRowView, TemplatesView, TemplateView
from portalkit.web.headers import content_security_policy
from portalkit.web.portal import RunningPortal

__all__ = ("MAIL_TEMPLATE_ROUTES", "note_words", "show_words", "words_url")


async def _languages(
    portal: RunningPortal, session: AsyncSession, staff: StaffContext
) -> tuple[str, ...]:
    business = await portal.businesses.get(session, staff.business_id)
    wanted = () if business is None else business.locales
    return tuple(portal.offered_locales(wanted))


@get("/mail-templates", name="backoffice:mail_templates", opt=WORDS_OPT)
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


async def show_words(
    page: Page,
    session: AsyncSession,
    staff: StaffContext,
    portal: RunningPortal,
    translator: Translator,
    *,
    desk: Desk,
    typed: WordsForm | None = None,
    wrong: WordsRefusedError | None = None,
) -> Response[Any]:
    """Show the words of a sort of mail, as they are stored or were typed."""
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
            errors={} if wrong is None else {wrong.field: translator.text(refusal_text(wrong))},
        ),
        variables=tuple((name, str(value)) for name, value in desk.values.items()),
        preview_url=page.url("backoffice:mail_template.preview", **route),
        sample_url=None
        if portal.config.smtp_url is None
        else page.url("backoffice:mail_template.sample", **route),
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


@get("/mail-templates/{template:str}/{locale:str}", name="backoffice:mail_template", opt=WORDS_OPT)
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
    desk = await open_desk(portal, session, staff, template, locale)
    return await show_words(page, session, staff, portal, translator, desk=desk)


@post(
    "/mail-templates/{template:str}/{locale:str}",
    name="backoffice:mail_template.save",
    opt=WORDS_OPT,
)
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
    desk = await open_desk(portal, session, staff, template, locale)
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
        return await show_words(
            page, session, staff, portal, translator, desk=desk, typed=data, wrong=error
        )
    await note_words(session, staff, "mail.words_changed", template, locale)
    notice = Notice(text=lazy_gettext("Mails of this sort use your words from now on."))
    return page.redirect(words_url(page, template, locale), notice=notice)


@post(
    "/mail-templates/{template:str}/{locale:str}/restore",
    name="backoffice:mail_template.restore",
    opt=WORDS_OPT,
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
    desk = await open_desk(portal, session, staff, template, locale)
    if await restore_words(session, desk.template, business_id=staff.business_id, locale=locale):
        await note_words(session, staff, "mail.words_restored", template, locale)
    notice = Notice(text=lazy_gettext("Mails of this sort use the words of the portal again."))
    return page.redirect(words_url(page, template, locale), notice=notice)


def words_url(page: Page, template: str, locale: str) -> str:
    """Return where the words of a sort of mail are."""
    return page.url("backoffice:mail_template", template=template, locale=locale)


async def note_words(
    session: AsyncSession, staff: StaffContext, name: str, template: str, locale: str
) -> None:
    """Note in the audit log what was done with the words of a mail."""
    await record(
        session,
        business_id=staff.business_id,
        name=name,
        actor=Actor.of(staff),
        at=staff.now,
        data={"template": template, "locale": locale},
    )


MAIL_TEMPLATE_ROUTES: Final = (
    show_templates,
    show_template,
    save_template,
    restore_template,
)
"""Routes of the words of mails, below ``/backoffice``."""
