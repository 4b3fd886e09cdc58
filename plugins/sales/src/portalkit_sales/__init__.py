"""The Sales section: invoices, quotes, proformas, delivery notes and sales orders."""

from collections.abc import Iterable

from portalkit.documents import document_routes
from portalkit.hooks import (
    HOOK_API,
    DocumentKind,
    Manifest,
    NavItem,
    Permission,
    Section,
    hookimpl,
)
from portalkit.model import lazy_gettext
from portalkit_sales.badges import overdue_invoices, quotes_to_answer
from portalkit_sales.kinds import (
    DELIVERY_NOTE,
    INVOICE,
    KINDS,
    PROFORMA,
    QUOTE,
    SALES_ORDER,
)

__all__ = ("manifest", "portalkit_register_document_kinds", "portalkit_register_sections")

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
    ),
)


@hookimpl
def portalkit_register_document_kinds() -> Iterable[DocumentKind]:
    """Register what a business sells with."""
    return KINDS


@hookimpl
def portalkit_register_sections() -> Iterable[Section]:
    """Register the lists and pages of those documents."""
    badges = {INVOICE.name: overdue_invoices, QUOTE.name: quotes_to_answer}
    listed = (INVOICE, QUOTE, PROFORMA, DELIVERY_NOTE, SALES_ORDER)
    return (
        Section(
            name="sales",
            title=manifest.title,
            routes=document_routes(*KINDS),
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
