"""The outermost layer: host check, request id, body limits, prefix, headers of every answer."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlsplit

from litestar import Request
from litestar.types.asgi_types import HTTPScope
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from portalkit.access.businesses import BusinessView
from portalkit.log import log_event, origin
from portalkit.web.headers import security_headers
from portalkit.web.portal import RunningPortal
from portalkit.web.visit import Visit

__all__ = ("Edge",)

_log = logging.getLogger("portalkit.web")

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
# Operations and files are the same for every business and need no look at the database.
_WITHOUT_BUSINESS: Final = ("/-/static/", "/-/live", "/-/ready", "/-/metrics")
_NO_STORE: Final = (b"cache-control", b"no-store")

_Scope = dict[str, Any]
_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]
_App = Callable[[Any, Any, Any], Awaitable[None]]


class Edge:
    """Wraps the portal's ASGI application; nothing gets in or out around it."""

    def __init__(self, app: _App, portal: RunningPortal) -> None:
        self._app = app
        self._portal = portal
        config = portal.config
        self._headers = security_headers(config)
        self._base_path = config.base_path
        self._hosts = {urlsplit(config.base_url).netloc.lower(), *config.trusted_hosts}

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._handle(dict(scope), receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _handle(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        headers = dict(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id"))
        answer = _Answer(send, self._headers, request_id)
        host = headers.get(b"host", b"").decode("latin-1").lower()
        with origin(lambda: {"request": request_id}):
            try:
                await self._serve(scope, receive, answer, host)
            except Exception as error:  # noqa: BLE001  # boundary: the last one
                await _survive(answer, error)

    async def _serve(self, scope: _Scope, receive: _Receive, answer: "_Answer", host: str) -> None:
        self._strip(scope, (scope.get("root_path", ""), self._base_path))
        business, prefix = None, ""
        if not scope["path"].startswith(_WITHOUT_BUSINESS):
            found = await self._find_business(host, scope["path"])
            business, prefix = found if found is not None else (None, "")
            self._strip(scope, (prefix,))
        if host not in self._hosts and not self._portal.businesses.has_host(host):
            await answer.plain(HTTPStatus.MISDIRECTED_REQUEST, "This portal has another address.")
            return
        visit = Visit(
            self._portal,
            Request(cast("HTTPScope", scope)),
            request_id=answer.request_id,
            business=business,
            prefix=self._base_path + prefix,
        )
        scope["state"] = {**scope.get("state", {}), "visit": visit}
        with origin(visit.told):
            await self._app(scope, receive, answer.send)

    async def _find_business(self, host: str, path: str) -> tuple[BusinessView, str] | None:
        businesses, now = self._portal.businesses, self._portal.now()
        known = businesses.find_known(host=host, path=path, now=now)
        if known is not None:
            return known
        async with self._portal.reading() as session:
            return await businesses.find(session, host=host, path=path, now=now)

    def _strip(self, scope: _Scope, prefixes: tuple[str, ...]) -> None:
        """Take a prefix off the path, whether or not the host has done so already."""
        path: str = scope["path"] or "/"
        for prefix in prefixes:
            if prefix and (path == prefix or path.startswith(f"{prefix}/")):
                path = path[len(prefix) :] or "/"
                break
        scope["path"], scope["root_path"] = path, ""
        scope["raw_path"] = path.encode("utf-8", "surrogatepass")


class _Answer:
    """Adds the headers to an answer as it leaves."""

    def __init__(self, send: _Send, headers: list[tuple[bytes, bytes]], request_id: str) -> None:
        self.request_id = request_id
        self.has_started = False
        self._send = send
        self._headers = [*headers, (b"x-request-id", request_id.encode())]

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            own = message.get("headers", [])
            names = {name.lower() for name, _ in own}
            added = [header for header in self._headers if header[0] not in names]
            # Pages are personal; what may be kept says so itself (static files, PDFs).
            if b"cache-control" not in names:
                added.append(_NO_STORE)
            message = {**message, "headers": [*own, *added]}
        await self._send(message)

    async def plain(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        is_busy = status == HTTPStatus.SERVICE_UNAVAILABLE
        await self.send(
            {
                "type": "http.response.start",
                "status": status.value,
                "headers": [
                    (b"content-type", b"text/plain; charset=utf-8"),
                    (b"content-length", str(len(body)).encode()),
                    *([(b"retry-after", b"5")] if is_busy else []),
                ],
            }
        )
        await self.send({"type": "http.response.body", "body": body})


async def _survive(answer: _Answer, error: Exception) -> None:
    """Answer even where the page of an error cannot be made (security R63, R70)."""
    log_event(_log, logging.ERROR, "request.failed", "failed at the edge", error=error)
    if answer.has_started:
        return
    is_busy = isinstance(error, OperationalError | PoolTimeoutError)
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_busy else HTTPStatus.INTERNAL_SERVER_ERROR
    await answer.plain(status, f"{status.phrase} ({answer.request_id})")


def _request_id(given: bytes | None) -> str:
    """Keep a proxy's request id if it has a harmless form, else make one."""
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return secrets.token_hex(8)
