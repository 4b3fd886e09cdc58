"""The pages of a sign-in between the password and the session: a code, or one from the paper."""

from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.doors import DOORS, answer_entered, keep_known
from portalkit.access.entering import Pending, find_pending
from portalkit.access.factors import factor_state
from portalkit.access.passkey_options import RelyingParty, relying_party
from portalkit.access.paths import own_path
from portalkit.access.recovery import count_recovery_codes
from portalkit.access.second_step import begin_step, step_by_code
from portalkit.context import SessionKind
from portalkit.hooks.types import Tone
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page

__all__ = ("STEP_ROUTES", "answer_too_late")

_WRONG_CODE: Final = lazy_gettext(
    "That is not the present code. Wait for the next one and type it again."
)
_WRONG_RECOVERY: Final = lazy_gettext("That code is not right, or it was used already.")
_TOO_LATE: Final = lazy_gettext("That took too long. Sign in again.")


class CodeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code of the app."""

    code: str
    remember: bool = False
    next: str = ""


class RecoveryForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code from the paper."""

    recovery_code: str
    next: str = ""


def answer_too_late(page: Page, browser: Browser, wish: str) -> Response[Any]:
    """Lead back to the beginning whoever has no sign-in under way."""
    wish = own_path(wish, "", prefix=browser.prefix)
    door = page.url(DOORS[SessionKind.PERSON], next=wish or None)
    return page.redirect(door, notice=Notice(text=_TOO_LATE, tone=Tone.WARNING))


async def _show(
    page: Page,
    session: AsyncSession,
    pending: Pending,
    template: str,
    *,
    wish: str,
    party: RelyingParty | None,
    errors: dict[str, Text] | None = None,
    remember: bool = False,
) -> Response[Any]:
    factors = await factor_state(session, pending.account)
    return await page.render(
        template,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        errors=errors or {},
        next=wish,
        factors=factors,
        is_staff=pending.account.kind is SessionKind.STAFF,
        has_passkeys=party is not None and factors.passkeys > 0,
        door_url=page.url(DOORS[pending.account.kind]),
        remember=remember,
    )


async def _answer_step(
    page: Page,
    session: AsyncSession,
    browser: Browser,
    entrance: Entrance,
    business: BusinessView,
    *,
    template: str,
    wish: str,
) -> Response[Any]:
    wish = own_path(wish, "", prefix=browser.prefix)
    pending = await find_pending(session, browser, business_id=business.id)
    if pending is None:
        return answer_too_late(page, browser, wish)
    party = relying_party(entrance.config, business)
    return await _show(page, session, pending, template, wish=wish, party=party)


@get("/login/code", name="access:code", opt={"public": True})
async def show_code(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Ask for the second factor."""
    return await _answer_step(
        page, session, browser, entrance, business, template="access/code.html", wish=wish
    )


@post("/login/code", name="access:code.post", opt={"public": True})
async def check_code(
    *,
    data: URLEncodedBody[CodeForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Let somebody in with a code of the app."""
    pending = await begin_step(entrance, browser, business_id=business.id, is_recovery=False)
    if pending is None:
        return answer_too_late(page, browser, data.next)
    entered = await step_by_code(
        entrance,
        session,
        pending,
        code=data.code,
        is_recovery=False,
        browser=browser,
        remember=data.remember,
    )
    if entered is None:
        return await _show(
            page,
            session,
            pending,
            "access/code.html",
            wish=own_path(data.next, "", prefix=browser.prefix),
            party=relying_party(entrance.config, business),
            errors={"code": _WRONG_CODE},
            remember=data.remember,
        )
    kind = pending.account.kind
    response = answer_entered(page, entrance, browser, entered, kind=kind, wish=data.next)
    keep_known(response, entrance, browser, entered)
    return response


@get("/login/recovery", name="access:recovery", opt={"public": True})
async def show_recovery(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Ask for a code from the paper."""
    return await _answer_step(
        page, session, browser, entrance, business, template="access/recovery.html", wish=wish
    )


@post("/login/recovery", name="access:recovery.post", opt={"public": True})
async def check_recovery(
    *,
    data: URLEncodedBody[RecoveryForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Let somebody in with a code from the paper, which is used up."""
    pending = await begin_step(entrance, browser, business_id=business.id, is_recovery=True)
    if pending is None:
        return answer_too_late(page, browser, data.next)
    entered = await step_by_code(
        entrance, session, pending, code=data.recovery_code, is_recovery=True, browser=browser
    )
    if entered is None:
        return await _show(
            page,
            session,
            pending,
            "access/recovery.html",
            wish=own_path(data.next, "", prefix=browser.prefix),
            party=relying_party(entrance.config, business),
            errors={"recovery_code": _WRONG_RECOVERY},
        )
    left = await count_recovery_codes(session, pending.account)
    response = answer_entered(
        page,
        entrance,
        browser,
        entered,
        kind=pending.account.kind,
        wish=data.next,
        notice=Notice(
            text=lazy_gettext("That code is used up. Recovery codes left: %(number)d.", number=left)
        ),
    )
    keep_known(response, entrance, browser, entered)
    return response


STEP_ROUTES: Final = (show_code, check_code, show_recovery, check_recovery)
"""Routes of the second step."""
