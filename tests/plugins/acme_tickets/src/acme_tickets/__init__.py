"""Support tickets and service reports."""

from collections.abc import Iterable

import click
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from acme_tickets.actions import ASK_FOR_VISIT
from acme_tickets.commands import count_command
from acme_tickets.controllers import TicketController
from acme_tickets.kinds import SERVICE_REPORT
from acme_tickets.privacy import export_tickets, forget_tickets
from acme_tickets.queries import count_open_tickets, count_tickets_of, reference
from acme_tickets.settings import TicketSettings
from portalkit.documents import document_routes
from portalkit.hooks import (
    HOOK_API,
    DataFile,
    DocumentAction,
    DocumentKind,
    HomeWidget,
    Manifest,
    NavItem,
    Permission,
    PortalContext,
    Section,
    Slot,
    SlotRenderer,
    StaffContext,
    hookimpl,
)
from portalkit.model import Document, lazy_gettext

__all__ = ("manifest",)

manifest = Manifest(
    name="acme_tickets",
    title=lazy_gettext("Tickets"),
    description=lazy_gettext("Contacts open tickets and read service reports."),
    api=HOOK_API,
    permissions=(
        Permission(name="acme_tickets.view", label=lazy_gettext("See tickets")),
        Permission(
            name="acme_tickets.open",
            label=lazy_gettext("Open a ticket"),
            roles=frozenset({"owner", "buyer"}),
        ),
    ),
    settings=TicketSettings,
    enabled_by_default=False,
)


@hookimpl
def portalkit_register_sections() -> Iterable[Section]:
    """Add the section with the tickets and the service reports."""
    yield Section(
        name="acme_tickets",
        title=manifest.title,
        prefix="tickets",
        routes=(TicketController, *document_routes(SERVICE_REPORT)),
        nav=(
            NavItem(
                label=manifest.title,
                icon="message-circle",
                route="acme_tickets:tickets",
                badge=count_open_tickets,
            ),
        ),
        permission="acme_tickets.view",
        home="acme_tickets:tickets",
        order=600,
    )


@hookimpl
def portalkit_register_document_kinds() -> Iterable[DocumentKind]:
    """Add service reports."""
    yield SERVICE_REPORT


@hookimpl
def portalkit_register_document_actions() -> Iterable[DocumentAction]:
    """Let a contact ask for another visit."""
    yield ASK_FOR_VISIT


@hookimpl
def portalkit_register_home_widgets() -> Iterable[HomeWidget]:
    """Show on the home page how many tickets are open."""
    yield HomeWidget(
        name="acme_tickets.open",
        title=lazy_gettext("Open tickets"),
        template="acme_tickets/widgets/open.html",
        load=_open_tickets,
        permission="acme_tickets.view",
    )


async def _open_tickets(context: PortalContext, session: AsyncSession) -> dict[str, object] | None:
    number = await count_open_tickets(context, session)
    return {"number": number} if number else None


@hookimpl
async def portalkit_render_slot(
    session: AsyncSession,
    context: PortalContext | StaffContext | None,
    slot: Slot,
    subject: object,
    render: SlotRenderer,
) -> Markup | None:
    """Say beside a document how many tickets are about it."""
    if slot is not Slot.DOCUMENT_SIDEBAR or not isinstance(subject, Document):
        return None
    if not isinstance(context, PortalContext):
        return None
    number = await count_tickets_of(context, session, subject.id)
    return render("acme_tickets/sidebar.html", number=number) if number else None


@hookimpl
def portalkit_extend_templates(environment: Environment) -> None:
    """Let templates write the number of a ticket."""
    environment.filters["acme_tickets_reference"] = reference


@hookimpl
def portalkit_register_commands(cli: click.Group) -> None:
    """Add ``portalkit acme_tickets count``."""
    cli.add_command(count_command)


@hookimpl
async def portalkit_export_personal_data(
    session: AsyncSession, contact_id: str, person_id: str | None
) -> Iterable[DataFile]:
    """Hand out a contact's tickets; the plugin does not know which person opened them."""
    return await export_tickets(session, contact_id) if person_id is None else ()


@hookimpl
async def portalkit_erase_personal_data(
    session: AsyncSession, contact_id: str, person_id: str | None
) -> None:
    """Forget a contact's tickets."""
    if person_id is None:
        await forget_tickets(session, contact_id)
