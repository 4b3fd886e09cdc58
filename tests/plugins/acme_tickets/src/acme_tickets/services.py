"""Opening a ticket."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from acme_tickets.models import Ticket
from acme_tickets.queries import count_open_tickets
from acme_tickets.settings import TicketSettings
from portalkit.errors import InputRefusedError
from portalkit.hooks import PortalContext
from portalkit.model import new_id

__all__ = ("open_ticket",)


async def open_ticket(
    session: AsyncSession,
    context: PortalContext,
    *,
    subject: str,
    settings: TicketSettings,
    document_id: str | None = None,
) -> Ticket:
    """Open a ticket for the contact.

    Raises:
        InputRefusedError: If the subject is blank, or too many tickets are open.
    """
    subject = subject.strip()
    if not subject:
        raise InputRefusedError("subject", "is blank")
    if await count_open_tickets(context, session) >= settings.max_open:
        raise InputRefusedError("subject", f"{settings.max_open} tickets are open already")
    last = await session.scalar(
        select(func.max(Ticket.number)).where(Ticket.business_id == context.business_id)
    )
    ticket = Ticket(
        id=new_id(),
        business_id=context.business_id,
        contact_id=context.contact_id,
        document_id=document_id,
        number=(last or 0) + 1,
        subject=subject,
        created_at=context.now,
    )
    session.add(ticket)
    await session.flush()
    return ticket
