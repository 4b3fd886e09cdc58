"""What can happen to a document: it changes its status, somebody opens or downloads it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record, record_once
from portalkit.context import PortalContext, SessionKind, StaffContext
from portalkit.documents.models import DocumentRow
from portalkit.documents.portal import DocumentPortal
from portalkit.documents.sessions import gather_events
from portalkit.documents.statuses import key_of_status, listing_of
from portalkit.documents.stored import TRANSITIONED
from portalkit.documents.tallies import Counted, Tallies, counted_columns
from portalkit.errors import NotFoundError, PermissionRefusedError, TransitionRefusedError
from portalkit.hooks import (
    DocumentDownloaded,
    DocumentKind,
    DocumentTransitioned,
    DocumentViewed,
    Transition,
)
from portalkit.model import Document, DocumentHeader, lazy_gettext

__all__ = (
    "DOWNLOADED",
    "VIEWED",
    "Download",
    "apply_transition",
    "record_download",
    "record_downloads",
    "record_view",
)

VIEWED: Final = "document.viewed"
DOWNLOADED: Final = "document.downloaded"

_CHANGED: Final = lazy_gettext("Somebody else was quicker: reload the page to see what happened.")

_columns = DocumentRow.__table__.c


class Download(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was handed out.

    Attributes:
        exporter: Name of the format that it was written in; empty for PDFs and files.
    """

    filename: str
    sha256: str
    exporter: str = ""


async def apply_transition(
    session: AsyncSession,
    context: PortalContext | StaffContext,
    document: Document,
    transition: Transition,
    *,
    kinds: Mapping[str, DocumentKind],
    note: str = "",
) -> None:
    """Change a document's status, exactly once whoever else tries at the same moment.

    The status, the kept sums and the event are written in the session's transaction.

    Args:
        session: Of a request that writes.
        context: Who acts.
        document: As it was read in this session.
        transition: What happens to it.
        kinds: Registered kinds by name.
        note: Words of whoever acts, for the history.

    Raises:
        PermissionRefusedError: If the role does not allow it.
        TransitionRefusedError: If the document is in no status that it starts from.
        NotFoundError: If the document is gone.
    """
    if transition.permission is not None and transition.permission not in context.permissions:
        raise PermissionRefusedError(transition.permission)
    header = document.header
    kind = kinds[header.kind]
    before = await _counted(session, header.id)
    if before.status not in transition.sources:
        raise TransitionRefusedError(transition.name, [_CHANGED])
    changed = await session.execute(
        update(DocumentRow)
        .where(_columns.id == header.id, _columns.status == before.status)
        .values(
            status=transition.target,
            status_key=key_of_status(kind, transition.target, header.due_on),
            listing=listing_of(kind, transition.target),
            updated_at=context.now,
        )
        .returning(_columns.id)
        .execution_options(synchronize_session=False)
    )
    if changed.one_or_none() is None:
        raise TransitionRefusedError(transition.name, [_CHANGED])
    after = await _counted(session, header.id)
    await session.run_sync(lambda sync: _tally(sync.connection(), kinds, before, after))
    await _record_transition(session, context, header, transition, source=before.status, note=note)


async def _record_transition(
    session: AsyncSession,
    context: PortalContext | StaffContext,
    header: DocumentHeader,
    transition: Transition,
    *,
    source: str,
    note: str,
) -> None:
    data = {
        "transition": transition.name,
        "source": source,
        "target": transition.target,
        "sha256": header.sha256,
    }
    await record(
        session,
        business_id=header.business_id,
        contact_id=header.contact_id,
        document_id=header.id,
        name=TRANSITIONED,
        actor=Actor.of(context),
        at=context.now,
        data=data | {"note": note} if note else data,
    )
    event = DocumentTransitioned(
        business_id=header.business_id,
        at=context.now,
        document_id=header.id,
        transition=transition.name,
        source=source,
        target=transition.target,
    )
    gather_events(session, [event])


async def _counted(session: AsyncSession, document_id: str) -> Counted:
    statement = select(*counted_columns()).where(_columns.id == document_id).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFoundError(f"document {document_id}")
    return Counted(*row)


def _tally(
    connection: object, kinds: Mapping[str, DocumentKind], before: Counted, after: Counted
) -> None:
    tallies = Tallies(kinds)
    tallies.remove(before)
    tallies.add(after)
    tallies.write(connection)  # type: ignore[arg-type]  # run_sync hands over a Connection


async def record_view(portal: DocumentPortal, context: PortalContext, document: Document) -> None:
    """Note that a person opened a document, once a person and day (decision 20).

    A share link and staff who look leave no trace of the contact's.
    """
    if context.kind is not SessionKind.PERSON or context.person_id is None:
        return
    event = DocumentViewed(
        business_id=context.business_id,
        at=context.now,
        document_id=document.id,
        person_id=context.person_id,
        kind=document.kind,
        locale=context.locale,
    )
    await _record_once(portal, context, event, name=VIEWED, what="", data={})


async def record_download(
    portal: DocumentPortal,
    context: PortalContext,
    header: DocumentHeader,
    download: Download,
) -> None:
    """Note that a document's PDF or one of its files was downloaded, once a day each.

    Who came by a share link is noted as that link; staff who look leave no trace.
    """
    if context.kind not in {SessionKind.PERSON, SessionKind.SHARE}:
        return
    event = DocumentDownloaded(
        business_id=context.business_id,
        at=context.now,
        document_id=header.id,
        person_id=context.person_id,
    )
    data = {"filename": download.filename, "sha256": download.sha256}
    if download.exporter:
        data["format"] = download.exporter
    what = f":{download.sha256[:16]}"
    await _record_once(portal, context, event, name=DOWNLOADED, what=what, data=data)


async def record_downloads(
    portal: DocumentPortal,
    context: PortalContext,
    downloads: Sequence[tuple[DocumentHeader, Download]],
) -> None:
    """Note the downloads of several documents, one after the other."""
    for header, download in downloads:
        await record_download(portal, context, header, download)


async def _record_once(
    portal: DocumentPortal,
    context: PortalContext,
    event: DocumentViewed | DocumentDownloaded,
    *,
    name: str,
    what: str,
    data: Mapping[str, str],
) -> None:
    """Write an event and tell the plugins, unless it was written this day already."""
    who = context.person_id or context.link_id
    key = f"{name}:{event.document_id}:{who}:{context.today.isoformat()}{what}"
    if not portal.noted.add(key):
        return
    try:
        async with portal.writing() as session:
            is_new = await record_once(
                session,
                business_id=event.business_id,
                contact_id=context.contact_id,
                document_id=event.document_id,
                name=name,
                actor=Actor.of(context),
                at=event.at,
                once_key=key,
                data=data,
            )
            if is_new:
                gather_events(session, [event])
            await session.commit()
    except BaseException:
        portal.noted.discard(key)
        raise
    portal.schedule_events(session)
