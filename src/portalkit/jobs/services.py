"""Leaving work to be done, in the transaction that makes it necessary."""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from portalkit.jobs.portal import QUEUE, JobQueue
from portalkit.jobs.store import JobOrder, insert_order
from portalkit.model import new_id

__all__ = ("enqueue", "enqueue_in_sync", "enqueue_on")

_LISTENS: Final = "portalkit_queue_listens"
_LEFT: Final = "portalkit_queue_left"
_NOTHING: Final = "null"


def enqueue_on(
    connection: Connection,
    name: str,
    payload: msgspec.Struct | None = None,
    *,
    now: datetime,
    run_at: datetime | None = None,
    dedup_key: str | None = None,
    business_id: str | None = None,
    queue: JobQueue | None = None,
) -> str | None:
    """Leave a job on a synchronous connection, in its transaction.

    Args:
        connection: Of the portal's own database.
        name: Of a job that the kernel or a plugin has declared.
        payload: What is handed over to it.
        now: The current moment.
        run_at: When it may be begun; at once if left out.
        dedup_key: As long as a job with this key waits, no other is added. A job that has
            begun no longer counts, since it may have read what has changed meanwhile.
        business_id: For which business.
        queue: The portal's, if it has another one than the embedded one.

    Returns:
        The job's id, or ``None`` if one with the key waits already.
    """
    order = JobOrder(
        id=new_id(),
        name=name,
        payload=_NOTHING if payload is None else msgspec.json.encode(payload).decode(),
        business_id=business_id,
        due_at=run_at or now,
        dedup_key=dedup_key,
        created_at=now,
    )
    is_new = insert_order(connection, order) if queue is None else queue.put(connection, order)
    return order.id if is_new else None


def enqueue_in_sync(
    session: Session,
    /,
    name: str,
    payload: msgspec.Struct | None = None,
    *,
    now: datetime,
    run_at: datetime | None = None,
    dedup_key: str | None = None,
    business_id: str | None = None,
) -> str | None:
    """Leave a job in a synchronous session: see :func:`enqueue_on`."""
    session.flush()
    job_id = enqueue_on(
        session.connection(),
        name,
        payload,
        now=now,
        run_at=run_at,
        dedup_key=dedup_key,
        business_id=business_id,
        queue=session.info.get(QUEUE),
    )
    if _LISTENS not in session.info:
        session.info[_LISTENS] = True
        event.listen(session, "after_commit", _wake)
    session.info[_LEFT] = True
    return job_id


async def enqueue(
    session: AsyncSession,
    name: str,
    payload: msgspec.Struct | None = None,
    *,
    now: datetime,
    run_at: datetime | None = None,
    dedup_key: str | None = None,
    business_id: str | None = None,
) -> str | None:
    """Leave a job in the transaction of a session: see :func:`enqueue_on`.

    It is begun as soon as the caller has committed; a rollback leaves no trace of it.
    """
    return await session.run_sync(
        enqueue_in_sync,
        name,
        payload,
        now=now,
        run_at=run_at,
        dedup_key=dedup_key,
        business_id=business_id,
    )


def _wake(session: Session) -> None:
    # The end of a savepoint is announced too, but commits nothing yet.
    if _LEFT in session.info and not session.in_nested_transaction():
        del session.info[_LEFT]
        queue: JobQueue | None = session.info.get(QUEUE)
        if queue is not None:
            queue.wake()
