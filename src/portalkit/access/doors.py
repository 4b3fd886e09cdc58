"""Where each kind of visitor comes in and lands, and what leads from one step to the next."""

from typing import Any, Final

import msgspec
from litestar import Response

from portalkit.access.browser import (
    Browser,
    Entrance,
    dropped_cookie,
    kept_cookie,
    session_cookie,
)
from portalkit.access.businesses import BusinessView
from portalkit.access.entering import PENDING_FOR, Entered
from portalkit.access.passkey_options import relying_party
from portalkit.access.paths import own_path
from portalkit.access.provider_entry import providers_for
from portalkit.access.remembered import REMEMBERED_FOR
from portalkit.context import SessionKind
from portalkit.model import Text
from portalkit.rendering.page import Notice, Page

__all__ = ("DOORS", "HOMES", "SignInWays", "answer_entered", "sign_in_ways")

HOMES: Final = {SessionKind.PERSON: "home:home", SessionKind.STAFF: "backoffice:home"}
"""First pages, as route names."""

DOORS: Final = {SessionKind.PERSON: "access:login", SessionKind.STAFF: "backoffice:login"}
"""Pages to sign in on, as route names."""


class SignInWays(msgspec.Struct, frozen=True, kw_only=True):
    """The ways that a page to sign in on offers, beside a link that one was sent.

    Attributes:
        providers: Name and title of each auth provider.
    """

    has_passwords: bool
    has_passkeys: bool
    providers: tuple[tuple[str, Text], ...] = ()


def sign_in_ways(entrance: Entrance, business: BusinessView, kind: SessionKind) -> SignInWays:
    """Return the ways in to a business at one of its doors."""
    providers = [declared.value for declared in providers_for(entrance, kind)]
    return SignInWays(
        providers=tuple((provider.name, provider.title) for provider in providers),
        has_passwords=entrance.config.access.password_sign_in,
        has_passkeys=relying_party(entrance.config, business) is not None,
    )


def answer_entered(
    page: Page,
    entrance: Entrance,
    browser: Browser,
    entered: Entered,
    *,
    kind: SessionKind,
    wish: str | None = None,
    notice: Notice | None = None,
) -> Response[Any]:
    """Lead whoever is in to where they wanted to go, and everybody else to the next step.

    Args:
        page: The frame.
        entrance: The portal's.
        browser: Who came in.
        entered: How far.
        kind: At which door.
        wish: The ``next`` of the request; it may be foreign.
        notice: What is said on the page they land on.
    """
    config = entrance.config
    wish = own_path(wish, "", prefix=browser.prefix)
    if entered.is_pending:
        response = page.redirect(page.url("access:code", next=wish or None))
        kept = kept_cookie(config, browser.step_cookie, entered.session_id, PENDING_FOR)
        response.cookies.append(kept)
        return response
    response = page.redirect(wish or page.url(HOMES[kind]), notice=notice)
    response.cookies.append(session_cookie(config, browser.cookie, entered.session_id))
    if entered.device_token is not None:
        kept = kept_cookie(config, browser.device_cookie, entered.device_token, REMEMBERED_FOR)
        response.cookies.append(kept)
    if browser.step_id:
        response.cookies.append(dropped_cookie(config, browser.step_cookie))
    return response
