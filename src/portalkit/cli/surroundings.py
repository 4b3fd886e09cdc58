"""What a portal needs around it: database, storage, clock, what PDFs are made with."""

import asyncio
import ctypes
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from portalkit.access.models import Business, Staff
from portalkit.access.permissions import StaffRole
from portalkit.audit import Event
from portalkit.cli.findings import Finding, fail, ok, warn
from portalkit.config import PdfConfig, PortalConfig
from portalkit.db import configure_engine, sync_url
from portalkit.db.migrate import pending
from portalkit.errors import PortalError
from portalkit.hooks import PluginRegistry
from portalkit.rendering.pdf import PdfRenderer
from portalkit.storage import Storage, content_key

__all__ = ("check_surroundings",)

# Where no business has its files.
_NOBODY: Final = "00000000-0000-7000-8000-000000000000"
_CLOCK_SKEW: Final = timedelta(seconds=30)
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><title>Check</title></head><body><p>Olive</p></body>'
)


def check_surroundings(config: PortalConfig, registry: PluginRegistry) -> Iterator[Finding]:
    """Yield whether everything the portal needs is there, by using it."""
    for name, problems in registry.broken.items():
        for problem in problems:
            yield fail("plugins", f"{name} {problem.reason}")
    yield from _database(config, registry)
    yield asyncio.run(_storage(config))
    yield asyncio.run(_pdf(config.pdf))
    yield _subsetting()


def _database(config: PortalConfig, registry: PluginRegistry) -> Iterator[Finding]:
    try:
        waiting = pending(config.database_url, registry)
        if waiting:
            text = f"migrations are pending: {', '.join(waiting)}; run 'portalkit db upgrade'"
            yield fail("database", text)
            return
        yield ok("database", "reached, and migrated")
        engine = create_engine(sync_url(config.database_url), poolclass=NullPool)
        with configure_engine(engine).connect() as connection:
            yield from _inhabitants(connection)
            yield _clock(connection)
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        yield fail("database", f"cannot be used: {reason}; is database_url right?")


def _inhabitants(connection: Connection) -> Iterator[Finding]:
    slugs = connection.scalars(select(Business.slug).order_by(Business.slug)).all()
    if not slugs:
        yield warn("businesses", "none: name one in [[business]] of portalkit.toml, or use --app")
        return
    yield ok("businesses", ", ".join(slugs))
    led = connection.scalars(
        select(Business.slug)
        .join(Staff, Staff.business_id == Business.id)
        .where(Staff.role == StaffRole.ADMIN.value, Staff.is_enabled)
    )
    if alone := sorted(set(slugs) - set(led)):
        text = f"{', '.join(alone)}: nobody runs the back office; use 'portalkit staff add'"
        yield warn("staff", text)


def _clock(connection: Connection) -> Finding:
    """Compare the clock with the database's, and with the newest of what was written."""
    now = datetime.now(UTC)
    newest = connection.scalar(select(func.max(Event.at)))
    if newest is not None and newest > now + _CLOCK_SKEW:
        return fail("clock", f"{now:%Y-%m-%d %H:%M} UTC is before what was written: set it right")
    if connection.dialect.name == "postgresql":
        theirs: datetime | None = connection.scalar(select(func.clock_timestamp()))
        if theirs is not None and abs(theirs - now) > _CLOCK_SKEW:
            return fail("clock", f"differs from the database's by {abs(theirs - now)}")
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


async def _storage(config: PortalConfig) -> Finding:
    """Write a file of a few bytes, read it, and remove it."""
    content = os.urandom(16)
    key = content_key(_NOBODY, content)
    try:
        storage = Storage(config.storage_url)
        await storage.put(key, content)
        found = await storage.get(key)
        await storage.delete(key)
    except (PortalError, OSError) as error:
        return fail("storage", str(error))
    if found != content:
        return fail("storage", "what was written is read back otherwise")
    return ok("storage", "can be written and read")


async def _pdf(config: PdfConfig) -> Finding:
    """Make a PDF of one line in a process of its own, as documents are made."""
    if config.workers < 1:
        return warn("PDF", "switched off: pdf.workers is 0")
    renderer = PdfRenderer(msgspec.structs.replace(config, workers=1))
    try:
        content = await renderer.render(_PAGE, identifier="check")
    except (PortalError, OSError) as error:
        return fail("PDF", f"cannot be made: {error}; is Pango installed?")
    finally:
        await renderer.close()
    return ok("PDF", f"can be made ({len(content):,} bytes for one line)")


def _subsetting() -> Finding:
    try:
        ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError:
        return warn("fonts", "libharfbuzz-subset0 is missing: PDFs take twice as long")
    return ok("fonts", "can be cut to what a PDF uses")
