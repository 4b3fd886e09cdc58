"""Service reports: what was done at the customer's."""

from typing import Final

from portalkit.hooks import Column, DocumentKind, Filter, Status, Tone
from portalkit.model import DocumentHeader, lazy_gettext, lazy_pgettext

__all__ = ("SERVICE_REPORT",)


def _number(header: DocumentHeader) -> object:
    return header.number


def _issued_on(header: DocumentHeader) -> object:
    return header.issued_on


def _description(header: DocumentHeader) -> object:
    return header.description


SERVICE_REPORT: Final = DocumentKind(
    name="service_report",
    title=lazy_gettext("Service report"),
    plural=lazy_gettext("Service reports"),
    section="acme_tickets",
    path="reports",
    icon="clipboard-list",
    statuses=(
        Status(
            name="done",
            label=lazy_pgettext("acme_tickets", "Done"),
            tone=Tone.POSITIVE,
            icon="circle-check",
        ),
        Status(
            name="unfinished",
            label=lazy_gettext("Unfinished"),
            tone=Tone.WARNING,
            rank=100,
            is_open=True,
        ),
    ),
    initial_status="done",
    columns=(
        Column(
            name="number",
            label=lazy_gettext("Number"),
            value=_number,
            format="link",
            sort="number_key",
        ),
        Column(
            name="date",
            label=lazy_gettext("Date"),
            value=_issued_on,
            format="date",
            sort="issued_on",
        ),
        Column(
            name="description",
            label=lazy_gettext("Description"),
            value=_description,
            sort="description_key",
            priority=2,
        ),
    ),
    filters=(
        Filter(
            name="unfinished",
            label=lazy_gettext("Unfinished"),
            statuses=frozenset({"unfinished"}),
        ),
    ),
    has_total=False,
    page_template="acme_tickets/report.html",
    empty_text=lazy_gettext("Your service reports will appear here."),
    permission="acme_tickets.view",
)
