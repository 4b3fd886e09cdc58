"""The mill's own application: its page, and the portal beside it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import jinja2
import msgspec
from litestar import Litestar, MediaType, Response, get

from example_app import harvest
from example_app.data.apiary import APIARY
from example_app.data.mill import MILL
from example_app.data.wares import OIL
from example_app.mailroom import Mailroom
from example_app.settings import DemoSettings
from example_app.tenants import mill_unless_named
from portalkit import PortalPlugin
from portalkit.config import MailConfig, Secret

__all__ = ("create", "portal_of")

_HERE: Final = Path(__file__).parent
_STYLESHEET: Final = (_HERE / "static" / "almazara.css").read_bytes()
_LOGO: Final = (_HERE / "static" / MILL.logo).read_bytes()
_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_SENDERS: Final = MailConfig(
    from_address=MILL.email,
    from_addresses={MILL.slug: MILL.email, APIARY.slug: APIARY.email},
    announce_documents=True,
)


@get("/almazara", media_type=MediaType.HTML)
async def almazara() -> Response[str]:
    """Show the mill's own page, which knows nothing of the portal but its address."""
    shown = [product for product in OIL if product.gtin][:6]
    page = _PAGES.get_template("almazara.html").render(mill=MILL, products=shown)
    return Response(page, media_type=MediaType.HTML)


@get("/almazara.css", media_type="text/css")
async def stylesheet() -> bytes:
    """Serve the page's stylesheet."""
    return _STYLESHEET


@get("/almazara.svg", media_type="image/svg+xml")
async def logo() -> bytes:
    """Serve the mill's logo."""
    return _LOGO


def portal_of(
    settings: DemoSettings,
    *,
    clock: Callable[[], datetime] | None = None,
    mailroom: Mailroom | None = None,
) -> PortalPlugin:
    """Return the portal with the mill's plugin and its two businesses.

    Args:
        settings: Where it lives.
        clock: Tells the time.
        mailroom: Takes its mails; without one they wait.
    """
    config = settings.config
    if mailroom is not None:
        config = msgspec.structs.replace(config, smtp_url=Secret(mailroom.url), mail=_SENDERS)
    return PortalPlugin(
        config, plugins={"harvest": harvest}, clock=clock, resolver=mill_unless_named
    )


def create(clock: Callable[[], datetime] | None = None) -> Litestar:
    """Create the host's application; the server calls it in each of its processes.

    The portal is mounted at the root, where it answers every address that is not written
    here in full; a host with more pages of its own gives the portal a prefix.

    Args:
        clock: Tells the time, for a demo on another day than today.
    """
    settings = DemoSettings.read()
    mailroom = Mailroom(settings.folder)
    return Litestar(
        route_handlers=[almazara, stylesheet, logo, *mailroom.routes],
        plugins=[portal_of(settings, clock=clock, mailroom=mailroom)],
        lifespan=[mailroom.open],
        openapi_config=None,
    )
