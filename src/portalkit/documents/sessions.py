"""Publishing inside a session, and telling plugins what happened once it is committed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from portalkit.documents.publish import PublishResult, publish
from portalkit.hooks.events import PortalEvent
from portalkit.hooks.types import DocumentKind
from portalkit.model import Publication
from portalkit.storage import Storage

__all__ = ("EVENTS", "gather_events", "publish_in", "publish_in_sync")

EVENTS: Final = "portalkit_events"
"""Key of ``session.info`` under which events wait for the commit."""

_LISTENS: Final = "portalkit_listens"


def gather_events(session: AsyncSession | Session, events: Iterable[PortalEvent]) -> None:
    """Keep events until the session commits; a rollback forgets them.

    The running portal takes them out of ``session.info`` after the commit of a request. A
    host that publishes in a session of its own calls ``portal.schedule_events(session)``
    after its commit.
    """
    sync = session.sync_session if isinstance(session, AsyncSession) else session
    if _LISTENS not in sync.info:
        sync.info[_LISTENS] = True
        event.listen(sync, "after_rollback", _forget)
    sync.info.setdefault(EVENTS, []).extend(events)


def _forget(session: Session) -> None:
    session.info.pop(EVENTS, None)


async def publish_in(
    session: AsyncSession,
    business_id: str,
    publications: Iterable[Publication],
    *,
    kinds: Mapping[str, DocumentKind],
    storage: Storage,
    now: datetime,
    **options: Any,
) -> list[PublishResult]:
    """Publish in the transaction of a session: see :func:`portalkit.documents.publish`.

    What the session has not flushed is flushed first, so that contacts it has just added are
    known. The caller commits.
    """
    return await session.run_sync(
        publish_in_sync,
        business_id,
        publications,
        kinds=kinds,
        storage=storage,
        now=now,
        **options,
    )


def publish_in_sync(
    session: Session,
    /,
    business_id: str,
    publications: Iterable[Publication],
    *,
    kinds: Mapping[str, DocumentKind],
    storage: Storage,
    now: datetime,
    **options: Any,
) -> list[PublishResult]:
    """Do what :func:`publish_in` does, in a synchronous session."""
    session.flush()
    results = publish(
        session.connection(),
        business_id,
        publications,
        kinds=kinds,
        storage=storage,
        now=now,
        **options,
    )
    gather_events(session, [happened for result in results for happened in result.events])
    return results
