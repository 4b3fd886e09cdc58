"""The embedded engine: jobs in the portal's own database, done by whoever takes them first."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from portalkit.jobs.portal import JobPortal
from portalkit.jobs.runner import run_claimed
from portalkit.jobs.services import enqueue
from portalkit.jobs.store import (
    Claimed,
    JobOrder,
    claim,
    insert_order,
    next_due,
    take_tick,
)
from portalkit.model import Cron

__all__ = ("EmbeddedQueue",)

_log = logging.getLogger("portalkit.jobs")

# Others were quicker with all that is due; what they have left is looked at again soon.
_SOON: Final = 0.2


class EmbeddedQueue:
    """Keeps jobs in a table of the portal's database and does them in this process.

    Any number of processes may do so on one database.
    """

    def __init__(self) -> None:
        self._workers: set[_Worker] = set()

    def put(self, connection: Connection, order: JobOrder) -> bool:
        """Keep a job in the caller's transaction; ``False`` if one with its key waits."""
        return insert_order(connection, order)

    def wake(self) -> None:
        """Let this process's workers look at once; from any thread."""
        for worker in tuple(self._workers):
            worker.wake()

    async def work(self, portal: JobPortal, stop: asyncio.Event) -> None:
        """Do jobs until asked to stop, and end when those that were begun are settled."""
        worker = _Worker(portal)
        self._workers.add(worker)
        try:
            await worker.work(stop)
        finally:
            self._workers.discard(worker)

    async def work_off(self, portal: JobPortal) -> int:
        """Do all that is due now, one after the other, and return how many tries that took."""
        worker, tries = _Worker(portal), 0
        await worker.leave_scheduled()
        while (claimed := await worker.take()) is not None:
            await worker.run(claimed)
            tries += 1
        return tries


class _Worker:
    """Takes jobs as long as there is room for them."""

    def __init__(self, portal: JobPortal) -> None:
        self._portal = portal
        self._config = portal.config.jobs
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: Counter[str] = Counter()
        self._paused: dict[str, datetime] = {}
        self._crons: Mapping[str, Cron] = {
            name: Cron.parse(job.cron) for name, job in portal.jobs.items() if job.cron is not None
        }
        self._ticks: dict[str, datetime] = {}

    def wake(self) -> None:
        """Look at the queue now; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def work(self, stop: asyncio.Event) -> None:
        """Take and do jobs until asked to stop."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._woken.set())
        try:
            while not stop.is_set():
                await self._rest(await self._look())
        finally:
            stopping.cancel()
            await self._settle()

    async def _look(self) -> float:
        """Begin what can be begun, and return for how many seconds there is nothing to do."""
        self._woken.clear()
        try:
            await self.leave_scheduled()
            return await self._begin()
        except Exception:  # noqa: BLE001  # boundary: the database may be away, and comes back
            _log.exception("the queue of jobs could not be looked at")
            return self._config.poll_seconds

    async def _begin(self) -> float:
        while len(self._tasks) < self._config.concurrency:
            names = self._names()
            async with self._portal.reading() as session:
                due = await next_due(session, names) if names else None
            now = self._portal.now()
            if due is None or due > now:
                wait = self._config.poll_seconds if due is None else (due - now).total_seconds()
                return min(wait, self._config.poll_seconds)
            claimed = await self.take()
            if claimed is None:
                return _SOON
            self._start(claimed)
        return self._config.poll_seconds

    def _names(self) -> list[str]:
        """Return the jobs that this worker can begin now."""
        now = self._portal.now()
        return [
            name
            for name, job in self._portal.jobs.items()
            if (job.at_once is None or self._running[name] < job.at_once)
            and self._paused.get(name, now) <= now
        ]

    async def take(self) -> Claimed | None:
        """Take a job that is due, if there is one."""
        now = self._portal.now()
        names = self._names()
        if not names:
            return None
        async with self._portal.writing() as session:
            claimed = await claim(
                session, names, now=now, until=now + timedelta(seconds=self._config.lease_seconds)
            )
            await session.commit()
        return claimed

    def _start(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self.run(claimed))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its lease runs out, and it is tried again.
            _log.error("a job could not be settled", exc_info=error)

    async def run(self, claimed: Claimed) -> None:
        """Do a job that was taken."""
        self._running[claimed.name] += 1
        try:
            pause = await run_claimed(self._portal, claimed)
        finally:
            self._running[claimed.name] -= 1
        if pause is not None:
            # What was begun before and gets through does not end it: it may be the last.
            self._paused[claimed.name] = self._portal.now() + pause

    async def leave_scheduled(self) -> None:
        """Leave the jobs whose moment has come, once whoever else does so too."""
        now = self._portal.now()
        for name, cron in self._crons.items():
            tick = cron.latest(now)
            if self._ticks.get(name) == tick:
                continue
            async with self._portal.writing() as session:
                if await take_tick(session, name, tick, now):
                    await enqueue(session, name, now=now, dedup_key=f"schedule:{name}")
                await session.commit()
            self._ticks[name] = tick

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _settle(self) -> None:
        """Let what was begun end; what takes too long is handed to somebody else."""
        if not self._tasks:
            return
        _, slow = await asyncio.wait(tuple(self._tasks), timeout=self._config.stop_seconds)
        for task in slow:
            task.cancel()
        if slow:
            await asyncio.wait(slow)
