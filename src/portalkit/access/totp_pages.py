"""Setting up an app for codes, taking it away, and the recovery codes on paper."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.credentials import account_of
from portalkit.access.doors import renew_known
from portalkit.access.factors import factor_added, factors_changed
from portalkit.access.passkey_options import relying_party
from portalkit.access.proving import (
    ProofForm,
    Question,
    ask_proof,
    confirm_first,
    proof_errors,
    seen_by,
)
from portalkit.access.recovery import make_recovery_codes
from portalkit.access.second_step import note_change, prove_again
from portalkit.access.tickets import TicketPurpose, make_ticket, read_ticket
from portalkit.access.totp import (
    forget_totp,
    has_totp,
    matching_step,
    new_totp_secret,
    store_totp,
    totp_uri,
)
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.hooks.types import Tone
from portalkit.i18n import Translator
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page
from portalkit.rendering.sheet.qr import secret_qr

__all__ = ("OWN", "TOTP_ROUTES", "show_codes")

OWN: Final = {"own_account": True}
"""Options of a route for whoever is signed in."""

_WRONG: Final = lazy_gettext(
    "That is not the present code. Check the clock of your phone and type the next one."
)
_TOO_LATE: Final = lazy_gettext("That took too long. Scan the new code.")


class TotpForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first code of an app, and what the app was shown."""

    ticket: str
    code: str


async def show_codes(page: Page, account: Account, codes: tuple[str, ...]) -> Response[Any]:
    """Show recovery codes, the only time that anybody sees them."""
    lines = [f"{page.brand.name} · {account.email}", "", *codes, ""]
    return await page.render(
        "access/recovery_codes.html",
        codes=codes,
        # A file without a further request: nobody but this page has ever known them.
        file_url=f"data:text/plain;charset=utf-8,{quote(chr(10).join(lines))}",
    )


async def _show_totp(
    page: Page,
    account: Account,
    *,
    ticket: str,
    secret: str,
    translator: Translator,
    is_required: bool,
    other_url: str | None,
    errors: dict[str, Text] | None = None,
) -> Response[Any]:
    uri = totp_uri(secret, email=account.email, business=page.brand.name)
    return await page.render(
        "access/totp.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        qr=secret_qr(uri, translator.gettext("QR code for your app")),
        app_url=uri,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        ticket=ticket,
        is_required=is_required,
        other_url=other_url,
        errors=errors or {},
    )


