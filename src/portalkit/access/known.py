"""Browsers in which somebody has signed in before: they have tries of their own.

Who guesses without a pause takes each try of the account as soon as it is given, and its owner
would get none. A browser that was once let in keeps a signed value, which says for which
account; it opens nothing, and its guesses are counted and limited like all others.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from portalkit.access.throttle import KNOWN, Try
from portalkit.access.tokens import read_signed, sign
from portalkit.config import Secret
from portalkit.model.ids import new_id

__all__ = ("KNOWN_FOR", "known_try", "known_value")

KNOWN_FOR: Final = timedelta(days=365)
"""For so long a browser keeps the value; each sign-in gives it a new one."""

_PURPOSE: Final = "known"


def known_value(keys: Sequence[Secret], account: Try) -> str:
    """Return what a browser keeps after a password was right.

    Args:
        keys: The portal's.
        account: What tries for the account are counted against.
    """
    return sign(keys, _PURPOSE, new_id(), account.key)


def known_try(keys: Sequence[Secret], account: Try, value: str | None) -> Try:
    """Return what a try is counted against: the browser's own limit, or else the account's."""
    read = read_signed(keys, _PURPOSE, value or "")
    if read is None or read[1] != account.key:
        return account
    return Try(KNOWN, f"{account.key}:{read[0]}")
