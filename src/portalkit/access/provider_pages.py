"""The pages of auth providers: out to them, and back from them.

The browser comes back by an address that others may have seen, so that opening it changes
nothing (decision 18, security R33): its page sends itself on, or shows a button.
"""

from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView, business_origin
from portalkit.access.credentials import account_of
from portalkit.access.doors import DOORS, answer_entered
from portalkit.access.identities import remove_identity
from portalkit.access.paths import own_path
from portalkit.access.provider_entry import begin_attempt, finish_attempt, read_answer
from portalkit.access.proving import confirm_first, seen_by
from portalkit.access.rules import sign_in_rules
from portalkit.access.second_step import note_change
from portalkit.access.totp_pages import OWN
from portalkit.context import SessionKind
from portalkit.errors import NotFoundError
from portalkit.hooks.types import Tone
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Notice, Page

__all__ = ("PROVIDER_ROUTES",)

_FAILED: Final = lazy_gettext("That did not work. Try again, or use another way.")
_UNKNOWN: Final = lazy_gettext(
    "The other side knows you, but nobody with access here is known by that account."
)


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query with which the browser came back."""

    answer: str


def _redirect_url(page: Page, entrance: Entrance, business: BusinessView, name: str) -> str:
    origin = business_origin(entrance.config, business.host)
    return origin + page.url("access:provider.done", provider=name)


def _say(text: Text) -> Notice:
    return Notice(text=text, tone=Tone.WARNING)


def _leave(browser: Browser, url: str) -> Response[Any]:
    """Send the browser to another site; what it is bound to, it takes along."""
    cookies = [browser.new_pre_session] if browser.new_pre_session is not None else []
    return Response(
        None, status_code=HTTPStatus.SEE_OTHER, headers={"location": url}, cookies=cookies
    )


@get("/login/with/{provider:str}", name="access:provider", opt={"public": True})
async def go_out(
    *,
    provider: FromPath[str],
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    door: FromQuery[Literal["person", "staff"]] = "person",
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Send somebody out to sign in elsewhere; nothing is kept here but that it was tried."""
    kind = SessionKind(door)
    url = await begin_attempt(
        entrance,
        browser,
        provider,
        kind=kind,
        business_id=business.id,
        redirect_url=_redirect_url(page, entrance, business, provider),
        locale=page.locale,
        wish=own_path(wish, "", prefix=browser.prefix),
    )
    if url is None:
        return page.redirect(page.url(DOORS[kind]), notice=_say(_FAILED))
    return _leave(browser, url)


@get("/login/with/{provider:str}/done", name="access:provider.done", opt={"public": True})
async def come_back(
    *,
    provider: FromPath[str],
    request: Request[Any, Any, Any],
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Show the page that sends itself on; programs that open addresses use nothing up."""
    query = request.scope["query_string"].decode("latin-1")
    back = read_answer(
        entrance,
        browser,
        provider,
        query,
        business_id=business.id,
        redirect_url=_redirect_url(page, entrance, business, provider),
    )
    if back is None:
        door = page.url(DOORS[SessionKind.PERSON])
        return page.redirect(door, notice=_say(_FAILED))
    return await page.render(
        "access/continue.html",
        action_url=page.url("access:provider.done", provider=provider),
        fields={"answer": query},
    )


@post("/login/with/{provider:str}/done", name="access:provider.post", opt={"public": True})
async def finish(
    *,
    provider: FromPath[str],
    data: URLEncodedBody[AnswerForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Let in whom the provider knows and we do, or connect the provider to one's account."""
    back = read_answer(
        entrance,
        browser,
        provider,
        data.answer,
        business_id=business.id,
        redirect_url=_redirect_url(page, entrance, business, provider),
    )
    if back is None:
        door = page.url(DOORS[SessionKind.PERSON])
        return page.redirect(door, notice=_say(_FAILED))
    outcome = await finish_attempt(
        entrance,
        session,
        browser,
        back,
        business_id=business.id,
        by_email=sign_in_rules(business.settings).providers_match_email,
    )
    if outcome.entered is not None:
        entered, kind = outcome.entered, back.kind
        return answer_entered(page, entrance, browser, entered, kind=kind, wish=back.wish)
    if outcome.is_connected:
        notice = Notice(text=lazy_gettext("It is connected. You can sign in with it."))
        return page.redirect(page.url("access:security"), notice=notice)
    target = "access:security" if back.account_id else DOORS[back.kind]
    said = _UNKNOWN if outcome.is_unknown else _FAILED
    return page.redirect(page.url(target), notice=_say(said))


@get("/security/with/{provider:str}", name="access:provider.connect", opt=OWN)
async def connect(
    *,
    provider: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Send whoever is signed in out, to connect the provider to their account."""
    here = page.url("access:provider.connect", provider=provider)
    if (first := confirm_first(page, browser, here)) is not None:
        return first
    account = await account_of(session, seen_by(browser))
    url = await begin_attempt(
        entrance,
        browser,
        provider,
        kind=account.kind,
        business_id=business.id,
        redirect_url=_redirect_url(page, entrance, business, provider),
        locale=page.locale,
        account_id=account.id,
    )
    if url is None:
        return page.redirect(page.url("access:security"), notice=_say(_FAILED))
    return _leave(browser, url)


@post("/security/identities/{identity:str}/remove", name="access:identity.remove", opt=OWN)
async def disconnect(
    *,
    identity: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Unbind an identity from one's own account."""
    account = await account_of(session, seen_by(browser))
    if not await remove_identity(session, account, identity):
        raise NotFoundError("no such identity of this account")
    await note_change(session, account, "access.identity_removed", browser.now)
    notice = Notice(text=lazy_gettext("It is not connected any more."))
    return page.redirect(page.url("access:security"), notice=notice)


PROVIDER_ROUTES: Final = (go_out, come_back, finish, connect, disconnect)
"""Routes of auth providers."""
