"""Renders PDFs without ever holding up the event loop."""

import asyncio
import hashlib
import logging
import math
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec

from portalkit.config import PdfConfig
from portalkit.errors import RenderingBusyError, RenderingError
from portalkit.model import PdfAttachment
from portalkit.rendering.pdf.process import RenderingProcess
from portalkit.rendering.pdf.wire import Job, Start

__all__ = ("PdfRenderer",)

_log: Final = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 5
_MIB: Final = 1024 * 1024


class PdfRenderer:
    """A few processes that render, started when the first document asks for one.

    A process is ended when a document takes too long or too much memory, after a number of
    documents, and when it has had nothing to do for ten minutes.

    Args:
        config: How many processes, and their limits.
    """

    def __init__(self, config: PdfConfig) -> None:
        self._config = config
        self._threads = ThreadPoolExecutor(max(config.workers, 1), "portalkit-pdf")
        self._room = threading.BoundedSemaphore(max(config.workers, 1) + config.queue)
        self._lock = threading.Lock()
        self._jobs = 0
        self._idle: list[RenderingProcess] = []
        self._alive: set[RenderingProcess] = set()
        self._is_closed = False

    async def render(
        self,
        html: str,
        assets: Mapping[str, bytes] | None = None,
        *,
        identifier: str,
        attachments: Sequence[PdfAttachment] = (),
        xmp: Sequence[bytes] = (),
    ) -> bytes:
        """Return a document as PDF/A-3a with tags (PDF/UA-1): the same bytes for the same input.

        Args:
            html: The whole page; it may use ``ASSET_ROOT`` addresses and no others.
            assets: What it may use, by the path below ``ASSET_ROOT``.
            identifier: The document's id, written into the metadata.
            attachments: Files to put into the PDF.
            xmp: Further ``rdf:Description`` elements for the metadata.

        Raises:
            RenderingBusyError: If too many documents wait.
            RenderingTimeoutError: If it took longer than allowed.
            RenderingError: If it cannot be rendered, or rendering is switched off.
        """
        if self._config.workers < 1 or self._is_closed:
            raise RenderingError("rendering of PDFs is switched off")
        job = self._job(html, dict(assets or {}), identifier, tuple(attachments), tuple(xmp))
        if not self._room.acquire(blocking=False):
            raise RenderingBusyError(_RETRY_SECONDS)
        try:
            future = self._threads.submit(self._render, job)
        except RuntimeError as error:
            self._room.release()
            raise RenderingError("rendering of PDFs was ended") from error
        self._count(1)
        future.add_done_callback(self._done)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if self._is_closed and task is not None and not task.cancelling():
                # Not whoever waits was cancelled, but what they wait for.
                raise RenderingError("rendering of PDFs was ended") from error
            raise

    @property
    def is_idle(self) -> bool:
        """Whether it could render, and has nothing to do."""
        return self._config.workers > 0 and not self._is_closed and self._jobs == 0

    @property
    def pids(self) -> frozenset[int]:
        """Numbers of the processes that run now."""
        with self._lock:
            return frozenset(process.pid for process in self._alive)

    async def warm(self) -> None:
        """Start one process ahead of the first document, so that it need not wait for it."""
        if self._config.workers > 0 and not self._is_closed:
            await asyncio.wrap_future(self._threads.submit(self._warm))

    async def close(self) -> None:
        """End all processes; what still waits for them fails."""
        self._is_closed = True
        with self._lock:
            alive = tuple(self._alive)
        for process in alive:
            process.kill()
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        with self._lock:
            left = tuple(self._alive)
        for process in left:
            self._end(process)

    def _job(
        self,
        html: str,
        assets: dict[str, bytes],
        identifier: str,
        attachments: tuple[PdfAttachment, ...],
        xmp: tuple[bytes, ...],
    ) -> Job:
        parts = (html, sorted(assets.items()), identifier, attachments, xmp)
        content = msgspec.msgpack.encode(parts)
        return Job(
            html=html,
            assets=assets,
            identifier=identifier,
            digest=hashlib.sha256(content).hexdigest()[:32].encode(),
            seconds=math.ceil(self._config.timeout) + 1,
            attachments=attachments,
            xmp=xmp,
        )

    def _count(self, change: int) -> None:
        with self._lock:
            self._jobs += change

    def _done(self, _: object) -> None:
        self._count(-1)
        self._room.release()

    def _render(self, job: Job) -> bytes:
        while True:
            process = self._take()
            try:
                result = process.render(job, self._config.timeout)
            except RenderingError:
                self._end(process)
                raise
            if result is None:  # it went to rest just now: another one gets the job
                self._end(process)
                continue
            self._give_back(process)
            for complaint in result.complaints:
                _log.warning("document %s: %s", job.identifier, complaint)
            return result.pdf

    def _warm(self) -> None:
        self._give_back(self._take())

    def _take(self) -> RenderingProcess:
        while True:
            with self._lock:
                if self._is_closed:
                    raise RenderingError("rendering of PDFs was ended")
                process = self._idle.pop() if self._idle else None
            if process is None:
                return self._start()
            if process.is_alive:
                return process
            self._end(process)

    def _start(self) -> RenderingProcess:
        start = Start(
            memory_mib=self._config.memory_mib, max_output=self._config.max_output_mib * _MIB
        )
        process = RenderingProcess(start)
        with self._lock:
            self._alive.add(process)
        return process

    def _give_back(self, process: RenderingProcess) -> None:
        if process.jobs >= self._config.jobs_per_worker:
            self._end(process)
            return
        with self._lock:
            self._idle.append(process)

    def _end(self, process: RenderingProcess) -> None:
        with self._lock:
            self._alive.discard(process)
        process.end()
