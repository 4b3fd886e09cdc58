"""The Sales section: invoices, quotes, proformas, delivery notes and sales orders."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.documents import document_routes
from portalkit.documents.models import DocumentRow
from portalkit.hooks import (
    HOOK_API,
    DataFile,
    DocumentAction,
    DocumentKind,
    DocumentViewed,
    Manifest,
    NavItem,
    Permission,
    Portal,
    PortalEvent,
    Purpose,
    Section,
    hookimpl,
)
from portalkit.model import Document, lazy_gettext
from portalkit_sales.badges import overdue_invoices, quotes_to_answer
from portalkit_sales.kinds import (
    DELIVERY_NOTE,
    INVOICE,
    KINDS,
    PROFORMA,
    QUOTE,
    SALES_ORDER,
    kinds_with,
)
from portalkit_sales.notes import export_notes, forget_notes
from portalkit_sales.receipts import CONFIRM_RECEIPT
from portalkit_sales.settings import SalesSettings, settings_of

__all__ = (
    "manifest",
    "portalkit_choose_template",
    "portalkit_erase_personal_data",
    "portalkit_export_personal_data",
    "portalkit_handle_event",
    "portalkit_register_document_actions",
    "portalkit_register_document_kinds",
    "portalkit_register_sections",
    "portalkit_restrict_documents",
)

manifest = Manifest(
    name="sales",
    title=lazy_gettext("Sales"),
    description=lazy_gettext("Invoices, quotes, proformas, delivery notes and sales orders."),
    api=HOOK_API,
    permissions=(
        Permission(name="sales.view", label=lazy_gettext("See sales documents")),
        Permission(
            name="sales.answer",
            label=lazy_gettext("Accept and reject quotes"),
            roles=frozenset({"owner", "buyer"}),
        ),
        Permission(
            name="sales.receive",
            label=lazy_gettext("Confirm deliveries"),
            roles=frozenset({"owner", "buyer"}),
        ),
    ),
    settings=SalesSettings,
)

_NAMES: Final = frozenset(kind.name for kind in KINDS)


@hookimpl
def portalkit_register_document_kinds(config: PortalConfig) -> Iterable[DocumentKind]:
    """Register what a business sells with."""
    return kinds_with(settings_of(config))


@hookimpl
def portalkit_register_document_actions() -> Iterable[DocumentAction]:
    """Let contacts confirm deliveries."""
    return (CONFIRM_RECEIPT,)


@hookimpl
def portalkit_register_sections(config: PortalConfig) -> Iterable[Section]:
    """Register the lists and pages of those documents."""
    badges = {INVOICE.name: overdue_invoices, QUOTE.name: quotes_to_answer}
    listed = (INVOICE, QUOTE, PROFORMA, DELIVERY_NOTE, SALES_ORDER)
    return (
        Section(
            name="sales",
            title=manifest.title,
            routes=document_routes(*kinds_with(settings_of(config))),
            nav=tuple(
                NavItem(
                    label=kind.plural,
                    icon=kind.icon,
                    order=kind.order,
                    route=f"sales:{kind.path}",
                    badge=badges.get(kind.name),
                )
                for kind in listed
            ),
            permission="sales.view",
            home="sales:invoices",
            order=200,
        ),
    )


@hookimpl
def portalkit_restrict_documents(config: PortalConfig, kind: str) -> ColumnElement[bool] | None:
    """Keep documents from before a day to the business."""
    since = settings_of(config).visible_since
    return None if since is None or kind not in _NAMES else DocumentRow.issued_on >= since


@hookimpl
def portalkit_choose_template(
    config: PortalConfig, document: Document, purpose: Purpose
) -> str | None:
    """Leave prices out of the paper that travels with the goods."""
    if document.kind != DELIVERY_NOTE.name or purpose is not Purpose.PDF:
        return None
    is_for_page = settings_of(config).delivery_note_prices == "page"
    return "sales/delivery_note_without_prices.html" if is_for_page else None


@hookimpl
async def portalkit_handle_event(portal: Portal, event: PortalEvent) -> None:
    """Print a document that a contact has opened, before its PDF is asked for."""
    match event:
        case DocumentViewed(kind=kind) if kind in _NAMES:
            if settings_of(portal.config).prepare_pdf:
                await portal.prepare_pdf(event.business_id, event.document_id, locale=event.locale)


@hookimpl
async def portalkit_export_personal_data(
    session: AsyncSession, contact_id: str, person_id: str | None
) -> Iterable[DataFile]:
    """Hand out what people wrote when goods arrived."""
    return await export_notes(session, contact_id, person_id)


@hookimpl
async def portalkit_erase_personal_data(
    session: AsyncSession, contact_id: str, person_id: str | None
) -> None:
    """Forget what people wrote when goods arrived; that they have arrived stays."""
    await forget_notes(session, contact_id, person_id)
