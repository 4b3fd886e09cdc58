"""The files of a business's look: its sheet of colours and its logo."""

import re
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from portalkit.errors import NotFoundError
from portalkit.rendering.logo import LOGO_TYPES, logo_suffix
from portalkit.web.brands import sheet_of
from portalkit.web.visit import Visit

__all__ = ("look_file",)

_LOGO: Final = re.compile(r"logo-([0-9a-f]{64})")
_IMMUTABLE: Final = {"cache-control": "public, max-age=31536000, immutable"}


@get("/-/ui/{file:str}", name="core:look", opt={"public": True, "anonymous": True})
async def look_file(file: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
    """Serve a brand's sheet, or the logo of the business that is visited.

    Raises:
        NotFoundError: For any other name.
    """
    if logo := _LOGO.fullmatch(file):
        return await _logo(visit, logo[1])
    sheet = sheet_of(file)
    if sheet is None:
        raise NotFoundError(file)
    return Response(sheet, media_type="text/css; charset=utf-8", headers=_IMMUTABLE)


async def _logo(visit: Visit, sha256: str) -> Response[Any]:
    business = visit.business
    if business.logo != sha256:
        raise NotFoundError("the business has another logo")
    content = await visit.portal.storage.get(f"{business.id}/{sha256}")
    headers = {**_IMMUTABLE, "content-security-policy": "default-src 'none'; sandbox"}
    return Response(content, media_type=LOGO_TYPES[logo_suffix(content)], headers=headers)
