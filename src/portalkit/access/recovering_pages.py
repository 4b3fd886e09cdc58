"""The pages of a forgotten password: where the mail is asked for, and where its link leads."""

from http import HTTPStatus
from typing import Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.asking import asked_address, require_mail
from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.credentials import require_passwords
from portalkit.access.doors import DOORS, answer_entered, keep_known, password_errors
from portalkit.access.link_pages import show_dead_link
from portalkit.access.links import LinkPurpose, LinkView, find_link
from portalkit.access.passwords import MIN_PASSWORD
from portalkit.access.recovering import ask_recovery, recover, recovering_account
from portalkit.access.signing_in import count_try, link_tries
from portalkit.access.throttle import give_back
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page

__all__ = ("RECOVERING_ROUTES",)

_NO_ADDRESS: Final = lazy_gettext("That is no e-mail address. Check it.")
_DONE: Final = lazy_gettext("Your new password is set.")


class ForgotForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has forgotten it."""

    email: str


class ResetForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new password; ``username`` is there for password managers only."""

    new_password: str
    username: str = ""


def _require(config: PortalConfig) -> None:
    require_passwords(config)
    require_mail(config)


async def _show_forgot(
    page: Page, door: str, *, email: str = "", errors: dict[str, Text] | None = None
) -> Response[Any]:
    kind = SessionKind(door)
    return await page.render(
        "access/forgot.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        action_url=page.url("access:forgot", door=door),
        door_url=page.url(DOORS[kind]),
        is_staff=kind is SessionKind.STAFF,
        email=email,
        errors=errors or {},
    )


@get("/login/forgot", name="access:forgot", opt={"public": True})
async def show_forgot(
    *,
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    door: FromQuery[Literal["person", "staff"]] = "person",
) -> Response[Any]:
    """Ask for the address that the link is sent to."""
    _require(entrance.config)
    return await _show_forgot(page, door)


@post("/login/forgot", name="access:forgot.post", opt={"public": True})
async def forgot(
    *,
    data: URLEncodedBody[ForgotForm],
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    door: FromQuery[Literal["person", "staff"]] = "person",
) -> Response[Any]:
    """Take an order for the mail; the answer is the same whether or not anybody gets it."""
    _require(entrance.config)
    try:
        email = asked_address(data.email)
    except InputRefusedError:
        errors: dict[str, Text] = {"email": _NO_ADDRESS}
        return await _show_forgot(page, door, email=data.email, errors=errors)
    kind = SessionKind(door)
    await ask_recovery(entrance, browser, kind=kind, business_id=business.id, email=email)
    return page.redirect(page.url("access:forgot.sent", door=door))


@get("/login/forgot/sent", name="access:forgot.sent", opt={"public": True})
async def show_sent(
    *,
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    door: FromQuery[Literal["person", "staff"]] = "person",
) -> Response[Any]:
    """Say that a mail is on its way, if there is somebody to write to."""
    _require(entrance.config)
    kind = SessionKind(door)
    return await page.render(
        "access/forgot_sent.html",
        door_url=page.url(DOORS[kind]),
        again_url=page.url("access:forgot", door=door),
        is_staff=kind is SessionKind.STAFF,
    )


async def _find(
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    token: str,
) -> tuple[LinkView, Account] | None:
    """Return the link of a token and whose password it sets; nothing is consumed."""
    link = await find_link(
        session,
        entrance.config.secret_keys,
        token,
        business_id=business.id,
        now=browser.now,
        purpose=LinkPurpose.RECOVERY,
    )
    account = None if link is None else await recovering_account(session, link)
    return None if link is None or account is None else (link, account)


async def _show_dead(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    token: str,
) -> Response[Any]:
    return await show_dead_link(
        page, session, entrance, business, browser, token=token, purposes=(LinkPurpose.RECOVERY,)
    )


async def _show_reset(
    page: Page, token: str, account: Account, errors: dict[str, Text] | None = None
) -> Response[Any]:
    return await page.render(
        "access/reset.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        action_url=page.url("access:reset", token=token),
        email=account.email,
        is_staff=account.kind is SessionKind.STAFF,
        min_password=MIN_PASSWORD,
        errors=errors or {},
    )


@get("/login/reset/{token:str}", name="access:reset", opt={"public": True})
async def show_reset(
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Ask for the new password; programs that open every address of a mail use nothing up."""
    _require(entrance.config)
    found = await _find(session, entrance, business, browser, token)
    if found is None:
        return await _show_dead(page, session, entrance, business, browser, token=token)
    return await _show_reset(page, token, found[1])


@post("/login/reset/{token:str}", name="access:reset.post", opt={"public": True})
async def reset(
    *,
    token: FromPath[str],
    data: URLEncodedBody[ResetForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Set the new password and use the link up; a refused password leaves it as it is."""
    _require(entrance.config)
    tries = link_tries(browser.address)
    await count_try(entrance, tries, browser.now)
    # Read on its own: hashing takes long, and on SQLite nobody else could write meanwhile.
    async with entrance.make_session() as own:
        found = await _find(own, entrance, business, browser, token)
    if found is None:
        return await _show_dead(page, session, entrance, business, browser, token=token)
    link, account = found
    try:
        async with entrance.passwords.door():
            entered = await recover(
                entrance,
                session,
                link,
                account,
                new=data.new_password,
                words=(business.name, business.slug),
                browser=browser,
            )
    except InputRefusedError as error:
        return await _show_reset(page, token, account, password_errors(error))
    if entered is None:
        return await _show_dead(page, session, entrance, business, browser, token=token)
    await give_back(session, tries)
    response = answer_entered(
        page, entrance, browser, entered, kind=account.kind, notice=Notice(text=_DONE)
    )
    keep_known(response, entrance, browser, entered)
    return response


RECOVERING_ROUTES: Final = (show_forgot, forgot, show_sent, show_reset, reset)
"""Routes of a forgotten password."""
