"""Writing mails: a row and a job in the caller's transaction, and nothing else.

No request ever waits for a mail server (security R53): a job hands the mail over, as often as
it takes, and always under the same Message-ID.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import Secret
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.hooks import EmailTemplate
from portalkit.jobs import enqueue
from portalkit.mail.models import MailRow
from portalkit.mail.secrecy import seal_secrets
from portalkit.model import is_id, is_mailbox, new_id

__all__ = (
    "FAILED",
    "MAX_HANDOVERS",
    "SEND",
    "SENT",
    "WAITING",
    "MailOrder",
    "OwnWords",
    "Recipient",
    "hasten_mail",
    "leave_mail",
    "one_line",
    "resend_failed",
    "resend_mail",
    "send_mail",
)

SEND: Final = "mail.send"
"""Name of the job that hands a mail over."""

WAITING: Final = "waiting"
SENT: Final = "sent"
FAILED: Final = "failed"

MAX_HANDOVERS: Final = 2
"""A server may get a mail twice at most; see decision 39."""

_MAX_SUBJECT: Final = 250
_MANY: Final = 1_000
_MAX_WORDS: Final = 20_000


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets a mail, and in which language."""

    email: str
    name: str
    locale: str


class OwnWords(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote for one mail, instead of the template's words; plain text."""

    subject: str
    words: str


class MailOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the job is told."""

    mail_id: str


def one_line(text: str) -> str:
    """Return a text as it may stand in a header: on one line, nothing invisible (R56)."""
    visible = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(visible.split())


async def send_mail(
    session: AsyncSession,
    template: EmailTemplate,
    *,
    business_id: str,
    to: Recipient,
    variables: msgspec.Struct,
    now: datetime,
    own: OwnWords | None = None,
    reply_to: str | None = None,
    valid_until: datetime | None = None,
    unsubscribe_url: str | None = None,
    keys: Sequence[Secret] = (),
    thread: str | None = None,
) -> str:
    """Write a mail in the session's transaction; it leaves after the commit.

    Args:
        session: A session that writes.
        template: The sort of mail.
        business_id: On whose paper.
        to: Who gets it.
        variables: What the words speak of, of the template's own type.
        now: The current moment.
        own: Words for this mail alone.
        reply_to: Where answers go; to the business if left out.
        valid_until: What the mail says is of no use afterwards, so it is no longer sent then.
        unsubscribe_url: Where one click stops mails of this kind, if somebody else keeps the
            choices of whoever gets it; the portal's own page if left out.
        keys: The portal's ``secret_keys``, if the template has secrets: they seal those.
        thread: What it is about: of mails with the same one, none reaches the same address
            before an older one.

    Returns:
        The mail's id.

    Raises:
        InputRefusedError: ``field`` is ``email``, ``reply_to``, ``subject`` or ``words``.
        TypeError: If the variables are not those of the template.
        ValueError: If the template has secrets, and there are no keys for them or nothing says
            when they expire.
    """
    if type(variables) is not template.variables:
        raise TypeError(f"{template.name} speaks of {template.variables.__name__}")
    if template.secrets and (valid_until is None or not keys):
        raise ValueError(f"{template.name} carries secrets: it needs keys and an end")
    mail_id = new_id()
    await session.execute(
        insert(MailRow).values(
            id=mail_id,
            business_id=business_id,
            template=template.name,
            to_email=_checked_address(to.email, "email"),
            to_name=one_line(to.name)[:200],
            locale=to.locale,
            reply_to=None if reply_to is None else _checked_address(reply_to, "reply_to"),
            **_variables(template, variables, mail_id, keys),
            **_own(own),
            unsubscribe_url=unsubscribe_url,
            thread=thread,
            state=WAITING,
            handovers=0,
            tries=0,
            valid_until=valid_until,
            created_at=now,
        )
    )
    await leave_mail(session, mail_id, business_id, now=now)
    return mail_id


def _variables(
    template: EmailTemplate, variables: msgspec.Struct, mail_id: str, keys: Sequence[Secret]
) -> dict[str, Any]:
    plain = msgspec.to_builtins(variables)
    secrets = {name: plain.pop(name) for name in template.secrets if name in plain}
    return {
        "variables": plain,
        "sealed": seal_secrets(keys, mail_id, secrets) if secrets else None,
    }


def _own(own: OwnWords | None) -> dict[str, Any]:
    if own is None:
        return {"subject": None, "own_words": None}
    subject, words = one_line(own.subject), own.words.strip()
    if not 1 <= len(subject) <= _MAX_SUBJECT:
        raise InputRefusedError("subject", "missing_or_long")
    if not 1 <= len(words) <= _MAX_WORDS:
        raise InputRefusedError("words", "missing_or_long")
    return {"subject": subject, "own_words": words}


def _checked_address(address: str, field: str) -> str:
    if not is_mailbox(address):
        raise InputRefusedError(field, "not_an_address")
    return address


async def leave_mail(
    session: AsyncSession,
    mail_id: str,
    business_id: str,
    *,
    now: datetime,
    run_at: datetime | None = None,
) -> None:
    """Let a job take care of a mail that waits, at ``run_at`` if it is not to be now."""
    await enqueue(
        session,
        SEND,
        MailOrder(mail_id=mail_id),
        now=now,
        run_at=run_at,
        dedup_key=f"{SEND}:{mail_id}",
        business_id=business_id,
    )


async def hasten_mail(
    session: AsyncSession, mail_id: str, business_id: str, *, now: datetime
) -> None:
    """Let a mail that waits be sent now, whatever moment a job of it waits for.

    That job is left alone: it finds the mail sent, and has nothing to do.
    """
    order = MailOrder(mail_id=mail_id)
    await enqueue(session, SEND, order, now=now, business_id=business_id)


_AFRESH: Final[dict[str, Any]] = {
    "state": WAITING,
    "handovers": 0,
    "tries": 0,
    "error": None,
    "finished_at": None,
}


def _is_valid(now: datetime) -> ColumnElement[bool]:
    return or_(MailRow.valid_until.is_(None), MailRow.valid_until > now)


async def resend_mail(
    session: AsyncSession, mail_id: str, *, business_id: str, now: datetime
) -> str:
    """Send a mail that was sent or failed once more, and return its address.

    Raises:
        NotFoundError: If the business has no such mail.
        ConflictError: If it waits already, or what it says is of no use any more.
    """
    found = is_id(mail_id) and await session.scalar(
        select(MailRow.to_email).where(MailRow.id == mail_id, MailRow.business_id == business_id)
    )
    if not found:
        raise NotFoundError(f"mail {mail_id}")
    again = await session.scalar(
        update(MailRow)
        .where(MailRow.id == mail_id, MailRow.state.in_((SENT, FAILED)), _is_valid(now))
        .values(_AFRESH)
        .returning(MailRow.id)
        .execution_options(synchronize_session=False)
    )
    if again is None:
        raise ConflictError(f"mail {mail_id} cannot be sent again")
    await leave_mail(session, mail_id, business_id, now=now)
    return str(found)


async def resend_failed(session: AsyncSession, *, business_id: str, now: datetime) -> int:
    """Send mails that have failed once more, a thousand at most, and say how many these are.

    Left out are those that are of no use any more, and those that may have arrived: whoever
    sends one of the latter again should have it before their eyes.
    """
    failed = (
        select(MailRow.id)
        .where(
            MailRow.business_id == business_id,
            MailRow.state == FAILED,
            MailRow.handovers < MAX_HANDOVERS,
            _is_valid(now),
        )
        .order_by(MailRow.id)
        .limit(_MANY)
    )
    again = await session.scalars(
        update(MailRow)
        .where(MailRow.id.in_(failed.scalar_subquery()), MailRow.state == FAILED)
        .values(_AFRESH)
        .returning(MailRow.id)
        .execution_options(synchronize_session=False)
    )
    mails = sorted(again)
    for mail_id in mails:
        await leave_mail(session, mail_id, business_id, now=now)
    return len(mails)
