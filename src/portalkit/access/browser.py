"""What signing in and out needs to know: of the running portal, and of the browser."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.passwords import Passwords
from portalkit.access.sessions import SessionView
from portalkit.config import PortalConfig
from portalkit.hooks import AuthProvider, Declared, Hooks

__all__ = (
    "Browser",
    "Entrance",
    "PortalCookie",
    "address_of",
    "client_address",
    "dropped_cookie",
    "kept_cookie",
    "passing_cookie",
    "session_cookie",
)


class PortalCookie(Cookie):
    """A cookie whose header is written out.

    ``Partitioned``, which a portal inside another site's frame needs, is unknown to the
    standard library.
    """

    def __init__(self, key: str, header: str) -> None:
        super().__init__(key=key)
        self.header = header

    def to_encoded_header(self) -> tuple[bytes, bytes]:
        """Return name and value of the header."""
        return b"set-cookie", self.header.encode("latin-1")


class Entrance(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The parts of a running portal that let people in.

    Attributes:
        providers: Auth providers of the plugins that are switched on for the business.
        hooks: Calls them.
        make_session: Opens a session that writes and that is committed on its own: for what
            is kept even when a sign-in fails.
    """

    config: PortalConfig
    passwords: Passwords
    make_session: Callable[[], AsyncSession]
    providers: Sequence[Declared[AuthProvider]] = ()
    hooks: Hooks | None = None


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser sent along.

    Attributes:
        cookie: Name of the session's cookie for this business.
        session_id: What the browser holds as its session, whether or not it is one.
        seen: The session behind it, if there is one.
        step_cookie: Name of the cookie of a sign-in that waits for its second factor.
        step_id: What the browser holds as such, whether or not it is one.
        device_cookie: Name of the cookie by which a browser is remembered.
        device: What the browser holds as such, whether or not it is one.
        known_cookie: Name of the cookie of a browser in which somebody has signed in before.
        known: What the browser holds as such, whether or not it is one.
        mail_cookie: Name of the cookie of a browser that has asked for a code by mail.
        mail: What the browser holds as such, whether or not it is one.
        share_cookie: What the names of the cookies of shared documents begin with.
        view_cookie: Name of the cookie of staff who look at the portal as a contact.
        beside: What the browser holds under these names, by name.
        bound_to: What ties a form or a ticket to this browser: a hash of its session, or of
            the value that signed-out forms are bound to.
        new_pre_session: Tells the browser the value that signed-out forms are bound to, if
            it does not hold it yet; pages set it by themselves.
        must_enrol: Whoever is signed in must set up a second factor before anything else.
        address: Client address, after trusted proxies.
        prefix: Path under which this business's portal lies, base path included.
    """

    cookie: str
    session_id: str | None
    seen: SessionView | None
    step_cookie: str = "pk_step"
    step_id: str | None = None
    device_cookie: str = "pk_device"
    device: str | None = None
    known_cookie: str = "pk_known"
    known: str | None = None
    mail_cookie: str = "pk_mail"
    mail: str | None = None
    share_cookie: str = "pk_share"
    view_cookie: str = "pk_view"
    beside: Mapping[str, str] = {}
    bound_to: str = ""
    new_pre_session: PortalCookie | None = None
    must_enrol: bool = False
    address: str
    user_agent: str | None
    prefix: str
    now: datetime


def address_of(connection: ASGIConnection[Any, Any, Any, Any], trusted: Sequence[str]) -> str:
    """Return the address a request comes from, behind the proxies that are trusted (R22).

    A proxy may add a line of its own instead of appending to the one that is there: all of
    them are one list (RFC 9110, 5.3), or the first line, which anybody can send, would count.
    """
    return client_address(
        connection.client.host if connection.client is not None else "",
        ",".join(connection.headers.getall("x-forwarded-for", [])),
        trusted,
    )


def client_address(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """Return the address a request comes from, behind the proxies that are trusted (R22).

    Args:
        peer: Address of whoever is connected to us.
        forwarded: The lines of ``X-Forwarded-For``, joined by commas.
        trusted: Addresses and networks of our own proxies.
    """
    networks = [ipaddress.ip_network(entry, strict=False) for entry in trusted]
    address = peer
    # Each proxy appends whom it heard: read from the end, as long as we trust who says it.
    for said in reversed(forwarded.split(",")):
        if not _is_in(address, networks) or not _is_address(said.strip()):
            break
        address = said.strip()
    return address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return _is_address(address) and any(
        ipaddress.ip_address(address) in network for network in networks
    )


def kept_cookie(config: PortalConfig, name: str, value: str, lifetime: timedelta) -> PortalCookie:
    """Return the cookie that makes the browser keep a secret of ours for so long."""
    age = int(lifetime.total_seconds())
    return PortalCookie(name, f"{name}={value}; Max-Age={age}; {_flags(config)}")


def passing_cookie(config: PortalConfig, name: str, value: str) -> PortalCookie:
    """Return the cookie that the browser keeps until it is closed."""
    return PortalCookie(name, f"{name}={value}; {_flags(config)}")


def session_cookie(config: PortalConfig, name: str, session_id: str) -> PortalCookie:
    """Return the cookie that hands a session's id to the browser."""
    return kept_cookie(config, name, session_id, timedelta(days=config.session_max_days))


def dropped_cookie(config: PortalConfig, name: str) -> PortalCookie:
    """Return the cookie that makes the browser drop what it keeps under this name."""
    return PortalCookie(name, f"{name}=; Max-Age=0; {_flags(config)}")


def _flags(config: PortalConfig) -> str:
    flags = "Path=/; HttpOnly"
    if config.is_secure:
        flags += "; Secure"
    if config.session_same_site == "none" and config.is_secure:
        return f"{flags}; SameSite=None; Partitioned"
    return f"{flags}; SameSite=Lax"
