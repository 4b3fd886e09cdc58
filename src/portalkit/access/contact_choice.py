"""Somebody who acts for several contacts of a business: for which one at the moment."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.browser import Browser
from portalkit.access.models import Contact, Membership, SessionRow
from portalkit.access.sessions import SessionView, hold_session, open_session, session_hash
from portalkit.audit import Actor, Event, record
from portalkit.context import SessionKind
from portalkit.errors import NotFoundError
from portalkit.model.ids import is_id

__all__ = ("choose_contact", "find_last_chosen", "list_own_contacts")

_CHOSEN: Final = "access.contact_chosen"


async def list_own_contacts(session: AsyncSession, seen: SessionView) -> Sequence[tuple[str, str]]:
    """Return id and name of each contact that somebody may act for, by name."""
    rows = await session.execute(
        select(Contact.id, Contact.name)
        .join(Membership, Membership.contact_id == Contact.id)
        .where(
            Contact.business_id == seen.business_id,
            Contact.is_enabled,
            Membership.business_id == seen.business_id,
            Membership.person_id == seen.person_id,
            Membership.is_enabled,
        )
        .order_by(Contact.name_key, Contact.id)
    )
    return [(row.id, row.name) for row in rows]


async def find_last_chosen(session: AsyncSession, account: Account) -> str | None:
    """Return the id of the contact that a person chose last, if they may still act for it.

    It stands in the history: sessions end, and with them what they were for.
    """
    statement = (
        select(Event.contact_id)
        .join(Membership, Membership.contact_id == Event.contact_id)
        .join(Contact, Contact.id == Event.contact_id)
        .where(
            Event.business_id == account.business_id,
            Event.name == _CHOSEN,
            Event.actor_id == account.id,
            Membership.person_id == account.id,
            Membership.is_enabled,
            Contact.is_enabled,
        )
        # Grouped, so that the few contacts lead to the events, and not all events in turn.
        .group_by(Event.contact_id)
        .order_by(func.max(Event.id).desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def choose_contact(
    session: AsyncSession, seen: SessionView, contact_id: str, browser: Browser
) -> str:
    """Go on for another contact, in a session with a new id, which is returned.

    It ends when the one before would have, and counts as signed in since then: choosing
    proves nothing anew.

    Raises:
        NotFoundError: If they may not act for this contact.
        SignInRequiredError: If the session was ended meanwhile.
    """
    await hold_session(session, seen)
    own = dict(await list_own_contacts(session, seen)) if is_id(contact_id) else {}
    if contact_id not in own:
        raise NotFoundError(f"contact {contact_id}")
    session_id = await open_session(
        session,
        business_id=seen.business_id,
        kind=SessionKind.PERSON,
        now=browser.now,
        lifetime=seen.expires_at - browser.now,
        person_id=seen.person_id,
        contact_id=contact_id,
        by=seen.signed_in_by,
        is_strong=seen.is_strong,
        user_agent=browser.user_agent,
        replaces=browser.session_id,
    )
    await session.execute(
        update(SessionRow)
        .where(SessionRow.id_hash == session_hash(session_id))
        .values(created_at=seen.created_at)
        .execution_options(synchronize_session=False)
    )
    await record(
        session,
        business_id=seen.business_id,
        contact_id=contact_id,
        name=_CHOSEN,
        actor=Actor(kind=seen.kind.value, id=seen.person_id, name=seen.name),
        at=browser.now,
        data={"before": seen.contact_id},
    )
    return session_id
