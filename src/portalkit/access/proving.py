"""The question that comes before a factor is changed: is it really you?"""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response

from portalkit.access.accounts import Account
from portalkit.access.browser import Browser, Entrance
from portalkit.access.sessions import SessionView, is_fresh
from portalkit.errors import InputRefusedError, SignInRequiredError
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Page

__all__ = (
    "SIGN_IN_ANEW",
    "ProofForm",
    "Question",
    "ask_proof",
    "confirm_first",
    "proof_errors",
    "seen_by",
)

_ERRORS: Final[dict[str, Text]] = {
    "password": lazy_gettext("That is not your present password."),
    "code": lazy_gettext("That code is not right, or it was used already."),
}
SIGN_IN_ANEW: Final = lazy_gettext("Sign out and in again: this is possible right afterwards.")
"""For whoever has nothing else to prove it with."""


class ProofForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What proves it: the password, or a code of the app or of the paper."""

    password: str = ""
    code: str = ""
    next: str = ""
    username: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for and what will happen then.

    Attributes:
        url: Where the form posts.
        back_url: Where "Cancel" leads.
        is_danger: Something is taken away.
    """

    title: Text
    text: Text
    button: Text
    url: str
    back_url: str
    is_danger: bool = False


def seen_by(browser: Browser) -> SessionView:
    """Return the session of whoever is signed in; the guard lets nobody else in.

    Raises:
        SignInRequiredError: If nobody is.
    """
    if browser.seen is None:
        raise SignInRequiredError
    return browser.seen


def proof_errors(error: InputRefusedError) -> dict[str, Text]:
    """Return the sentence for a proof that was wrong, by its field."""
    return {error.field: _ERRORS[error.field]}


async def ask_proof(
    page: Page,
    entrance: Entrance,
    browser: Browser,
    account: Account,
    question: Question,
    *,
    wish: str = "",
    errors: dict[str, Text] | None = None,
) -> Response[Any]:
    """Answer with the page that asks for a password or a code."""
    has_password = account.password_hash is not None and entrance.config.access.password_sign_in
    can_prove = has_password or account.has_second_factor or is_fresh(seen_by(browser), browser.now)
    if errors and not (has_password or account.has_second_factor):
        errors = {"": SIGN_IN_ANEW}
    return await page.render(
        "access/prove.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        question=question,
        email=account.email,
        has_password=has_password,
        has_code=account.has_second_factor,
        can_prove=can_prove,
        next=wish,
        errors=errors or {},
    )


def confirm_first(page: Page, browser: Browser, wish: str) -> Response[Any] | None:
    """Return the way to the page that asks who it is, unless that was just proven.

    Args:
        page: The frame.
        browser: Of whoever is signed in.
        wish: Own path to come back to.
    """
    if is_fresh(seen_by(browser), browser.now):
        return None
    return page.redirect(f"{page.url('access:confirm')}?{urlencode({'next': wish})}")
