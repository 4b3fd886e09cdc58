"""Signing in by an auth provider: the way out, the way back, and who is let in.

The kernel makes state, nonce and PKCE, keeps them sealed in the ``state`` itself, bound to the
browser, and lets each be used once; the provider checks what the other side has signed.
"""

import base64
import hashlib
import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.browser import Browser, Entrance
from portalkit.access.credentials import account_of
from portalkit.access.entering import Entered, enter
from portalkit.access.identities import bind_identity, find_by_identity, is_identity
from portalkit.access.second_step import note_change
from portalkit.access.signing_in import count_try, link_tries, note_sign_in_failed
from portalkit.access.throttle import give_back, take
from portalkit.access.tickets import (
    Ticket,
    TicketPurpose,
    make_ticket,
    new_ticket_id,
    read_ticket,
    spend_ticket,
)
from portalkit.context import Audience, SessionKind
from portalkit.errors import NotFoundError
from portalkit.hooks import AuthProvider, Declared, Identity, SignInAttempt

__all__ = (
    "ComingBack",
    "Outcome",
    "begin_attempt",
    "finish_attempt",
    "providers_for",
    "read_answer",
)

_SECONDS: Final = 15.0
_MAX_QUERY: Final = 8_000
_MAX_WISH: Final = 300
_AUDIENCES: Final = {SessionKind.PERSON: Audience.CONTACT, SessionKind.STAFF: Audience.STAFF}


