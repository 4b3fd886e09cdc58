"""Database: one metadata, safe engines, migrations of kernel and plugins."""

from portalkit.db.base import Base, FoldedText, Id, Instant
from portalkit.db.engine import (
    async_url,
    configure_engine,
    create_engine_for,
    session_makers,
    sync_url,
)

__all__ = (
    "Base",
    "FoldedText",
    "Id",
    "Instant",
    "async_url",
    "configure_engine",
    "create_engine_for",
    "session_makers",
    "sync_url",
)
