"""What a plugin declares for the background: jobs, and mails that it sends."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.hooks.types import Portal
from portalkit.model import Text

__all__ = ("EmailTemplate", "Job", "JobContext")


class JobContext(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a job gets to work with.

    Attributes:
        session: What is written through it is committed together with the job's end: both
            happen or neither. On SQLite it holds the database from its first statement on,
            so what takes long comes before that.
        business_id: The business the job was left for, if it was left for one.
        attempt: 1 at the first try, and again after somebody let the job be tried anew.
        is_anew: Whether somebody did.
        error: In ``gave_up``, why the last try failed.
    """

    portal: Portal
    session: AsyncSession
    now: datetime
    business_id: str | None
    attempt: int
    is_anew: bool = False
    error: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Work that is done in the background, at least once.

    A worker may die after the work and before its end is written down, so whatever is done
    outside of ``context.session`` must bear being done twice.

    Attributes:
        name: ``<plugin>.<what it does>``.
        run: Does it; an exception means that it is tried again.
        payload: Type of what is handed over; ``None`` for nothing.
        cron: When it is done by itself, as in crontab, in UTC: ``"30 3 * * *"``.
        timeout: Seconds after which a try is cancelled and counts as failed.
        attempts: A failing job is given up after so many tries...
        retry_for: ...and no sooner than this after the first of them.
        at_once: How many of them one process does at a time; ``None`` for no own limit.
        gave_up: Called with the same payload when it is given up; what it writes is
            committed together with that.
    """

    name: str
    run: Callable[[JobContext, Any], Awaitable[None]]
    payload: type[msgspec.Struct] | None = None
    cron: str | None = None
    timeout: float = 60.0
    attempts: int = 10
    retry_for: timedelta = timedelta(days=4)
    at_once: int | None = None
    gave_up: Callable[[JobContext, Any], Awaitable[None]] | None = None


class EmailTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A sort of mail: its words, which a business may edit, and what they may speak of.

    The files are ``<template>.subject`` and ``<template>.txt``, the words without greeting
    card or button, and ``<template>.html`` where the frame ``mail/layout.html`` is not enough.

    Attributes:
        name: ``<plugin>.<what happened>``: the kind of event that a mail tells of.
        title: For staff.
        template: Name of its files without the suffix, ``sales/mail/comment_posted``.
        variables: What the words may name: texts, numbers, dates, moments, ``Money``.
        sample: Returns made-up values, for the preview.
        description: For staff: when it is sent.
        action: What its button says, and the variable with the address it leads to.
        reason: Why one gets it, for the foot of the mail.
        choice: What the switch for it says in the profile of whoever gets it; ``None`` for
            mails that nobody can switch off, such as links and codes.
        secrets: Variables that let somebody in, such as links: stored sealed, forgotten once the
            mail is sent, and not to be had in the subject.
        is_editable: Whether a business may change its words.
        is_sent: Whether such mails leave at all; without, nobody is offered a switch for them.
    """

    name: str
    title: Text
    template: str
    variables: type[msgspec.Struct]
    sample: Callable[[], msgspec.Struct]
    description: Text = ""
    action: tuple[Text, str] | None = None
    reason: Text = ""
    choice: Text | None = None
    secrets: frozenset[str] = frozenset()
    is_editable: bool = True
    is_sent: bool = True
