"""Tokens against forged requests, bound to the session or to a pre-session cookie.

Sec-Fetch-Site and Origin are looked at first, by :mod:`portalkit.web`; the token is the
second layer (security R32). Signed-out forms have no session to bind to: they carry a
cookie that we signed, so that nobody can plant one and sign a victim in as somebody else.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from portalkit.config import Secret

__all__ = (
    "csrf_token",
    "is_pre_session",
    "new_pre_session",
    "pre_session_cookie_name",
    "verify_csrf_token",
)

_TOKEN: Final = b"portalkit.csrf.1:"
_PRE_SESSION: Final = b"portalkit.pre-session.1:"


def csrf_token(secret_keys: Sequence[Secret], session_id: str) -> str:
    """Return the token for the forms of a session.

    Args:
        secret_keys: Newest first; the first one signs.
        session_id: The session's id, or the value of the pre-session cookie.
    """
    return _sign(secret_keys[0], _TOKEN, session_id)


def verify_csrf_token(secret_keys: Sequence[Secret], session_id: str, token: str) -> bool:
    """Say whether a token was made for this session, with any of the keys."""
    return _is_signed(secret_keys, _TOKEN, session_id, token)


def pre_session_cookie_name(*, is_secure: bool) -> str:
    """Return the name of the cookie that signed-out forms are bound to."""
    return "__Host-pk-pre" if is_secure else "pk-pre"


def new_pre_session(secret_keys: Sequence[Secret]) -> str:
    """Return a new value for the pre-session cookie; nothing is stored."""
    value = secrets.token_urlsafe(16)
    return f"{value}.{_sign(secret_keys[0], _PRE_SESSION, value)}"


def is_pre_session(secret_keys: Sequence[Secret], cookie: str) -> bool:
    """Say whether a pre-session cookie is one that we made."""
    value, _, signature = cookie.partition(".")
    return _is_signed(secret_keys, _PRE_SESSION, value, signature)


def _sign(key: Secret, purpose: bytes, value: str) -> str:
    # The purpose stands first and inside the MAC: a token never passes for a cookie.
    message = purpose + value.encode("utf-8", "surrogatepass")
    return hmac.new(key.value.encode(), message, hashlib.sha256).hexdigest()


def _is_signed(keys: Sequence[Secret], purpose: bytes, value: str, signature: str) -> bool:
    given = signature.encode("utf-8", "surrogatepass")
    # Every key is tried, so that the time does not tell which one fits.
    matches = [hmac.compare_digest(_sign(key, purpose, value).encode(), given) for key in keys]
    return any(matches)
