"""Two businesses with contacts, people and staff, on both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from portalkit.access.browser import Browser, Entrance
from portalkit.access.passwords import Passwords
from portalkit.access.sessions import find_session
from portalkit.config import PasswordConfig, PortalConfig, Secret
from portalkit.db import create_engine_for, session_makers
from portalkit.testing.factories import NOW, make_business, make_contact, make_person, make_staff

KEY = Secret("a-key-for-tests-only-0123456789abcdef")
PASSWORD = "olive-trees-in-march"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[SimpleNamespace]:
    engine = create_engine_for(database_url)
    reading, writing = session_makers(engine)
    yield SimpleNamespace(engine=engine, reading=reading, writing=writing)
    await engine.dispose()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    return Passwords(PasswordConfig())


@pytest.fixture(scope="session")
async def password_hash(passwords: Passwords) -> str:
    return await passwords.hash(PASSWORD)


@pytest.fixture
def entrance(database, passwords: Passwords) -> Entrance:
    config = PortalConfig(secret_keys=(KEY,))
    return Entrance(config=config, passwords=passwords, make_session=database.writing)


@pytest.fixture
async def world(database, password_hash: str) -> SimpleNamespace:
    """Business a with two contacts and their people and staff, and business b."""
    async with database.writing() as session, session.begin():
        a = await make_business(session, "mill")
        b = await make_business(session, "forge")
        sol = await make_contact(session, a, "Tienda Sol")
        luna = await make_contact(session, a, "Bar Luna")
        lucia = await make_person(
            session, a, [sol], "lucia@sol.example", password_hash=password_hash
        )
        mateo = await make_person(session, a, [luna], "mateo@luna.example")
        carmen = await make_staff(session, a, "carmen@mill.example", password_hash=password_hash)
    return SimpleNamespace(a=a, b=b, sol=sol, luna=luna, lucia=lucia, mateo=mateo, carmen=carmen)


@pytest.fixture
def seen_by(database, world):
    """Return who a session's id belongs to at a business, through a session that reads."""

    async def seen(session_id, business_id=None, now=NOW, idle_days=7):
        async with database.reading() as session:
            return await find_session(
                session,
                session_id,
                business_id=business_id or world.a,
                now=now,
                idle=timedelta(days=idle_days),
            )

    return seen


@pytest.fixture
def make_browser():
    """Return a browser; anything else by keyword."""

    def make(**changes) -> Browser:
        values = {
            "cookie": "pk",
            "session_id": None,
            "seen": None,
            "address": "203.0.113.7",
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0",
            "prefix": "",
            "now": NOW,
        }
        return Browser(**(values | changes))

    return make


@pytest.fixture
def password() -> str:
    return PASSWORD
