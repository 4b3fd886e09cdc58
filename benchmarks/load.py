"""Load on a server: by ``wrk`` where it is installed, else by a small client of our own."""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ("requests_per_second",)


def requests_per_second(
    url: str, *, clients: int, seconds: float = 3.0, headers: Mapping[str, str] | None = None
) -> float:
    """Return how many requests a second are answered with 200 or 304.

    Raises:
        RuntimeError: If an answer has another status: a figure of errors is no figure.
    """
    if shutil.which("wrk"):
        return _by_wrk(url, clients, seconds, headers or {})
    return asyncio.run(_by_hand(url, clients, seconds, headers or {}))


def _by_wrk(url: str, clients: int, seconds: float, headers: Mapping[str, str]) -> float:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    out = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx or 3xx" in out or "Socket errors" in out:
        raise RuntimeError(f"{url} failed under load:\n{out}")
    match = re.search(r"Requests/sec:\s+([\d.]+)", out)
    if match is None:
        raise RuntimeError(f"wrk said something else:\n{out}")
    return float(match[1])


async def _by_hand(url: str, clients: int, seconds: float, headers: Mapping[str, str]) -> float:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}"]
    request = "\r\n".join([*lines, *(f"{n}: {v}" for n, v in headers.items()), "", ""]).encode()
    end = time.perf_counter() + seconds
    counts = await asyncio.gather(
        *(_client(parts.hostname or "", parts.port or 80, request, end) for _ in range(clients))
    )
    return sum(counts) / seconds


async def _client(host: str, port: int, request: bytes, end: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.perf_counter() < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if head[9:12] not in {b"200", b"304"}:
            raise RuntimeError(f"answered {head[:60]!r}")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length:
            await reader.readexactly(int(length[1]))
        count += 1
    writer.close()
    return count
