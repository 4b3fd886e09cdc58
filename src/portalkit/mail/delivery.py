"""The job that sends a mail, and what it writes down of that."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, cast

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.errors import JobRetryError
from portalkit.hooks import EmailTemplate, Job, JobContext
from portalkit.mail.letterhead import Letterhead
from portalkit.mail.message import LOGO_CID, Envelope, MailLogo, build_message, wire_address
from portalkit.mail.models import MailRow, MailTemplateRow
from portalkit.mail.portal import MailChoice, MailPortal
from portalkit.mail.rendering import (
    MailPaper,
    MailText,
    RenderedMail,
    paper_of,
    render_mail,
    shown_values,
    words_of,
)
from portalkit.mail.services import FAILED, SEND, SENT, WAITING, MailOrder, OwnWords
from portalkit.mail.smtp import (
    Parcel,
    PutOffError,
    RefusedError,
    ServerAwayError,
    UnconfirmedError,
    hand_to_server,
)
from portalkit.model import lazy_gettext
from portalkit.rendering.logo import logo_suffix

__all__ = ("EXPIRED", "UNCONFIRMED", "UNWANTED", "mail_jobs", "mail_logo")

MAX_HANDOVERS: Final = 2
"""A server may get a mail twice at most; see decision 39."""

EXPIRED: Final = lazy_gettext("It could not be sent in time: what it says is no longer valid.")
UNCONFIRMED: Final = lazy_gettext(
    "The server got it and did not say whether it took it. It may have arrived."
)
UNWANTED: Final = lazy_gettext("It was not sent: the person has switched such mails off.")
_GONE: Final = lazy_gettext("Nothing that is installed knows this sort of mail any more.")

_PICTURES: Final = {".png": "png", ".jpg": "jpeg"}
_TIDY_BATCH: Final = 1_000


class _Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is due, with all that it is made of."""

    row: MailRow
    template: EmailTemplate
    paper: MailPaper
    edited: OwnWords | None
    unsubscribe_url: str | None


class _OthersSendError(Exception):
    """Somebody else has begun to hand the same mail over."""


def mail_jobs(config: PortalConfig) -> Sequence[Job]:
    """Return the jobs of mail; without a server nothing is sent, and mails wait."""
    tidy = Job(name="mail.tidy", run=_tidy, cron="17 3 * * *")
    if config.smtp_server is None:
        return (tidy,)
    mail = config.mail
    send = Job(
        name=SEND,
        run=_send,
        payload=MailOrder,
        timeout=10 * mail.timeout + mail.data_timeout,
        at_once=mail.connections,
        gave_up=_give_up,
    )
    return (send, tidy)


async def _send(context: JobContext, order: MailOrder) -> None:
    portal = cast("MailPortal", context.portal)
    async with portal.reading() as session:
        row = await session.get(MailRow, order.mail_id)
        if row is None or row.state != WAITING:
            return
        template = portal.mail_templates.get(row.template)
        letterhead = await portal.letterhead(session, row.business_id)
        paper = paper_of(portal, letterhead, row.locale)
        edited = await _edited(session, row, paper.translator.locale)
        choice = await _choice(portal, session, row, template)
    if template is None:
        await _fail(context, row, _GONE.message)
    elif row.valid_until is not None and context.now > row.valid_until:
        await _fail(context, row, EXPIRED.message)
    elif row.handovers >= MAX_HANDOVERS:
        await _fail(context, row, UNCONFIRMED.message)
    elif choice is not None and not choice.is_wanted:
        await _fail(context, row, UNWANTED.message)
    else:
        stop = None if choice is None else f"{letterhead.portal_url}{choice.stop_path}"
        mail = _Mail(
            row=row,
            template=template,
            paper=paper,
            edited=edited,
            unsubscribe_url=row.unsubscribe_url or stop,
        )
        await _deliver(context, portal, mail)


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


async def _deliver(context: JobContext, portal: MailPortal, mail: _Mail) -> None:
    server, row = portal.config.smtp_server, mail.row
    if server is None:
        raise JobRetryError("there is no mail server")
    rendered, parcel, message_id = await _make(context, portal, mail)

    async def before_end() -> None:
        await _note_handover(portal, row, message_id)

    try:
        await hand_to_server(server, portal.config.mail, parcel, before_end)
    except _OthersSendError as error:
        # What became of that is known later; the job must not end before.
        raise JobRetryError("another worker was sending it") from error
    except RefusedError as error:
        await _fail(context, row, str(error))
    except PutOffError as error:
        await _note_error(portal, row, str(error), is_taken_back=True)
        raise JobRetryError(str(error)) from error
    except ServerAwayError as error:
        await _note_error(portal, row, str(error), is_taken_back=True)
        pause = portal.config.mail.pause_seconds
        raise JobRetryError(str(error), after=pause, pauses=True) from error
    except UnconfirmedError as error:
        if row.handovers + 1 >= MAX_HANDOVERS:
            await _fail(context, row, UNCONFIRMED.message)
            return
        await _note_error(portal, row, str(error))
        raise JobRetryError(str(error)) from error
    else:
        await _succeed(context, mail, rendered)


