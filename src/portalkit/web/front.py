"""The front door, and every address that leads nowhere."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from portalkit.context import StaffContext
from portalkit.errors import NotFoundError
from portalkit.rendering.page import Page
from portalkit.web.visit import Visit

__all__ = ("elsewhere", "front")


@get("/", name="core:front", opt={"public": True}, sync_to_thread=False)
def front(visit: NamedDependency[Visit], page: NamedDependency[Page]) -> Response[Any]:
    """Lead whoever is signed in to their first page, and everybody else to sign in."""
    if visit.context is None:
        return page.redirect(page.url("access:login"))
    if isinstance(visit.context, StaffContext):
        return page.redirect(page.url("backoffice:home"))
    return page.redirect(page.url("home:home"))


@get("/{path:path}", name="core:elsewhere", opt={"public": True}, sync_to_thread=False)
def elsewhere(path: FromPath[str]) -> None:
    """Answer 404 in the frame of whoever is signed in.

    Raises:
        NotFoundError: Always.
    """
    raise NotFoundError(path)
