"""Staff see the portal as one of its contacts sees it."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance, dropped_cookie, kept_cookie
from portalkit.access.viewing import VIEW_FOR, begin_view, end_view
from portalkit.context import StaffContext
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Notice, Page
from portalkit.sections.backoffice.permissions import VIEW_AS

__all__ = ("VIEW_AS_ROUTES",)


@post(
    "/contacts/{contact:str}/view-as",
    name="backoffice:view_as",
    opt={"permission": VIEW_AS},
)
async def view_as(
    request: Request[Any, Any, Any],
    *,
    contact: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Begin to look at the portal as a contact, as its owner would."""
    return await _begin(
        request,
        page=page,
        session=session,
        staff=staff,
        entrance=entrance,
        browser=browser,
        contact=contact,
    )


@post(
    "/contacts/{contact:str}/people/{person:str}/view-as",
    name="backoffice:person.view_as",
    opt={"permission": VIEW_AS},
)
async def view_as_person(
    request: Request[Any, Any, Any],
    *,
    contact: FromPath[str],
    person: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Begin to look at the portal as a contact, with the role of one of its people."""
    return await _begin(
        request,
        page=page,
        session=session,
        staff=staff,
        entrance=entrance,
        browser=browser,
        contact=contact,
        person=person,
    )


async def _begin(
    request: Request[Any, Any, Any],
    *,
    page: Page,
    session: AsyncSession,
    staff: StaffContext,
    entrance: Entrance,
    browser: Browser,
    contact: str,
    person: str | None = None,
) -> Response[Any]:
    session_id = await begin_view(
        session,
        staff,
        contact,
        person_id=person,
        user_agent=browser.user_agent,
        replaces=request.cookies.get(browser.view_cookie),
    )
    response = page.redirect(page.url("home:home"))
    response.cookies.append(kept_cookie(entrance.config, browser.view_cookie, session_id, VIEW_FOR))
    return response


@post("/view-as/end", name="backoffice:view_as.end")
async def leave(
    request: Request[Any, Any, Any],
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Stop looking as a contact, and go back to its page; without effect for who does not."""
    contact = await end_view(session, staff, request.cookies.get(browser.view_cookie, ""))
    notice = Notice(text=lazy_gettext("You are back in the back office."))
    back = (
        page.url("backoffice:home")
        if contact is None
        else page.url("backoffice:contact", contact=contact)
    )
    response = page.redirect(back, notice)
    response.cookies.append(dropped_cookie(entrance.config, browser.view_cookie))
    return response


VIEW_AS_ROUTES: Final = (view_as, view_as_person, leave)
"""Routes of looking as a contact, below ``/backoffice``."""
