"""Whose portal it is: found before sign-in, kept in the process, checked by version."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Business, PluginSwitch
from portalkit.config import BusinessConfig, PortalConfig
from portalkit.errors import ConfigError
from portalkit.model.ids import new_id

__all__ = (
    "RESERVED_SLUGS",
    "BusinessAddress",
    "BusinessView",
    "Businesses",
    "Resolved",
    "TenantResolver",
    "business_origin",
    "business_path",
    "create_businesses",
    "list_addresses",
    "load_business",
    "resolve_business",
)

_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_ADDRESSES_FOR: Final = timedelta(seconds=10)

RESERVED_SLUGS: Final = frozenset(
    {"api", "backoffice", "catalog", "d", "home", "i", "language", "live", "login", "logout"}
    | {"mail", "metrics", "password", "profile", "purchases", "ready", "sales", "security"}
    | {"static", "theme", "ui"}
    # A business's own cookie is ``pk-<slug>``: these are cookies of all businesses.
    | {"notice", "pre"}
)
"""First parts of paths and ends of cookies that belong to the portal, and to no business."""


class BusinessView(msgspec.Struct, frozen=True, kw_only=True):
    """A business, with all that is stored about it.

    Attributes:
        switches: Plugins switched on or off for the whole business.
        version: Grows with every change of these.
    """

    id: str
    slug: str
    host: str | None
    name: str
    legal_name: str | None
    tax_id: str | None
    imprint: str | None
    address: str | None
    email: str | None
    phone: str | None
    website: str | None
    iban: str | None
    bic: str | None
    currency: str
    timezone: str
    locale: str
    locales: tuple[str, ...]
    brand_colour: str
    logo: str | None
    settings: Mapping[str, Any]
    version: int
    created_at: datetime
    switches: Mapping[str, bool] = {}


class BusinessAddress(msgspec.Struct, frozen=True):
    """Where a business is reached: what a resolver decides by; ``host`` in lower case."""

    id: str
    slug: str
    host: str | None


class Resolved(msgspec.Struct, frozen=True):
    """The business of a request, and the path prefix it was found by (``/<slug>`` or empty)."""

    business_id: str
    prefix: str = ""


def business_origin(config: PortalConfig, host: str | None) -> str:
    """Return scheme, host and port under which a business is reached.

    They come from ``base_url`` and from the business's own row, never from what a request
    says about itself (security R15).
    """
    return f"{urlsplit(config.base_url).scheme}://{host}" if host else config.origin


class TenantResolver(Protocol):
    """Strategy that says which business a request is for, before anybody is signed in."""

    def __call__(
        self, host: str, path: str, businesses: Sequence[BusinessAddress]
    ) -> Resolved | None:
        """Return the business, or ``None`` if nobody is at home there.

        Args:
            host: Host name of the request in lower case, perhaps with a port.
            path: Path below the portal's base path.
            businesses: All businesses of this portal.
        """
        ...


def resolve_business(
    host: str, path: str, businesses: Sequence[BusinessAddress]
) -> Resolved | None:
    """Decide by host name, then by path prefix, else take the only business."""
    names = _names(host)
    for business in businesses:
        if business.host in names:
            return Resolved(business.id)
    first = path.lstrip("/").partition("/")[0]
    for business in businesses:
        if business.slug == first:
            return Resolved(business.id, f"/{first}")
    return Resolved(businesses[0].id) if len(businesses) == 1 else None


def _names(host: str) -> frozenset[str]:
    """Return a host in lower case with its port and, if it names one, without."""
    host = host.lower()
    name, _, port = host.rpartition(":")
    return frozenset({host, name}) if name and port.isdigit() else frozenset({host})


async def load_business(session: AsyncSession, business_id: str) -> BusinessView | None:
    """Read a business and its plugin switches."""
    columns = Business.__table__.columns
    row = (await session.execute(select(*columns).where(columns.id == business_id))).one_or_none()
    if row is None:
        return None
    switches = await session.execute(
        select(PluginSwitch.plugin, PluginSwitch.is_enabled).where(
            PluginSwitch.business_id == business_id, PluginSwitch.contact_id.is_(None)
        )
    )
    values: dict[str, Any] = row._asdict()
    values["locales"] = tuple(values["locales"])
    return BusinessView(**values, switches={row[0]: row[1] for row in switches})


def business_path(config: PortalConfig, business: BusinessAddress, *, is_only: bool) -> str:
    """Return the path under which a business's portal lies, without a slash at its end.

    Only where several businesses share a host name is the slug a part of it.
    """
    has_own = is_only or business.host is not None
    return config.base_path if has_own else f"{config.base_path}/{business.slug}"


async def list_addresses(session: AsyncSession) -> tuple[BusinessAddress, ...]:
    """Return where each business is reached, oldest first."""
    rows = await session.execute(
        select(Business.id, Business.slug, Business.host).order_by(Business.created_at, Business.id)
    )
    return tuple(
        BusinessAddress(business_id, slug, host.lower() if host else None)
        for business_id, slug, host in rows
    )


class Businesses:
    """What a process knows about the businesses of its portal.

    Attributes:
        resolver: Says which business a request is for.
    """

    def __init__(self, resolver: TenantResolver = resolve_business) -> None:
        self.resolver = resolver
        self._addresses: tuple[BusinessAddress, ...] = ()
        self._versions: dict[str, int] = {}
        self._read_at: datetime | None = None
        self._views: dict[str, BusinessView] = {}

    def find_known(self, *, host: str, path: str, now: datetime) -> tuple[BusinessView, str] | None:
        """Return the business of a request from memory, if it is known well enough."""
        if not self._is_fresh(now):
            return None
        resolved = self.resolver(host, path, self._addresses)
        if resolved is None:
            return None
        view = self._views.get(resolved.business_id)
        if view is None or view.version < self._versions[resolved.business_id]:
            return None
        return view, resolved.prefix

    def _is_fresh(self, now: datetime) -> bool:
        return self._read_at is not None and (timedelta() <= now - self._read_at < _ADDRESSES_FOR)

    async def find(
        self, session: AsyncSession, *, host: str, path: str, now: datetime
    ) -> tuple[BusinessView, str] | None:
        """Return the business of a request and its path prefix, or ``None``.

        Addresses and versions are read again every ten seconds, and at once for an address
        that nobody is known at; a signed-in request learns of a change from its session.
        """
        is_stale = not self._is_fresh(now)
        if is_stale:
            await self._read_addresses(session, now)
        resolved = self.resolver(host, path, self._addresses)
        if resolved is None and not is_stale:
            await self._read_addresses(session, now)
            resolved = self.resolver(host, path, self._addresses)
        if resolved is None:
            return None
        view = await self.get(
            session, resolved.business_id, version=self._versions.get(resolved.business_id)
        )
        return None if view is None else (view, resolved.prefix)

    async def get(
        self, session: AsyncSession, business_id: str, *, version: int | None = None
    ) -> BusinessView | None:
        """Return a business, from memory if it is not older than ``version``."""
        view = self._views.get(business_id)
        if view is not None and (version is None or view.version >= version):
            return view
        view = await load_business(session, business_id)
        if view is None:
            self._views.pop(business_id, None)
            return None
        self._views[business_id] = view
        self._versions[business_id] = view.version
        return view

    async def fresh(
        self, session: AsyncSession, business: BusinessView, version: int
    ) -> BusinessView:
        """Return the business as it is at ``version``: that of the session, usually in memory."""
        return await self.get(session, business.id, version=version) or business

    def has_host(self, host: str) -> bool:
        """Say whether a business is known to be reached under this host name."""
        names = _names(host)
        return any(address.host in names for address in self._addresses)

    def forget(self) -> None:
        """Drop all that is kept, after a change made by this process."""
        self._views.clear()
        self._read_at = None

    async def _read_addresses(self, session: AsyncSession, now: datetime) -> None:
        rows = (
            await session.execute(
                select(Business.id, Business.slug, Business.host, Business.version).order_by(
                    Business.created_at, Business.id
                )
            )
        ).all()
        self._addresses = tuple(
            BusinessAddress(row.id, row.slug, row.host and row.host.lower()) for row in rows
        )
        self._versions = {row.id: row.version for row in rows}
        self._read_at = now


def _check(business: BusinessConfig) -> None:
    if not _SLUG.fullmatch(business.slug):
        raise ConfigError(
            f"business.{business.slug}.slug", "must be lower-case letters, digits and hyphens"
        )
    if business.slug in RESERVED_SLUGS:
        raise ConfigError(
            f"business.{business.slug}.slug", "is a path or a cookie of the portal itself"
        )


async def create_businesses(
    session: AsyncSession, businesses: Sequence[BusinessConfig], now: datetime
) -> tuple[str, ...]:
    """Create what the configuration names and is not there yet; return the new ids.

    A row that exists is never overwritten: brand, languages and bank account are edited in
    the portal afterwards (decision 27).

    Raises:
        ConfigError: If a slug cannot be used.
    """
    known = set(await session.scalars(select(Business.slug)))
    created: list[str] = []
    for business in businesses:
        _check(business)
        if business.slug in known:
            continue
        business_id = new_id()
        await session.execute(
            insert(Business).values(
                id=business_id,
                slug=business.slug,
                host=business.host.lower() if business.host else None,
                name=business.name,
                currency=business.currency,
                timezone=business.timezone,
                locale=business.locale,
                locales=list(business.locales),
                brand_colour=business.brand_colour,
                settings={},
                version=1,
                created_at=now,
            )
        )
        known.add(business.slug)
        created.append(business_id)
    return tuple(created)