async def _make(
    context: JobContext, portal: MailPortal, mail: _Mail
) -> tuple[RenderedMail, Parcel, str]:
    row, paper, letterhead = mail.row, mail.paper, mail.paper.letterhead
    variables = msgspec.convert(row.variables, mail.template.variables)
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
        sender=wire_address(letterhead.sender),
        recipient=wire_address(row.to_email),
        content=build_message(envelope, rendered, logo),
        is_utf8=not row.to_email.rpartition("@")[0].isascii(),
    )
    return rendered, parcel, message_id


async def mail_logo(portal: MailPortal, letterhead: Letterhead) -> MailLogo | None:
    """Return the logo if mail programs can show it: most of them show no SVG."""
    if letterhead.logo is None:
        return None
    content = await portal.storage.get(letterhead.logo)
    subtype = _PICTURES.get(logo_suffix(content))
    return None if subtype is None else MailLogo(content=content, subtype=subtype)


async def _note_handover(portal: MailPortal, row: MailRow, message_id: str) -> None:
    """Write down, before it can be so, that a server may have the mail."""
    async with portal.writing() as session:
        noted = await session.scalar(
            update(MailRow)
            .where(
                MailRow.id == row.id,
                MailRow.state == WAITING,
                MailRow.handovers == row.handovers,
            )
            .values(handovers=MailRow.handovers + 1, message_id=message_id)
            .returning(MailRow.id)
            .execution_options(synchronize_session=False)
        )
        if noted is None:
            raise _OthersSendError
        await session.commit()


async def _note_error(
    portal: MailPortal, row: MailRow, error: str, *, is_taken_back: bool = False
) -> None:
    """Let staff see why a mail still waits; ``is_taken_back``: the server surely has it not."""
    values: dict[str, Any] = {"error": error[:1_000], "tries": MailRow.tries + 1}
    if is_taken_back:
        values["handovers"] = row.handovers
    async with portal.writing() as session:
        await session.execute(
            update(MailRow)
            .where(MailRow.id == row.id, MailRow.handovers.in_((row.handovers, row.handovers + 1)))
            .values(values)
            .execution_options(synchronize_session=False)
        )
        await session.commit()


async def _fail(context: JobContext, row: MailRow, error: str) -> None:
    await _finish(context.session, row.id, FAILED, context, error=error[:1_000])


async def _succeed(context: JobContext, mail: _Mail, rendered: RenderedMail) -> None:
    kept = {
        name: value
        for name, value in mail.row.variables.items()
        if name not in mail.template.secrets
    }
    changes: dict[str, Any] = {"subject": rendered.subject[:250], "error": None}
    if mail.template.secrets:
        # What lets somebody in is not kept a moment longer than it is needed.
        changes |= {"variables": kept, "valid_until": context.now}
    await _finish(context.session, mail.row.id, SENT, context, **changes)
    if mail.edited is not None:
        await context.session.execute(
            update(MailTemplateRow)
            .where(
                MailTemplateRow.business_id == mail.row.business_id,
                MailTemplateRow.name == mail.row.template,
                MailTemplateRow.locale == mail.paper.translator.locale,
                MailTemplateRow.problem.is_distinct_from(rendered.problem),
            )
            .values(problem=rendered.problem)
            .execution_options(synchronize_session=False)
        )


async def _finish(
    session: AsyncSession, mail_id: str, state: str, context: JobContext, **changes: Any
) -> None:
    await session.execute(
        update(MailRow)
        .where(MailRow.id == mail_id)
        .values(state=state, finished_at=context.now, tries=MailRow.tries + 1, **changes)
        .execution_options(synchronize_session=False)
    )


async def _give_up(context: JobContext, order: MailOrder) -> None:
    await _finish(context.session, order.mail_id, FAILED, context, error=context.error[:1_000])


async def _tidy(context: JobContext, _: None) -> None:
    """Remove what was sent long ago, and what has expired of what could not be sent."""
    portal = cast("MailPortal", context.portal)
    before = context.now - timedelta(days=portal.config.mail.keep_days)
    old = select(MailRow.id).where(MailRow.finished_at < before).limit(_TIDY_BATCH)
    await context.session.execute(
        delete(MailRow)
        .where(MailRow.id.in_(old.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )
    for template in portal.mail_templates.values():
        if template.secrets:
            await context.session.execute(
                update(MailRow)
                .where(MailRow.template == template.name, MailRow.valid_until < context.now)
                .values(variables={})
                .execution_options(synchronize_session=False)
            )
