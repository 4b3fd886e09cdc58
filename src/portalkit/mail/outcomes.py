"""What is written down of a mail on its way: handed over, put off, sent, failed, removed."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.hooks import JobContext
from portalkit.jobs import enqueue
from portalkit.mail.models import MailRow, MailTemplateRow
from portalkit.mail.portal import MailPortal
from portalkit.mail.rendering import RenderedMail
from portalkit.mail.services import FAILED, SENT, WAITING, MailOrder, hasten_mail

__all__ = (
    "TIDY",
    "OthersSendError",
    "fail",
    "give_up",
    "note_error",
    "note_handover",
    "note_sent",
    "tidy",
)

TIDY: Final = "mail.tidy"

_log = logging.getLogger("portalkit.mail")

_MAX_ERROR: Final = 1_000
_TIDY_BATCH: Final = 1_000
_SOON: Final = 0.5
_NOT_NOW: Final = (DBAPIError, PoolTimeoutError, OSError)


class OthersSendError(Exception):
    """Somebody else has begun to hand the same mail over."""


async def note_handover(portal: MailPortal, row: MailRow, message_id: str) -> None:
    """Write down, before it can be so, that a server may have the mail.

    Raises:
        OthersSendError: If another worker has done so meanwhile.
    """
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
            raise OthersSendError
        await session.commit()


async def note_error(
    portal: MailPortal, row: MailRow, error: str, *, is_taken_back: bool = False
) -> None:
    """Let staff see why a mail still waits; ``is_taken_back``: the server surely has it not."""
    values: dict[str, Any] = {"error": error[:_MAX_ERROR], "tries": MailRow.tries + 1}
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


async def note_sent(
    context: JobContext, row: MailRow, rendered: RenderedMail, *, edited_in: str | None
) -> None:
    """Write down that a server has taken a mail, however long the database is busy or away.

    ``edited_in`` is the language of the business's own words, if it has any.

    It is what keeps the mail from being sent again, so it is tried until the job is ended: by
    its limit, or because another worker has it.
    """
    portal = cast("MailPortal", context.portal)
    while True:
        try:
            async with portal.writing() as session:
                await _succeed(session, context, row, rendered)
                if edited_in is not None:
                    await _note_problem(session, row, edited_in, rendered.problem)
                await session.commit()
        except _NOT_NOW:
            _log.warning("mail %s was sent, and that cannot be noted yet", row.id, exc_info=True)
            await asyncio.sleep(_SOON)
        else:
            return


async def _succeed(
    session: AsyncSession, context: JobContext, row: MailRow, rendered: RenderedMail
) -> None:
    changes = {"subject": rendered.subject[:250], "error": None, **_forgotten(row, context)}
    await _finish(session, row.id, SENT, context, **changes)


def _forgotten(row: MailRow, context: JobContext) -> dict[str, Any]:
    """Keep what lets somebody in not a moment longer than it is needed."""
    return {} if row.sealed is None else {"sealed": None, "valid_until": context.now}


async def _note_problem(
    session: AsyncSession, row: MailRow, locale: str, problem: str | None
) -> None:
    await session.execute(
        update(MailTemplateRow)
        .where(
            MailTemplateRow.business_id == row.business_id,
            MailTemplateRow.name == row.template,
            MailTemplateRow.locale == locale,
            MailTemplateRow.problem.is_distinct_from(problem),
        )
        .values(problem=problem)
        .execution_options(synchronize_session=False)
    )


async def fail(context: JobContext, row: MailRow, error: str, *, is_useless: bool = False) -> None:
    """Write down that a mail is not sent, and why; ``is_useless``: nor will it be ever."""
    changes = {"error": error[:_MAX_ERROR], **(_forgotten(row, context) if is_useless else {})}
    await _finish(context.session, row.id, FAILED, context, **changes)


async def give_up(context: JobContext, order: MailOrder) -> None:
    """Write down that it was tried for long enough."""
    error = context.error[:_MAX_ERROR]
    await _finish(context.session, order.mail_id, FAILED, context, error=error)


async def _finish(
    session: AsyncSession, mail_id: str, state: str, context: JobContext, **changes: Any
) -> None:
    found = await session.execute(
        update(MailRow)
        .where(MailRow.id == mail_id)
        .values(state=state, finished_at=context.now, tries=MailRow.tries + 1, **changes)
        .returning(MailRow.business_id, MailRow.thread, MailRow.to_email)
        .execution_options(synchronize_session=False)
    )
    ended = found.one_or_none()
    if ended is not None and ended.thread is not None:
        await _go_on(session, mail_id, ended, context.now)


async def _go_on(
    session: AsyncSession, mail_id: str, ended: Row[str, str | None, str], now: datetime
) -> None:
    """Let the next mail of a thread be sent at once, which may have been put off for this one."""
    following = await session.scalar(
        select(MailRow.id)
        .where(
            MailRow.thread == ended.thread,
            MailRow.to_email == ended.to_email,
            MailRow.id > mail_id,
            MailRow.business_id == ended.business_id,
            MailRow.state == WAITING,
        )
        .order_by(MailRow.id)
        .limit(1)
    )
    if following is not None:
        await hasten_mail(session, following, ended.business_id, now=now)


async def tidy(context: JobContext, _: None) -> None:
    """Remove what was sent long ago, and what has expired of what could not be sent."""
    portal = cast("MailPortal", context.portal)
    before = context.now - timedelta(days=portal.config.mail.keep_days)
    old = select(MailRow.id).where(MailRow.finished_at < before).limit(_TIDY_BATCH)
    gone = await context.session.execute(
        delete(MailRow)
        .where(MailRow.id.in_(old.scalar_subquery()))
        .returning(MailRow.id)
        .execution_options(synchronize_session=False)
    )
    if len(gone.all()) == _TIDY_BATCH:
        await enqueue(context.session, TIDY, now=context.now, dedup_key=TIDY)
    await context.session.execute(
        update(MailRow)
        .where(MailRow.valid_until < context.now, MailRow.sealed.is_not(None))
        .values(sealed=None)
        .execution_options(synchronize_session=False)
    )
