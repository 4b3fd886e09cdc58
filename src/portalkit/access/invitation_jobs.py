"""Inviting many: jobs of a few contacts each, so that no request waits for a thousand mails."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import load_business
from portalkit.access.invitations import Inviter, invite_contact
from portalkit.audit import Actor
from portalkit.errors import NotFoundError
from portalkit.hooks import Job, JobContext
from portalkit.jobs import enqueue
from portalkit.mail.portal import MailPortal

__all__ = ("INVITE", "order_invitations")

_NAME: Final = "access.invite"
_BATCH: Final = 25


class InvitationOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the job is told.

    Attributes:
        only_new: Leave out whoever has been invited before.
    """

    contacts: tuple[str, ...]
    actor_kind: str
    actor_id: str | None
    actor_name: str
    only_new: bool = False


async def order_invitations(
    session: AsyncSession,
    contact_ids: Sequence[str],
    *,
    business_id: str,
    actor: Actor,
    now: datetime,
    only_new: bool = False,
) -> None:
    """Leave jobs that invite contacts, in the session's transaction.

    A form that is sent twice invites once, as long as the first jobs wait.
    """
    for start in range(0, len(contact_ids), _BATCH):
        contacts = tuple(contact_ids[start : start + _BATCH])
        digest = hashlib.sha256(",".join((str(only_new), *contacts)).encode()).hexdigest()
        await enqueue(
            session,
            _NAME,
            InvitationOrder(
                contacts=contacts,
                actor_kind=actor.kind,
                actor_id=actor.id,
                actor_name=actor.name,
                only_new=only_new,
            ),
            now=now,
            dedup_key=f"{_NAME}:{digest}",
            business_id=business_id,
        )


async def _invite(context: JobContext, order: InvitationOrder) -> None:
    session, portal = context.session, cast("MailPortal", context.portal)
    business = await load_business(session, context.business_id or "")
    if business is None:
        return
    letterhead = await portal.letterhead(session, business.id)
    inviter = Inviter(
        config=context.portal.config,
        business=business,
        address=letterhead.portal_url.rstrip("/"),
        actor=Actor(kind=order.actor_kind, id=order.actor_id, name=order.actor_name),
        now=context.now,
    )
    for contact_id in order.contacts:
        try:
            await invite_contact(session, inviter, contact_id, only_new=order.only_new)
        except NotFoundError:
            # Erased since the order was given.
            continue


INVITE: Final = Job(name=_NAME, run=_invite, payload=InvitationOrder)
"""Invites a batch of contacts: all of it is committed together, or none."""
