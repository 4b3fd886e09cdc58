"""Passwords: argon2id off the event loop, few at a time, and the same work for everybody."""

import asyncio
import gzip
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from importlib import resources
from typing import Final, TypeVar

import msgspec
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from portalkit.config import PasswordConfig
from portalkit.errors import InputRefusedError, ThrottledError

__all__ = (
    "MAX_PASSWORD",
    "MIN_PASSWORD",
    "Passwords",
    "Verification",
    "check_new_password",
    "new_one_time_password",
)

_T = TypeVar("_T")

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 128

# A sign-in waits this long for its turn at most; with many more before it, not at all.
_MAX_WAIT_SECONDS: Final = 3.0
_MAX_WAITING_PER_HASH: Final = 50
_RETRY_AFTER_SECONDS: Final = 5
# So many sign-ins may be under way for each hash at a time: while one is hashed, the others
# read and write. More of them would take the connections that pages need.
_INSIDE_PER_HASH: Final = 3
# Hashing yields the processor to whoever serves pages.
_NICENESS: Final = 5
# The least memory that argon2 takes, for each lane.
_LEAST_KIB: Final = 8
# Without letters and digits that look alike: it is read aloud on the telephone.
_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"


class Verification(msgspec.Struct, frozen=True):
    """What came of comparing a password.

    Attributes:
        new_hash: Of a right password whose stored hash costs less than it should by now.
    """

    is_right: bool
    new_hash: str | None = None


class _Turns:
    """Lets a few in at a time; a few more wait, not for long, and others are sent away."""

    def __init__(self, inside: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(inside)
        self._max_waiting = waiting
        self._waiting = 0

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for one's turn and have it for as long as the block lasts.

        Raises:
            ThrottledError: If too many wait, or if it takes too long.
        """
        if self._waiting >= self._max_waiting:
            raise ThrottledError(_RETRY_AFTER_SECONDS)
        self._waiting += 1
        try:
            async with asyncio.timeout(_MAX_WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise ThrottledError(_RETRY_AFTER_SECONDS) from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


class Passwords:
    """Hashes and compares passwords, at most a few at a time.

    Attributes:
        checks: Comparisons made so far, right and wrong ones and those with nobody's hash.
    """

    def __init__(self, config: PasswordConfig) -> None:
        self.checks = 0
        self._config = config
        self._hasher = _hasher(config)
        # Compared against where there is no account or no password, so that nobody learns
        # from the time which addresses are known (security R20).
        self._nobody = _nobodys_hash(config)
        self._threads = ThreadPoolExecutor(
            config.concurrency, thread_name_prefix="argon2", initializer=_step_back
        )
        waiting = config.concurrency * _MAX_WAITING_PER_HASH
        self._hashing = _Turns(config.concurrency, waiting)
        self._door = _Turns(config.concurrency * _INSIDE_PER_HASH, waiting)

    def door(self) -> AbstractAsyncContextManager[None]:
        """Wait outside until a sign-in may begin, before anything is read or written for it.

        Raises:
            ThrottledError: If too many wait, or if it takes too long.
        """
        return self._door.take()

    async def hash(self, password: str) -> str:
        """Return a password's argon2id hash, in its encoded form.

        Raises:
            ThrottledError: If too many are being hashed.
        """
        async with self._hashing.take():
            return await self._run(lambda: self._hasher.hash(_encode(password)))

    async def verify(self, password: str, stored: str | None) -> Verification:
        """Compare a password; the work is the same whether there is anything to compare with.

        It is also the same where the stored hash costs less than it should by now.

        Args:
            password: As it was typed.
            stored: The encoded hash; ``None`` for an account that is unknown, disabled or
                without a password, where the answer is always no.

        Raises:
            ThrottledError: If too many are being compared.
        """
        if not 1 <= len(password) <= MAX_PASSWORD:
            stored, password = None, ""
        async with self._hashing.take():
            self.checks += 1
            is_right = await self._run(lambda: self._is_right(password, stored or self._nobody))
            if stored is None or not is_right:
                return Verification(is_right=False)
            if not self._hasher.check_needs_rehash(stored):
                return Verification(is_right=True)
            new_hash = await self._run(lambda: self._hasher.hash(_encode(password)))
            return Verification(is_right=True, new_hash=new_hash)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _is_right(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, _encode(password))
        except (VerificationError, InvalidHashError):
            self._work_off_rest(password, stored)
            return False

    def _work_off_rest(self, password: str, stored: str) -> None:
        """Fill as much memory as a hash of today's cost would have filled on top of this one.

        Else a wrong password would be refused sooner for an account that has not signed in
        since the cost has grown, and for none that is unknown.
        """
        config = self._config
        try:
            spent = extract_parameters(stored)
            filled = spent.memory_cost * spent.time_cost
        except InvalidHashError:
            filled = 0
        memory = config.memory_kib - filled // config.time_cost
        if memory >= _LEAST_KIB * config.parallelism:
            rest = msgspec.structs.replace(config, memory_kib=memory)
            _hasher(rest).hash(_encode(password))

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _hasher(config: PasswordConfig) -> PasswordHasher:
    return PasswordHasher(
        time_cost=config.time_cost,
        memory_cost=config.memory_kib,
        parallelism=config.parallelism,
        type=Type.ID,
    )


@cache
def _nobodys_hash(config: PasswordConfig) -> str:
    return _hasher(config).hash(secrets.token_urlsafe(16))


def _step_back() -> None:
    # Only Linux has it for a thread; elsewhere it would be for the whole process.
    if sys.platform == "linux":
        os.nice(_NICENESS)


def _encode(password: str) -> bytes:
    # Unmodified (R17): no trimming, no folding; a lone surrogate is no reason for a 500.
    return password.encode("utf-8", "surrogatepass")


@cache
def _common_passwords() -> frozenset[str]:
    file = resources.files("portalkit.access") / "data" / "common-passwords.txt.gz"
    return frozenset(gzip.decompress(file.read_bytes()).decode("utf-8").split("\n"))


def check_new_password(password: str, *, context: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long or easily guessed.

    Args:
        password: As it was typed; never changed.
        context: Words that stand beside it: e-mail address, name, name of the business.

    Raises:
        InputRefusedError: ``reason`` is ``too_short``, ``too_long`` or ``too_common``.
    """
    if len(password) < MIN_PASSWORD:
        raise InputRefusedError("password", "too_short")
    if len(password) > MAX_PASSWORD:
        raise InputRefusedError("password", "too_long")
    folded = password.casefold()
    if folded in _common_passwords() or folded in set(_context_words(context)):
        raise InputRefusedError("password", "too_common")


def _context_words(context: Iterable[str]) -> Iterable[str]:
    for text in context:
        folded = text.casefold()
        yield folded
        yield folded.replace(" ", "")
        yield from folded.split("@")


def new_one_time_password() -> str:
    """Make a password for staff to hand over: 80 bits in four groups, easy to read aloud."""
    letters = "".join(secrets.choice(_READABLE) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
