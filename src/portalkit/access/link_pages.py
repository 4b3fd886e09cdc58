"""The doors of links: one that was handed over or sent, and one of the host."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.doors import answer_entered, keep_known
from portalkit.access.links import LinkPurpose, LinkView, find_link, note_opened
from portalkit.access.refused_links import note_refused_link
from portalkit.access.signing_in import count_try, link_tries, sign_in_by_link
from portalkit.access.throttle import give_back
from portalkit.context import SessionKind
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Page

__all__ = ("LINK_ROUTES", "show_dead_link")

# Sent to somebody: a link to sign in, and an invitation. The host's has a door of its own.
_SENT: Final = (LinkPurpose.SIGN_IN, LinkPurpose.INVITATION)
_MEANING: Final = {
    LinkPurpose.SIGN_IN: lazy_gettext("This link signs you in, without a password."),
    LinkPurpose.INVITATION: lazy_gettext(
        "You are invited: your documents are here, to look at, to download and to answer."
    ),
}


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
    link = await _find(session, entrance, business, browser, token=token, purposes=_SENT)
    if link is None:
        return await show_dead_link(
            page, session, entrance, business, browser, token=token, purposes=_SENT
        )
    if link.purpose is LinkPurpose.INVITATION and link.opened_at is None:
        async with entrance.make_session() as own, own.begin():
            await note_opened(own, link, browser.now)
    return await page.render(
        "access/link.html",
        action_url=page.url("access:link", token=token),
        # What an invitation says is about documents of one's own: staff have none.
        purpose=_MEANING[LinkPurpose.SIGN_IN if link.staff_id is not None else link.purpose],
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
    return await _exchange(page, session, entrance, business, browser, token=token, purposes=_SENT)


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
    purposes = (LinkPurpose.HOST,)
    if await _find(session, entrance, business, browser, token=token, purposes=purposes) is None:
        return await show_dead_link(
            page, session, entrance, business, browser, token=token, purposes=purposes
        )
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
        page, session, entrance, business, browser, token=token, purposes=(LinkPurpose.HOST,)
    )


async def _find(
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    token: str,
    purposes: tuple[LinkPurpose, ...],
) -> LinkView | None:
    """Return the link of a token that was signed for one of the purposes of this door."""
    for purpose in purposes:
        link = await find_link(
            session,
            entrance.config.secret_keys,
            token,
            business_id=business.id,
            now=browser.now,
            purpose=purpose,
        )
        if link is not None:
            return link
    return None


async def _exchange(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    token: str,
    purposes: tuple[LinkPurpose, ...],
) -> Response[Any]:
    tries = link_tries(browser.address)
    await count_try(entrance, tries, browser.now)
    link = await _find(session, entrance, business, browser, token=token, purposes=purposes)
    entered = None
    if link is not None:
        entered = await sign_in_by_link(session, link, entrance.config, browser=browser)
    if link is None or entered is None:
        return await show_dead_link(
            page, session, entrance, business, browser, token=token, purposes=purposes
        )
    await give_back(session, tries)
    kind = SessionKind.STAFF if link.staff_id is not None else SessionKind.PERSON
    is_sent = link.purpose in _SENT
    response = answer_entered(
        page, entrance, browser, entered, kind=kind, wish=link.landing, offers_password=is_sent
    )
    if is_sent:
        keep_known(response, entrance, browser, entered)
    return response


async def show_dead_link(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    token: str,
    purposes: Sequence[str],
) -> Response[Any]:
    """Say the same of a link that was used, has expired, was replaced or never was one."""
    await note_refused_link(
        session,
        entrance.config.secret_keys,
        token,
        purposes=purposes,
        business_id=business.id,
        now=browser.now,
    )
    return await page.render("access/link_gone.html", status=HTTPStatus.GONE)


LINK_ROUTES: Final = (show_link, use_link, show_host_link, use_host_link)
"""Routes of links."""
