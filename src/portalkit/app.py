"""The portal as an application of its own, and as a plugin of a host's Litestar app."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from copy import copy
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from litestar import Litestar, Router, asgi
from litestar.config.app import AppConfig
from litestar.exceptions import HTTPException
from litestar.plugins import InitPlugin
from litestar.routes import BaseRoute
from litestar.types import ControllerRouterHandler, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncEngine

from portalkit.access.businesses import TenantResolver, create_businesses, resolve_business
from portalkit.access.controllers import ACCESS_ROUTES
from portalkit.api.routes import api_router
from portalkit.config import PortalConfig
from portalkit.db.migrate import check_migrated
from portalkit.documents.share_door import SHARE_DOOR_ROUTES
from portalkit.errors import PortalError
from portalkit.hooks import PluginRegistry
from portalkit.jobs import JobQueue
from portalkit.rendering.static import serve_static
from portalkit.web.dependencies import DEPENDENCIES
from portalkit.web.edge import Edge
from portalkit.web.errors import answer_error
from portalkit.web.front import elsewhere, front
from portalkit.web.guards import require_entrance
from portalkit.web.health import live, ready
from portalkit.web.look import logo
from portalkit.web.metrics import metrics
from portalkit.web.portal import RunningPortal
from portalkit.web.routes import Routes
from portalkit.web.stopping import STOP_ROUTES
from portalkit.web.transaction import TransactionMiddleware

__all__ = ("PortalApp", "PortalPlugin", "create_app")

_KIB: Final = 1024


class PortalApp:
    """The portal: an ASGI application behind its own edge.

    Attributes:
        portal: What runs inside it.
        routes: What it answers to, as Litestar knows it.
    """

    def __init__(self, portal: RunningPortal) -> None:
        """Put the edge of a portal before the routes of its plugins."""
        router = _router(tuple(_mounts(portal.registry)), portal.config.max_form_kib)
        self.portal = portal
        self.routes: Sequence[BaseRoute] = router.routes
        self._edge = Edge(router, portal)
        self._life = Litestar(
            lifespan=[_lifespan(portal)], openapi_config=None, logging_config=None
        )
        portal.routes = Routes(router)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection through the edge, or start and stop the portal."""
        serve = self._life if scope["type"] == "lifespan" else self._edge
        await serve(scope, receive, send)

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """Run the portal for as long as a block lasts, where no server does."""
        return self._life.lifespan()


def create_app(
    config: PortalConfig | None = None,
    *,
    plugins: Mapping[str, object] | None = None,
    engine: AsyncEngine | None = None,
    clock: Callable[[], datetime] | None = None,
    resolver: TenantResolver = resolve_business,
    queue: JobQueue | None = None,
) -> PortalApp:
    """Make the portal as an ASGI application that stands alone or is mounted anywhere.

    Args:
        config: The configuration; read from ``portalkit.toml`` and the environment if left out.
        plugins: Further plugins as objects, by name, beside the installed ones.
        engine: The host's own engine, after ``configure_engine``.
        clock: Tells the time.
        resolver: Says which business a request is for.
        queue: Keeps and does the jobs; the embedded one if left out.

    Raises:
        ConfigError: If a setting is wrong.
        ExceptionGroup: With one ``PluginLoadError`` for each broken plugin.
    """
    config = config or PortalConfig.load()
    config.require_keys()
    portal = RunningPortal.load(
        config, extra=plugins, engine=engine, clock=clock, resolver=resolver, queue=queue
    )
    return PortalApp(portal)


class _Mount(NamedTuple):
    """Routes of a plugin and what guards them, which the plugin cannot forget."""

    path: str
    handlers: tuple[ControllerRouterHandler, ...]
    opt: tuple[tuple[str, Any], ...]


