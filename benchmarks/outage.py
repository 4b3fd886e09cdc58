"""Hundreds of mails while their server refuses, then stalls, then works."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.figures import Figure, at_least, at_most, for_information
from portalkit.access.businesses import load_business
from portalkit.access.invitations import invite_person
from portalkit.access.mails import PASSWORD_SET, PasswordSet
from portalkit.access.models import Business
from portalkit.app import PortalApp, create_app
from portalkit.audit import Actor
from portalkit.config import BusinessConfig, MailConfig, PortalConfig, Secret
from portalkit.db.migrate import upgrade
from portalkit.hooks import load_plugins
from portalkit.mail import Recipient, send_mail
from portalkit.testing.factories import make_contact, make_person
from portalkit.testing.post_office import PostOffice, open_post_office

__all__ = ("measure_outage",)

_PAGES = 500
_WAIT = 600.0


def measure_outage(folder: Path, mails: int) -> Iterator[Figure]:
    """Yield what arrives, how often, how soon, and what pages notice of it.

    Args:
        folder: An empty one, for the database.
        mails: How many are written while the server refuses everybody.
    """
    return iter(asyncio.run(_measure(folder, mails)))


async def _measure(folder: Path, mails: int) -> list[Figure]:
    async with open_post_office() as office, _portal(folder, office) as app:
        usual = await _slow_page(app)
        await office.close()
        await _write(app, mails)
        refused = await _slow_page(app)
        await office.open()
        office.mood = {"RCPT": "stall"}
        stalled = await _slow_page(app)
        all_taken = asyncio.Event()

        def taken() -> None:
            if len(set(office.recipients)) == mails:
                all_taken.set()

        office.taken = taken
        office.mood = {}
        began = time.perf_counter()
        await asyncio.wait_for(all_taken.wait(), _WAIT)
        seconds = time.perf_counter() - began
    arrived = len(set(office.recipients))
    return [
        at_least(f"mails that arrived, of {mails}", arrived, mails),
        at_most("mails that arrived twice", len(office.recipients) - arrived, 0),
        at_most("draining after the outage", seconds, 300, "s"),
        for_information("page p95 in usual times", usual, "ms"),
        at_most("page p95 while mail is refused, to usual", refused / usual, 1.2),
        at_most("page p95 while mail stalls, to usual", stalled / usual, 1.2),
    ]


@asynccontextmanager
async def _portal(folder: Path, office: PostOffice) -> AsyncIterator[PortalApp]:
    config = PortalConfig(
        database_url=f"sqlite:///{folder / 'outage.db'}",
        secret_keys=(Secret("k" * 32),),
        storage_url=f"file:{folder / 'files'}",
        plugins=(),
        business=(BusinessConfig(slug="mill", name="Mill"),),
        smtp_url=Secret(office.url),
        mail=MailConfig(
            from_address="portal@mill.example", timeout=1.0, data_timeout=5.0, pause_seconds=1.0
        ),
    )
    upgrade(config.database_url, load_plugins(config))
    app = create_app(config)
    async with app.lifespan():
        yield app


async def _write(app: PortalApp, mails: int) -> None:
    """Write so many mails, each in a transaction of its own; one of eleven invites somebody."""
    for number in range(mails):
        email = f"person{number}@sol.example"
        async with app.portal.writing() as session, session.begin():
            business = await session.scalar(select(Business.id))
            if number % 11 == 0:
                await _invite(app, session, str(business), email)
            else:
                await _tell(session, str(business), email)


async def _tell(session: AsyncSession, business_id: str, email: str) -> None:
    now = datetime.now(UTC)
    await send_mail(
        session,
        PASSWORD_SET,
        business_id=business_id,
        to=Recipient(email=email, name="Ana", locale="es"),
        variables=PasswordSet(at=now),
        now=now,
    )


async def _invite(app: PortalApp, session: AsyncSession, business_id: str, email: str) -> None:
    contact_id = await make_contact(session, business_id)
    person_id = await make_person(session, business_id, [contact_id], email)
    business = await load_business(session, business_id)
    assert business is not None
    inviter = await app.portal.inviter(session, business, Actor(kind="system"), datetime.now(UTC))
    await invite_person(session, inviter, contact_id=contact_id, person_id=person_id)


async def _slow_page(app: PortalApp) -> float:
    """Return in how many milliseconds 95 of 100 pages are answered."""
    transport = httpx.ASGITransport(app=app)
    taken = []
    async with httpx.AsyncClient(transport=transport, base_url=app.portal.config.origin) as client:
        for _ in range(_PAGES):
            began = time.perf_counter()
            answer = await client.get("/login")
            answer.raise_for_status()
            taken.append((time.perf_counter() - began) * 1_000)
    return sorted(taken)[int(_PAGES * 0.95)]
