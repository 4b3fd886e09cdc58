"""The states of what a business sells, in the words of the trade."""

from typing import Final

from portalkit.hooks.types import Status, Tone
from portalkit.model import lazy_pgettext

__all__ = ("CREDIT", "DELIVERY", "INVOICE", "ORDER", "PROFORMA", "QUOTE")

# Open statuses share a rank, so that what is overdue comes before what is pending.
_OPEN: Final = 100
_ON_ITS_WAY: Final = 200
_DONE: Final = 300
_CANCELLED: Final = 400

INVOICE: Final = (
    Status(
        name="pending",
        label=lazy_pgettext("invoice", "Pending"),
        tone=Tone.INFO,
        icon="clock",
        rank=_OPEN,
        is_open=True,
    ),
    Status(
        name="partial",
        label=lazy_pgettext("invoice", "Partially paid"),
        tone=Tone.WARNING,
        icon="circle-half-2",
        rank=_OPEN,
        is_open=True,
    ),
    Status(
        name="overdue",
        label=lazy_pgettext("invoice", "Overdue"),
        tone=Tone.CRITICAL,
        icon="alert-triangle",
        rank=_OPEN,
        is_open=True,
        derived_from=frozenset({"pending", "partial"}),
    ),
    Status(
        name="paid",
        label=lazy_pgettext("invoice", "Paid"),
        tone=Tone.POSITIVE,
        icon="circle-check",
        rank=_DONE,
    ),
    Status(
        name="cancelled",
        label=lazy_pgettext("invoice", "Cancelled"),
        icon="ban",
        rank=_CANCELLED,
    ),
)

CREDIT: Final = (
    Status(
        name="open",
        label=lazy_pgettext("credit note", "Open"),
        icon="arrow-back-up",
        rank=_OPEN,
    ),
    Status(
        name="applied",
        label=lazy_pgettext("credit note", "Applied"),
        tone=Tone.POSITIVE,
        icon="circle-check",
        rank=_DONE,
    ),
    Status(
        name="cancelled",
        label=lazy_pgettext("credit note", "Cancelled"),
        icon="ban",
        rank=_CANCELLED,
    ),
)

QUOTE: Final = (
    Status(
        name="pending",
        label=lazy_pgettext("quote", "Pending"),
        tone=Tone.INFO,
        icon="hourglass",
        rank=_OPEN,
        is_open=True,
    ),
    Status(
        name="accepted",
        label=lazy_pgettext("quote", "Accepted"),
        tone=Tone.POSITIVE,
        icon="thumb-up",
        rank=_ON_ITS_WAY,
    ),
    Status(
        name="converted",
        label=lazy_pgettext("quote", "Invoiced"),
        tone=Tone.POSITIVE,
        icon="file-check",
        rank=_DONE,
    ),
    Status(
        name="rejected",
        label=lazy_pgettext("quote", "Rejected"),
        icon="thumb-down",
        rank=_CANCELLED,
    ),
    Status(
        name="expired",
        label=lazy_pgettext("quote", "Expired"),
        icon="calendar-x",
        rank=_OPEN,
        derived_from=frozenset({"pending"}),
    ),
)

PROFORMA: Final = (
    Status(
        name="pending",
        label=lazy_pgettext("proforma", "Pending"),
        tone=Tone.INFO,
        icon="clock",
        rank=_OPEN,
        is_open=True,
    ),
    Status(
        name="accepted",
        label=lazy_pgettext("proforma", "Accepted"),
        tone=Tone.POSITIVE,
        icon="thumb-up",
        rank=_ON_ITS_WAY,
    ),
    Status(
        name="converted",
        label=lazy_pgettext("proforma", "Invoiced"),
        tone=Tone.POSITIVE,
        icon="file-check",
        rank=_DONE,
    ),
    Status(
        name="cancelled",
        label=lazy_pgettext("proforma", "Cancelled"),
        icon="ban",
        rank=_CANCELLED,
    ),
)

DELIVERY: Final = (
    Status(
        name="pending",
        label=lazy_pgettext("delivery note", "Pending"),
        tone=Tone.INFO,
        icon="clock",
        rank=_OPEN,
        is_open=True,
    ),
    Status(
        name="shipped",
        label=lazy_pgettext("delivery note", "Shipped"),
        tone=Tone.INFO,
        icon="truck",
        rank=_ON_ITS_WAY,
        is_open=True,
    ),
    Status(
        name="delivered",
        label=lazy_pgettext("delivery note", "Delivered"),
        tone=Tone.POSITIVE,
        icon="circle-check",
        rank=_DONE,
    ),
)

ORDER: Final = (
    Status(
        name="pending",
        label=lazy_pgettext("order", "Pending"),
        tone=Tone.INFO,
        icon="clock",
        rank=_OPEN,
        is_open=True,
    ),
    Status(
        name="confirmed",
        label=lazy_pgettext("order", "Confirmed"),
        tone=Tone.INFO,
        icon="circle-dot",
        rank=_ON_ITS_WAY,
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
        name="cancelled",
        label=lazy_pgettext("order", "Cancelled"),
        icon="ban",
        rank=_CANCELLED,
    ),
)
