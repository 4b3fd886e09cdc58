"""The logo of a business."""

from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from portalkit.errors import NotFoundError
from portalkit.rendering.logo import LOGO_TYPES, logo_suffix
from portalkit.storage import storage_key
from portalkit.web.visit import Visit

__all__ = ("logo",)

_HEADERS: Final = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
}


@get("/-/ui/{name:str}", name="core:logo", opt={"public": True, "anonymous": True})
async def logo(name: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
    """Serve the logo of the business that is visited, by the hash of its bytes.

    Raises:
        NotFoundError: For any other name.
    """
    business = visit.business
    if business.logo is None or name != f"logo-{business.logo}":
        raise NotFoundError(name[:100])
    content = await visit.portal.storage.get(storage_key(business.id, business.logo))
    return Response(content, media_type=LOGO_TYPES[logo_suffix(content)], headers=_HEADERS)
