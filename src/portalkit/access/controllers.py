"""The doors of the portal: sign in and out, one-time links, one's own password."""

from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.browser import (
    Browser,
    Entrance,
    dropped_cookie,
    session_cookie,
)
from portalkit.access.businesses import BusinessView
from portalkit.access.code_pages import CODE_ROUTES
from portalkit.access.credentials import (
    account_of,
    change_password,
    must_prove_first,
    require_passwords,
)
from portalkit.access.doors import (
    DOORS,
    HOMES,
    answer_entered,
    keep_known,
    password_errors,
    renew_known,
    show_sign_in,
    sign_in_ways,
)
from portalkit.access.link_pages import LINK_ROUTES
from portalkit.access.passwords import MIN_PASSWORD
from portalkit.access.paths import own_path
from portalkit.access.preferences import language_route, theme_route
from portalkit.access.proving import confirm_first, seen_by
from portalkit.access.recovering_pages import RECOVERING_ROUTES
from portalkit.access.security_pages import SECURITY_ROUTES
from portalkit.access.sessions import close_session, session_hash
from portalkit.access.signing_in import sign_in
from portalkit.access.step_pages import STEP_ROUTES
from portalkit.audit import Actor, record
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page

__all__ = (
    "ACCESS_ROUTES",
    "PasswordForm",
    "SignInForm",
    "answer_sign_in",
    "answer_sign_out",
)

# One sentence for a wrong password, an unknown address and withdrawn access (security R20).
_REFUSED: Final = lazy_gettext("The e-mail or the password is not right. Check both.")


class SignInForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody types to sign in."""

    email: str
    password: str
    next: str = ""


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new password; ``username`` is there for password managers only."""

    new_password: str
    current_password: str = ""
    username: str = ""
    next: str = ""


async def answer_sign_in(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    *,
    kind: SessionKind,
    business: BusinessView,
    browser: Browser,
    form: SignInForm,
) -> Response[Any]:
    """Let somebody in, or show the form again with one sentence for every reason."""
    require_passwords(entrance.config)
    async with entrance.passwords.door():
        entered = await sign_in(
            entrance,
            session,
            kind=kind,
            business_id=business.id,
            email=form.email,
            password=form.password,
            browser=browser,
        )
    if entered is None:
        return await show_sign_in(
            page,
            kind,
            ways=sign_in_ways(entrance, business, kind),
            wish=own_path(form.next, "", prefix=browser.prefix),
            email=form.email,
            errors={"": _REFUSED},
        )
    response = answer_entered(page, entrance, browser, entered, kind=kind, wish=form.next)
    keep_known(response, entrance, browser, entered)
    return response


async def answer_sign_out(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    *,
    business: BusinessView,
    browser: Browser,
) -> Response[Any]:
    """End the session, if there is one, and lead back to the door it was opened at.

    What the browser holds beside it ends too: whoever comes next sees no shared document.
    """
    seen = browser.seen
    kind = SessionKind.STAFF if seen and seen.kind is SessionKind.STAFF else SessionKind.PERSON
    if seen is not None:
        await close_session(session, seen.id_hash, business_id=business.id)
        await record(
            session,
            business_id=business.id,
            contact_id=seen.contact_id,
            name="access.signed_out",
            actor=Actor(kind=seen.kind.value, id=seen.staff_id or seen.person_id, name=seen.name),
            at=browser.now,
        )
    for held in browser.beside.values():
        await close_session(session, session_hash(held), business_id=business.id)
    notice = Notice(text=lazy_gettext("You have signed out."))
    response = page.redirect(page.url(DOORS[kind]), notice=notice)
    for name in (browser.cookie, *browser.beside):
        response.cookies.append(dropped_cookie(entrance.config, name))
    if not entrance.config.base_path:
        # Under a host's path the cache is the host's too (decision 19).
        response.headers["clear-site-data"] = '"cache"'
    return response


@get("/login", name="access:login", opt={"public": True})
async def show_login(
    *,
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Show where a person signs in, unless one is signed in already."""
    wish = own_path(wish, "", prefix=browser.prefix)
    if browser.seen is not None and browser.seen.kind is SessionKind.PERSON:
        return page.redirect(wish or page.url("home:home"))
    ways = sign_in_ways(entrance, business, SessionKind.PERSON)
    return await show_sign_in(page, SessionKind.PERSON, ways=ways, wish=wish)


@post("/login", name="access:login.post", opt={"public": True})
async def login(
    *,
    data: URLEncodedBody[SignInForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Sign a person in."""
    return await answer_sign_in(
        page,
        session,
        entrance,
        kind=SessionKind.PERSON,
        business=business,
        browser=browser,
        form=data,
    )


@post("/logout", name="access:logout", opt={"public": True})
async def logout(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Sign whoever it is out."""
    return await answer_sign_out(page, session, entrance, business=business, browser=browser)


@get("/password", name="access:password", opt={"public": True})
async def show_password(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Show where whoever is signed in chooses a password: the first, or after a one-time one."""
    require_passwords(entrance.config)
    account = await account_of(session, seen_by(browser))
    if must_prove_first(account):
        here = page.url("access:password", next=own_path(wish, "", prefix=browser.prefix) or None)
        if (first := confirm_first(page, browser, here)) is not None:
            return first
    return await _show_password(page, account, browser, wish=wish)


@post("/password", name="access:password.post", opt={"public": True})
async def set_password(
    *,
    data: URLEncodedBody[PasswordForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Set one's own password; every other session ends, and this one goes on renewed."""
    seen = seen_by(browser)
    try:
        session_id = await change_password(
            entrance,
            session,
            browser=browser,
            current=data.current_password,
            new=data.new_password,
            words=(business.name, business.slug),
        )
    except InputRefusedError as error:
        account = await account_of(session, seen)
        errors = password_errors(error)
        return await _show_password(page, account, browser, wish=data.next, errors=errors)
    response = page.redirect(
        own_path(data.next, page.url(HOMES[seen.kind]), prefix=browser.prefix),
        notice=Notice(text=lazy_gettext("Your new password is set.")),
    )
    response.cookies.append(session_cookie(entrance.config, browser.cookie, session_id))
    renew_known(response, entrance, browser, await account_of(session, seen))
    return response


async def _show_password(
    page: Page,
    account: Account,
    browser: Browser,
    *,
    wish: str,
    errors: dict[str, Text] | None = None,
) -> Response[Any]:
    wish = own_path(wish, "", prefix=browser.prefix)
    return await page.render(
        "access/change_password.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        errors=errors or {},
        action_url=page.url("access:password"),
        email=account.email,
        min_password=MIN_PASSWORD,
        has_current=account.password_hash is not None and not account.must_change_password,
        must_change=account.must_change_password,
        next=wish,
        back_url=wish or page.url("core:front"),
    )


ACCESS_ROUTES: Final = (
    show_login,
    login,
    logout,
    *LINK_ROUTES,
    *CODE_ROUTES,
    *RECOVERING_ROUTES,
    show_password,
    set_password,
    *STEP_ROUTES,
    *SECURITY_ROUTES,
    language_route,
    theme_route,
)
"""Routes of the kernel, beside those of sections."""
