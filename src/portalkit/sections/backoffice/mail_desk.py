"""One sort of mail in one language, as whoever edits its words has it before them."""

from collections.abc import Mapping
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import StaffContext
from portalkit.errors import NotFoundError
from portalkit.hooks import EmailTemplate
from portalkit.mail.rendering import MailPaper, paper_of, shown_values
from portalkit.mail.words import Shown, WordsRefusedError
from portalkit.model import LazyText, lazy_gettext
from portalkit.sections.backoffice.permissions import EDIT_MAILS
from portalkit.web.portal import RunningPortal

__all__ = ("WORDS_OPT", "Desk", "WordsForm", "open_desk", "refusal_text")

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
    """One sort of mail in one language, on the desk of whoever edits it."""

    def __init__(self, template: EmailTemplate, paper: MailPaper, sample_person: str) -> None:
        self.template = template
        self.paper = paper
        self.values: Shown = shown_values(paper, template.sample(), sample_person)


async def open_desk(
    portal: RunningPortal, session: AsyncSession, staff: StaffContext, name: str, locale: str
) -> Desk:
    """Return what is to be edited.

    Raises:
        NotFoundError: If there is no such mail or language, or its words cannot be changed.
    """
    template = portal.mail_templates.get(name)
    if template is None or not template.is_editable or locale not in portal.translators:
        raise NotFoundError(f"words of {name} in {locale}"[:200])
    letterhead = await portal.letterhead(session, staff.business_id)
    return Desk(template, paper_of(portal, letterhead, locale), "Lucía Romero")


def refusal_text(error: WordsRefusedError) -> LazyText:
    """Return why words cannot be used, for whoever typed them."""
    return msgspec.structs.replace(_REFUSALS[error.reason], values={"detail": error.detail})
