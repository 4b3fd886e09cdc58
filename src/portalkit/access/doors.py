"""Where each kind of visitor comes in and lands, and what leads from one step to the next."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response

from portalkit.access.accounts import Account
from portalkit.access.browser import (
    Browser,
    Entrance,
    dropped_cookie,
    kept_cookie,
    session_cookie,
)
from portalkit.access.businesses import BusinessView
from portalkit.access.entering import PENDING_FOR, Entered
from portalkit.access.known import KNOWN_FOR, is_known, known_value
from portalkit.access.passkey_options import relying_party
from portalkit.access.passwords import MIN_PASSWORD
from portalkit.access.paths import own_path
from portalkit.access.provider_entry import providers_for
from portalkit.access.proving import SIGN_IN_ANEW
from portalkit.access.remembered import REMEMBERED_FOR
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError
from portalkit.hooks.types import Slot
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page

__all__ = (
    "DOORS",
    "HOMES",
    "SignInWays",
    "answer_entered",
    "keep_known",
    "password_errors",
    "renew_known",
    "show_sign_in",
    "sign_in_ways",
)

_TEMPLATES: Final = {
    SessionKind.PERSON: "access/login.html",
    SessionKind.STAFF: "access/staff_login.html",
}
_PASSWORD_ERRORS: Final[dict[tuple[str, str], Text]] = {
    ("password", "too_short"): lazy_gettext(
        "Use at least %(number)d characters.", number=MIN_PASSWORD
    ),
    ("password", "too_long"): lazy_gettext("This password is too long: 128 characters at most."),
    ("password", "too_common"): lazy_gettext(
        "This password is too easy to guess: it is on the lists that attackers try first."
    ),
    ("", "not_fresh"): SIGN_IN_ANEW,
    ("current_password", "wrong"): lazy_gettext("That is not your present password."),
}

HOMES: Final = {SessionKind.PERSON: "home:home", SessionKind.STAFF: "backoffice:home"}
"""First pages, as route names."""

DOORS: Final = {SessionKind.PERSON: "access:login", SessionKind.STAFF: "backoffice:login"}
"""Pages to sign in on, as route names."""


class SignInWays(msgspec.Struct, frozen=True, kw_only=True):
    """The ways that a page to sign in on offers, beside a link that one was sent.

    Attributes:
        has_mail: A code and a link can be sent.
        providers: Name and title of each auth provider.
    """

    has_passwords: bool
    has_passkeys: bool
    has_mail: bool
    providers: tuple[tuple[str, Text], ...] = ()


def sign_in_ways(entrance: Entrance, business: BusinessView, kind: SessionKind) -> SignInWays:
    """Return the ways in to a business at one of its doors."""
    providers = [declared.value for declared in providers_for(entrance, kind)]
    return SignInWays(
        providers=tuple((provider.name, provider.title) for provider in providers),
        has_passwords=entrance.config.access.password_sign_in,
        has_mail=entrance.config.smtp_url is not None,
        has_passkeys=relying_party(entrance.config, business) is not None,
    )


def password_errors(error: InputRefusedError) -> dict[str, Text]:
    """Return the sentence for a refused password, by the field of the form it belongs to."""
    field = "new_password" if error.field == "password" else error.field
    return {field: _PASSWORD_ERRORS[error.field, error.reason]}


async def show_sign_in(
    page: Page,
    kind: SessionKind,
    *,
    ways: SignInWays,
    wish: str,
    email: str = "",
    errors: dict[str, Text] | None = None,
) -> Response[Any]:
    """Answer with the page on which a person or a member of staff signs in."""
    return await page.render(
        _TEMPLATES[kind],
        slots=(Slot.LOGIN_BELOW_FORM,) if kind is SessionKind.PERSON else (),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        email=email,
        errors=errors or {},
        next=wish,
        ways=ways,
        door=kind.value,
        action_url=page.url(DOORS[kind]),
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
    offers_password: bool = False,
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
        offers_password: Whoever has no password is asked first whether they want one: once
            in each browser.
    """
    config = entrance.config
    wish = own_path(wish, "", prefix=browser.prefix)
    if entered.is_pending:
        response = page.redirect(page.url("access:code", next=wish or None))
        kept = kept_cookie(config, browser.step_cookie, entered.session_id, PENDING_FOR)
        response.cookies.append(kept)
        return response
    first = wish or (page.url("profile:contacts") if entered.may_choose else "")
    target = first or page.url(HOMES[kind])
    if _must_change_password(entrance, entered.account) or (
        offers_password and _may_want_password(entrance, browser, entered.account)
    ):
        target = page.url("access:password", next=first or None)
    response = page.redirect(target, notice=notice)
    response.cookies.append(session_cookie(config, browser.cookie, entered.session_id))
    if entered.device_token is not None:
        kept = kept_cookie(config, browser.device_cookie, entered.device_token, REMEMBERED_FOR)
        response.cookies.append(kept)
    if browser.step_id:
        response.cookies.append(dropped_cookie(config, browser.step_cookie))
    return response


def _must_change_password(entrance: Entrance, account: Account) -> bool:
    return account.must_change_password and entrance.config.access.password_sign_in


def _may_want_password(entrance: Entrance, browser: Browser, account: Account) -> bool:
    if account.password_hash is not None or not entrance.config.access.password_sign_in:
        return False
    return not is_known(entrance.config.secret_keys, account, browser.known)


def keep_known(
    response: Response[Any], entrance: Entrance, browser: Browser, entered: Entered
) -> None:
    """Let a browser in which somebody was let in have tries of its own from now on.

    Whoever has proven only the first factor is not let in yet, and has no more tries than
    anybody else at the second one.
    """
    if not entered.is_pending:
        renew_known(response, entrance, browser, entered.account)


def renew_known(
    response: Response[Any], entrance: Entrance, browser: Browser, account: Account
) -> None:
    """Do the same after a password or a factor was changed, which ends all older values.

    Args:
        response: The answer.
        entrance: The portal's.
        browser: Of whoever is signed in.
        account: As it is now.
    """
    config = entrance.config
    known = known_value(config.secret_keys, account)
    response.cookies.append(kept_cookie(config, browser.known_cookie, known, KNOWN_FOR))
