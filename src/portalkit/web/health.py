"""Operations: is the process alive, can it serve. Yes or no, and nothing more to strangers."""

from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portalkit.web.portal import RunningPortal

__all__ = ("live", "ready")

_PUBLIC: Final = {"public": True}


@get("/-/live", name="core:live", opt=_PUBLIC, sync_to_thread=False)
def live() -> Response[str]:
    """Say that the process runs."""
    return Response("ok", media_type=MediaType.TEXT)


@get("/-/ready", name="core:ready", opt=_PUBLIC)
async def ready(portal: NamedDependency[RunningPortal]) -> Response[str]:
    """Say whether requests can be served: the database answers and is migrated."""
    try:
        async with portal.reading() as session:
            await session.execute(text("SELECT 1 FROM portalkit_business LIMIT 1"))
    except SQLAlchemyError:
        return Response(
            "not ready",
            status_code=503,
            media_type=MediaType.TEXT,
            headers={"retry-after": "5"},
        )
    return Response("ok", media_type=MediaType.TEXT)
