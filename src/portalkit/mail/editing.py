"""The words that a business uses instead of the shipped ones: stored, found, restored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import CursorResult, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.errors import NotFoundError
from portalkit.hooks import EmailTemplate
from portalkit.mail.models import MailTemplateRow
from portalkit.mail.rendering import subject_values
from portalkit.mail.services import OwnWords
from portalkit.mail.words import MAX_SUBJECT, MAX_WORDS, Shown, WordsRefusedError, check_words

__all__ = ("EditedWords", "check_own", "find_edited", "list_edited", "restore_words", "save_words")


class EditedWords(msgspec.Struct, frozen=True, kw_only=True):
    """A business's own words for a sort of mail, in one language.

    Attributes:
        problem: Why they could not be used the last time.
    """

    subject: str
    words: str
    problem: str | None
    updated_at: datetime

    @property
    def own(self) -> OwnWords:
        """Subject and words alone."""
        return OwnWords(subject=self.subject, words=self.words)


async def list_edited(
    session: AsyncSession, business_id: str
) -> Mapping[tuple[str, str], EditedWords]:
    """Return all that a business has changed, by template and language."""
    rows = await session.scalars(
        select(MailTemplateRow).where(MailTemplateRow.business_id == business_id)
    )
    return {(row.name, row.locale): _edited(row) for row in rows}


async def find_edited(
    session: AsyncSession, business_id: str, name: str, locale: str
) -> EditedWords | None:
    """Return a business's own words, if it has some."""
    row = await session.get(MailTemplateRow, (business_id, name, locale))
    return None if row is None else _edited(row)


def _edited(row: MailTemplateRow) -> EditedWords:
    return EditedWords(
        subject=row.subject, words=row.words, problem=row.problem, updated_at=row.updated_at
    )


def check_own(template: EmailTemplate, own: OwnWords, sample: Shown) -> None:
    """Refuse words that could not be rendered, and a subject that would tell a secret.

    Args:
        template: The sort of mail.
        own: The words, with their variables.
        sample: The variables there are, with made-up values.

    Raises:
        WordsRefusedError: With the field and the reason.
    """
    try:
        check_words("subject", own.subject, subject_values(template, sample), most=MAX_SUBJECT)
    except WordsRefusedError as error:
        if error.detail in template.secrets:
            raise WordsRefusedError("subject", "secret", error.detail) from error
        raise
    check_words("words", own.words, sample, most=MAX_WORDS)


async def save_words(
    session: AsyncSession,
    template: EmailTemplate,
    own: OwnWords,
    *,
    business_id: str,
    locale: str,
    sample: Shown,
    now: datetime,
) -> None:
    """Let a business use its own words from now on.

    Args:
        session: A session that writes.
        template: The sort of mail.
        own: The words, with their variables.
        business_id: Whose words.
        locale: In which language.
        sample: The variables there are, with made-up values.
        now: The current moment.

    Raises:
        WordsRefusedError: If they could not be rendered.
        NotFoundError: If the words of this sort of mail cannot be changed.
    """
    if not template.is_editable:
        raise NotFoundError(f"words of {template.name}")
    check_own(template, own, sample)
    values = {
        "subject": " ".join(own.subject.split()),
        "words": own.words.replace("\r\n", "\n").strip(),
        "problem": None,
        "updated_at": now,
    }
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    make: Any = postgresql.insert if is_postgresql else sqlite.insert
    await session.execute(
        make(MailTemplateRow)
        .values(business_id=business_id, name=template.name, locale=locale, **values)
        .on_conflict_do_update(index_elements=["business_id", "name", "locale"], set_=values)
    )


async def restore_words(
    session: AsyncSession, template: EmailTemplate, *, business_id: str, locale: str
) -> bool:
    """Let a business use the shipped words again, and say whether it had others."""
    found = cast(
        "CursorResult[Any]",
        await session.execute(
            delete(MailTemplateRow)
            .where(
                MailTemplateRow.business_id == business_id,
                MailTemplateRow.name == template.name,
                MailTemplateRow.locale == locale,
            )
            .execution_options(synchronize_session=False)
        ),
    )
    return found.rowcount == 1
