"""Columns that most lists of documents have; a kind takes them and adds its own."""

from typing import Final

from portalkit.hooks.types import Column
from portalkit.model import lazy_gettext, lazy_pgettext

__all__ = (
    "DATE",
    "DESCRIPTION",
    "DUE",
    "LIST_COLUMNS",
    "NUMBER",
    "OFFER_COLUMNS",
    "PLAIN_COLUMNS",
    "STATUS",
    "TOTAL",
    "TYPE",
    "VALID_UNTIL",
)

DATE: Final = Column(
    name="date",
    label=lazy_gettext("Date"),
    value=lambda header: header.issued_on,
    format="date",
    sort="issued_on",
)
NUMBER: Final = Column(
    name="number",
    label=lazy_gettext("Number"),
    value=lambda header: header.number,
    format="link",
    sort="number",
)
TYPE: Final = Column(
    name="type",
    label=lazy_gettext("Type"),
    value=lambda header: header.kind,
    format="kind",
    sort="kind",
    priority=2,
)
DESCRIPTION: Final = Column(
    name="description",
    label=lazy_gettext("Description"),
    value=lambda header: header.description,
    format="text",
    sort="description",
)
STATUS: Final = Column(
    name="status",
    label=lazy_gettext("Status"),
    value=lambda header: header.status,
    format="status",
    sort="status",
)
DUE: Final = Column(
    name="due",
    label=lazy_pgettext("column", "Due"),
    value=lambda header: header.due_on,
    format="date",
    priority=3,
)
VALID_UNTIL: Final = Column(
    name="due",
    label=lazy_gettext("Valid until"),
    value=lambda header: header.due_on,
    format="date",
    priority=3,
)
TOTAL: Final = Column(
    name="total",
    label=lazy_gettext("Total"),
    value=lambda header: header.total,
    format="money",
    sort="total",
    align="end",
)

LIST_COLUMNS: Final = (DATE, NUMBER, TYPE, DESCRIPTION, STATUS, DUE, TOTAL)
"""Columns of documents that are to be paid."""

OFFER_COLUMNS: Final = (DATE, NUMBER, TYPE, DESCRIPTION, STATUS, VALID_UNTIL, TOTAL)
"""Columns of documents that are valid until a day."""

PLAIN_COLUMNS: Final = (DATE, NUMBER, TYPE, DESCRIPTION, STATUS, TOTAL)
"""Columns of documents without a day that matters."""
