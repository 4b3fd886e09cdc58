"""What protects the access of whoever is signed in, contacts and staff alike, on one page."""

from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance, session_cookie
from portalkit.access.businesses import BusinessView
from portalkit.access.credentials import account_of, renew_session
from portalkit.access.factors import factor_state
from portalkit.access.identities import list_identities
from portalkit.access.passkey_options import relying_party
from portalkit.access.passkey_pages import PASSKEY_ROUTES
from portalkit.access.passkeys import list_passkeys
from portalkit.access.paths import own_path
from portalkit.access.provider_entry import providers_for
from portalkit.access.provider_pages import PROVIDER_ROUTES
from portalkit.access.proving import (
    ProofForm,
    Question,
    ask_proof,
    proof_errors,
    seen_by,
)
from portalkit.access.remembered import forget_device, list_devices
from portalkit.access.second_step import note_change, prove_again
from portalkit.access.security_views import passkey_rows, provider_rows, remembered_rows
from portalkit.access.sessions import hold_session
from portalkit.access.totp_pages import OWN, TOTP_ROUTES
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page

__all__ = ("SECURITY_ROUTES",)


def _crumbs(page: Page, translator: Translator, *, is_staff: bool) -> tuple[Crumb, ...]:
    here = Crumb(label=translator.gettext("Sign-in and security"))
    if is_staff:
        return (here,)
    return (
        Crumb(label=translator.gettext("Home"), url=page.url("home:home")),
        Crumb(label=translator.gettext("Profile"), url=page.url("profile:profile")),
        here,
    )


@get("/security", name="access:security", opt=OWN)
async def show_security(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show what is asked for beside the password, and what can be added."""
    if browser.must_enrol:
        return page.redirect(page.url("access:totp"))
    seen = seen_by(browser)
    account = await account_of(session, seen)
    is_staff = seen.kind is SessionKind.STAFF
    devices = await list_devices(session, account, browser.now)
    return await page.render(
        "access/security.html",
        crumbs=_crumbs(page, translator, is_staff=is_staff),
        email=account.email,
        is_staff=is_staff,
        may_have_password=entrance.config.access.password_sign_in,
        has_password=account.password_hash is not None,
        has_second=account.has_second_factor,
        factors=await factor_state(session, account),
        has_passkeys=relying_party(entrance.config, business) is not None,
        passkeys=passkey_rows(await list_passkeys(session, account), page, translator, browser.now),
        providers=provider_rows(
            providers_for(entrance, seen.kind),
            await list_identities(session, account),
            page,
            translator,
        ),
        devices=remembered_rows(devices, page, translator, browser.now),
    )


def _question(page: Page) -> Question:
    return Question(
        title=lazy_gettext("Is it you?"),
        text=lazy_gettext("You signed in a while ago. Confirm it before you change this."),
        button=lazy_gettext("Continue"),
        url=page.url("access:confirm"),
        back_url=page.url("access:security"),
    )


@get("/security/confirm", name="access:confirm", opt=OWN)
async def show_confirm(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Ask again who it is, a while after the sign-in."""
    account = await account_of(session, seen_by(browser))
    wish = own_path(wish, "", prefix=browser.prefix)
    return await ask_proof(page, entrance, browser, account, _question(page), wish=wish)


@post("/security/confirm", name="access:confirm.post", opt=OWN)
async def confirm(
    *,
    data: URLEncodedBody[ProofForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Begin the session anew for whoever proves who it is."""
    seen = seen_by(browser)
    try:
        account = await prove_again(
            entrance, session, browser, password=data.password, code=data.code
        )
    except InputRefusedError as error:
        account = await account_of(session, seen)
        wish = own_path(data.next, "", prefix=browser.prefix)
        return await ask_proof(
            page,
            entrance,
            browser,
            account,
            _question(page),
            wish=wish,
            errors=proof_errors(error),
        )
    await hold_session(session, seen)
    is_strong = seen.is_strong or bool(data.code.strip())
    session_id = await renew_session(session, entrance, browser, is_strong=is_strong)
    home = page.url("access:security")
    response = page.redirect(own_path(data.next, home, prefix=browser.prefix))
    response.cookies.append(session_cookie(entrance.config, browser.cookie, session_id))
    return response


@post("/security/devices/{device:str}/forget", name="access:device.forget", opt=OWN)
async def forget(
    *,
    device: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Ask a remembered browser again the next time."""
    account = await account_of(session, seen_by(browser))
    if not await forget_device(session, account, device):
        raise NotFoundError("no such remembered browser of this account")
    await note_change(session, account, "access.device_forgotten", browser.now)
    notice = Notice(text=lazy_gettext("This device is asked for the second step again."))
    return page.redirect(page.url("access:security"), notice=notice)


SECURITY_ROUTES: Final = (
    show_security,
    show_confirm,
    confirm,
    forget,
    *TOTP_ROUTES,
    *PASSKEY_ROUTES,
    *PROVIDER_ROUTES,
)
"""Routes of whoever is signed in, below ``/security``."""
