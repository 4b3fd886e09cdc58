"""Rows of rendered PDFs: a lease while one process renders, a receipt afterwards."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, Insert, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.documents.models import Rendering

__all__ = (
    "LEASE",
    "Receipt",
    "RenderingKey",
    "SessionMaker",
    "find_rendering",
    "finish_rendering",
    "lease_rendering",
    "record_rendering",
    "release_rendering",
    "renew_rendering",
)

SessionMaker = Callable[[], AsyncSession]
"""Opens a session of its own."""

LEASE: Final = timedelta(seconds=15)
"""How long a process that died still holds up the others; one that lives renews in time."""


class RenderingKey(msgspec.Struct, frozen=True):
    """What is rendered: ``key`` is a hash of everything that decides how it looks."""

    key: str
    business_id: str
    document_id: str


class Receipt(msgspec.Struct, frozen=True):
    """Hash and size of a PDF that was made."""

    sha256: str
    size: int


# Built once: each download of a PDF looks for its receipt.
_COLUMNS: Final = Rendering.__table__.c
_FIND: Final = select(_COLUMNS.sha256, _COLUMNS.size).where(_COLUMNS.key == bindparam("wanted"))


async def find_rendering(session: AsyncSession, wanted: RenderingKey) -> Receipt | None:
    """Return the receipt of a PDF, or ``None`` while there is none."""
    row = (await session.execute(_FIND, {"wanted": wanted.key})).one_or_none()
    return Receipt(row.sha256, row.size) if row is not None and row.sha256 else None


async def lease_rendering(
    writing: SessionMaker, wanted: RenderingKey, lost: Receipt | None
) -> bool:
    """Take the lease if nobody has it, or if whoever had it is gone.

    Args:
        writing: Opens the session; the lease is committed at once, so that others see it.
        wanted: What is to be rendered.
        lost: A receipt whose bytes are missing or damaged in the store: they are made again,
            and that they were served once stays on record.
    """
    now = datetime.now(UTC)  # a lease is about processes, never about the business's day
    free = or_(Rendering.leased_until.is_(None), Rendering.leased_until < now)
    missing = Rendering.sha256.is_(None) if lost is None else Rendering.sha256 == lost.sha256
    taken = (
        update(Rendering)
        .where(Rendering.key == wanted.key, missing, free)
        .values(leased_until=now + LEASE, sha256=None, size=None)
    )
    try:
        async with writing() as session, session.begin():
            if _count(await session.execute(taken)) == 1:
                if lost is not None:
                    await session.execute(_record(_formerly(wanted, lost), lost, now))
                return True
            found = await session.scalar(select(Rendering.key).where(Rendering.key == wanted.key))
            if found is not None:
                return False
            await session.execute(
                insert(Rendering).values(
                    key=wanted.key,
                    business_id=wanted.business_id,
                    document_id=wanted.document_id,
                    leased_until=now + LEASE,
                    created_at=now,
                )
            )
    except IntegrityError:
        # Another process was a moment quicker; if it was not that, there is no such document.
        async with writing() as session:
            if await session.get(Rendering, wanted.key) is None:
                raise
        return False
    return True


async def renew_rendering(writing: SessionMaker, wanted: RenderingKey) -> None:
    """Keep the lease while the PDF is being made."""
    async with writing() as session, session.begin():
        await session.execute(
            update(Rendering)
            .where(Rendering.key == wanted.key, Rendering.sha256.is_(None))
            .values(leased_until=datetime.now(UTC) + LEASE)
        )


async def finish_rendering(writing: SessionMaker, wanted: RenderingKey, receipt: Receipt) -> None:
    """Turn the lease into a receipt."""
    async with writing() as session, session.begin():
        await session.execute(
            update(Rendering)
            .where(Rendering.key == wanted.key)
            .values(sha256=receipt.sha256, size=receipt.size, leased_until=None)
        )


async def release_rendering(writing: SessionMaker, wanted: RenderingKey) -> None:
    """Give the lease back without a PDF, so that the next one tries at once."""
    async with writing() as session, session.begin():
        await session.execute(
            update(Rendering)
            .where(Rendering.key == wanted.key, Rendering.sha256.is_(None))
            .values(leased_until=None)
        )


async def record_rendering(session: AsyncSession, wanted: RenderingKey, receipt: Receipt) -> None:
    """Write a receipt in the caller's own transaction, over whatever lease there is."""
    changed = await session.execute(
        update(Rendering)
        .where(Rendering.key == wanted.key)
        .values(sha256=receipt.sha256, size=receipt.size, leased_until=None)
    )
    if _count(changed) == 0:
        await session.execute(_record(wanted, receipt, datetime.now(UTC)))


def _count(result: object) -> int:
    """Return how many rows an update has changed."""
    return cast("CursorResult[Any]", result).rowcount


def _record(wanted: RenderingKey, receipt: Receipt, now: datetime) -> Insert:
    return insert(Rendering).values(
        key=wanted.key,
        business_id=wanted.business_id,
        document_id=wanted.document_id,
        sha256=receipt.sha256,
        size=receipt.size,
        created_at=now,
    )


def _formerly(wanted: RenderingKey, lost: Receipt) -> RenderingKey:
    """Return a key under which a PDF that was served stays known."""
    key = hashlib.sha256(f"{wanted.key}{lost.sha256}".encode()).hexdigest()
    return RenderingKey(key, wanted.business_id, wanted.document_id)
