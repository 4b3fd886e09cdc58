"""The Purchases section: the orders a contact has placed."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.documents import PLAIN_COLUMNS, document_routes
from portalkit.documents.pages import page_route
from portalkit.documents.visibility import PORTAL, restrictions_in
from portalkit.hooks import (
    HOOK_API,
    DocumentKind,
    Filter,
    Manifest,
    NavItem,
    Permission,
    PortalContext,
    Section,
    Slot,
    SlotRenderer,
    StaffContext,
    Status,
    Tone,
    hookimpl,
)
from portalkit.model import lazy_gettext, lazy_pgettext
from portalkit_purchases.holds import find_hold, known_hold
from portalkit_purchases.settings import PurchaseSettings, settings_of

__all__ = (
    "manifest",
    "portalkit_deny_permissions",
    "portalkit_register_document_kinds",
    "portalkit_register_sections",
    "portalkit_render_slot",
)

_ORDER: Final = "purchases.order"

manifest = Manifest(
    name="purchases",
    title=lazy_gettext("Purchases"),
    description=lazy_gettext("The orders that contacts have placed."),
    api=HOOK_API,
    permissions=(
        Permission(name="purchases.view", label=lazy_gettext("See purchase orders")),
        Permission(
            name=_ORDER,
            label=lazy_gettext("Place orders"),
            roles=frozenset({"owner", "buyer"}),
        ),
    ),
    settings=PurchaseSettings,
    activation="contact",
    slots=frozenset({Slot.LIST_TOP}),
)

# What is on its way comes before what is finished when a list is sorted by status.
_OPEN: Final = 100
_DONE: Final = 300
_ENDED: Final = 400

_STATUSES: Final = (
    Status(
        name="placed",
        label=lazy_pgettext("order", "Placed"),
        tone=Tone.INFO,
        rank=_OPEN,
        is_open=True,
    ),
    Status(
        name="confirmed",
        label=lazy_pgettext("order", "Confirmed"),
        tone=Tone.INFO,
        icon="circle-check",
        rank=_OPEN + 1,
        is_open=True,
    ),
    Status(
        name="shipped",
        label=lazy_pgettext("order", "Shipped"),
        tone=Tone.INFO,
        icon="truck-delivery",
        rank=_OPEN + 2,
        is_open=True,
    ),
    Status(
        name="completed",
        label=lazy_pgettext("order", "Completed"),
        tone=Tone.POSITIVE,
        icon="circle-check",
        rank=_DONE,
    ),
    Status(
        name="rejected",
        label=lazy_pgettext("order", "Rejected"),
        tone=Tone.CRITICAL,
        icon="circle-x",
        rank=_ENDED,
    ),
    Status(name="cancelled", label=lazy_pgettext("order", "Cancelled"), icon="ban", rank=_ENDED),
)

PURCHASE_ORDER: Final = DocumentKind(
    name="purchase_order",
    title=lazy_gettext("Purchase order"),
    plural=lazy_gettext("Purchase orders"),
    section="purchases",
    path="orders",
    icon="shopping-bag",
    order=200,
    statuses=_STATUSES,
    initial_status="placed",
    columns=PLAIN_COLUMNS,
    filters=(
        Filter(
            name="in-progress",
            label=lazy_gettext("In progress"),
            statuses=frozenset({"placed", "confirmed", "shipped"}),
        ),
        Filter(
            name="completed",
            label=lazy_pgettext("filter", "Completed"),
            statuses=frozenset({"completed"}),
        ),
    ),
    empty_text=lazy_gettext("The orders you place will appear here."),
    permission="purchases.view",
)


@hookimpl
def portalkit_register_document_kinds() -> Iterable[DocumentKind]:
    """Register the purchase order."""
    return (PURCHASE_ORDER,)


@hookimpl
def portalkit_register_sections() -> Iterable[Section]:
    """Register the list and the pages of purchase orders."""
    return (
        Section(
            name="purchases",
            title=manifest.title,
            routes=document_routes(PURCHASE_ORDER),
            nav=(
                NavItem(
                    label=PURCHASE_ORDER.plural,
                    icon=PURCHASE_ORDER.icon,
                    route="purchases:orders",
                ),
            ),
            permission="purchases.view",
            home="purchases:orders",
            order=300,
        ),
    )


@hookimpl
async def portalkit_deny_permissions(
    config: PortalConfig, session: AsyncSession, context: PortalContext
) -> frozenset[str] | None:
    """Let nobody order whose contact has not paid for long."""
    days = settings_of(config).hold_after_days
    if days is None or _ORDER not in context.permissions:
        return None
    return frozenset({_ORDER}) if await find_hold(session, context, days) else None


@hookimpl
async def portalkit_render_slot(
    session: AsyncSession,
    context: PortalContext | StaffContext | None,
    slot: Slot,
    subject: object,
    render: SlotRenderer,
) -> Markup | None:
    """Say above the orders why there can be no further ones."""
    if slot is not Slot.LIST_TOP or subject is not PURCHASE_ORDER:
        return None
    if not isinstance(context, PortalContext) or (hold := known_hold(session, context)) is None:
        return None
    is_shown = hold.is_shown and hold.kind not in restrictions_in(session, context).hidden
    route = page_route(session.info[PORTAL].kinds[hold.kind]) if is_shown else None
    return render("purchases/hold.html", hold=hold, route=route)
