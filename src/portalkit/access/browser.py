"""The browser behind a request, as far as signing in and out needs to know it."""

from datetime import datetime, timedelta

import msgspec

from portalkit.access.sessions import SessionView
from portalkit.config import PortalConfig

__all__ = ("Browser", "expired_cookie", "session_cookie")


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser sent along.

    Attributes:
        cookie: Name of the session's cookie for this business.
        session_id: What the browser holds as its session, whether or not it is one.
        seen: The session behind it, if there is one.
        address: Client address, after trusted proxies.
        prefix: Path under which this business's portal lies; empty at the root.
    """

    cookie: str
    session_id: str | None
    seen: SessionView | None
    address: str
    user_agent: str | None
    prefix: str
    now: datetime


def session_cookie(config: PortalConfig, name: str, session_id: str) -> str:
    """Return the ``Set-Cookie`` header that hands a session's id to the browser.

    It is written by hand: ``Partitioned``, which a portal inside another site's frame needs,
    is unknown to the standard library.
    """
    lifetime = timedelta(days=config.session_max_days)
    return f"{name}={session_id}; Max-Age={int(lifetime.total_seconds())}; {_flags(config)}"


def expired_cookie(config: PortalConfig, name: str) -> str:
    """Return the ``Set-Cookie`` header that makes the browser drop a session's id."""
    return f"{name}=; Max-Age=0; {_flags(config)}"


def _flags(config: PortalConfig) -> str:
    flags = "Path=/; HttpOnly"
    if config.is_secure:
        flags += "; Secure"
    if config.session_same_site == "none" and config.is_secure:
        return f"{flags}; SameSite=None; Partitioned"
    return f"{flags}; SameSite=Lax"
