"""What waits behind the entries of the navigation; all of them share one statement a request."""

from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext
from portalkit.documents.counts import counts_in, open_counts

__all__ = ("overdue_invoices", "quotes_to_answer")


async def overdue_invoices(context: PortalContext, session: AsyncSession) -> int | None:
    """Count the invoices that are past their day."""
    counts = await counts_in(session, context)
    return sum(each.count for each in counts if each.kind == "invoice" and each.age == "overdue")


async def quotes_to_answer(context: PortalContext, session: AsyncSession) -> int | None:
    """Count the quotes that wait for an answer and have not expired."""
    return (await open_counts(session, context)).get("quote")
