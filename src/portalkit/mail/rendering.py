"""A mail as its reader gets it: subject, text and HTML, in the reader's language."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from jinja2 import Environment, TemplateError

from portalkit.hooks import EmailTemplate
from portalkit.i18n import Translator, closest_locale, direction
from portalkit.mail.letterhead import Letterhead
from portalkit.mail.portal import MailPortal
from portalkit.mail.services import OwnWords, one_line
from portalkit.mail.words import Shown, render_words
from portalkit.model import LazyText, Money
from portalkit.rendering.brand import brand_tones

__all__ = (
    "MailPaper",
    "MailText",
    "MailView",
    "RenderedMail",
    "paper_of",
    "render_mail",
    "render_shipped",
    "shipped_source",
    "shown_values",
    "subject_values",
    "words_of",
)

_COMMON: Final = ("business", "person")


class MailText(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a mail.

    Attributes:
        problem: Why the business's own words could not be used; these are the shipped ones.
    """

    subject: str
    words: str
    problem: str | None = None


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    """What ``mail/layout.html`` and ``mail/layout.txt`` place.

    Attributes:
        paragraphs: Lines of each paragraph of the words.
        action: What the button says and where it leads.
        reason: Why one gets this mail.
        logo_url: ``cid:logo``, or an address for the preview; ``None`` shows the initial.
        tones: Colours of the brand, by name and theme.
    """

    subject: str
    locale: str
    direction: str
    paragraphs: Sequence[Sequence[str]]
    action: tuple[str, str] | None
    reason: str
    letterhead: Letterhead
    logo_url: str | None
    unsubscribe_url: str | None
    tones: Mapping[str, Any]


class RenderedMail(msgspec.Struct, frozen=True, kw_only=True):
    """The three parts of a mail."""

    subject: str
    text: str
    html: str
    problem: str | None = None


class MailPaper(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """In which language, and on whose paper, a mail is written."""

    environment: Environment
    translator: Translator
    letterhead: Letterhead


def paper_of(portal: MailPortal, letterhead: Letterhead, locale: str) -> MailPaper:
    """Return the paper for a reader; a language that the portal lacks is the business's."""
    found = (closest_locale(wish, portal.translators) for wish in (locale, letterhead.locale))
    tag = next(filter(None, found), portal.config.locales[0])
    return MailPaper(
        environment=portal.environments[tag],
        translator=portal.translators[tag],
        letterhead=letterhead,
    )


def shown_values(paper: MailPaper, variables: msgspec.Struct, person: str) -> dict[str, str | bool]:
    """Return the variables of a mail as they are shown, ``business`` and ``person`` among them."""
    shown: dict[str, str | bool] = {"business": paper.letterhead.name, "person": person}
    for name in variables.__struct_fields__:
        shown[name] = _shown(paper, getattr(variables, name))
    return shown


def _shown(paper: MailPaper, value: object) -> str | bool:
    formats = paper.translator.formats
    match value:
        case bool():
            return value
        case None | str() | LazyText():
            return paper.translator.text(value or "")
        case Money():
            return formats.money(value.minor_units, value.currency)
        case datetime():
            return formats.moment(value, paper.letterhead.zone)
        case date():
            return formats.date(value, style="long")
        case int() | Decimal():
            return formats.number(value)
        case _:
            raise TypeError(f"a mail cannot speak of {type(value).__name__}")


def subject_values(template: EmailTemplate, values: Shown) -> Shown:
    """Return what a subject may name: no secret, for it is shown, kept and logged (R56)."""
    return {name: value for name, value in values.items() if name not in template.secrets}


def render_shipped(paper: MailPaper, template: EmailTemplate, values: Shown) -> MailText:
    """Return the words that come with a template."""
    environment = paper.environment
    named = subject_values(template, values)
    subject = environment.get_template(f"{template.template}.subject").render(named)
    words = environment.get_template(f"{template.template}.txt").render(values)
    return MailText(subject=one_line(subject), words=words.strip())


def shipped_source(paper: MailPaper, template: EmailTemplate) -> OwnWords:
    """Return the words that come with a template as a business may edit them."""
    names = (*_COMMON, *template.variables.__struct_fields__)
    text = render_shipped(paper, template, {name: f"{{{{ {name} }}}}" for name in names})
    return OwnWords(subject=text.subject, words=text.words)


def words_of(
    paper: MailPaper, template: EmailTemplate, values: Shown, edited: OwnWords | None
) -> MailText:
    """Return the words of a mail: the business's own if they can be used, else the shipped ones."""
    if edited is None or not template.is_editable:
        return render_shipped(paper, template, values)
    try:
        subject = one_line(render_words(edited.subject, subject_values(template, values)))
        words = render_words(edited.words, values)
        problem = None if subject and words else "nothing is left of them"
    except (TemplateError, SyntaxError, RecursionError) as error:
        problem = one_line(str(error))[:500] or type(error).__name__
    if problem is not None:
        return msgspec.structs.replace(render_shipped(paper, template, values), problem=problem)
    return MailText(subject=subject, words=words)


def render_mail(
    paper: MailPaper,
    template: EmailTemplate,
    text: MailText,
    *,
    values: Shown,
    logo_url: str | None = None,
    unsubscribe_url: str | None = None,
) -> RenderedMail:
    """Put the words of a mail on the business's paper.

    Args:
        paper: The paper.
        template: The sort of mail.
        text: Its words.
        values: The variables as they are shown.
        logo_url: Where the logo is.
        unsubscribe_url: Where one click stops mails of this kind.
    """
    translator, letterhead = paper.translator, paper.letterhead
    action = None
    if template.action is not None:
        label, name = template.action
        action = (translator.text(label), str(values[name]))
    view = MailView(
        subject=text.subject,
        locale=translator.locale,
        direction=direction(translator.locale),
        paragraphs=_paragraphs(text.words),
        action=action,
        reason=translator.text(template.reason),
        letterhead=letterhead,
        logo_url=logo_url,
        unsubscribe_url=unsubscribe_url,
        tones=brand_tones(letterhead.colour),
    )
    environment = paper.environment
    html = environment.select_template([f"{template.template}.html", "mail/layout.html"])
    return RenderedMail(
        subject=text.subject,
        text=environment.get_template("mail/layout.txt").render(mail=view, values=values),
        html=_inlined(html.render(mail=view, values=values)),
        problem=text.problem,
    )


def _paragraphs(words: str) -> list[list[str]]:
    blocks = words.replace("\r\n", "\n").split("\n\n")
    return [block.strip().split("\n") for block in blocks if block.strip()]


def _inlined(html: str) -> str:
    """Write the styles where they apply, as mail programs want it; nothing is fetched."""
    import css_inline  # noqa: PLC0415 - only where a mail is made

    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    return inliner.inline(html)
