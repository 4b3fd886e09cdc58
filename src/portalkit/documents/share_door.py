"""The door of links to documents: one button, and then the document at its own address."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance, kept_cookie
from portalkit.access.businesses import BusinessView
from portalkit.access.refused_links import note_refused_link
from portalkit.access.sharing import ShareLink, find_share_link, open_share, share_cookie
from portalkit.access.signing_in import count_try, link_tries
from portalkit.access.throttle import give_back
from portalkit.context import SessionKind
from portalkit.documents.models import DocumentRow
from portalkit.documents.pages import page_route
from portalkit.documents.portal import DocumentPortal
from portalkit.documents.statuses import DRAFT
from portalkit.rendering.page import Page

__all__ = ("SHARE_DOOR_ROUTES",)

_Portal = SkipValidation[DocumentPortal]


@get("/d/{token:str}", name="documents:shared", opt={"public": True})
async def show_shared(
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    portal: NamedDependency[_Portal],
) -> Response[Any]:
    """Show one button, which says nothing of the document; programs that look use nothing up."""
    link = await _find(session, entrance, business, browser, token)
    url = None if link is None else await _document_url(session, portal, page, link)
    if link is None or url is None:
        return await _show_gone(page, session, entrance, business, browser, token=token)
    if _is_own(browser, link):
        return page.redirect(url)
    return await page.render(
        "access/share.html", action_url=page.url("documents:shared", token=token)
    )


@post("/d/{token:str}", name="documents:shared.post", opt={"public": True})
async def open_shared(
    request: Request[Any, Any, Any],
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    portal: NamedDependency[_Portal],
) -> Response[Any]:
    """Exchange a link for a session that sees its document and nothing else."""
    tries = link_tries(browser.address)
    await count_try(entrance, tries, browser.now)
    link = await _find(session, entrance, business, browser, token)
    url = None if link is None else await _document_url(session, portal, page, link)
    if link is None or url is None:
        return await _show_gone(page, session, entrance, business, browser, token=token)
    await give_back(session, tries)
    if _is_own(browser, link):
        return page.redirect(url)
    cookie = share_cookie(browser.share_cookie, link.document_id)
    session_id = await open_share(
        session,
        link,
        now=browser.now,
        user_agent=browser.user_agent,
        replaces=request.cookies.get(cookie),
    )
    if session_id is None:
        return await _show_gone(page, session, entrance, business, browser, token=token)
    response = page.redirect(url)
    lifetime = link.expires_at - browser.now
    response.cookies.append(kept_cookie(entrance.config, cookie, session_id, lifetime))
    return response


async def _find(
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    token: str,
) -> ShareLink | None:
    return await find_share_link(
        session,
        entrance.config.secret_keys,
        token,
        business_id=business.id,
        now=browser.now,
    )


async def _document_url(
    session: AsyncSession, portal: DocumentPortal, page: Page, link: ShareLink
) -> str | None:
    """Return the address of a link's document, unless it is gone or a draft again."""
    name = await session.scalar(
        select(DocumentRow.kind).where(
            DocumentRow.id == link.document_id,
            DocumentRow.business_id == link.business_id,
            DocumentRow.contact_id == link.contact_id,
            DocumentRow.status != DRAFT,
        )
    )
    kind = portal.kinds.get(name or "")
    return None if kind is None else page.url(page_route(kind), id=link.document_id)


def _is_own(browser: Browser, link: ShareLink) -> bool:
    """Say whether somebody is signed in whose document it is anyway."""
    seen = browser.seen
    return (
        seen is not None and seen.kind is SessionKind.PERSON and seen.contact_id == link.contact_id
    )


async def _show_gone(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    business: BusinessView,
    browser: Browser,
    *,
    token: str,
) -> Response[Any]:
    """Say the same of a link that was ended, has expired or never was one."""
    await note_refused_link(
        session,
        entrance.config.secret_keys,
        token,
        purposes=("share",),
        business_id=business.id,
        now=browser.now,
    )
    return await page.render("access/share_gone.html", status=HTTPStatus.GONE)


SHARE_DOOR_ROUTES: Final = (show_shared, open_shared)
"""Routes outside of sections: whoever opens them need not be anybody."""
