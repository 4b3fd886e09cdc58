"""A contact says that the goods have arrived."""

from typing import Annotated, Final

import msgspec

from portalkit.documents.services import apply_transition
from portalkit.hooks import (
    ActionContext,
    ActionResult,
    DocumentAction,
    PortalContext,
    Transition,
)
from portalkit.model import Document, lazy_gettext

__all__ = ("CONFIRM", "CONFIRM_RECEIPT")

_LABEL: Final = lazy_gettext("Confirm receipt")

CONFIRM: Final = Transition(
    name="confirm",
    sources=frozenset({"shipped"}),
    target="delivered",
    label=_LABEL,
    permission="sales.receive",
)


class ReceiptForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What there is to say about the delivery."""

    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


def _is_on_its_way(document: Document, context: PortalContext) -> bool:  # noqa: ARG001 - a protocol
    return document.header.status in CONFIRM.sources


async def _confirm(action: ActionContext) -> ActionResult:
    await apply_transition(
        action.session,
        action.context,
        action.document,
        CONFIRM,
        kinds=action.portal.kinds,
        note=" ".join(action.form.note.split()),
    )
    return ActionResult(message=lazy_gettext("Thank you. We know now that it has arrived."))


CONFIRM_RECEIPT: Final = DocumentAction(
    name="confirm-receipt",
    label=_LABEL,
    run=_confirm,
    icon="package",
    style="primary",
    kinds=frozenset({"delivery_note"}),
    available=_is_on_its_way,
    form=ReceiptForm,
    template="sales/confirm_receipt.html",
    permission=CONFIRM.permission,
)
