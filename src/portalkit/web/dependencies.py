"""What handlers may ask for by name: ``context``, ``staff``, ``page``, ``session``, ``portal``.

``reader`` is most of it in one: Litestar starts a task for each of several dependencies, which
on a page that is asked for often costs more than a statement.
"""

from typing import Any

from litestar import Request
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance, address_of, passing_cookie
from portalkit.access.businesses import BusinessView
from portalkit.context import ApiContext, PortalContext, StaffContext
from portalkit.documents.pages import Reader
from portalkit.documents.visibility import restrictions_in
from portalkit.errors import KeyRequiredError, SignInRequiredError
from portalkit.i18n import Translator
from portalkit.rendering.page import Page
from portalkit.rendering.static import StaticFiles
from portalkit.web.beside import held_beside
from portalkit.web.pages import build_page, page_locale
from portalkit.web.portal import RunningPortal
from portalkit.web.visit import Visit, visit_of

__all__ = ("DEPENDENCIES",)


def _visit(request: Request[Any, Any, Any]) -> Visit:
    return visit_of(request.scope)


def _portal(request: Request[Any, Any, Any]) -> RunningPortal:
    return visit_of(request.scope).portal


def _static(request: Request[Any, Any, Any]) -> StaticFiles:
    return visit_of(request.scope).portal.static


def _business(request: Request[Any, Any, Any]) -> BusinessView:
    return visit_of(request.scope).business


def _entrance(request: Request[Any, Any, Any]) -> Entrance:
    visit = visit_of(request.scope)
    portal = visit.portal
    providers = portal.registry.declarations.auth_providers
    active = portal.active_for(visit.business) if providers else frozenset()
    return Entrance(
        config=portal.config,
        passwords=portal.passwords,
        make_session=portal.session,
        providers=[declared for declared in providers if declared.plugin in active],
        hooks=portal.hooks,
    )


def _browser(request: Request[Any, Any, Any]) -> Browser:
    visit = visit_of(request.scope)
    config, bound_to = visit.portal.config, visit.bound_to
    return Browser(
        cookie=visit.cookie_name(),
        session_id=visit.session_id,
        seen=visit.seen,
        step_cookie=visit.cookie_name("step"),
        step_id=visit.cookies.get(visit.cookie_name("step")),
        device_cookie=visit.cookie_name("device"),
        device=visit.cookies.get(visit.cookie_name("device")),
        known_cookie=visit.cookie_name("known"),
        known=visit.cookies.get(visit.cookie_name("known")),
        mail_cookie=visit.cookie_name("mail"),
        mail=visit.cookies.get(visit.cookie_name("mail")),
        share_cookie=visit.cookie_name("share"),
        view_cookie=visit.cookie_name("view"),
        beside=held_beside(visit),
        bound_to=bound_to,
        new_pre_session=passing_cookie(config, visit.pre_session_cookie, visit.pre_session())
        if visit.has_new_pre_session
        else None,
        must_enrol=visit.must_enrol,
        address=address_of(request, config.trusted_proxies),
        user_agent=request.headers.get("user-agent"),
        prefix=visit.prefix,
        now=visit.now,
    )


def _translator(request: Request[Any, Any, Any]) -> Translator:
    visit = visit_of(request.scope)
    return visit.portal.translators[page_locale(visit)]


def _session(request: Request[Any, Any, Any]) -> AsyncSession:
    return visit_of(request.scope).session


def _context(request: Request[Any, Any, Any]) -> PortalContext:
    context = visit_of(request.scope).context
    if not isinstance(context, PortalContext):
        raise SignInRequiredError
    return context


def _staff(request: Request[Any, Any, Any]) -> StaffContext:
    context = visit_of(request.scope).context
    if not isinstance(context, StaffContext):
        raise SignInRequiredError
    return context


def _caller(request: Request[Any, Any, Any]) -> ApiContext:
    caller = visit_of(request.scope).caller
    if caller is None:
        raise KeyRequiredError
    return caller


def _page(request: Request[Any, Any, Any]) -> Page:
    return build_page(visit_of(request.scope))


def _reader(request: Request[Any, Any, Any]) -> Reader:
    visit = visit_of(request.scope)
    context = _context(request)
    return Reader(
        portal=visit.portal,
        session=visit.session,
        context=context,
        business=visit.business,
        page=build_page(visit),
        translator=visit.portal.translators[context.locale],
        restrictions=restrictions_in(visit.session, context),
    )


def _staff_reader(request: Request[Any, Any, Any]) -> Reader:
    visit = visit_of(request.scope)
    return Reader(
        portal=visit.portal,
        session=visit.session,
        context=_staff(request),
        business=visit.business,
        page=build_page(visit),
        translator=_translator(request),
    )


DEPENDENCIES = {
    "visit": Provide(_visit, sync_to_thread=False),
    "portal": Provide(_portal, sync_to_thread=False),
    "static": Provide(_static, sync_to_thread=False),
    "entrance": Provide(_entrance, sync_to_thread=False),
    "browser": Provide(_browser, sync_to_thread=False),
    "translator": Provide(_translator, sync_to_thread=False),
    "business": Provide(_business, sync_to_thread=False),
    "session": Provide(_session, sync_to_thread=False),
    "context": Provide(_context, sync_to_thread=False),
    "staff": Provide(_staff, sync_to_thread=False),
    "caller": Provide(_caller, sync_to_thread=False),
    "page": Provide(_page, sync_to_thread=False),
    "reader": Provide(_reader, sync_to_thread=False),
    "staff_reader": Provide(_staff_reader, sync_to_thread=False),
}
