"""The job that sends a mail."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.errors import ConflictError, JobRetryError
from portalkit.hooks import EmailTemplate, Job, JobContext
from portalkit.mail.letterhead import Letterhead
from portalkit.mail.message import LOGO_CID, Envelope, MailLogo, build_message
from portalkit.mail.models import MailRow, MailTemplateRow
from portalkit.mail.outcomes import (
    TIDY,
    OthersSendError,
    fail,
    give_up,
    note_error,
    note_handover,
    note_sent,
    tidy,
)
from portalkit.mail.portal import MailChoice, MailPortal
from portalkit.mail.queries import is_early
from portalkit.mail.rendering import (
    MailPaper,
    MailText,
    RenderedMail,
    paper_of,
    render_mail,
    shown_values,
    words_of,
)
from portalkit.mail.secrecy import open_secrets
from portalkit.mail.services import (
    FAILED,
    MAX_HANDOVERS,
    SEND,
    WAITING,
    MailOrder,
    OwnWords,
    leave_mail,
    one_line,
    resend_mail,
)
from portalkit.mail.smtp import (
    BrokenOffError,
    NotTakenError,
    Parcel,
    RefusedError,
    ServerAwayError,
    UnconfirmedError,
    hand_to_server,
)
from portalkit.model import lazy_gettext, wire_mailbox
from portalkit.rendering.logo import logo_suffix

__all__ = ("EXPIRED", "UNCONFIRMED", "UNWANTED", "mail_jobs", "mail_logo")

EXPIRED: Final = lazy_gettext("It could not be sent in time: what it says is no longer valid.")
UNCONFIRMED: Final = lazy_gettext(
    "The server got it and did not say whether it took it. It may have arrived."
)
UNWANTED: Final = lazy_gettext("It was not sent: the person has switched such mails off.")
_GONE: Final = lazy_gettext("Nothing that is installed knows this sort of mail any more.")

_AFTER_OLDER: Final = timedelta(seconds=30)
_PICTURES: Final = {".png": "png", ".jpg": "jpeg"}
# One recipient's server may hang, and another's too; three at a time are ours.
_MANY: Final = 3

_log = logging.getLogger("portalkit.mail")


class _Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is due, with all that it is made of."""

    row: MailRow
    template: EmailTemplate
    paper: MailPaper
    edited: OwnWords | None
    unsubscribe_url: str | None


class _Streak:
    """Mails that the server has broken off one after the other, in this process."""

    def __init__(self) -> None:
        self._broken: set[str] = set()

    def end(self) -> None:
        """Hear that the server has dealt with a mail, whatever it said of it."""
        self._broken.clear()

    def is_away(self, row: MailRow, error: NotTakenError) -> bool:
        """Hear why a mail was not taken, and say whether others would fare no better.

        Once a recipient was named, all those of one domain count as one: they share a server.
        """
        if isinstance(error, BrokenOffError):
            about = row.to_email.rpartition("@")[2] if error.names_recipient else row.id
            self._broken.add(about)
            return len(self._broken) >= _MANY
        self.end()
        return isinstance(error, ServerAwayError)


def mail_jobs(config: PortalConfig) -> Sequence[Job]:
    """Return the jobs of mail; without a server nothing is sent, and mails wait."""
    tidying = Job(name=TIDY, run=tidy, cron="17 3 * * *")
    if config.smtp_server is None:
        return (tidying,)
    mail = config.mail
    send = Job(
        name=SEND,
        run=partial(_send, _Streak()),
        payload=MailOrder,
        timeout=10 * mail.timeout + mail.data_timeout,
        at_once=mail.connections,
        gave_up=give_up,
    )
    return (send, tidying)


async def _send(streak: _Streak, context: JobContext, order: MailOrder) -> None:
    portal = cast("MailPortal", context.portal)
    async with portal.reading() as session:
        row = await session.get(MailRow, order.mail_id)
        is_given_up = context.is_anew and row is not None and row.state == FAILED
        if row is None or (row.state != WAITING and not is_given_up):
            return
        template = portal.mail_templates.get(row.template)
        letterhead = await portal.letterhead(session, row.business_id)
        paper = paper_of(portal, letterhead, row.locale)
        edited = await _edited(session, row, paper.translator.locale)
        choice = await _choice(portal, session, row, template)
        comes_later = await is_early(session, row)
    if is_given_up:
        with suppress(ConflictError):
            await resend_mail(context.session, row.id, business_id=row.business_id, now=context.now)
    elif template is None:
        await fail(context, row, _GONE.message, is_useless=True)
    elif row.valid_until is not None and context.now > row.valid_until:
        await fail(context, row, EXPIRED.message, is_useless=True)
    elif row.handovers >= MAX_HANDOVERS:
        await fail(context, row, UNCONFIRMED.message, is_useless=True)
    elif choice is not None and not choice.is_wanted:
        await fail(context, row, UNWANTED.message)
    elif comes_later:
        # No failed try of this one: a new job, whose four days begin when it is its turn.
        later = context.now + _AFTER_OLDER
        await leave_mail(context.session, row.id, row.business_id, now=context.now, run_at=later)
    else:
        stop = None if choice is None else f"{letterhead.portal_url}{choice.stop_path}"
        mail = _Mail(
            row=row,
            template=template,
            paper=paper,
            edited=edited,
            unsubscribe_url=row.unsubscribe_url or stop,
        )
        await _deliver(context, portal, mail, streak)


