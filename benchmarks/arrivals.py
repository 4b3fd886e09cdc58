"""Visitors who arrive when they arrive, whether or not those before them were answered."""

import asyncio
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

__all__ = ("Answer", "arrive", "p95", "request_of", "send")

_NO_ANSWER = 0
_PATIENCE = 30.0


class Answer(msgspec.Struct, frozen=True):
    """What came of a request; ``status`` is 0 if there was no answer."""

    status: int
    seconds: float


async def arrive(
    rate: int, seconds: float, visit: Callable[[int], Awaitable[Answer]]
) -> list[Answer]:
    """Begin so many visits a second, each at its moment, and return what came of all."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks = []
    for place in range(round(rate * seconds)):
        await asyncio.sleep(began + place / rate - loop.time())
        tasks.append(asyncio.ensure_future(visit(place)))
    return list(await asyncio.gather(*tasks))


def request_of(method: str, path: str, host: str, headers: dict[str, str], body: str = "") -> bytes:
    """Return a request as it goes over the wire, on a connection of its own."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", body]).encode("ascii")


async def send(host: str, port: int, request: bytes) -> Answer:
    """Send a request and return what came of it, and after how long."""
    began = time.perf_counter()
    try:
        async with asyncio.timeout(_PATIENCE):
            status = await _exchange(host, port, request)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        status = _NO_ANSWER
    return Answer(status, time.perf_counter() - began)


async def _exchange(host: str, port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        return int(head[9:12])
    finally:
        writer.close()


def p95(answers: Sequence[Answer]) -> float:
    """Return the milliseconds within which 95 of 100 were answered."""
    return statistics.quantiles([answer.seconds for answer in answers], n=20)[-1] * 1_000
