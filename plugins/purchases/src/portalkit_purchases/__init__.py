"""The Purchases section: the orders a contact has placed."""

from collections.abc import Iterable
from typing import Final

from portalkit.documents import PLAIN_COLUMNS, document_routes
from portalkit.hooks import (
    HOOK_API,
    DocumentKind,
    Filter,
    Manifest,
    NavItem,
    Permission,
    Section,
    Status,
    Tone,
    hookimpl,
)
from portalkit.model import lazy_gettext, lazy_pgettext

__all__ = ("manifest", "portalkit_register_document_kinds", "portalkit_register_sections")

manifest = Manifest(
    name="purchases",
    title=lazy_gettext("Purchases"),
    description=lazy_gettext("The orders that contacts have placed."),
    api=HOOK_API,
    permissions=(Permission(name="purchases.view", label=lazy_gettext("See purchase orders")),),
    activation="contact",
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
