"""Limits on tries: by account and by client address, each on its own, never for good.

The generic cell rate algorithm keeps one number a key: when the limit will be wholly free
again. One statement reads, decides and writes it, on both databases, so that parallel tries
are counted as well as those that come one after another.
"""

import hashlib
import ipaddress
import math
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Throttle
from portalkit.context import SessionKind

__all__ = (
    "ACCOUNT",
    "ADDRESS",
    "KNOWN",
    "LINK",
    "Limit",
    "Try",
    "account_key",
    "address_key",
    "door_key",
    "door_keys",
    "forget_stale",
    "give_back",
    "take",
)


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """How many tries there are at once, and after how many seconds one more is given."""

    name: str
    burst: int
    every: int


ACCOUNT: Final = Limit(name="account", burst=10, every=90)
"""At most 20 comparisons of a password in any quarter of an hour (security O13)."""

KNOWN: Final = Limit(name="known", burst=10, every=90)
"""The same for a browser in which the account was signed in to before, and for it alone."""

ADDRESS: Final = Limit(name="address", burst=50, every=18)
"""A whole office may sit behind one address; what succeeds is given back."""

LINK: Final = Limit(name="link", burst=20, every=30)
"""Tries with links, by address: 160 bits cannot be guessed, but hammering can be stopped."""


class Try(msgspec.Struct, frozen=True):
    """A try that was counted; giving it back undoes that."""

    limit: Limit
    key: str


def account_key(business_id: str, email: str) -> str:
    """Return what an account is counted under, whether or not there is such an account."""
    return hashlib.sha256(f"{business_id}:{email}".encode("utf-8", "surrogatepass")).hexdigest()


def door_key(kind: SessionKind, business_id: str, email: str) -> str:
    """Return what an address in canonical spelling is counted under at one door."""
    return account_key(f"{business_id}:{kind.value}", email)


def door_keys(business_id: str, email: str) -> Collection[str]:
    """Return all that an address is counted under; each key of a row has one of them in it."""
    return {door_key(kind, business_id, email) for kind in SessionKind}


def address_key(address: str) -> str:
    """Return what a client is counted under: its IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:60]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


async def take(session: AsyncSession, tries: Sequence[Try], now: datetime) -> int:
    """Count a try against all of the limits, or against none if one is used up.

    The session must be committed by the caller even if the try fails afterwards.

    Args:
        session: A session that writes, in a transaction of its own.
        tries: The limits and what is counted.
        now: The current moment.

    Returns:
        0, or the seconds after which to come back.
    """
    counted: list[Try] = []
    # Always in the same order, or two of them would wait for each other's rows.
    for tried in sorted(tries, key=_row_key):
        if await _take_one(session, tried, now):
            counted.append(tried)
            continue
        wait = await _wait(session, tried, now)
        await give_back(session, counted)
        return wait
    return 0


async def give_back(session: AsyncSession, tries: Sequence[Try]) -> None:
    """Undo the counting of a try that turned out to be an honest one."""
    for tried in sorted(tries, key=_row_key):
        await session.execute(
            update(Throttle)
            .where(Throttle.key == _row_key(tried))
            .values(free_at_ms=Throttle.free_at_ms - tried.limit.every * 1_000)
            .execution_options(synchronize_session=False)
        )


async def forget_stale(session: AsyncSession, now: datetime) -> None:
    """Remove what is wholly free again; a missing row says the same."""
    stale = (
        select(Throttle.key)
        .where(Throttle.free_at_ms < _milliseconds(now))
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        delete(Throttle)
        .where(Throttle.key.in_(stale.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )


def _row_key(tried: Try) -> str:
    return f"{tried.limit.name}:{tried.key}"


def _milliseconds(now: datetime) -> int:
    return int(now.timestamp() * 1_000)


async def _take_one(session: AsyncSession, tried: Try, now: datetime) -> bool:
    at, step = _milliseconds(now), tried.limit.every * 1_000
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    make: Any = postgresql.insert if is_postgresql else sqlite.insert
    busy_until = case((Throttle.free_at_ms > at, Throttle.free_at_ms), else_=at)
    statement = (
        make(Throttle)
        .values(key=_row_key(tried), free_at_ms=at + step)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"free_at_ms": busy_until + step},
            where=busy_until + step <= at + step * tried.limit.burst,
        )
        .returning(Throttle.key)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def _wait(session: AsyncSession, tried: Try, now: datetime) -> int:
    """Return the seconds until one more try fits."""
    free_at = await session.scalar(
        select(Throttle.free_at_ms).where(Throttle.key == _row_key(tried))
    )
    step = tried.limit.every * 1_000
    missing = (free_at or 0) + step - (_milliseconds(now) + step * tried.limit.burst)
    return max(1, math.ceil(missing / 1_000))
