"""Hundreds of mails while their server refuses, then stalls, then works, and a kill in between."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import msgspec
import psutil
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.arrivals import Answer, arrive, p95, request_of, send
from benchmarks.figures import Figure, at_least, at_most, for_information
from benchmarks.pages import LIST
from benchmarks.servers import Server
from benchmarks.site import Owner, Site, serve_portal, sign_in
from portalkit.access.businesses import load_business
from portalkit.access.invitations import invite_person
from portalkit.access.mails import PASSWORD_SET, PasswordSet
from portalkit.audit import Actor
from portalkit.mail import OwnWords, Recipient, send_mail
from portalkit.testing.factories import make_contact, make_person
from portalkit.testing.post_office import PostOffice, open_post_office

__all__ = ("measure_outage",)

_PAGES_A_SECOND = 20
_COMMENTS_EACH = 5
_INVITED = 11
"""One of so many mails is an invitation; the others are about documents, five about each."""

_WAIT = 600.0
# An hour of outage, compressed: the waits between tries are a sixtieth of the usual ones.
_SETTINGS = {
    "PORTALKIT_MAIL__FROM_ADDRESS": "portal@bench.example",
    "PORTALKIT_MAIL__TIMEOUT": "1",
    "PORTALKIT_MAIL__DATA_TIMEOUT": "1",
    "PORTALKIT_MAIL__PAUSE_SECONDS": "1",
    "PORTALKIT_JOBS__FIRST_RETRY_SECONDS": "0.5",
    "PORTALKIT_JOBS__LONGEST_RETRY_SECONDS": "30",
    "PORTALKIT_JOBS__LEASE_SECONDS": "3",
    "PORTALKIT_JOBS__POLL_SECONDS": "0.5",
}


class _Times(msgspec.Struct, frozen=True):
    """How soon 95 of 100 pages were answered, in milliseconds, and how many were not."""

    usual: float
    refused: float
    stalled: float
    lost: int


def measure_outage(
    site: Site, owner: Owner, *, label: str, workers: int, mails: int, seconds: float
) -> Iterator[Figure]:
    """Yield what arrives, how often, in which order, how soon, and what pages notice of it.

    Args:
        site: Whose mails they are.
        owner: Looks at pages meanwhile.
        label: Name of the database.
        workers: Processes that serve, and send.
        mails: How many are written: a quarter in usual times, while the server refuses, while
            it stalls, and when it works again.
        seconds: How long pages are looked at in each of the first three.
    """
    return iter(asyncio.run(_Outage(site, owner, workers, mails, seconds).measure(label)))


class _Outage:
    def __init__(self, site: Site, owner: Owner, workers: int, mails: int, seconds: float) -> None:
        self._site = site
        self._owner = owner
        self._workers = workers
        self._mails = mails
        self._seconds = seconds
        self._written = 0

    async def measure(self, label: str) -> Sequence[Figure]:
        """Let all times pass, and return the figures."""
        async with open_post_office() as office, AsyncExitStack() as stack:
            server = await self._serve(stack, office)
            looks = _Looks(server.url, self._owner.email)
            usual = await self._live_through(looks)
            await office.close()
            refused = await self._live_through(looks)
            oldest = await _oldest_mail(server.url)
            await office.open()
            office.mood = {"MAIL": "stall"}
            before = office.visits
            stalled = await self._live_through(looks)
            stalls = office.visits - before
            # The kernel's worst: no process of the portal gets to say goodbye.
            _kill(server)
            await self._serve(stack, office)
            office.mood = {}
            drained = await self._drain(office)
        times = _Times(
            usual=p95(usual),
            refused=p95(refused),
            stalled=p95(stalled),
            lost=sum(answer.status != 200 for answer in (*usual, *refused, *stalled)),
        )
        return [
            *_arrival(office, self._mails, drained, label),
            at_least(f"connections that stalled, {label}", stalls, 3),
            at_least(f"age of the oldest mail in the metrics, {label}", oldest, 0.1, "s"),
            *_pages(times, label),
        ]

    async def _serve(self, stack: AsyncExitStack, office: PostOffice) -> Server:
        environ = {**_SETTINGS, "PORTALKIT_SMTP_URL": office.url}
        serving = serve_portal(self._site, self._workers, environ=environ)
        server = await asyncio.to_thread(serving.__enter__)
        stack.push_async_callback(asyncio.to_thread, serving.__exit__, None, None, None)
        return server

    async def _live_through(self, looks: "_Looks") -> Sequence[Answer]:
        """Write a quarter of the mails, evenly, while pages are looked at."""
        looking = asyncio.create_task(looks.look(self._seconds))
        number = self._mails // 4
        for _ in range(number):
            await self._write_one()
            await asyncio.sleep(self._seconds / number / 2)
        return await looking

    async def _drain(self, office: PostOffice) -> float:
        """Write the rest, and return after how many seconds all had arrived."""
        loop, all_came = asyncio.get_running_loop(), asyncio.Event()

        def taken() -> None:
            if len({*_told(office)}) == self._mails:
                all_came.set()

        office.taken = taken
        began = loop.time()
        while self._written < self._mails:
            await self._write_one()
        taken()
        await asyncio.wait_for(all_came.wait(), _WAIT)
        return loop.time() - began

    async def _write_one(self) -> None:
        number, self._written = self._written, self._written + 1
        async with self._site.portal.writing() as session, session.begin():
            if number % _INVITED == 0:
                await self._invite(session, number)
            else:
                await self._comment(session, number)

    async def _comment(self, session: AsyncSession, number: int) -> None:
        """Write what a comment on a document would: a mail in the document's thread."""
        document, place = divmod(number, _COMMENTS_EACH)
        now = datetime.now(UTC)
        await send_mail(
            session,
            PASSWORD_SET,
            business_id=self._site.business_id,
            to=Recipient(email=f"person{document}@sol.example", name="Ana", locale="es"),
            variables=PasswordSet(at=now),
            now=now,
            own=OwnWords(subject=f"F-{document}: {place}", words="Hola"),
            thread=f"F-{document}",
        )

    async def _invite(self, session: AsyncSession, number: int) -> None:
        portal, business_id = self._site.portal, self._site.business_id
        contact_id = await make_contact(session, business_id)
        person_id = await make_person(
            session, business_id, [contact_id], f"invited{number}@sol.example"
        )
        business = await load_business(session, business_id)
        assert business is not None
        actor = Actor(kind="system")
        inviter = await portal.inviter(session, business, actor, datetime.now(UTC))
        await invite_person(session, inviter, contact_id=contact_id, person_id=person_id)


