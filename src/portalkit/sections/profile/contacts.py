"""Where somebody who acts for several contacts chooses one of them."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance, session_cookie
from portalkit.access.contact_choice import choose_contact, list_own_contacts
from portalkit.access.sessions import SessionView
from portalkit.errors import NotFoundError
from portalkit.rendering.page import Page

__all__ = ("CONTACT_CHOICE_ROUTES",)

_STAYS_OPEN: Final = {"stays_open": True}


class ContactChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A contact to act for; a POST to ``url`` does."""

    name: str
    url: str
    is_current: bool


def _person(browser: Browser) -> SessionView:
    seen = browser.seen
    if seen is None or seen.person_id is None:
        raise NotFoundError("a session without a person acts for one contact only")
    return seen


@get("/contacts", name="profile:contacts", opt=_STAYS_OPEN)
async def show_contacts(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Show the contacts that somebody may act for."""
    seen = _person(browser)
    choices = tuple(
        ContactChoice(
            name=name,
            url=page.url("profile:contact.choose", contact=contact_id),
            is_current=contact_id == seen.contact_id,
        )
        for contact_id, name in await list_own_contacts(session, seen)
    )
    return await page.render("profile/contacts.html", choices=choices)


@post("/contacts/{contact:str}", name="profile:contact.choose", opt=_STAYS_OPEN)
async def choose(
    *,
    contact: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Go on for a contact, in a session with a new id."""
    session_id = await choose_contact(session, _person(browser), contact, browser)
    response = page.redirect(page.url("home:home"))
    response.cookies.append(session_cookie(entrance.config, browser.cookie, session_id))
    return response


CONTACT_CHOICE_ROUTES: Final = (show_contacts, choose)
"""Routes of the choice, below ``/profile``."""
