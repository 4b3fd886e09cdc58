"""The mill's own application: its page, and the portal beside it."""

from pathlib import Path
from typing import Final

import jinja2
from litestar import Litestar, MediaType, Response, get
from litestar.static_files import create_static_files_router

from example_app import harvest
from example_app.data.mill import MILL
from example_app.data.wares import OIL
from example_app.settings import DemoSettings
from example_app.tenants import mill_unless_named
from portalkit import PortalPlugin

__all__ = ("create", "portal_of")

_HERE: Final = Path(__file__).parent
_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


@get("/almazara", media_type=MediaType.HTML)
async def almazara() -> Response[str]:
    """Show the mill's own page, which knows nothing of the portal but its address."""
    shown = [product for product in OIL if product.gtin][:6]
    page = _PAGES.get_template("almazara.html").render(mill=MILL, products=shown)
    return Response(page, media_type=MediaType.HTML)


def portal_of(settings: DemoSettings) -> PortalPlugin:
    """Return the portal with the mill's plugin and its two businesses."""
    return PortalPlugin(settings.config, plugins={"harvest": harvest}, resolver=mill_unless_named)


def create() -> Litestar:
    """Create the host's application; the server calls it in each of its processes."""
    files = create_static_files_router(path="/almazara/files", directories=[_HERE / "static"])
    return Litestar(
        route_handlers=[almazara, files],
        plugins=[portal_of(DemoSettings.read())],
        openapi_config=None,
    )