class _Looks:
    """Looks at a page as somebody who has signed in."""

    def __init__(self, url: str, email: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._page = request_of("GET", LIST, parts.netloc, sign_in(url, email))

    async def look(self, seconds: float) -> Sequence[Answer]:
        """Look for so long, and return what came of it."""
        return await arrive(_PAGES_A_SECOND, seconds, self._look)

    async def _look(self, _: int) -> Answer:
        return await send(self._host, self._port, self._page)


def _kill(server: Server) -> None:
    parent = psutil.Process(server.pid)
    for process in (*parent.children(recursive=True), parent):
        process.kill()
    psutil.wait_procs([parent])


async def _oldest_mail(url: str) -> float:
    async with httpx.AsyncClient(base_url=url) as client:
        text = (await client.get("/-/metrics")).raise_for_status().text
    found = re.search(r"^portalkit_mail_oldest_seconds (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _told(office: PostOffice) -> Sequence[tuple[str, str]]:
    """Return address and subject of what arrived, in that order."""
    return [(str(mail["To"]), str(mail["Subject"])) for mail in office.mails]


def _arrival(office: PostOffice, mails: int, drained: float, label: str) -> Iterator[Figure]:
    copies = Counter(_told(office))
    yield at_least(f"mails that arrived, of {mails}, {label}", len(copies), mails)
    twice = sum(copies.values()) - len(copies)
    yield at_most(f"mails that arrived more than once, {label}", twice, 0)
    yield at_most(f"documents whose mails came in another order, {label}", _disorder(office), 0)
    yield at_most(f"draining after the outage, {label}", drained, 300, "s")


def _disorder(office: PostOffice) -> int:
    """Return of how many documents the mails arrived in another order than written."""
    seen: dict[str, list[str]] = {}
    for _, subject in _told(office):
        document, has_place, place = subject.partition(": ")
        if has_place:
            seen.setdefault(document, []).append(place)
    return sum(places != sorted(places) for places in seen.values())


def _pages(times: _Times, label: str) -> Iterator[Figure]:
    yield for_information(f"page p95 in usual times, {label}", times.usual, "ms")
    refused, stalled = times.refused / times.usual, times.stalled / times.usual
    yield at_most(f"page p95 while mail is refused, to usual, {label}", refused, 1.2)
    yield at_most(f"page p95 while mail stalls, to usual, {label}", stalled, 1.2)
    yield at_most(f"pages that were not answered, {label}", times.lost, 0)
