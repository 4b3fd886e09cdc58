"""Tickets: what a browser keeps for us between two steps, sealed and good for one use.

A ticket says what was begun (a sign-in with a provider, a passkey that was asked for) and is
bound to the browser that began it. Nothing is stored until it is spent: its use is written
beside the tries of :mod:`.throttle`, and forgotten when the ticket would have expired anyway.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.throttle import Limit, Try, take
from portalkit.config import Secret
from portalkit.errors import ThrottledError
from portalkit.seals import seal, unseal

__all__ = (
    "TICKET_FOR",
    "Ticket",
    "TicketPurpose",
    "make_ticket",
    "new_ticket_id",
    "read_ticket",
    "spend_ticket",
)

TICKET_FOR: Final = timedelta(minutes=10)
"""How long a ticket is good for."""

# One use in the life of a ticket. Its own end is compared with the clock of the same process,
# so that two machines whose clocks differ never both take it.
_USE: Final = Limit(name="ticket", burst=1, every=int(TICKET_FOR.total_seconds()))


class TicketPurpose(StrEnum):
    """What a ticket is for; it is refused at every other door."""

    TOTP = "totp"
    PASSKEY_ADD = "passkey.add"
    PASSKEY_USE = "passkey.use"
    PROVIDER = "provider"
    MAIL_CODE = "mail.code"


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What was begun.

    Attributes:
        id: 256 random bits; serves as challenge and as the key of its use.
    """

    id: str
    expires_at: datetime
    data: Mapping[str, str]


def new_ticket_id() -> str:
    """Return 256 random bits for a ticket: a challenge, a nonce."""
    return secrets.token_urlsafe(32)


def make_ticket(
    keys: Sequence[Secret],
    purpose: TicketPurpose,
    *,
    bound_to: str,
    now: datetime,
    data: Mapping[str, str] | None = None,
    ticket_id: str | None = None,
) -> str:
    """Return a new ticket as the browser keeps it.

    Args:
        keys: Newest first; the first one seals.
        purpose: The door it is for.
        bound_to: What ties it to a browser or an account.
        now: The current moment.
        data: What the next step must know.
        ticket_id: A random value that was made before.
    """
    ticket = Ticket(id=ticket_id or new_ticket_id(), expires_at=now + TICKET_FOR, data=data or {})
    text = msgspec.json.encode(ticket).decode()
    return seal(keys, f"ticket.{purpose.value}", text, bound_to=bound_to)


def read_ticket(
    keys: Sequence[Secret], purpose: TicketPurpose, text: str, *, bound_to: str, now: datetime
) -> Ticket | None:
    """Return a ticket that is ours, for this door and this browser, and has not expired."""
    opened = unseal(keys, f"ticket.{purpose.value}", text, bound_to=bound_to)
    if opened is None:
        return None
    ticket = msgspec.json.decode(opened, type=Ticket)
    return ticket if ticket.expires_at > now else None


async def spend_ticket(session: AsyncSession, ticket: Ticket, now: datetime) -> bool:
    """Use a ticket up; of several at once exactly one succeeds.

    The session must be committed by the caller even if what follows fails.
    """
    try:
        await take(session, (Try(_USE, ticket.id),), now)
    except ThrottledError:
        return False
    return True
