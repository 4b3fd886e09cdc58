"""The pages of signing in by a mail: where the code is asked for, and where it is typed.

The browser that asks keeps a sealed ticket in a cookie of its own, bound to what signed-out
forms are bound to: there the code works, and nowhere else. The link of the same mail works
anywhere.
"""

import logging
import math
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.asking import ask_sign_in, asked_address, require_mail
from portalkit.access.browser import Browser, Entrance, dropped_cookie, kept_cookie
from portalkit.access.businesses import BusinessView
from portalkit.access.doors import DOORS, answer_entered, keep_known, show_sign_in, sign_in_ways
from portalkit.access.paths import own_path
from portalkit.access.signing_in import sign_in_by_code
from portalkit.access.tickets import (
    TICKET_FOR,
    Ticket,
    TicketPurpose,
    make_ticket,
    read_ticket,
)
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError
from portalkit.hooks.types import Tone
from portalkit.log import log_event
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page

__all__ = ("CODE_ROUTES",)

_log = logging.getLogger("portalkit.access")
_AGAIN_AFTER: Final = timedelta(seconds=60)
_WRONG: Final = lazy_gettext(
    "That code is not right. Each code works for ten minutes and five tries, and a newer mail "
    "ends the one before."
)
_NO_ADDRESS: Final = lazy_gettext("That is no e-mail address. Check it.")
_TOO_LATE: Final = lazy_gettext("That took too long. Ask for a new code.")
_SENT_AGAIN: Final = lazy_gettext("Another mail is on its way. The older code works no longer.")


class AskForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wants a code; it is a second button of the form with the password, left unread."""

    email: str
    next: str = ""
    password: str = ""


class AgainForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing but where to go afterwards."""

    next: str = ""


class MailCodeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code of the mail."""

    code: str
    next: str = ""


@post("/login/mail", name="access:mail.ask", opt={"public": True})
async def ask(
    *,
    data: URLEncodedBody[AskForm],
    door: FromQuery[Literal["person", "staff"]] = "person",
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Take an order for a mail; the answer is the same whether or not anybody gets it."""
    require_mail(entrance.config)
    kind = SessionKind(door)
    wish = own_path(data.next, "", prefix=browser.prefix)
    try:
        email = asked_address(data.email)
    except InputRefusedError:
        return await show_sign_in(
            page,
            kind,
            ways=sign_in_ways(entrance, business, kind),
            wish=wish,
            email=data.email,
            errors={"email": _NO_ADDRESS},
        )
    return await _ask(page, entrance, business, browser, kind=kind, email=email, wish=wish)


@post("/login/mail/again", name="access:mail.again", opt={"public": True})
async def ask_again(
    *,
    data: URLEncodedBody[AgainForm],
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Order the mail once more, after a short wait."""
    require_mail(entrance.config)
    wish = own_path(data.next, "", prefix=browser.prefix)
    ticket = _ticket(entrance, business, browser)
    if ticket is None:
        return _answer_too_late(page, wish)
    waited = browser.now - (ticket.expires_at - TICKET_FOR)
    if waited < _AGAIN_AFTER:
        seconds = math.ceil((_AGAIN_AFTER - waited).total_seconds())
        early = lazy_gettext(
            "Mails take a moment. You can ask again in %(number)d seconds.", number=seconds
        )
        return await _show(page, ticket, wish=wish, errors={"": early})
    return await _ask(
        page,
        entrance,
        business,
        browser,
        kind=SessionKind(ticket.data["door"]),
        email=ticket.data["email"],
        wish=wish,
        notice=Notice(text=_SENT_AGAIN),
    )


@get("/login/mail", name="access:mail", opt={"public": True})
async def show_code(
    *,
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Show where the code is typed."""
    require_mail(entrance.config)
    wish = own_path(wish, "", prefix=browser.prefix)
    ticket = _ticket(entrance, business, browser)
    if ticket is None:
        return page.redirect(page.url(DOORS[SessionKind.PERSON], next=wish or None))
    return await _show(page, ticket, wish=wish)


@post("/login/mail/code", name="access:mail.code", opt={"public": True})
async def check(
    *,
    data: URLEncodedBody[MailCodeForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Let somebody in with the code of the mail."""
    require_mail(entrance.config)
    wish = own_path(data.next, "", prefix=browser.prefix)
    ticket = _ticket(entrance, business, browser)
    if ticket is None:
        return _answer_too_late(page, wish)
    kind, email = SessionKind(ticket.data["door"]), ticket.data["email"]
    entered = await sign_in_by_code(
        entrance,
        session,
        kind=kind,
        business_id=business.id,
        email=email,
        proof=ticket.data["proof"],
        digits=data.code,
        browser=browser,
    )
    if entered is None:
        return await _show(page, ticket, wish=wish, errors={"code": _WRONG})
    response = answer_entered(
        page, entrance, browser, entered, kind=kind, wish=wish, offers_password=True
    )
    response.cookies.append(dropped_cookie(entrance.config, browser.mail_cookie))
    keep_known(response, entrance, browser, entered)
    return response


async def _ask(
    page: Page,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    kind: SessionKind,
    email: str,
    wish: str,
    notice: Notice | None = None,
) -> Response[Any]:
    asked = await ask_sign_in(entrance, browser, kind=kind, business_id=business.id, email=email)
    ticket = make_ticket(
        entrance.config.secret_keys,
        TicketPurpose.MAIL_CODE,
        bound_to=_bound_to(business, browser),
        now=browser.now,
        data={"proof": asked.proof, "email": email, "door": kind.value},
    )
    response = page.redirect(page.url("access:mail", next=wish or None), notice=notice)
    kept = kept_cookie(entrance.config, browser.mail_cookie, ticket, TICKET_FOR)
    response.cookies.append(kept)
    # Before it is known whether the address is anybody's: the line must not tell (R20).
    log_event(_log, logging.INFO, "access.code_asked", door=kind.value)
    return response


def _bound_to(business: BusinessView, browser: Browser) -> str:
    return f"{business.id}:{browser.bound_to}"


def _ticket(entrance: Entrance, business: BusinessView, browser: Browser) -> Ticket | None:
    """Return what this browser has asked for here, if it is not too late."""
    return read_ticket(
        entrance.config.secret_keys,
        TicketPurpose.MAIL_CODE,
        browser.mail or "",
        bound_to=_bound_to(business, browser),
        now=browser.now,
    )


def _answer_too_late(page: Page, wish: str) -> Response[Any]:
    door = page.url(DOORS[SessionKind.PERSON], next=wish or None)
    return page.redirect(door, notice=Notice(text=_TOO_LATE, tone=Tone.WARNING))


async def _show(
    page: Page, ticket: Ticket, *, wish: str, errors: dict[str, Text] | None = None
) -> Response[Any]:
    kind = SessionKind(ticket.data["door"])
    return await page.render(
        "access/mail_code.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        errors=errors or {},
        next=wish,
        email=ticket.data["email"],
        is_staff=kind is SessionKind.STAFF,
        door_url=page.url(DOORS[kind], next=wish or None),
    )


CODE_ROUTES: Final = (ask, ask_again, show_code, check)
"""Routes of signing in by a mail."""