@get("/security/totp", name="access:totp", opt=OWN)
async def show_totp(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show a new secret for an app; nothing is kept before its first code is typed."""
    here = page.url("access:totp")
    if (first := confirm_first(page, browser, here)) is not None:
        return first
    account = await account_of(session, seen_by(browser))
    if await has_totp(session, account):
        return page.redirect(page.url("access:security"))
    secret = new_totp_secret()
    ticket = make_ticket(
        entrance.config.secret_keys,
        TicketPurpose.TOTP,
        bound_to=browser.bound_to,
        now=browser.now,
        data={"secret": secret},
    )
    return await _show_totp(
        page,
        account,
        ticket=ticket,
        secret=secret,
        translator=translator,
        is_required=browser.must_enrol,
        other_url=_other_url(page, entrance, business),
    )


def _other_url(page: Page, entrance: Entrance, business: BusinessView) -> str | None:
    party = relying_party(entrance.config, business)
    return None if party is None else page.url("access:passkey.new")


@post("/security/totp", name="access:totp.post", opt=OWN)
async def add_totp(
    *,
    data: URLEncodedBody[TotpForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Keep the app whose code is right; every other session ends."""
    here = page.url("access:totp")
    if (first := confirm_first(page, browser, here)) is not None:
        return first
    keys, seen = entrance.config.secret_keys, seen_by(browser)
    ticket = read_ticket(
        keys, TicketPurpose.TOTP, data.ticket, bound_to=browser.bound_to, now=browser.now
    )
    if ticket is None:
        return page.redirect(here, notice=Notice(text=_TOO_LATE, tone=Tone.WARNING))
    account = await account_of(session, seen)
    secret = ticket.data["secret"]
    step = matching_step(secret, data.code, browser.now)
    if step is None:
        return await _show_totp(
            page,
            account,
            ticket=data.ticket,
            secret=secret,
            translator=translator,
            is_required=browser.must_enrol,
            other_url=_other_url(page, entrance, business),
            errors={"code": _WRONG},
        )
    await store_totp(session, keys, account, secret, step=step, now=browser.now)
    codes = await factor_added(session, account, keep=seen.id_hash, now=browser.now)
    await note_change(session, account, "access.totp_added", browser.now)
    if codes:
        response = await show_codes(page, account, codes)
    else:
        notice = Notice(text=lazy_gettext("From now on you are asked for a code of your app."))
        response = page.redirect(page.url("access:security"), notice=notice)
    renew_known(response, entrance, browser, await account_of(session, seen))
    return response


def _removal(page: Page) -> Question:
    return Question(
        title=lazy_gettext("Remove the app for codes"),
        text=lazy_gettext("You will not be asked for its codes any more."),
        button=lazy_gettext("Remove the app"),
        url=page.url("access:totp.remove"),
        back_url=page.url("access:security"),
        is_danger=True,
    )


@get("/security/totp/remove", name="access:totp.remove", opt=OWN)
async def show_remove_totp(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Ask who it is before the app is removed."""
    account = await account_of(session, seen_by(browser))
    return await ask_proof(page, entrance, browser, account, _removal(page))


@post("/security/totp/remove", name="access:totp.remove.post", opt=OWN)
async def remove_totp(
    *,
    data: URLEncodedBody[ProofForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Remove the app of whoever proves who it is."""
    try:
        account = await prove_again(
            entrance, session, browser, password=data.password, code=data.code
        )
    except InputRefusedError as error:
        account = await account_of(session, seen_by(browser))
        return await ask_proof(
            page, entrance, browser, account, _removal(page), errors=proof_errors(error)
        )
    if not await forget_totp(session, account):
        raise NotFoundError(f"{account.id} has no app for codes")
    await factors_changed(session, account)
    await note_change(session, account, "access.totp_removed", browser.now)
    notice = Notice(text=lazy_gettext("The app for codes is removed."))
    response = page.redirect(page.url("access:security"), notice=notice)
    renew_known(response, entrance, browser, await account_of(session, seen_by(browser)))
    return response


def _new_codes(page: Page) -> Question:
    return Question(
        title=lazy_gettext("New recovery codes"),
        text=lazy_gettext("The codes that you have kept so far stop working."),
        button=lazy_gettext("Make new codes"),
        url=page.url("access:recovery.codes"),
        back_url=page.url("access:security"),
    )


@get("/security/recovery-codes", name="access:recovery.codes", opt=OWN)
async def show_new_codes(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Ask who it is before new codes are made."""
    account = await account_of(session, seen_by(browser))
    if not account.has_second_factor:
        return page.redirect(page.url("access:security"))
    return await ask_proof(page, entrance, browser, account, _new_codes(page))


@post("/security/recovery-codes", name="access:recovery.codes.post", opt=OWN)
async def make_new_codes(
    *,
    data: URLEncodedBody[ProofForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Make new codes for whoever proves who it is; the older ones stop working."""
    try:
        account = await prove_again(
            entrance, session, browser, password=data.password, code=data.code
        )
    except InputRefusedError as error:
        account = await account_of(session, seen_by(browser))
        return await ask_proof(
            page, entrance, browser, account, _new_codes(page), errors=proof_errors(error)
        )
    if not account.has_second_factor:
        raise NotFoundError(f"{account.id} has no second factor")
    codes = await make_recovery_codes(session, account, browser.now)
    await note_change(session, account, "access.recovery_codes_made", browser.now)
    return await show_codes(page, account, codes)


TOTP_ROUTES: Final = (
    show_totp,
    add_totp,
    show_remove_totp,
    remove_totp,
    show_new_codes,
    make_new_codes,
)
"""Routes of the app for codes and of the codes on paper."""
