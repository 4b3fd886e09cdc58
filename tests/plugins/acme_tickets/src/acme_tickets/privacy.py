"""Tickets as personal data."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from acme_tickets.models import Ticket
from portalkit.hooks import DataFile

__all__ = ("export_tickets", "forget_tickets")


async def export_tickets(session: AsyncSession, contact_id: str) -> Iterable[DataFile]:
    """Return the tickets of a contact as one file."""
    rows = await session.execute(
        select(Ticket.number, Ticket.subject, Ticket.is_open, Ticket.created_at)
        .where(Ticket.contact_id == contact_id)
        .order_by(Ticket.number)
    )
    tickets = [dict(row) for row in rows.mappings()]
    return (DataFile(name="tickets.json", content=msgspec.json.encode(tickets)),)


async def forget_tickets(session: AsyncSession, contact_id: str) -> None:
    """Remove the tickets of a contact: no law wants them kept."""
    await session.execute(delete(Ticket).where(Ticket.contact_id == contact_id))
