"""Makes the frame of a page for a visit, and answers with it."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Literal

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer
from litestar import Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from markupsafe import Markup

from portalkit.access.permissions import PersonRole
from portalkit.access.role_words import ROLE_WORDS
from portalkit.context import PortalContext, SessionKind
from portalkit.hooks import Slot, Tone
from portalkit.i18n import direction, language_name
from portalkit.model import LazyText, Text
from portalkit.rendering.page import Language, Notice, Page
from portalkit.web.contexts import locale_of
from portalkit.web.navigation import build_navigation, tabs_of
from portalkit.web.visit import Visit

__all__ = ("build_page", "error_fragment", "error_page", "page_locale")

_NOTICE_COOKIE: Final = "pk-notice"
_LAYOUT_SLOTS: Final = (Slot.LAYOUT_HEAD, Slot.LAYOUT_BANNER, Slot.LAYOUT_FOOTER)
# An own path: one slash, then anything but a second slash, a backslash or a control character.
_OWN_PATH: Final = re.compile(r"/(?:[^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?")


def page_locale(visit: Visit) -> str:
    """Return the language of a visit's pages."""
    if visit.context is not None:
        return visit.context.locale
    return locale_of(visit) if visit.has_business else visit.portal.config.locales[0]


def build_page(visit: Visit) -> Page:
    """Make the frame of a page; navigation and slots are filled in when it is rendered."""
    locale = page_locale(visit)
    business = visit.business
    theme = visit.theme
    return Page(
        context=visit.context,
        brand=visit.portal.brands.of(business, visit.prefix),
        locale=locale,
        direction=direction(locale),
        zone=business.timezone,
        theme=_as_theme(theme),
        path=visit.full_path,
        request_id=visit.request_id,
        csrf_token=visit.form_token(),
        languages=tuple(
            Language(tag=tag, name=language_name(tag), is_current=tag == locale)
            for tag in visit.portal.offered_locales(business.locales)
        ),
        notice=_read_notice(visit),
        viewed_role=_viewed_role(visit),
        is_partial=visit.is_partial,
        resolve_url=partial(visit.portal.routes.url, visit.prefix),
        render_response=partial(_render, visit),
        redirect_response=partial(_redirect, visit),
    )


def _viewed_role(visit: Visit) -> Text:
    context = visit.context
    if not isinstance(context, PortalContext) or context.kind is not SessionKind.VIEW_AS:
        return ""
    is_known = context.role in set(PersonRole)
    return ROLE_WORDS[PersonRole(context.role)] if is_known else context.role


def _as_theme(theme: str) -> Literal["system", "light", "dark"]:
    match theme:
        case "light":
            return "light"
        case "dark":
            return "dark"
        case _:
            return "system"


async def _render(
    visit: Visit,
    page: Page,
    template: str,
    *,
    slots: Sequence[Slot],
    subject: object,
    status: HTTPStatus,
    headers: Mapping[str, str],
    values: Mapping[str, Any],
) -> Response[Any]:
    # Whoever came by a link to one document has nowhere else to go.
    if page.context is not None and getattr(page.context, "document_id", None) is None:
        page.nav = await build_navigation(
            visit.portal.registry,
            page.context,
            visit.session,
            translator=visit.portal.translators[page.locale],
            url=page.url,
            path=page.place or visit.full_path,
        )
        page.tabs = tabs_of(page.nav)
    if visit.portal.fills_slots:
        layout = () if page.context is None else _LAYOUT_SLOTS
        page.slots = await _fill(visit, page, (*layout, *slots), subject)
    found = visit.portal.environments[page.locale].get_template(template)
    html = found.render(page=page, **values)
    return Response(
        html,
        status_code=status,
        media_type=MediaType.HTML,
        headers=dict(headers),
        cookies=_cookies(visit, page),
    )


async def _fill(
    visit: Visit,
    page: Page,
    slots: Sequence[Slot],
    subject: object,
) -> Mapping[str, Markup]:
    portal = visit.portal
    active = portal.active_for(visit.business) if page.context is None else None

    def render(template: str, /, **values: object) -> Markup:
        found = portal.environments[page.locale].get_template(template)
        return Markup(found.render(page=page, **values))  # noqa: S704  # rendered with autoescape

    return {
        slot.value: await portal.hooks.render_slot(
            visit.session, page.context, slot, subject, render=render, active=active
        )
        for slot in slots
    }


def _cookies(visit: Visit, page: Page) -> list[Cookie]:
    cookies = []
    if visit.has_new_pre_session:
        cookies.append(_cookie(visit, visit.pre_session_cookie, visit.pre_session()))
    if page.notice is not None and _NOTICE_COOKIE in visit.cookies:
        cookies.append(_cookie(visit, _NOTICE_COOKIE, "", max_age=0))
    return cookies


def _cookie(visit: Visit, key: str, value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=key,
        value=value,
        path="/",
        max_age=max_age,
        httponly=True,
        secure=visit.portal.config.is_secure,
        samesite="lax",
    )


# What is said once travels in a signed cookie: a redirect needs no row for it.


def _signer(visit: Visit) -> URLSafeSerializer:
    keys = [key.value for key in reversed(visit.portal.config.secret_keys)]
    return URLSafeSerializer(keys, salt="portalkit.notice.1")


def _redirect(visit: Visit, url: str, notice: Notice | None) -> Response[Any]:
    if not _OWN_PATH.fullmatch(url):
        raise ValueError(f"{url!r} is no own path")
    cookies = []
    if notice is not None:
        text = notice.text
        said = [str(text)] if isinstance(text, str) else [text.message, text.context, text.values]
        value = _signer(visit).dumps([notice.tone.value, *said])
        cookies.append(_cookie(visit, _NOTICE_COOKIE, str(value), max_age=60))
    return Response(
        None,
        status_code=HTTPStatus.SEE_OTHER,
        headers={"location": url},
        cookies=cookies,
        media_type=MediaType.HTML,
    )


def _read_notice(visit: Visit) -> Notice | None:
    held = visit.cookies.get(_NOTICE_COOKIE)
    if not held:
        return None
    try:
        tone, *said = _signer(visit).loads(held)
        text = said[0] if len(said) == 1 else LazyText(said[0], said[1], said[2])
        return Notice(text=text, tone=Tone(tone))
    except (BadSignature, ValueError, IndexError):
        return None


def error_page(visit: Visit, status: HTTPStatus, words: msgspec.Struct) -> str:
    """Return the page of an error; without plugins' parts and without a database."""
    locale = page_locale(visit)
    environment = visit.portal.environments[locale]
    values = {"status": int(status), "words": words, "request_id": visit.request_id}
    if not visit.has_business:
        template = environment.get_template("core/error_plain.html")
        return template.render(locale_tag=locale, direction=direction(locale), **values)
    page = build_page(visit)
    return environment.get_template("core/error.html").render(
        page=page, home_url=_home_url(visit), **values
    )


def error_fragment(visit: Visit, words: msgspec.Struct) -> str:
    """Return one line that htmx puts into the page's notice."""
    environment = visit.portal.environments[page_locale(visit)]
    template = environment.get_template("core/error_fragment.html")
    return template.render(words=words, request_id=visit.request_id)


def _home_url(visit: Visit) -> str:
    context = visit.context
    if context is None:
        return f"{visit.prefix}/"
    if not isinstance(context, PortalContext):
        return f"{visit.prefix}/backoffice"
    return f"{visit.prefix}/" if context.kind is SessionKind.SHARE else f"{visit.prefix}/home"
