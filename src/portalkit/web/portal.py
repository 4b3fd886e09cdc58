"""The running portal: everything that is made once and closed at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self

from jinja2 import Environment
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from portalkit.access.asking import ASK_JOBS
from portalkit.access.businesses import (
    Businesses,
    BusinessView,
    TenantResolver,
    load_business,
    resolve_business,
)
from portalkit.access.choices import find_subscriber, unsubscribe_token
from portalkit.access.invitation_jobs import INVITE
from portalkit.access.invitations import Inviter
from portalkit.access.mails import ACCESS_MAILS
from portalkit.access.passwords import Passwords
from portalkit.access.permissions import RoleTable, active_plugins, role_table
from portalkit.access.recovering import RECOVERY_JOBS
from portalkit.access.share_mails import SHARE_CODE
from portalkit.access.staff_links import STAFF_INVITATION
from portalkit.access.telling import TELL
from portalkit.audit import Actor, OnceKeys
from portalkit.config import PortalConfig
from portalkit.db import create_engine_for, session_makers
from portalkit.documents.announcing import ANNOUNCE, announcing_mails
from portalkit.documents.busy import RunningArchives
from portalkit.documents.frames import ListFrames
from portalkit.documents.pdf import PdfCache
from portalkit.documents.printing import prepare_pdf
from portalkit.documents.visibility import PORTAL
from portalkit.errors import NotFoundError
from portalkit.hooks import (
    DocumentKind,
    EmailTemplate,
    Hooks,
    Job,
    Manifest,
    PluginRegistry,
    PortalEvent,
    load_plugins,
)
from portalkit.i18n import Translator, load_translations
from portalkit.jobs import QUEUE, EmbeddedQueue, JobQueue
from portalkit.jobs.tidy import TIDY
from portalkit.mail import Letterhead
from portalkit.mail.delivery import mail_jobs
from portalkit.mail.portal import MailChoice
from portalkit.rendering.environment import build_environments
from portalkit.rendering.pdf import PdfRenderer
from portalkit.rendering.static import StaticFiles
from portalkit.storage import Storage
from portalkit.web.brands import Brands
from portalkit.web.host import HostCalls
from portalkit.web.letters import letterhead_of, portal_address
from portalkit.web.routes import Routes

__all__ = ("RunningPortal",)

_log = logging.getLogger(__name__)


class RunningPortal(HostCalls):
    """What a request, a job or a plugin may use of the process; see ``hooks.Portal``."""

    extra: Mapping[str, object] = {}
    """Plugins that the host gave as objects, by name."""

    _is_preparing = False

    def __init__(
        self,
        config: PortalConfig,
        registry: PluginRegistry,
        *,
        engine: AsyncEngine | None = None,
        clock: Callable[[], datetime] | None = None,
        resolver: TenantResolver = resolve_business,
        queue: JobQueue | None = None,
    ) -> None:
        """Put the parts together; nothing is opened before it is used.

        Args:
            config: The checked configuration.
            registry: The loaded plugins.
            engine: The host's own engine (see ``configure_engine``); else one is made.
            clock: Tells the time; tests and the demo set it.
            resolver: Says which business a request is for.
            queue: Keeps and does the jobs; the embedded one if left out.
        """
        self.config = config
        self.registry = registry
        self.hooks: Hooks = registry.hooks
        kinds = registry.declarations.kinds.items()
        self.kinds: Mapping[str, DocumentKind] = {name: kind.value for name, kind in kinds}
        self.kind_owners: Mapping[str, str] = {name: kind.plugin for name, kind in kinds}
        self.engine = engine or create_engine_for(config.database_url)
        self._owns_engine = engine is None
        self.queue: JobQueue = queue or EmbeddedQueue()
        # Badges and widgets get a session only; through it they know the portal.
        self._reading, self._writing = session_makers(
            self.engine, {PORTAL: self, QUEUE: self.queue}
        )
        self.now: Callable[[], datetime] = clock or _utc_now
        self.static = StaticFiles(registry, base_path=config.base_path, debug=config.debug)
        self.translators: Mapping[str, Translator] = load_translations(
            registry, config.locales, host_dir=config.locale_dir
        )
        self.environments: Mapping[str, Environment] = build_environments(
            config, registry, self.translators, self.static
        )
        for environment in self.environments.values():
            self.hooks.extend_templates(environment)
        self.storage = Storage(config.storage_url)
        self.pdf = PdfRenderer(config.pdf)
        self.pdf_cache = PdfCache(self)
        self.noted = OnceKeys()
        self.passwords = Passwords(config.password)
        self.businesses = Businesses(resolver)
        self.brands = Brands(self.static)
        self.frames = ListFrames(self.kinds)
        self.manifests: Sequence[Manifest] = [
            plugin.manifest for plugin in registry.plugins.values()
        ]
        self.roles: RoleTable = role_table(self.manifests)
        self.denies_permissions = self.hooks.has_impls("portalkit_deny_permissions")
        self.fills_slots = self.hooks.has_impls("portalkit_render_slot")
        self._routes: Routes | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def load(
        cls,
        config: PortalConfig,
        *,
        extra: Mapping[str, object] | None = None,
        engine: AsyncEngine | None = None,
        clock: Callable[[], datetime] | None = None,
        resolver: TenantResolver = resolve_business,
        queue: JobQueue | None = None,
    ) -> Self:
        """Load the plugins and put the portal together.

        Raises:
            ExceptionGroup: With one ``PluginLoadError`` for each broken plugin.
        """
        registry = load_plugins(config, extra or {})
        portal = cls(config, registry, engine=engine, clock=clock, resolver=resolver, queue=queue)
        portal.extra = extra or {}
        return portal

    @cached_property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs of kernel and plugins by name."""
        declared = [job.value for job in self.registry.declarations.jobs]
        own = (TIDY, ANNOUNCE, INVITE, TELL, *ASK_JOBS, *RECOVERY_JOBS, *mail_jobs(self.config))
        return {job.name: job for job in (*own, *declared)}

    @cached_property
    def mail_templates(self) -> Mapping[str, EmailTemplate]:
        """The sorts of mail of kernel and plugins by name."""
        declared = [template.value for template in self.registry.declarations.email_templates]
        own = (*ACCESS_MAILS, STAFF_INVITATION, *announcing_mails(self.config), SHARE_CODE)
        return {template.name: template for template in (*own, *declared)}

    async def letterhead(self, session: AsyncSession, business_id: str) -> Letterhead:
        """Return how a business looks in its mails.

        Raises:
            NotFoundError: If there is no such business.
        """
        business = await load_business(session, business_id)
        if business is None:
            raise NotFoundError(f"business {business_id}")
        address = await self.address_of(session, business)
        return letterhead_of(business, self.config, address)

    async def mail_choice(
        self, session: AsyncSession, *, business_id: str, email: str, kind: str
    ) -> MailChoice | None:
        """Return what somebody says of mails of a kind; ``None`` if nobody has this address."""
        found = await find_subscriber(session, business_id=business_id, kind=kind, email=email)
        if found is None:
            return None
        token = unsubscribe_token(
            self.config.secret_keys, business_id=business_id, person_id=found.person_id, kind=kind
        )
        return MailChoice(is_wanted=found.is_on, stop_path=f"mail/stop/{token}")

    @cached_property
    def state(self) -> dict[str, Any]:
        """What plugins keep while this portal runs, each under its own name."""
        return {}

    @cached_property
    def archives(self) -> RunningArchives:
        """Who is being sent an archive by this process."""
        return RunningArchives()

    @property
    def routes(self) -> Routes:
        """Paths of the portal's routes; known once the application is built."""
        if self._routes is None:
            raise RuntimeError("the application is not built yet")
        return self._routes

    @routes.setter
    def routes(self, routes: Routes) -> None:
        self._routes = routes

    def offered_locales(self, wanted: Sequence[str]) -> Sequence[str]:
        """Return the languages of a business that this portal has, in the business's order."""
        offered = [tag for tag in wanted if tag in self.translators]
        return offered or list(self.config.locales)

    def active_for(self, business: BusinessView) -> frozenset[str]:
        """Return the plugins that are switched on for a business, before anybody signs in."""
        return active_plugins(self.manifests, business.switches)

    def reading(self) -> AsyncSession:
        """Open a session that only reads."""
        return self._reading()

    def writing(self) -> AsyncSession:
        """Open a session that writes; on SQLite it has the database to itself."""
        return self._writing()

    def session(self) -> AsyncSession:
        """Open a session for a plugin; it commits and closes it."""
        return self._writing()

    async def prepare_pdf(self, business_id: str, document_id: str, *, locale: str) -> None:
        """Make a document's PDF ahead of whoever will ask for it; see ``hooks.Portal``."""
        if self._is_preparing:
            return
        self._is_preparing = True
        try:
            await prepare_pdf(self, business_id, document_id, locale=locale)
        finally:
            self._is_preparing = False

    async def inviter(
        self, session: AsyncSession, business: BusinessView, actor: Actor, now: datetime
    ) -> Inviter:
        """Return who invites to a business's portal at this moment, and where it lies."""
        return Inviter(
            config=self.config,
            business=business,
            address=await self.address_of(session, business),
            actor=actor,
            now=now,
        )

    async def address_of(self, session: AsyncSession, business: BusinessView) -> str:
        """Return the address of a business's portal, without a slash at its end."""
        return await portal_address(session, self.config, self.businesses.resolver, business)

    def schedule_events(self, session: AsyncSession) -> None:
        """Hand what has happened in a committed session to the plugins, in the background."""
        for event in session.info.pop("portalkit_events", ()):
            self.in_background(self._handle(event))

    async def _handle(self, event: PortalEvent) -> None:
        if not self.hooks.has_impls("portalkit_handle_event"):
            return
        async with self.reading() as session:
            business = await self.businesses.get(session, event.business_id)
        if business is not None:
            await self.hooks.handle_event(self, event, active=self.active_for(business))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Do jobs in the background for as long as the block lasts."""
        stop = asyncio.Event()
        work = asyncio.create_task(self.queue.work(self, stop))
        try:
            yield
        finally:
            stop.set()
            await work

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something after the answer; its failure is logged, never lost in silence."""
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait for all work in the background."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def close(self) -> None:
        """Finish what runs, end the workers, close the connections."""
        await self.drain()
        await self.pdf.close()
        await self.pdf_cache.close()
        self.passwords.close()
        if self._owns_engine:
            await self.engine.dispose()


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001  # boundary: nobody waits for the result
        _log.exception("work in the background failed")


def _utc_now() -> datetime:
    return datetime.now(UTC)
