"""The doors of links: one that was handed over or sent, and one of the host."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.doors import answer_entered
from portalkit.access.links import LinkPurpose, LinkView, find_link
from portalkit.access.signing_in import count_try, link_tries, sign_in_by_link
from portalkit.access.throttle import give_back
from portalkit.context import SessionKind
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Page

__all__ = ("LINK_ROUTES",)


@get("/i/{token:str}", name="access:link", opt={"public": True})
async def show_link(
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Show one button; programs that open every address of a mail use nothing up."""
    if await _find(session, entrance, business, browser, token=token) is None:
        return await _show_dead_link(page)
    return await page.render(
        "access/link.html",
        action_url=page.url("access:link", token=token),
        purpose=lazy_gettext("This link signs you in, without a password."),
    )


@post("/i/{token:str}", name="access:link.post", opt={"public": True})
async def use_link(
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Exchange a link for a session."""
    return await _exchange(
        page, session, entrance, business, browser, token=token, purpose=LinkPurpose.SIGN_IN
    )


@get("/login/host/{token:str}", name="access:host", opt={"public": True})
async def show_host_link(
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Show the page that sends itself on, to whoever comes from the host's own pages."""
    purpose = LinkPurpose.HOST
    if await _find(session, entrance, business, browser, token=token, purpose=purpose) is None:
        return await _show_dead_link(page)
    url = page.url("access:host", token=token)
    return await page.render("access/continue.html", action_url=url, fields={})


@post("/login/host/{token:str}", name="access:host.post", opt={"public": True})
async def use_host_link(
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Exchange a link of the host for a session."""
    return await _exchange(
        page, session, entrance, business, browser, token=token, purpose=LinkPurpose.HOST
    )


async def _find(
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    token: str,
    purpose: LinkPurpose = LinkPurpose.SIGN_IN,
) -> LinkView | None:
    return await find_link(
        session,
        entrance.config.secret_keys,
        token,
        business_id=business.id,
        now=browser.now,
        purpose=purpose,
    )


async def _exchange(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    token: str,
    purpose: LinkPurpose,
) -> Response[Any]:
    tries = link_tries(browser.address)
    await count_try(entrance, tries, browser.now)
    link = await _find(session, entrance, business, browser, token=token, purpose=purpose)
    entered = None
    if link is not None:
        entered = await sign_in_by_link(session, link, entrance.config, browser=browser)
    if link is None or entered is None:
        return await _show_dead_link(page)
    await give_back(session, tries)
    kind = SessionKind.STAFF if link.staff_id is not None else SessionKind.PERSON
    return answer_entered(page, entrance, browser, entered, kind=kind, wish=link.landing)


async def _show_dead_link(page: Page) -> Response[Any]:
    """Say the same of a link that was used, has expired, was replaced or never was one."""
    return await page.render("access/link_gone.html", status=HTTPStatus.GONE)


LINK_ROUTES: Final = (show_link, use_link, show_host_link, use_host_link)
"""Routes of links."""