async def _choice(
    portal: MailPortal, session: AsyncSession, row: MailRow, template: EmailTemplate | None
) -> MailChoice | None:
    """Ask for a mail that is nobody's duty to get whether it is wanted; here and only here."""
    if template is None or template.choice is None:
        return None
    return await portal.mail_choice(
        session, business_id=row.business_id, email=row.to_email, kind=row.template
    )


async def _edited(session: AsyncSession, row: MailRow, locale: str) -> OwnWords | None:
    if row.own_words is not None:
        return None
    found = await session.get(MailTemplateRow, (row.business_id, row.template, locale))
    return None if found is None else OwnWords(subject=found.subject, words=found.words)


async def _deliver(context: JobContext, portal: MailPortal, mail: _Mail, streak: _Streak) -> None:
    row = mail.row
    try:
        rendered, parcel, message_id = await _make(context, portal, mail)
    except Exception as error:
        # Not in vain: the next version of the words or of the portal may be able to.
        _log.exception("mail %s could not be made", row.id)
        said = f"{type(error).__name__}: {one_line(str(error))}"
        await note_error(portal, row, said)
        raise JobRetryError(said) from error

    async def before_end() -> None:
        await note_handover(portal, row, message_id)

    async def taken() -> None:
        edited_in = None if mail.edited is None else mail.paper.translator.locale
        await note_sent(context, row, rendered, edited_in=edited_in)

    try:
        await _hand_over(portal, parcel, before_end=before_end, taken=taken)
    except NotTakenError as error:
        await note_error(portal, row, str(error), is_taken_back=True)
        is_away = streak.is_away(row, error)
        pause = portal.config.mail.pause_seconds if is_away else None
        raise JobRetryError(str(error), after=pause, pauses=is_away) from error
    except UnconfirmedError as error:
        if row.handovers + 1 < MAX_HANDOVERS:
            await note_error(portal, row, str(error))
            raise JobRetryError(str(error)) from error
        await fail(context, row, UNCONFIRMED.message, is_useless=True)
    except RefusedError as error:
        await fail(context, row, str(error))
    streak.end()


async def _hand_over(
    portal: MailPortal,
    parcel: Parcel,
    *,
    before_end: Callable[[], Awaitable[None]],
    taken: Callable[[], Awaitable[None]],
) -> None:
    server = portal.config.smtp_server
    if server is None:
        raise JobRetryError("there is no mail server")
    try:
        await hand_to_server(server, portal.config.mail, parcel, before_end=before_end, taken=taken)
    except OthersSendError as error:
        # What became of that is known later; the job must not end before.
        raise JobRetryError("another worker was sending it") from error


async def _make(
    context: JobContext, portal: MailPortal, mail: _Mail
) -> tuple[RenderedMail, Parcel, str]:
    row, paper, letterhead = mail.row, mail.paper, mail.paper.letterhead
    keys = portal.config.secret_keys
    secrets = {} if row.sealed is None else open_secrets(keys, row.id, row.sealed)
    variables = msgspec.convert({**row.variables, **secrets}, mail.template.variables)
    values = shown_values(paper, variables, row.to_name)
    if row.own_words is not None:
        text = MailText(subject=row.subject or "", words=row.own_words)
    else:
        text = words_of(paper, mail.template, values, mail.edited)
    logo = await mail_logo(portal, letterhead)
    rendered = render_mail(
        paper,
        mail.template,
        text,
        values=values,
        logo_url=None if logo is None else f"cid:{LOGO_CID}",
        unsubscribe_url=mail.unsubscribe_url,
    )
    domain = letterhead.sender.rpartition("@")[2]
    message_id = row.message_id or f"<{row.id}@{domain}>"
    envelope = Envelope(
        message_id=message_id,
        sender_name=letterhead.name,
        sender=letterhead.sender,
        to_name=row.to_name,
        to_email=row.to_email,
        reply_to=row.reply_to or letterhead.email,
        locale=paper.translator.locale,
        unsubscribe_url=mail.unsubscribe_url,
        date=context.now,
    )
    parcel = Parcel(
        helo=domain,
        sender=wire_mailbox(letterhead.sender),
        recipient=wire_mailbox(row.to_email),
        content=build_message(envelope, rendered, logo),
        is_utf8=envelope.is_utf8,
    )
    return rendered, parcel, message_id


async def mail_logo(portal: MailPortal, letterhead: Letterhead) -> MailLogo | None:
    """Return the logo if mail programs can show it: most of them show no SVG."""
    if letterhead.logo is None:
        return None
    content = await portal.storage.get(letterhead.logo)
    subtype = _PICTURES.get(logo_suffix(content))
    return None if subtype is None else MailLogo(content=content, subtype=subtype)
