"""The queue's own job: jobs that were given up are not kept for ever."""

from datetime import timedelta
from typing import Final

from portalkit.hooks import Job, JobContext
from portalkit.jobs.store import forget_dead

__all__ = ("TIDY",)


async def _tidy(context: JobContext, _: None) -> None:
    days = context.portal.config.jobs.keep_dead_days
    await forget_dead(context.session, context.now - timedelta(days=days))


TIDY: Final = Job(name="jobs.tidy", run=_tidy, cron="7 3 * * *")
"""Runs each night; kernel and plugins have theirs beside it."""
