"""What people wrote when they confirmed a delivery: handed out to them, and forgotten."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Event
from portalkit.documents.models import DocumentRow
from portalkit.documents.stored import TRANSITIONED
from portalkit.hooks import DataFile
from portalkit_sales.receipts import CONFIRM

__all__ = ("export_notes", "forget_notes")


def _confirmations(contact_id: str, person_id: str | None) -> Select[*tuple[Any, ...]]:
    statement = (
        select(Event.id, Event.at, Event.data, DocumentRow.number)
        .join(DocumentRow, DocumentRow.id == Event.document_id)
        .where(
            Event.contact_id == contact_id,
            Event.name == TRANSITIONED,
            DocumentRow.kind == "delivery_note",
        )
        .order_by(Event.id)
    )
    return statement if person_id is None else statement.where(Event.actor_id == person_id)


async def export_notes(
    session: AsyncSession, contact_id: str, person_id: str | None
) -> Iterable[DataFile]:
    """Return the notes of a contact or a person as one file; none where nothing was written."""
    rows = await session.execute(_confirmations(contact_id, person_id))
    notes = [
        {"delivery_note": number, "at": at, "note": data["note"]}
        for _, at, data, number in rows.all()
        if data.get("transition") == CONFIRM.name and data.get("note")
    ]
    return (DataFile(name="receipts.json", content=msgspec.json.encode(notes)),) if notes else ()


async def forget_notes(session: AsyncSession, contact_id: str, person_id: str | None) -> None:
    """Take the notes out of the history; who confirmed what, and when, is left to the kernel."""
    rows = await session.execute(_confirmations(contact_id, person_id))
    for event_id, _, data, _ in rows.all():
        if data.get("transition") == CONFIRM.name and "note" in data:
            kept = {name: value for name, value in data.items() if name != "note"}
            await session.execute(
                update(Event)
                .where(Event.id == event_id)
                .values(data=kept)
                .execution_options(synchronize_session=False)
            )
