"""Language and theme: for the browser, and for whoever is signed in."""

from typing import Any, Final, Literal

import msgspec
from litestar import Response, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.models import Person, Staff
from portalkit.access.paths import own_path
from portalkit.access.sessions import SessionView
from portalkit.config import PortalConfig
from portalkit.errors import InputRefusedError
from portalkit.rendering.page import Page

__all__ = ("language_route", "set_language", "theme_route")

_YEAR: Final = 365 * 24 * 60 * 60


class LanguageForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A language the business offers."""

    locale: str
    next: str = ""


class ThemeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the portal looks in this browser."""

    theme: Literal["system", "light", "dark"]
    next: str = ""


async def set_language(session: AsyncSession, seen: SessionView, locale: str) -> None:
    """Keep the language of whoever is signed in; pages and mails follow it."""
    if seen.staff_id is not None:
        statement = update(Staff).where(Staff.id == seen.staff_id).values(locale=locale)
    else:
        statement = update(Person).where(Person.id == seen.person_id).values(locale=locale)
    await session.execute(statement.execution_options(synchronize_session=False))


def _cookie(config: PortalConfig, key: str, value: str) -> Cookie:
    return Cookie(
        key=key,
        value=value,
        path="/",
        max_age=_YEAR,
        httponly=True,
        secure=config.is_secure,
        samesite="lax",
    )


@post("/language", name="core:language", opt={"public": True})
async def language_route(
    *,
    data: URLEncodedBody[LanguageForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Switch the language and go back to where the switch was."""
    if data.locale not in {language.tag for language in page.languages}:
        raise InputRefusedError("locale", "is not offered here")
    if browser.seen is not None:
        await set_language(session, browser.seen, data.locale)
    response = page.redirect(own_path(data.next, page.url("core:front"), prefix=browser.prefix))
    response.cookies.append(_cookie(entrance.config, "pk-language", data.locale))
    return response


@post("/theme", name="core:theme", opt={"public": True}, sync_to_thread=False)
def theme_route(
    *,
    data: URLEncodedBody[ThemeForm],
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Switch between light and dark and go back to where the switch was."""
    response = page.redirect(own_path(data.next, page.url("core:front"), prefix=browser.prefix))
    response.cookies.append(_cookie(entrance.config, "pk-theme", data.theme))
    return response