@lru_cache(maxsize=16)
def _router(mounts: Sequence[_Mount], max_form_kib: int) -> Litestar:
    """Return what leads requests to routes: one for all portals with the same ones.

    It knows none of these portals: they come with each request, as part of its visit. Making
    it is nearly all of the work of making a portal, which counts where a process makes many:
    in tests.
    """
    return Litestar(
        [*_KERNEL, *(_mounted(mount) for mount in mounts)],
        dependencies=DEPENDENCIES,
        guards=[require_entrance],
        middleware=[TransactionMiddleware()],
        exception_handlers={
            PortalError: answer_error,
            HTTPException: answer_error,
            Exception: answer_error,
        },
        request_max_body_size=max_form_kib * _KIB,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


_KERNEL: Final[tuple[ControllerRouterHandler, ...]] = (
    live,
    ready,
    metrics,
    serve_static,
    logo,
    front,
    elsewhere,
    *ACCESS_ROUTES,
    *STOP_ROUTES,
    *SHARE_DOOR_ROUTES,
    api_router(),
)


def _mounts(registry: PluginRegistry) -> Iterator[_Mount]:
    for declared in registry.declarations.sections:
        section = declared.value
        prefix = section.name if section.prefix is None else section.prefix
        opt: dict[str, Any] = {
            "plugin": declared.plugin,
            "audience": section.audience,
            "permission": section.permission,
        }
        yield _Mount(f"/{prefix}", tuple(section.routes), tuple(opt.items()))
    for declared_route in registry.declarations.routes:
        route = declared_route.value
        opt = {"plugin": declared_route.plugin, "audience": route.audience}
        if route.is_public:
            # No session is looked for: a public route sees no cookie of anybody.
            opt |= {"public": True, "anonymous": True, "csrf": route.csrf}
        yield _Mount(f"/-/{declared_route.plugin}", (route.handler,), tuple(opt.items()))


def _mounted(mount: _Mount) -> Router:
    return Router(path=mount.path, route_handlers=_own(mount.handlers), opt=dict(mount.opt))


def _own(routes: Iterable[ControllerRouterHandler]) -> list[ControllerRouterHandler]:
    """Return copies of a plugin's routes: Litestar writes into them whose they are.

    Another portal in the same process would find them taken.
    """
    return [copy(route) for route in routes]


def _lifespan(
    portal: RunningPortal,
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_: Litestar) -> AsyncIterator[None]:
        async with portal.engine.connect() as connection:
            await connection.run_sync(check_migrated, portal.registry)
        async with portal.writing() as session:
            await create_businesses(session, portal.config.business, portal.now())
            await session.commit()
        await portal.hooks.startup(portal)
        embedded = portal.config.jobs.embedded
        try:
            async with portal.working() if embedded else nullcontext():
                yield
        finally:
            await portal.hooks.shutdown(portal)
            await portal.close()

    return run


class PortalPlugin(InitPlugin):
    """Puts the portal into a host's Litestar app, under the path of ``base_url``.

    The portal stays an application of its own inside: its pages, headers, errors and forms
    are not touched by the host's, nor the host's by the portal's.
    """

    def __init__(self, config: PortalConfig | None = None, **options: Any) -> None:
        """Make the portal; ``options`` are those of :func:`create_app`."""
        self.app = create_app(config, **options)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Mount the portal and start and stop it with the host."""
        path = self.app.portal.config.base_path or "/"

        @asgi(path=path, is_mount=True, copy_scope=True)
        async def portalkit(scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(_as_asked(scope), receive, send)

        app_config.route_handlers.append(portalkit)
        app_config.lifespan.append(_with_inner(self.app))
        return app_config


def _as_asked(scope: Scope) -> Scope:
    """Undo what Litestar does to the path of a mount: it cuts the front and adds a slash."""
    raw: bytes = scope.get("raw_path") or b""
    if raw:
        scope["path"] = unquote(raw.partition(b"?")[0].decode("latin-1"))
    return scope


def _with_inner(inner: PortalApp) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_: Litestar) -> AsyncIterator[None]:
        async with inner.lifespan():
            yield

    return run
