"""The words of mails: to read, to change, to look at before anybody gets them."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import StaffContext
from portalkit.i18n import Translator, language_name
from portalkit.mail.editing import list_edited, restore_words, save_words
from portalkit.mail.services import OwnWords
from portalkit.mail.words import WordsRefusedError
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Page
from portalkit.sections.backoffice.mail_desk import (
    DESK,
    WORDS_OPT,
    Desk,
    WordsForm,
    offered_languages,
    words_crumbs,
    words_pill,
)
from portalkit.sections.backoffice.mail_views import TemplateRowView, TemplatesView
from portalkit.web.portal import RunningPortal

__all__ = ("MAIL_TEMPLATE_ROUTES",)


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
    languages = await offered_languages(portal, session, staff)
    rows = tuple(
        TemplateRowView(
            title=translator.text(template.title),
            description=translator.text(template.description),
            languages=tuple(
                (
                    language_name(locale),
                    page.url("backoffice:mail_template", template=template.name, locale=locale),
                    words_pill(edited.get((template.name, locale)), translator),
                )
                for locale in languages
            ),
        )
        for template in portal.mail_templates.values()
        if template.is_editable
    )
    view = TemplatesView(crumbs=words_crumbs(page, translator), rows=rows)
    return await page.render("backoffice/mail_templates.html", templates=view)


@get(
    "/mail-templates/{template:str}/{locale:str}",
    name="backoffice:mail_template",
    opt=WORDS_OPT,
    dependencies=DESK,
)
async def show_template(*, desk: NamedDependency[Desk]) -> Response[Any]:
    """Show the words of a sort of mail, in one language, to be changed."""
    return await desk.answer()


@post(
    "/mail-templates/{template:str}/{locale:str}",
    name="backoffice:mail_template.save",
    opt=WORDS_OPT,
    dependencies=DESK,
)
async def save_template(
    *,
    data: URLEncodedBody[WordsForm],
    desk: NamedDependency[Desk],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Use these words from now on."""
    try:
        await save_words(
            session,
            desk.template,
            OwnWords(subject=data.subject, words=data.words),
            business_id=staff.business_id,
            locale=desk.locale,
            sample=desk.values,
            now=staff.now,
        )
    except WordsRefusedError as error:
        return await desk.answer(typed=data, wrong=error)
    await desk.note("mail.words_changed")
    return desk.done(lazy_gettext("Mails of this sort use your words from now on."))


@post(
    "/mail-templates/{template:str}/{locale:str}/restore",
    name="backoffice:mail_template.restore",
    opt=WORDS_OPT,
    dependencies=DESK,
)
async def restore_template(
    *,
    desk: NamedDependency[Desk],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Use the shipped words again."""
    was_own = await restore_words(
        session, desk.template, business_id=staff.business_id, locale=desk.locale
    )
    if was_own:
        await desk.note("mail.words_restored")
    return desk.done(lazy_gettext("Mails of this sort use the words of the portal again."))


MAIL_TEMPLATE_ROUTES: Final = (
    show_templates,
    show_template,
    save_template,
    restore_template,
)
"""Routes of the words of mails, below ``/backoffice``."""
