"""The pages of the tickets."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from acme_tickets.queries import list_tickets
from acme_tickets.services import open_ticket
from acme_tickets.settings import TicketSettings
from portalkit.hooks import PortalContext
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Notice, Page
from portalkit.web.portal import RunningPortal

__all__ = ("TicketController",)


class TicketForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a contact writes."""

    subject: Annotated[str, msgspec.Meta(max_length=200)]


class TicketController(Controller):
    """The contact's tickets."""

    path = "/"

    @get("/", name="acme_tickets:tickets")
    async def show(
        self,
        page: NamedDependency[Page],
        context: NamedDependency[PortalContext],
        session: NamedDependency[AsyncSession],
    ) -> Response[Any]:
        """Show the tickets, and the form for a new one to those who may open one."""
        tickets = await list_tickets(context, session)
        return await page.render("acme_tickets/tickets.html", tickets=tickets)

    @post("/", name="acme_tickets:open", permission="acme_tickets.open")
    async def open(
        self,
        data: URLEncodedBody[TicketForm],
        page: NamedDependency[Page],
        context: NamedDependency[PortalContext],
        session: NamedDependency[AsyncSession],
        portal: NamedDependency[RunningPortal],
    ) -> Response[Any]:
        """Open a ticket."""
        settings = portal.config.settings_for("acme_tickets", TicketSettings)
        ticket = await open_ticket(session, context, subject=data.subject, settings=settings)
        text = lazy_gettext("Ticket %(number)s is open.", number=ticket.number)
        return page.redirect(page.url("acme_tickets:tickets"), notice=Notice(text=text))
