"""The API as routes of the portal, and its description."""

from typing import Any, Final

from litestar import Litestar, Router, get
from litestar.di import NamedDependency
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Server

from portalkit.api.documents import DOCUMENT_ROUTES
from portalkit.context import Audience
from portalkit.web.dependencies import DEPENDENCIES
from portalkit.web.problems import API_PATH
from portalkit.web.visit import Visit

__all__ = ("api_router", "describe_api")

_SCHEME: Final = "key"


@get("/openapi.json", name="api:openapi", opt={"demo": True}, include_in_schema=False)
async def show_description(visit: NamedDependency[Visit]) -> dict[str, Any]:
    """Describe the API, as OpenAPI 3.1."""
    known: dict[str, Any] | None = visit.portal.state.get(_STATE)
    if known is None:
        known = visit.portal.state[_STATE] = describe_api()
    return {**known, "servers": [{"url": visit.prefix or "/"}]}


_STATE: Final = "portalkit.api"


def api_router() -> Router:
    """Return the routes of the API; a key of the business opens them, and nothing else."""
    return Router(
        path=API_PATH,
        route_handlers=[*DOCUMENT_ROUTES, show_description],
        opt={"audience": Audience.API},
    )


def describe_api() -> dict[str, Any]:
    """Return the API's description without the addresses of servers."""
    app = Litestar(
        route_handlers=[api_router()],
        dependencies=DEPENDENCIES,
        openapi_config=OpenAPIConfig(
            title="portalkit",
            version="1",
            description="Documents of a business, for its own systems.",
            components=Components(
                security_schemes={_SCHEME: SecurityScheme(type="http", scheme="bearer")}
            ),
            security=[{_SCHEME: []}],
            servers=[Server(url="/")],
            use_handler_docstrings=True,
        ),
        logging_config=None,
    )
    return app.openapi_schema.to_schema()
