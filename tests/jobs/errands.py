"""A plugin with the jobs that a test gives it, a clock that a test moves, and a plain job."""

from datetime import datetime, timedelta

import msgspec

from portalkit.audit import Actor, record
from portalkit.hooks import HOOK_API, Job, JobContext, Manifest, hookimpl
from portalkit.testing.factories import NOW


class Errand(msgspec.Struct, frozen=True):
    """What is handed over: whose errand, and a word."""

    business_id: str
    word: str = ""


class Tester:
    """A plugin with the jobs it is given."""

    def __init__(self, *jobs: Job) -> None:
        self.manifest = Manifest(name="tester", title="Tester", api=HOOK_API)
        self.jobs = jobs

    @hookimpl
    def portalkit_register_jobs(self):
        return self.jobs


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


async def note(context: JobContext, errand: Errand) -> None:
    """Leave one event: the effect of a job that a test can count."""
    await record(
        context.session,
        business_id=errand.business_id,
        name="errand.done",
        actor=Actor(kind="system"),
        at=context.now,
        data={"word": errand.word, "attempt": context.attempt},
    )
