"""Limits on tries: by account and by client address, each on its own, never for good.

The generic cell rate algorithm keeps one number a key: when the limit will be wholly free
again. One statement reads, decides and writes it, on both databases, so that parallel tries
are counted as well as those that come one after another.
"""

import hashlib
import ipaddress
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Throttle
from portalkit.errors import ThrottledError

__all__ = (
    "ACCOUNT",
    "ADDRESS",
    "LINK",
    "Limit",
    "Try",
    "account_key",
    "address_key",
    "forget_stale",
    "give_back",
    "take",
    "take_first",
)


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """How many tries there are at once, and after how many seconds one more is given.

    Attributes:
        is_by_address: Clients are counted, which is done before anything else is: whoever is
            refused as such leaves no trace of what they asked for.
    """

    name: str
    burst: int
    every: int
    is_by_address: bool = False


ACCOUNT: Final = Limit(name="account", burst=10, every=225)
"""Passwords, by account. With those of known browsers (6, see :mod:`.known`) at most 20 are
compared in any quarter of an hour (security O13)."""

ADDRESS: Final = Limit(name="address", burst=50, every=18, is_by_address=True)
"""A whole office may sit behind one address; what succeeds is given back."""

LINK: Final = Limit(name="link", burst=20, every=30, is_by_address=True)
"""Tries with links, by address: 160 bits cannot be guessed, but hammering can be stopped."""


class Try(msgspec.Struct, frozen=True):
    """A try that was counted; giving it back undoes that."""

    limit: Limit
    key: str


def account_key(business_id: str, email: str) -> str:
    """Return what an account is counted under, whether or not there is such an account."""
    return hashlib.sha256(f"{business_id}:{email}".encode("utf-8", "surrogatepass")).hexdigest()


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


async def take(session: AsyncSession, tries: Sequence[Try], now: datetime) -> None:
    """Count a try against all of the limits.

    The session must be committed by the caller even if the try fails afterwards, but not if
    it is refused here: then nothing is written at all.

    Args:
        session: A session that writes, in a transaction of its own.
        tries: The limits and what is counted.
        now: The current moment.

    Raises:
        ThrottledError: If one of them is used up.
    """
    await take_first(session, (tries,), now)


async def take_first(
    session: AsyncSession, choices: Sequence[Sequence[Try]], now: datetime
) -> Sequence[Try]:
    """Count a try against the first of several sets of limits none of which is used up.

    Returns:
        What it was counted against, to be given back.

    Raises:
        ThrottledError: If each of them has a limit that is used up, as with :func:`take`.
    """
    waits = []
    for tries in choices:
        counted: list[Try] = []
        for tried in sorted(tries, key=_order):
            if not await _take_one(session, tried, now):
                waits.append(await _wait(session, tried, now))
                break
            counted.append(tried)
        else:
            return tries
        await give_back(session, counted)
    raise ThrottledError(min(waits))


async def give_back(session: AsyncSession, tries: Sequence[Try]) -> None:
    """Undo the counting of a try that turned out to be an honest one."""
    for tried in sorted(tries, key=_order):
        await session.execute(
            update(Throttle)
            .where(Throttle.key == _row_key(tried))
            .values(free_at_ms=Throttle.free_at_ms - tried.limit.every * 1_000)
            .execution_options(synchronize_session=False)
        )


async def forget_stale(session: AsyncSession, now: datetime, *, at_most: int = 100) -> int:
    """Remove what is wholly free again, and return how much; a missing row says the same."""
    stale = (
        select(Throttle.key)
        .where(Throttle.free_at_ms <= _milliseconds(now))
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    result = cast(
        "CursorResult[Any]",
        await session.execute(
            delete(Throttle)
            .where(Throttle.key.in_(stale.scalar_subquery()))
            .execution_options(synchronize_session=False)
        ),
    )
    return result.rowcount


def _order(tried: Try) -> tuple[bool, str]:
    """Return where a row stands: always in one order, or two tries would wait for each other."""
    return not tried.limit.is_by_address, _row_key(tried)


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
