"""What a contact may do with a service report."""

from typing import Annotated, Final

import msgspec

from acme_tickets.services import open_ticket
from acme_tickets.settings import TicketSettings
from portalkit.hooks import ActionContext, ActionResult, DocumentAction
from portalkit.model import lazy_gettext

__all__ = ("ASK_FOR_VISIT",)


class VisitForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why another visit is needed."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


async def ask_for_visit(action: ActionContext) -> ActionResult:
    """Open a ticket about the report."""
    await open_ticket(
        action.session,
        action.context,
        subject=action.form.reason,
        settings=action.portal.config.settings_for("acme_tickets", TicketSettings),
        document_id=action.document.id,
    )
    return ActionResult(message=lazy_gettext("We will call you to find a day."))


ASK_FOR_VISIT: Final = DocumentAction(
    name="ask-for-visit",
    label=lazy_gettext("Ask for another visit"),
    run=ask_for_visit,
    icon="calendar",
    kinds=frozenset({"service_report"}),
    form=VisitForm,
    template="acme_tickets/visit.html",
    permission="acme_tickets.open",
)
