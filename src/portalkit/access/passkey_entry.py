"""Signing in with a passkey: alone, or as the second step after a password."""

from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.entering import Entered, Pending, enter, find_pending
from portalkit.access.passkey_options import RelyingParty, request_options
from portalkit.access.passkeys import (
    KnownPasskey,
    check_signature,
    find_passkey,
    list_passkeys,
    use_passkey,
)
from portalkit.access.second_step import finish_step, note_failure
from portalkit.access.signing_in import note_sign_in_failed
from portalkit.access.throttle import ADDRESS, Try, address_key, give_back, take
from portalkit.access.tickets import (
    Ticket,
    TicketPurpose,
    make_ticket,
    new_ticket_id,
    read_ticket,
    spend_ticket,
)
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError

__all__ = ("PasskeyQuestion", "ask_for_passkey", "enter_by_passkey")


class PasskeyQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser gets before it asks its device.

    Attributes:
        options: For ``navigator.credentials``.
        ticket: To be handed in again with the answer.
    """

    options: msgspec.Raw
    ticket: str


async def ask_for_passkey(
    session: AsyncSession,
    entrance: Entrance,
    browser: Browser,
    party: RelyingParty,
    *,
    business_id: str,
    kind: SessionKind,
) -> PasskeyQuestion:
    """Return a challenge: for any passkey, or for one of the account that is half-way in.

    Args:
        session: A session.
        entrance: The portal's.
        browser: Who asks.
        party: Whom the passkey is for.
        business_id: Whose portal it is.
        kind: At which door; that of the sign-in that waits, if one does.
    """
    pending = await find_pending(session, browser, business_id=business_id)
    known: Sequence[str] = ()
    if pending is not None:
        kind = pending.account.kind
        known = [each.credential_id for each in await list_passkeys(session, pending.account)]
    challenge = new_ticket_id()
    ticket = make_ticket(
        entrance.config.secret_keys,
        TicketPurpose.PASSKEY_USE,
        bound_to=browser.bound_to,
        now=browser.now,
        data={"kind": kind.value, "pending": pending.id_hash if pending is not None else ""},
        ticket_id=challenge,
    )
    options = request_options(party, challenge=challenge, known=known)
    return PasskeyQuestion(options=msgspec.Raw(options.encode()), ticket=ticket)


class _Attempt(msgspec.Struct, frozen=True, kw_only=True):
    ticket: Ticket
    pending: Pending | None
    known: KnownPasskey | None


async def enter_by_passkey(
    entrance: Entrance,
    session: AsyncSession,
    browser: Browser,
    party: RelyingParty,
    *,
    business_id: str,
    ticket: str,
    credential: str,
    remember: bool,
) -> tuple[Entered, SessionKind] | None:
    """Let somebody in with a passkey; ``None`` if it is not right for this door and time.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction.
        browser: The one that has asked for the challenge.
        party: Whom the passkey is for.
        business_id: Whose portal it is.
        ticket: As it was handed out.
        credential: What the device has signed, as JSON.
        remember: Do not ask this browser for a second step for a while.

    Raises:
        ThrottledError: If the address's tries are used up.
    """
    tries = (Try(ADDRESS, address_key(browser.address)),)
    attempt = await _begin(
        entrance, browser, tries, business_id=business_id, ticket=ticket, credential=credential
    )
    if attempt is None:
        return None
    entered = await _finish(
        entrance,
        session,
        browser,
        party,
        attempt,
        credential=credential,
        remember=remember,
        tries=tries,
    )
    if entered is None:
        await session.rollback()
        await _note(entrance, browser, attempt, business_id)
        return None
    return entered, SessionKind(attempt.ticket.data["kind"])


async def _begin(
    entrance: Entrance,
    browser: Browser,
    tries: Sequence[Try],
    *,
    business_id: str,
    ticket: str,
    credential: str,
) -> _Attempt | None:
    """Count the try and use the challenge up, whatever comes of it."""
    read = read_ticket(
        entrance.config.secret_keys,
        TicketPurpose.PASSKEY_USE,
        ticket,
        bound_to=browser.bound_to,
        now=browser.now,
    )
    async with entrance.make_session() as own, own.begin():
        await take(own, tries, browser.now)
        if read is None or not await spend_ticket(own, read, browser.now):
            return None
        pending = await find_pending(own, browser, business_id=business_id)
        try:
            known = await find_passkey(own, credential, business_id=business_id)
        except InputRefusedError:
            known = None
        return _Attempt(ticket=read, pending=pending, known=known)


async def _finish(
    entrance: Entrance,
    session: AsyncSession,
    browser: Browser,
    party: RelyingParty,
    attempt: _Attempt,
    *,
    credential: str,
    remember: bool,
    tries: Sequence[Try],
) -> Entered | None:
    known, pending = attempt.known, attempt.pending
    if known is None or not _is_for_this_door(attempt):
        return None
    try:
        count = check_signature(party, known, credential, challenge=attempt.ticket.id)
    except InputRefusedError:
        return None
    if not await use_passkey(session, known, count, browser.now):
        return None
    if pending is not None:
        return await finish_step(
            entrance,
            session,
            pending,
            browser=browser,
            second="passkey",
            remember=remember,
            tries=tries,
        )
    await give_back(session, tries)
    return await enter(
        session, known.account, entrance.config, browser, by="passkey", is_strong=True
    )


def _is_for_this_door(attempt: _Attempt) -> bool:
    """Say whether it is the passkey that was asked for: of this audience, of whoever waits."""
    known, pending, data = attempt.known, attempt.pending, attempt.ticket.data
    if known is None or known.account.kind.value != data["kind"]:
        return False
    if pending is None:
        return data["pending"] == ""
    return data["pending"] == pending.id_hash and pending.account.id == known.account.id


async def _note(entrance: Entrance, browser: Browser, attempt: _Attempt, business_id: str) -> None:
    if attempt.pending is not None:
        await note_failure(entrance, attempt.pending.account, browser.now, by="passkey")
        return
    await note_sign_in_failed(
        entrance,
        SessionKind(attempt.ticket.data["kind"]),
        business_id,
        attempt.known.account if attempt.known is not None else None,
        browser.now,
    )
