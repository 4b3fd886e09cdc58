"""One sort of mail in one language, as whoever edits its words has it before them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record
from portalkit.context import StaffContext
from portalkit.errors import NotFoundError
from portalkit.hooks import EmailTemplate
from portalkit.hooks.types import Tone
from portalkit.i18n import Translator, language_name
from portalkit.mail.editing import EditedWords, check_own, find_edited
from portalkit.mail.rendering import MailPaper, paper_of, shipped_source, shown_values
from portalkit.mail.services import OwnWords
from portalkit.mail.words import Shown, WordsRefusedError
from portalkit.model import LazyText, Text, lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import Chip, FormState, Pill
from portalkit.sections.backoffice.mail_views import TemplateView
from portalkit.sections.backoffice.permissions import EDIT_MAILS
from portalkit.web.headers import content_security_policy
from portalkit.web.portal import RunningPortal

__all__ = (
    "DESK",
    "WORDS_OPT",
    "Desk",
    "WordsForm",
    "offered_languages",
    "refusal_text",
    "words_crumbs",
    "words_pill",
)

WORDS_OPT: Final = {"permission": EDIT_MAILS}
"""What the routes of words ask for."""

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


class Desk:
    """One sort of mail in one language, on the desk of whoever edits it.

    Attributes:
        template: The sort of mail.
        paper: What it is written on; with it goes the language.
        values: Made-up values of its variables.
    """

    def __init__(
        self,
        page: Page,
        session: AsyncSession,
        staff: StaffContext,
        portal: RunningPortal,
        translator: Translator,
        *,
        template: EmailTemplate,
        paper: MailPaper,
    ) -> None:
        self.template = template
        self.paper = paper
        self.values: Shown = shown_values(paper, template.sample(), "Lucía Romero")
        self._page = page
        self._session = session
        self._staff = staff
        self._portal = portal
        self._translator = translator

    @property
    def locale(self) -> str:
        """The language of the mail, which need not be that of the page."""
        return self.paper.translator.locale

    def check(self, typed: WordsForm) -> OwnWords:
        """Return what was typed.

        Raises:
            WordsRefusedError: If no mail can be made of it.
        """
        own = OwnWords(subject=typed.subject, words=typed.words)
        check_own(self.template, own, self.values)
        return own

    async def stored(self) -> EditedWords | None:
        """Return the business's own words, if it has any."""
        return await find_edited(
            self._session, self._staff.business_id, self.template.name, self.locale
        )

    async def answer(
        self, *, typed: WordsForm | None = None, wrong: WordsRefusedError | None = None
    ) -> Response[Any]:
        """Answer with the page of the words, as they are stored or were typed."""
        edited = await self.stored()
        shown = typed or (edited.own if edited else shipped_source(self.paper, self.template))
        languages = await offered_languages(self._portal, self._session, self._staff)
        policy = {**self._portal.config.csp_sources, "frame-src": ("'self'",)}
        return await self._page.render(
            "backoffice/mail_template.html",
            status=HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY,
            headers={"content-security-policy": content_security_policy(policy)},
            mail=self._view(
                edited,
                languages,
                FormState(
                    url=self._url(".save"),
                    values={"subject": shown.subject, "words": shown.words},
                    errors={wrong.field: self._text(refusal_text(wrong))} if wrong else {},
                ),
            ),
        )

    async def note(self, event: str) -> None:
        """Note in the audit log what was done with the words."""
        await record(
            self._session,
            business_id=self._staff.business_id,
            name=event,
            actor=Actor.of(self._staff),
            at=self._staff.now,
            data={"template": self.template.name, "locale": self.locale},
        )

    def done(self, text: LazyText) -> Response[Any]:
        """Go back to the page and say what was done."""
        return self._page.redirect(self._url(), notice=Notice(text=text))

    def _view(
        self, edited: EditedWords | None, languages: Sequence[str], form: FormState
    ) -> TemplateView:
        title = self._text(self.template.title)
        has_server = self._portal.config.smtp_url is not None
        return TemplateView(
            title=title,
            description=self._text(self.template.description),
            crumbs=words_crumbs(self._page, self._translator, title),
            languages=tuple(
                Chip(
                    label=language_name(locale),
                    url=self._url(locale=locale),
                    is_current=locale == self.locale,
                )
                for locale in languages
            ),
            form=form,
            variables=tuple((name, str(value)) for name, value in self.values.items()),
            preview_url=self._url(".preview"),
            sample_url=self._url(".sample") if has_server else None,
            restore_url=self._url(".restore") if edited else None,
            problem=edited.problem if edited else None,
            state=words_pill(edited, self._translator),
        )

    def _text(self, text: Text) -> str:
        return self._translator.text(text)

    def _url(self, act: str = "", *, locale: str | None = None) -> str:
        return self._page.url(
            f"backoffice:mail_template{act}",
            template=self.template.name,
            locale=locale or self.locale,
        )


async def _open_desk(
    *,
    template: FromPath[str],
    locale: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Desk:
    """Return what is to be edited.

    Raises:
        NotFoundError: If there is no such mail or language, or its words cannot be changed.
    """
    sort = portal.mail_templates.get(template)
    if sort is None or not sort.is_editable or locale not in portal.translators:
        raise NotFoundError(f"words of {template} in {locale}"[:200])
    letterhead = await portal.letterhead(session, staff.business_id)
    paper = paper_of(portal, letterhead, locale)
    return Desk(page, session, staff, portal, translator, template=sort, paper=paper)


DESK: Final = {"desk": Provide(_open_desk)}
"""Hands a route whose address names a sort of mail and a language what is to be edited."""


async def offered_languages(
    portal: RunningPortal, session: AsyncSession, staff: StaffContext
) -> tuple[str, ...]:
    """Return the languages that the business writes in."""
    business = await portal.businesses.get(session, staff.business_id)
    wanted = () if business is None else business.locales
    return tuple(portal.offered_locales(wanted))


def words_pill(edited: EditedWords | None, translator: Translator) -> Pill | None:
    """Return how a business's own words stand; ``None`` if it has none."""
    if edited is None:
        return None
    if edited.problem is not None:
        label = translator.gettext("Not used")
        return Pill(label=label, icon="alert-triangle", tone=Tone.CRITICAL)
    return Pill(label=translator.gettext("Own words"), icon="pencil", tone=Tone.INFO)


def words_crumbs(page: Page, translator: Translator, *last: str) -> tuple[Crumb, ...]:
    """Return the way to the words of mails, and on to what is called ``last``."""
    words = translator.gettext("Words of mails")
    return (
        Crumb(label=translator.gettext("Mail"), url=page.url("backoffice:mails")),
        Crumb(label=words, url=page.url("backoffice:mail_templates")),
        *(Crumb(label=label) for label in last),
    )


def refusal_text(error: WordsRefusedError) -> LazyText:
    """Return why words cannot be used, for whoever typed them."""
    return msgspec.structs.replace(_REFUSALS[error.reason], values={"detail": error.detail})
