"""Work in the background: left in the caller's transaction, done at least once."""

from portalkit.jobs.embedded import EmbeddedQueue
from portalkit.jobs.portal import QUEUE, JobPortal, JobQueue
from portalkit.jobs.services import enqueue, enqueue_in_sync, enqueue_on
from portalkit.jobs.store import JobOrder

__all__ = (
    "QUEUE",
    "EmbeddedQueue",
    "JobOrder",
    "JobPortal",
    "JobQueue",
    "enqueue",
    "enqueue_in_sync",
    "enqueue_on",
)
