"""A browser without a screen: keeps cookies, fills in forms, signs people in."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from portalkit.app import PortalApp

__all__ = ("PortalClient", "open_portal")

_TOKEN: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class PortalClient(httpx.AsyncClient):
    """An HTTP client of a portal that runs in the same process."""

    def __init__(self, app: PortalApp, *, peer: str = "127.0.0.1", **options: Any) -> None:
        """Make a client whose connections come from the address ``peer``."""
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(peer, 123))
        origin = app.portal.config.origin
        super().__init__(transport=transport, base_url=origin, **options)
        self.app = app

    async def token(self, path: str = "/login") -> str:
        """Return the token of the forms of a page."""
        page = await self.get(path)
        found = _TOKEN.search(page.text)
        if found is None:
            raise LookupError(f"{path} ({page.status_code}) has no form")
        return found[1]

    async def submit(
        self, path: str, fields: Mapping[str, Any] | None = None, *, page: str | None = None
    ) -> httpx.Response:
        """Send a form as a browser does from the page it stands on.

        Args:
            path: Where the form posts.
            fields: What was filled in.
            page: Where the form stands; ``path`` if left out.
        """
        token = await self.token(page or path)
        return await self.post(
            path,
            data={**(fields or {}), "csrf_token": token},
            headers={"sec-fetch-site": "same-origin"},
        )

    async def sign_in(self, email: str, password: str, *, path: str = "/login") -> httpx.Response:
        """Sign in with a password; raise if it does not let in."""
        answer = await self.submit(path, {"email": email, "password": password})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise PermissionError(f"{email} was not let in: {answer.status_code}")
        return answer


@asynccontextmanager
async def open_portal(app: PortalApp) -> AsyncIterator[PortalApp]:
    """Start a portal and stop it at the end, as a server does."""
    async with app.lifespan():
        yield app
