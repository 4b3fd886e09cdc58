"""Sign-ins beside pages: twenty a second must pass, and a hundred must break nothing.

Each request is begun at its moment, on a connection of its own, whether or not those before
it were answered.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from benchmarks.arrivals import Answer, arrive, p95, request_of, send
from benchmarks.figures import Figure, at_least, at_most, for_information
from benchmarks.pages import LIST
from benchmarks.site import PASSWORD, TOKEN, Owner, Site, serve_portal, sign_in

__all__ = ("measure_signing_in",)

_PAGES_A_SECOND = 10
_TURNED_AWAY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class _Storm(msgspec.Struct, frozen=True):
    """What was answered while so many sign-ins a second were offered."""

    seconds: float
    sign_ins: Sequence[Answer]
    pages: Sequence[Answer]


def measure_signing_in(
    site: Site, owners: Sequence[Owner], *, label: str, workers: int, seconds: float
) -> Iterator[Figure]:
    """Yield how many sign-ins a second pass, and how pages do meanwhile.

    Args:
        site: Where they sign in.
        owners: Who signs in, one after another; the first one also looks at pages.
        label: Name of the database.
        workers: Processes that serve.
        seconds: How long each load lasts.
    """
    with serve_portal(site, workers, environ={"PORTALKIT_TRUSTED_PROXIES": "127.0.0.1"}) as portal:
        visits = _Visits(portal.url, owners)
        # The first pages and sign-ins of a process compile and connect.
        asyncio.run(visits.storm(5, 2.0))
        idle = asyncio.run(visits.storm(0, seconds / 2))
        yield for_information(f"pages, no sign-ins, p95, {label}", p95(idle.pages), "ms")
        steady = asyncio.run(visits.storm(22, seconds))
        let_in = _count(steady.sign_ins, {HTTPStatus.SEE_OTHER}) / steady.seconds
        yield at_least(f"sign-ins, 22 a second offered, {label}", let_in, 20, "a second")
        yield at_most(f"pages meanwhile, p95, {label}", p95(steady.pages), 500, "ms")
        yield for_information(f"those sign-ins, p95, {label}", p95(steady.sign_ins), "ms")
        yield from _overload(asyncio.run(visits.storm(100, seconds)), label)
        after = asyncio.run(visits.storm(0, seconds / 2))
        yield at_most(f"pages afterwards, p95, {label}", p95(after.pages), 500, "ms")


def _overload(storm: _Storm, label: str) -> Iterator[Figure]:
    name = f"sign-ins, 100 a second offered, {label}"
    answers = Counter(answer.status for answer in storm.sign_ins)
    let_in = answers[HTTPStatus.SEE_OTHER]
    turned_away = sum(answers[status] for status in _TURNED_AWAY)
    yield for_information(name, let_in / storm.seconds, "a second")
    yield for_information(f"{name}: answered 429 or 503", turned_away / storm.seconds, "a second")
    other = len(storm.sign_ins) - let_in - turned_away
    yield at_most(f"{name}: answered otherwise, or not", other, 0, "of all")
    lost = len(storm.pages) - _count(storm.pages, {HTTPStatus.OK})
    yield at_most(f"pages meanwhile: answered otherwise, or not, {label}", lost, 0, "of all")
    yield for_information(f"pages under 100 a second, p95, {label}", p95(storm.pages), "ms")


class _Visits:
    """Requests to one portal, ready to be sent."""

    def __init__(self, url: str, owners: Sequence[Owner]) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        cookie = sign_in(url, owners[0].email)
        self._page = request_of("GET", LIST, parts.netloc, cookie)
        with httpx.Client(base_url=url) as client:
            token = TOKEN.search(client.get("/login").text)
            if token is None:
                raise RuntimeError("the sign-in page has no form")
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        headers = {"Cookie": cookies, "Origin": url, "Sec-Fetch-Site": "same-origin"}
        self._sign_ins = [
            request_of(
                "POST",
                "/login",
                parts.netloc,
                # Everybody comes from somewhere else; one address has a limit of its own.
                {**headers, "X-Forwarded-For": f"10.{place // 250}.{place % 250}.7"},
                urlencode({"email": owner.email, "password": PASSWORD, "csrf_token": token[1]}),
            )
            for place, owner in enumerate(owners)
        ]

    async def storm(self, rate: int, seconds: float) -> _Storm:
        """Let pages be looked at for so long while so many sign in a second."""
        pages = asyncio.create_task(arrive(_PAGES_A_SECOND, seconds, self._look))
        sign_ins = await arrive(rate, seconds, self._sign_in) if rate else []
        return _Storm(seconds, sign_ins, await pages)

    async def _look(self, _: int) -> Answer:
        return await self._send(self._page)

    async def _sign_in(self, place: int) -> Answer:
        return await self._send(self._sign_ins[place % len(self._sign_ins)])

    async def _send(self, request: bytes) -> Answer:
        return await send(self._host, self._port, request)


def _count(answers: Sequence[Answer], statuses: set[HTTPStatus]) -> int:
    return sum(answer.status in statuses for answer in answers)
