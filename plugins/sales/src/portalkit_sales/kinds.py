"""The kinds of documents a business sells with, and the chips above their lists."""

from typing import Final

import msgspec

from portalkit.documents.columns import LIST_COLUMNS, OFFER_COLUMNS, PLAIN_COLUMNS, TOTAL
from portalkit.hooks.types import DocumentKind, Filter, Transition
from portalkit.model import lazy_gettext, lazy_pgettext
from portalkit_sales import statuses
from portalkit_sales.receipts import CONFIRM
from portalkit_sales.settings import SalesSettings

__all__ = (
    "CREDIT_NOTE",
    "DELIVERY_NOTE",
    "INVOICE",
    "KINDS",
    "PROFORMA",
    "QUOTE",
    "SALES_ORDER",
    "kinds_with",
)

_OPEN: Final = frozenset({"pending", "partial", "overdue"})

INVOICE: Final = DocumentKind(
    name="invoice",
    title=lazy_gettext("Invoice"),
    plural=lazy_gettext("Invoices"),
    section="sales",
    path="invoices",
    icon="file-invoice",
    order=100,
    statuses=statuses.INVOICE,
    initial_status="pending",
    columns=LIST_COLUMNS,
    filters=(
        Filter(name="to-pay", label=lazy_gettext("To pay"), statuses=_OPEN),
        Filter(
            name="overdue",
            label=lazy_pgettext("filter", "Overdue"),
            statuses=frozenset({"overdue"}),
        ),
        Filter(name="paid", label=lazy_pgettext("filter", "Paid"), statuses=frozenset({"paid"})),
        Filter(
            name="credit-notes",
            label=lazy_gettext("Credit notes"),
            kinds=frozenset({"credit_note"}),
        ),
    ),
    due_means="payment",
    empty_text=lazy_gettext("Your invoices and credit notes will appear here."),
    permission="sales.view",
)

CREDIT_NOTE: Final = DocumentKind(
    name="credit_note",
    title=lazy_gettext("Credit note"),
    plural=lazy_gettext("Credit notes"),
    section="sales",
    path="credit-notes",
    icon="receipt-refund",
    order=110,
    statuses=statuses.CREDIT,
    initial_status="open",
    columns=LIST_COLUMNS,
    listed_with="invoice",
    is_credit=True,
    permission="sales.view",
)

QUOTE: Final = DocumentKind(
    name="quote",
    title=lazy_gettext("Quote"),
    plural=lazy_gettext("Quotes"),
    section="sales",
    path="quotes",
    icon="file-text",
    order=120,
    statuses=statuses.QUOTE,
    initial_status="pending",
    transitions=(
        Transition(
            name="accept",
            sources=frozenset({"pending"}),
            target="accepted",
            label=lazy_gettext("Accept"),
            permission="sales.answer",
        ),
        Transition(
            name="reject",
            sources=frozenset({"pending"}),
            target="rejected",
            label=lazy_gettext("Reject"),
            permission="sales.answer",
        ),
    ),
    columns=OFFER_COLUMNS,
    filters=(
        Filter(name="to-answer", label=lazy_gettext("To answer"), statuses=frozenset({"pending"})),
        Filter(
            name="accepted",
            label=lazy_pgettext("filter", "Accepted"),
            statuses=frozenset({"accepted", "converted"}),
        ),
        Filter(
            name="rejected",
            label=lazy_pgettext("filter", "Rejected"),
            statuses=frozenset({"rejected"}),
        ),
        Filter(
            name="expired",
            label=lazy_pgettext("filter", "Expired"),
            statuses=frozenset({"expired"}),
        ),
    ),
    due_means="validity",
    empty_text=lazy_gettext("Quotes that are made for you will appear here."),
    permission="sales.view",
)

PROFORMA: Final = DocumentKind(
    name="proforma",
    title=lazy_gettext("Proforma invoice"),
    plural=lazy_gettext("Proformas"),
    section="sales",
    path="proformas",
    icon="file-plus",
    order=130,
    statuses=statuses.PROFORMA,
    initial_status="pending",
    columns=PLAIN_COLUMNS,
    filters=(
        Filter(
            name="pending",
            label=lazy_pgettext("filter", "Pending"),
            statuses=frozenset({"pending"}),
        ),
        Filter(
            name="accepted",
            label=lazy_pgettext("filter", "Accepted"),
            statuses=frozenset({"accepted", "converted"}),
        ),
    ),
    empty_text=lazy_gettext("Proforma invoices will appear here."),
    permission="sales.view",
)

DELIVERY_NOTE: Final = DocumentKind(
    name="delivery_note",
    title=lazy_gettext("Delivery note"),
    plural=lazy_gettext("Delivery notes"),
    section="sales",
    path="delivery-notes",
    icon="truck-delivery",
    order=140,
    statuses=statuses.DELIVERY,
    initial_status="pending",
    transitions=(CONFIRM,),
    columns=tuple(column for column in PLAIN_COLUMNS if column is not TOTAL),
    filters=(
        Filter(
            name="on-the-way",
            label=lazy_gettext("On the way"),
            statuses=frozenset({"pending", "shipped"}),
        ),
        Filter(
            name="delivered",
            label=lazy_pgettext("filter", "Delivered"),
            statuses=frozenset({"delivered"}),
        ),
    ),
    has_total=False,
    empty_text=lazy_gettext("Delivery notes of what was sent to you will appear here."),
    permission="sales.view",
)

SALES_ORDER: Final = DocumentKind(
    name="sales_order",
    title=lazy_gettext("Sales order"),
    plural=lazy_gettext("Sales orders"),
    section="sales",
    path="orders",
    icon="clipboard-list",
    order=150,
    statuses=statuses.ORDER,
    initial_status="pending",
    columns=PLAIN_COLUMNS,
    filters=(
        Filter(
            name="in-progress",
            label=lazy_gettext("In progress"),
            statuses=frozenset({"pending", "confirmed"}),
        ),
        Filter(
            name="completed",
            label=lazy_pgettext("filter", "Completed"),
            statuses=frozenset({"completed"}),
        ),
    ),
    empty_text=lazy_gettext("Your orders will appear here once they are taken in."),
    permission="sales.view",
)

KINDS: Final = (INVOICE, CREDIT_NOTE, QUOTE, PROFORMA, DELIVERY_NOTE, SALES_ORDER)

_PRICED: Final = msgspec.structs.replace(DELIVERY_NOTE, columns=PLAIN_COLUMNS, has_total=True)


def kinds_with(settings: SalesSettings) -> tuple[DocumentKind, ...]:
    """Return the kinds as a host wants them: delivery notes with or without their total."""
    if settings.delivery_note_prices == "never":
        return KINDS
    return tuple(_PRICED if kind is DELIVERY_NOTE else kind for kind in KINDS)
