"""Which tickets a contact has. Every question is about one contact of one business."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from acme_tickets.models import Ticket
from portalkit.hooks import PortalContext

__all__ = ("count_open_tickets", "count_tickets_of", "list_tickets", "reference")


def visible_tickets(context: PortalContext) -> ColumnElement[bool]:
    """Return the condition on the tickets that the contact may see."""
    return and_(Ticket.business_id == context.business_id, Ticket.contact_id == context.contact_id)


async def list_tickets(context: PortalContext, session: AsyncSession) -> Sequence[Ticket]:
    """Return the contact's tickets, open ones and new ones first."""
    statement = (
        select(Ticket)
        .where(visible_tickets(context))
        .order_by(Ticket.is_open.desc(), Ticket.number.desc())
    )
    return (await session.scalars(statement)).all()


async def count_open_tickets(context: PortalContext, session: AsyncSession) -> int:
    """Return how many of the contact's tickets are open."""
    return await _count(session, visible_tickets(context), Ticket.is_open.is_(True))


async def count_tickets_of(context: PortalContext, session: AsyncSession, document_id: str) -> int:
    """Return how many of the contact's tickets are about a document."""
    return await _count(session, visible_tickets(context), Ticket.document_id == document_id)


async def _count(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(Ticket).where(*conditions)
    return await session.scalar(statement) or 0


def reference(number: int) -> str:
    """Return the number of a ticket as people write it."""
    return f"T-{number:05}"