class ComingBack(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Somebody who comes back from a provider, with what the kernel had sealed.

    Attributes:
        account_id: Whoever connects the provider to their account; empty for a sign-in.
        wish: Where to go afterwards; it may be foreign.
    """

    declared: Declared[AuthProvider]
    attempt: SignInAttempt
    answer: Mapping[str, str]
    ticket: Ticket
    kind: SessionKind
    account_id: str
    wish: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        entered: How far a sign-in led.
        is_connected: The provider is connected to the account of whoever is signed in.
        is_unknown: The provider said who it is, and nobody here is that.
    """

    entered: Entered | None = None
    is_connected: bool = False
    is_unknown: bool = False


def providers_for(entrance: Entrance, kind: SessionKind) -> tuple[Declared[AuthProvider], ...]:
    """Return the providers that are offered at a door, in their order."""
    audience = _AUDIENCES[kind]
    return tuple(each for each in entrance.providers if audience in each.value.audiences)


def _provider(entrance: Entrance, name: str, kind: SessionKind) -> Declared[AuthProvider]:
    for declared in providers_for(entrance, kind):
        if declared.value.name == name:
            return declared
    raise NotFoundError(f"auth provider {name}")


async def begin_attempt(
    entrance: Entrance,
    browser: Browser,
    name: str,
    *,
    kind: SessionKind,
    business_id: str,
    redirect_url: str,
    locale: str,
    wish: str = "",
    account_id: str = "",
) -> str | None:
    """Return the address of the provider that the browser is sent to; ``None`` if it fails.

    Args:
        entrance: The portal's.
        browser: Who begins.
        name: Name of the provider.
        kind: At which door.
        business_id: Whose portal it is.
        redirect_url: Where the provider sends the browser back to.
        locale: Language of whoever signs in.
        wish: Own path to go to afterwards; a long one is left out.
        account_id: Of whoever connects the provider to their own account.

    Raises:
        NotFoundError: If there is no such provider at this door.
        ThrottledError: If the address's tries are used up.
    """
    declared = _provider(entrance, name, kind)
    await count_try(entrance, link_tries(browser.address), browser.now)
    data = {
        "provider": name,
        "kind": kind.value,
        "nonce": new_ticket_id(),
        "verifier": new_ticket_id(),
        "locale": locale,
        "account": account_id,
        "wish": wish if len(wish) <= _MAX_WISH else "",
    }
    state = make_ticket(
        entrance.config.secret_keys,
        TicketPurpose.PROVIDER,
        bound_to=browser.bound_to,
        now=browser.now,
        data=data,
    )
    attempt = _attempt(data, state, business_id=business_id, redirect_url=redirect_url)
    url = await _call(entrance, declared, "begin", attempt, expected=str)
    return url if isinstance(url, str) and _is_outside(url) else None


def _attempt(
    data: Mapping[str, str], state: str, *, business_id: str, redirect_url: str
) -> SignInAttempt:
    digest = hashlib.sha256(data["verifier"].encode()).digest()
    return SignInAttempt(
        redirect_url=redirect_url,
        state=state,
        nonce=data["nonce"],
        code_verifier=data["verifier"],
        code_challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        locale=data["locale"],
        business_id=business_id,
        audience=_AUDIENCES[SessionKind(data["kind"])],
    )


def _is_outside(url: str) -> bool:
    """Say whether a browser may be sent there: by https, or by http on this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not url.isascii() or not url.isprintable() or " " in url or not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _call(
    entrance: Entrance,
    declared: Declared[AuthProvider],
    what: str,
    *arguments: object,
    expected: type,
) -> object:
    """Call a provider with a limit; its failure is logged with the plugin's name."""
    if entrance.hooks is None:
        return None
    provider = declared.value
    return await entrance.hooks.attempt(
        declared.plugin,
        f"auth provider {provider.name}.{what}",
        getattr(provider, what),
        *arguments,
        expected=expected,
        limit=_SECONDS,
    )


def read_answer(
    entrance: Entrance,
    browser: Browser,
    name: str,
    query: str,
    *,
    business_id: str,
    redirect_url: str,
) -> ComingBack | None:
    """Return who comes back, if it is this browser that went out, for this provider, just now.

    Args:
        entrance: The portal's.
        browser: Who comes back.
        name: Name of the provider whose address was opened.
        query: With which it was.
        business_id: Whose portal it is.
        redirect_url: The address, as it was handed out.

    Raises:
        NotFoundError: If the provider is offered no longer.
    """
    answer = _parse(query)
    if answer is None:
        return None
    ticket = read_ticket(
        entrance.config.secret_keys,
        TicketPurpose.PROVIDER,
        answer.get("state", ""),
        bound_to=browser.bound_to,
        now=browser.now,
    )
    if ticket is None or ticket.data["provider"] != name:
        return None
    kind = SessionKind(ticket.data["kind"])
    return ComingBack(
        declared=_provider(entrance, name, kind),
        attempt=_attempt(
            ticket.data, answer["state"], business_id=business_id, redirect_url=redirect_url
        ),
        answer=answer,
        ticket=ticket,
        kind=kind,
        account_id=ticket.data["account"],
        wish=ticket.data["wish"],
    )


def _parse(query: str) -> Mapping[str, str] | None:
    """Return the parameters of a query; ``None`` where one comes twice or it is no query."""
    if len(query) > _MAX_QUERY:
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except (UnicodeError, ValueError):
        return None
    answer = dict(pairs)
    return answer if len(answer) == len(pairs) else None


async def finish_attempt(
    entrance: Entrance,
    session: AsyncSession,
    browser: Browser,
    back: ComingBack,
    *,
    business_id: str,
    by_email: bool,
) -> Outcome:
    """Ask the provider who it was, and let in whom it is known to be; nobody is ever added.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction.
        browser: Who comes back.
        back: What :func:`read_answer` returned.
        business_id: Whose portal it is.
        by_email: Whether the business recognizes people by verified addresses.

    Raises:
        ThrottledError: If the address's tries are used up.
    """
    tries = link_tries(browser.address)
    async with entrance.make_session() as own, own.begin():
        await take(own, tries, browser.now)
        is_first_use = await spend_ticket(own, back.ticket, browser.now)
    # The provider is asked while nothing holds the database: it may take its time.
    identity = await _ask(entrance, back) if is_first_use else None
    outcome = Outcome()
    if identity is not None:
        if back.account_id:
            outcome = await _connect(session, browser, back, identity)
        else:
            account = await find_by_identity(
                session,
                identity,
                business_id=business_id,
                kind=back.kind,
                provider=back.declared.value.name,
                by_email=by_email,
                now=browser.now,
            )
            outcome = await _let_in(
                entrance,
                session,
                browser,
                account=account,
                provider=back.declared.value.name,
                is_strong=identity.has_two_factors,
            )
    if outcome.entered is None and not outcome.is_connected:
        await session.rollback()
        await note_sign_in_failed(entrance, back.kind, business_id, None, browser.now)
        return outcome
    # What was counted when they were sent out, and what was counted now.
    await give_back(session, (*tries, *tries))
    return outcome


async def _ask(entrance: Entrance, back: ComingBack) -> Identity | None:
    identity = await _call(
        entrance, back.declared, "complete", back.attempt, back.answer, expected=Identity
    )
    return identity if isinstance(identity, Identity) and is_identity(identity) else None


async def _let_in(
    entrance: Entrance,
    session: AsyncSession,
    browser: Browser,
    *,
    account: Account | None,
    provider: str,
    is_strong: bool,
) -> Outcome:
    if account is None:
        return Outcome(is_unknown=True)
    entered = await enter(
        session, account, entrance.config, browser, by=provider, is_strong=is_strong
    )
    return Outcome(entered=entered)


async def _connect(
    session: AsyncSession, browser: Browser, back: ComingBack, identity: Identity
) -> Outcome:
    account = await _own_account(session, browser, back)
    provider = back.declared.value.name
    if account is None or not await bind_identity(
        session, account, identity, provider=provider, now=browser.now
    ):
        return Outcome()
    await note_change(session, account, "access.identity_bound", browser.now, provider=provider)
    return Outcome(is_connected=True)


async def _own_account(session: AsyncSession, browser: Browser, back: ComingBack) -> Account | None:
    if browser.seen is None:
        return None
    account = await account_of(session, browser.seen)
    return account if account.id == back.account_id else None
