"""Finds out who asks, refuses foreign forms, and ends the transaction before the answer."""

from typing import Any, Final

from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.sessions import SessionView, is_touch_due, touch_session
from portalkit.context import Audience
from portalkit.web.beside import Beside, cookies_beside, find_seen
from portalkit.web.contexts import recognize
from portalkit.web.forms import CrossSiteError, is_cross_site, read_form
from portalkit.web.keys import recognize_key
from portalkit.web.portal import RunningPortal
from portalkit.web.problems import is_api
from portalkit.web.visit import Visit, visit_of

__all__ = ("TransactionMiddleware",)

_FIRST_REFUSAL: Final = 400


class TransactionMiddleware(ASGIMiddleware):
    """Wraps every handler of the portal.

    Options of a route it looks at: ``anonymous`` (never look for a session), ``csrf``
    (``False`` for a webhook without cookies).
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Handle one request whose route is known."""
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        visit = visit_of(scope)
        opt = scope["route_handler"].opt

        async def send_finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                await visit.finish(keep=message["status"] < _FIRST_REFUSAL)
            await send(message)

        try:
            # The form is read whole before a transaction begins: a slow body holds no lock.
            if not visit.is_safe:
                await _take_form(Request(scope, receive=receive))
            if opt.get("audience") is Audience.API:
                await recognize_key(visit, Request(scope))
            elif visit.has_business and not opt.get("anonymous") and not is_api(visit):
                await _recognize(visit, cookies_beside(visit, scope))
            # No cookie counts at the API, so there is none that another site could use.
            if not visit.is_safe and opt.get("csrf", True) and not is_api(visit):
                _refuse_foreign_form(visit, Request(scope))
            await next_app(scope, receive, send_finished)
        finally:
            await visit.finish(keep=False)


async def _recognize(visit: Visit, beside: Beside) -> None:
    if visit.session_id is None and not beside.is_any:
        return
    if visit.is_safe:
        await _recognize_in(visit, visit.session, beside)
        return
    async with visit.portal.reading() as session:
        await _recognize_in(visit, session, beside)


async def _recognize_in(visit: Visit, session: AsyncSession, beside: Beside) -> None:
    visit.account, visit.seen = await find_seen(visit, session, beside)
    seen = visit.seen
    if seen is None:
        return
    await recognize(visit, session, seen)
    if is_touch_due(seen, visit.now):
        visit.portal.in_background(_touch(visit.portal, seen, visit))


async def _touch(portal: RunningPortal, seen: SessionView, visit: Visit) -> None:
    async with portal.writing() as session:
        await touch_session(session, seen, visit.now)
        await session.commit()


async def _take_form(request: Request[Any, Any, Any]) -> None:
    fields = await read_form(request)
    request.scope["state"]["csrf_token"] = fields.pop("csrf_token", None)
    ScopeState.from_scope(request.scope).form = dict(fields)


def _refuse_foreign_form(visit: Visit, request: Request[Any, Any, Any]) -> None:
    if is_cross_site(request, visit.portal.config.origin):
        raise CrossSiteError("sent from another site")
    token = request.scope["state"]["csrf_token"] or request.headers.get("x-csrf-token")
    if not isinstance(token, str) or not visit.is_own_form(token):
        raise CrossSiteError("its token is missing or wrong")
