"""What every page of the portal knows: who looks, whose portal it is, where one can go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from litestar import Response
from markupsafe import Markup

from portalkit.context import PortalContext, StaffContext
from portalkit.hooks.types import Slot, Tone
from portalkit.model import Text

__all__ = ("Brand", "Crumb", "Language", "NavGroup", "NavLink", "Notice", "Page")


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """How a business looks.

    Attributes:
        logo_url: ``None`` shows the initials instead.
        stylesheet_url: The sheet with the brand's colour, named by its hash.
    """

    name: str
    initials: str
    logo_url: str | None
    stylesheet_url: str
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    imprint: str | None = None


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language of the portal, called by its own name."""

    tag: str
    name: str
    is_current: bool


class NavLink(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the navigation; ``badge`` counts what waits behind it."""

    label: str
    url: str
    icon: str
    is_current: bool = False
    badge: int | None = None


class NavGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A section of the navigation; without a label its links stand alone."""

    label: str | None
    links: tuple[NavLink, ...]


class Crumb(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the way to the page; the last one has no address."""

    label: str
    url: str | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something said once, after an act: it survives one redirect."""

    text: Text
    tone: Tone = Tone.POSITIVE


class Page(msgspec.Struct, kw_only=True, eq=False):
    """The frame of one page, made anew for each request.

    Templates get it as ``page``; controllers answer with ``await page.render(...)``.

    Attributes:
        context: Who looks: a contact's person, staff, or nobody yet.
        direction: Writing direction of the language.
        theme: What the reader chose; ``system`` follows the device.
        path: Own path and query of this request, for ``next=`` and switches.
        place: Path that the navigation marks as where one is; that of the request if empty.
        viewed_role: The role with which staff look as the contact, while they do.
        is_partial: htmx asked for a part of the page only.
        csrf_token: For the hidden field ``csrf_token`` of every form that posts.
        slots: Fragments of plugins by the name of their slot, filled by ``render``.
    """

    context: PortalContext | StaffContext | None
    brand: Brand
    locale: str
    direction: Literal["ltr", "rtl"]
    zone: str
    theme: Literal["system", "light", "dark"]
    path: str
    place: str = ""
    request_id: str
    csrf_token: str
    languages: tuple[Language, ...]
    nav: tuple[NavGroup, ...] = ()
    tabs: tuple[NavLink, ...] = ()
    notice: Notice | None = None
    viewed_role: Text = ""
    is_partial: bool = False
    slots: Mapping[str, Markup] = {}
    resolve_url: Callable[..., str]
    render_response: Callable[..., Awaitable[Response[Any]]]
    redirect_response: Callable[..., Response[Any]]

    def url(self, route: str, **parameters: Any) -> str:
        """Return the path of a named route, with the portal's prefix."""
        return self.resolve_url(route, **parameters)

    def may(self, permission: str) -> bool:
        """Say whether whoever looks has a permission."""
        return self.context is not None and permission in self.context.permissions

    async def render(
        self,
        template: str,
        *,
        slots: Sequence[Slot] = (),
        subject: object = None,
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response[Any]:
        """Answer with a template.

        Args:
            template: Name as ``owner/file.html``; layers decide which file it is.
            slots: Places of this page that plugins may fill, beside those of the layout.
            subject: What the slots are about, for example a ``Document``.
            status: HTTP status of the answer.
            headers: Further headers.
            values: What the template shows.
        """
        return await self.render_response(
            self,
            template,
            slots=slots,
            subject=subject,
            status=status,
            headers=headers or {},
            values=values,
        )

    def redirect(self, url: str, notice: Notice | None = None) -> Response[Any]:
        """Send the reader to an own path after an act (303), with something to say there.

        Args:
            url: An own path, as ``url`` gives it.
            notice: Shown once on the next page.
        """
        return self.redirect_response(url, notice)
