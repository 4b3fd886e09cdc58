"""Browsers in which somebody was let in before: they have tries of their own.

Who guesses without a pause takes each try of the account as soon as it is given, and its owner
would get none. A browser that was once let in keeps a signed value, which says for which
account; it opens nothing, and its guesses are counted and limited like all others.

Such a value can be stolen, so it ends with the password and the second factor it was given
for, and all of an account together have a limit too. The limit of one value gives half as much
as that: whoever hammers with a stolen one leaves the other half to the others.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from portalkit.access.accounts import Account, canonical_email
from portalkit.access.browser import Browser
from portalkit.access.throttle import Limit, Try, account_key
from portalkit.access.tokens import read_signed, sign
from portalkit.config import Secret
from portalkit.context import SessionKind
from portalkit.model.ids import new_id

__all__ = (
    "KNOWN",
    "KNOWN_FOR",
    "TOGETHER",
    "door_keys",
    "email_key",
    "is_known",
    "known_before",
    "known_now",
    "known_value",
    "own_first",
)

KNOWN_FOR: Final = timedelta(days=365)
"""For so long a browser keeps the value; each sign-in gives it a new one."""

KNOWN: Final = Limit(name="known", burst=2, every=600)
"""Tries of one browser at one door, before it has those of everybody."""

TOGETHER: Final = Limit(name="together", burst=3, every=300)
"""Those of all known browsers of an account at that door."""

_PURPOSE: Final = "known"
_ID_LENGTH: Final = 36


def email_key(kind: SessionKind, business_id: str, email: str) -> str:
    """Return what an address is counted under at a door, whether or not it is an account's."""
    return account_key(f"{business_id}:{kind.value}", canonical_email(email))


def door_keys(business_id: str, email: str) -> Collection[str]:
    """Return all that an address is counted under; each key of a row has one of them in it."""
    return {email_key(kind, business_id, email) for kind in SessionKind}


def known_value(keys: Sequence[Secret], account: Account) -> str:
    """Return what a browser keeps in which somebody was let in; a new one each time."""
    return sign(keys, _PURPOSE, new_id(), f"{_key_of(account)}:{_state_of(account)}")


def known_before(keys: Sequence[Secret], key: str, value: str | None) -> str | None:
    """Return the id of a value of an account, whatever has become of its password since.

    For asking for mails, where nobody is looked up: nothing can be guessed there.

    Args:
        keys: The portal's.
        key: As :func:`email_key` returned it.
        value: What the browser keeps.
    """
    read = read_signed(keys, _PURPOSE, value or "")
    return read[0] if read is not None and read[1].partition(":")[0] == key else None


def is_known(keys: Sequence[Secret], account: Account, value: str | None) -> bool:
    """Say whether a value was given for an account as it is."""
    return _id_of(keys, account, value) is not None


def known_now(keys: Sequence[Secret], account: Account | None, browser: Browser) -> str | None:
    """Return what a browser is known by to an account as it is; a session of it is enough."""
    if account is None:
        return None
    seen = browser.seen
    if seen is not None and account.id in {seen.person_id, seen.staff_id}:
        return seen.id_hash[:_ID_LENGTH]
    return _id_of(keys, account, browser.known)


def own_first(known: str | None, strangers: Try, *others: Try) -> Sequence[Sequence[Try]]:
    """Return what a try is counted against: a known browser's own limits, or else everybody's.

    Args:
        known: What the browser is known by, if it is.
        strangers: The limit that anybody can use up.
        others: What counts in any case, as the address.
    """
    everybody = (strangers, *others)
    if known is None:
        return (everybody,)
    door = f"{strangers.limit.name}:{strangers.key}"
    return (Try(KNOWN, f"{door}:{known}"), Try(TOGETHER, door), *others), everybody


def _id_of(keys: Sequence[Secret], account: Account, value: str | None) -> str | None:
    read = read_signed(keys, _PURPOSE, value or "")
    if read is None or read[1] != f"{_key_of(account)}:{_state_of(account)}":
        return None
    return read[0]


def _key_of(account: Account) -> str:
    return email_key(account.kind, account.business_id, account.email)


def _state_of(account: Account) -> str:
    """Return a text that changes with the password, and with whether there is a second factor."""
    set_at = "" if account.password_set_at is None else account.password_set_at.timestamp()
    state = f"{set_at}:{bool(account.has_second_factor)}"
    return hashlib.sha256(state.encode()).hexdigest()[:16]
