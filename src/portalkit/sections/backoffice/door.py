"""Where staff come in and go out."""

from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.controllers import (
    SignInForm,
    answer_sign_in,
    answer_sign_out,
)
from portalkit.access.doors import show_sign_in, sign_in_ways
from portalkit.access.paths import own_path
from portalkit.context import SessionKind
from portalkit.rendering.page import Page

__all__ = ("DOOR_ROUTES",)


@get("/login", name="backoffice:login", opt={"public": True})
async def show_login(
    *,
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    wish: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Show where staff sign in, unless they are signed in already."""
    wish = own_path(wish, "", prefix=browser.prefix)
    if browser.seen is not None and browser.seen.kind is SessionKind.STAFF:
        return page.redirect(wish or page.url("backoffice:home"))
    ways = sign_in_ways(entrance, business, SessionKind.STAFF)
    return await show_sign_in(page, SessionKind.STAFF, ways=ways, wish=wish)


@post("/login", name="backoffice:login.post", opt={"public": True})
async def login(
    *,
    data: URLEncodedBody[SignInForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Sign a member of staff in."""
    return await answer_sign_in(
        page,
        session,
        entrance,
        kind=SessionKind.STAFF,
        business=business,
        browser=browser,
        form=data,
    )


@post("/logout", name="backoffice:logout", opt={"public": True})
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


@get("/", name="backoffice:home", sync_to_thread=False)
def home(*, page: NamedDependency[Page]) -> Response[Any]:
    """Lead to the first page of the back office: the contacts."""
    return page.redirect(page.url("backoffice:contacts"))


DOOR_ROUTES: Final = (show_login, login, logout, home)
"""Routes of the door, below ``/backoffice``."""
