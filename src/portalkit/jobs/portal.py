"""What background work needs of the running portal, and what it promises it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.hooks import Job, Portal
from portalkit.jobs.store import JobOrder

__all__ = ("QUEUE", "JobPortal", "JobQueue")

QUEUE: Final = "portalkit_queue"
"""Key of ``session.info`` under which the portal's sessions know its queue."""


class JobPortal(Portal, Protocol):
    """The running portal, as far as background work is concerned."""

    @property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs of kernel and plugins by name."""
        ...

    def now(self) -> datetime:
        """Return the current moment."""
        ...

    def reading(self) -> AsyncSession:
        """Open a session that only reads."""
        ...

    def writing(self) -> AsyncSession:
        """Open a session that writes."""
        ...

    def schedule_events(self, session: AsyncSession) -> None:
        """Hand what has happened in a committed session to the plugins."""
        ...


class JobQueue(Protocol):
    """Strategy that keeps jobs and does them; ``create_app(queue=...)`` takes another one."""

    def put(self, connection: Connection, order: JobOrder) -> bool:
        """Keep a job in the caller's transaction; ``False`` if one with its key waits."""
        ...

    def wake(self) -> None:
        """Hear that a transaction with jobs was committed in this process."""
        ...

    async def work(self, portal: JobPortal, stop: asyncio.Event) -> None:
        """Do jobs until asked to stop, and end when those that were begun are settled."""
        ...
