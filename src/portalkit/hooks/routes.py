"""Look into the routes of a plugin without building an application from them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Controller, Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.session import SessionMiddleware
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler
from litestar.utils import normalize_path

from portalkit.context import Audience

__all__ = ("HandlerFacts", "facts_of", "route_problems")

_PARAMETER: Final = re.compile(r"\{[^}]*\}")
_DOCUMENT_ID: Final = re.compile(r"\{id(:str)?\}")

# Options that the kernel sets and its guards read; "permission" is a handler's own to narrow.
_RESERVED_OPTIONS: Final = frozenset(
    {"anonymous", "audience", "csrf", "exclude_from_auth", "exclude_from_csrf", "plugin", "public"}
    | {"own_account", "stays_open"}
)


class HandlerFacts(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What matters of one route handler.

    Attributes:
        label: For messages: its name, else that of its function.
        name: Route name.
        places: Methods and paths below the section, parameters without their names:
            ``"GET /invoices/{}"``.
        module: Where its function is defined.
        has_document_id: Whether each of its paths has the parameter ``id``.
        opt: Options of it and of the layers around it.
        middleware: Middleware of it and of the layers around it.
        is_cached: Whether its answers go into Litestar's response cache.
        is_http: Whether it answers HTTP requests.
    """

    label: str
    name: str | None
    places: frozenset[str]
    module: str
    has_document_id: bool
    opt: dict[str, Any]
    middleware: tuple[Any, ...]
    is_cached: bool
    is_http: bool


def facts_of(route: ControllerRouterHandler) -> Iterator[HandlerFacts]:
    """Yield the facts of all handlers of a controller class, a router or a handler.

    Raises:
        TypeError: If it is something else.
    """
    if isinstance(route, BaseRouteHandler):
        yield _facts(route, route.ownership_layers, sorted(route.paths))
    elif isinstance(route, Router):
        for inner in route.routes:
            handlers: Sequence[BaseRouteHandler] = (
                inner.route_handlers if isinstance(inner, HTTPRoute) else (inner.route_handler,)
            )
            for handler in handlers:
                yield _facts(handler, handler.ownership_layers, [inner.path])
    elif isinstance(route, type) and issubclass(route, Controller):
        for name in dir(route):
            attribute = getattr(route, name, None)
            if isinstance(attribute, BaseRouteHandler):
                base = getattr(route, "path", None)
                base = base if isinstance(base, str) else "/"
                paths = [f"{base}/{path}" for path in sorted(attribute.paths)]
                yield _facts(attribute, (route, attribute), paths)
    else:
        raise TypeError(f"{route!r} is no controller, router or route handler")


def route_problems(
    facts: HandlerFacts, permissions: frozenset[str], audience: Audience
) -> Iterator[str]:
    """Yield why a plugin may not have such a route (security R60).

    Args:
        facts: Of the route.
        permissions: What a route may ask for.
        audience: Whom it is for.
    """
    if not facts.is_http:
        yield f"the route {facts.label} does not answer HTTP requests"
    if facts.is_cached:
        yield f"the route {facts.label} caches answers, which are personal"
    for option in sorted(_RESERVED_OPTIONS & facts.opt.keys()):
        yield f"the route {facts.label} sets the option {option!r}, which is the kernel's"
    if "permission" in facts.opt and facts.opt["permission"] not in permissions:
        yield f"the route {facts.label} asks for the unknown permission {facts.opt['permission']!r}"
    yield from _share_problems(facts, audience)
    if any(_is_session(middleware) for middleware in facts.middleware):
        yield f"the route {facts.label} brings sessions of its own"


def _share_problems(facts: HandlerFacts, audience: Audience) -> Iterator[str]:
    """Yield what would open more to the holder of a link than the one document."""
    if "shared" in facts.opt and not (audience is Audience.CONTACT and facts.has_document_id):
        yield (
            f"the route {facts.label} sets the option 'shared', "
            "but is no contact's route with {id} in its path"
        )
    # The routes that a kind gets from document_routes() are the kernel's own.
    if "confirms" in facts.opt and not facts.module.startswith("portalkit."):
        yield f"the route {facts.label} sets the option 'confirms', which is the kernel's"


def _facts(handler: BaseRouteHandler, layers: Sequence[Any], paths: Sequence[str]) -> HandlerFacts:
    options: dict[str, Any] = {}
    middleware: list[Any] = []
    for layer in layers:
        opt, own = getattr(layer, "opt", None), getattr(layer, "middleware", None)
        # What a controller class does not set is a descriptor of its slot.
        options.update(opt if isinstance(opt, Mapping) else {})
        middleware.extend(own if isinstance(own, Sequence) else ())
    return HandlerFacts(
        label=handler.name or str(getattr(handler.fn, "__qualname__", handler)),
        name=handler.name,
        places=frozenset(
            f"{method} {normalize_path(_PARAMETER.sub('{}', path))}"
            for path in paths
            for method in getattr(handler, "http_methods", ())
        ),
        module=str(getattr(handler.fn, "__module__", "")),
        has_document_id=all(_DOCUMENT_ID.search(path) for path in paths),
        opt=options,
        middleware=tuple(middleware),
        is_cached=bool(getattr(handler, "cache", False)),
        is_http=isinstance(handler, HTTPRouteHandler),
    )


def _is_session(middleware: object) -> bool:
    inner = middleware.middleware if isinstance(middleware, DefineMiddleware) else middleware
    type_ = inner if isinstance(inner, type) else type(inner)
    return issubclass(type_, SessionMiddleware)
