"""A portal with two businesses and their people, without documents."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from sqlalchemy import func, select

from portalkit.access.businesses import Resolved
from portalkit.access.models import SessionRow
from portalkit.app import PortalApp, create_app
from portalkit.hooks import hookimpl
from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_business,
    make_contact,
    make_person,
    make_staff,
)
from portalkit.testing.post_office import open_post_office


class Town(msgspec.Struct, kw_only=True):
    """Ana, Ben and Carmen belong to the mill at ``/``, Cleo and Abel to the bees at ``/bees``."""

    app: PortalApp
    mill: str
    bees: str
    ana: str
    ben: str
    cleo: str
    ana_person: str
    password: str


class Hall:
    """A plugin that can be switched for each contact, and that fills a place of staff pages."""

    manifest = Manifest(
        name="hall", title="Town hall", api=HOOK_API, activation="contact", description="Meetings"
    )

    @hookimpl
    def portalkit_register_sections(self):
        """Nothing is registered; the hook only proves that the plugin is loaded."""
        return ()


class Clock:
    """Tells the time that a test sets."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def portal_plugins():
    return ("home", "profile", "backoffice")


def _by_prefix(host, path, businesses):
    slug = "bees" if path == "/bees" or path.startswith("/bees/") else "mill"
    for business in businesses:
        if business.slug == slug:
            return Resolved(business.id, "/bees" if slug == "bees" else "")
    return None


@pytest.fixture
def loaded_plugins():
    return {"hall": Hall()}


@pytest.fixture
async def app(portal_config, clock, loaded_plugins) -> AsyncIterator[PortalApp]:
    app = create_app(portal_config, plugins=loaded_plugins, clock=clock, resolver=_by_prefix)
    async with open_portal(app):
        yield app


@pytest.fixture
async def town(app: PortalApp, password: str, password_hash: str) -> Town:
    known = {"password_hash": password_hash}
    async with app.portal.writing() as session, session.begin():
        mill = await make_business(session, "mill")
        bees = await make_business(session, "bees")
        ana = await make_contact(session, mill, "Ana's shop", email="ana@ana.example")
        ben = await make_contact(session, mill, "Ben's bar")
        cleo = await make_contact(session, bees, "Cleo")
        ana_person = await make_person(session, mill, [ana], "ana@ana.example", **known)
        await make_person(session, mill, [ben], "ben@ben.example", **known)
        await make_person(session, bees, [cleo], "cleo@cleo.example", **known)
        await make_staff(session, mill, "carmen@mill.example", **known)
        await make_staff(session, mill, "rita@mill.example", role="reader", **known)
        await make_staff(session, bees, "abel@bees.example", **known)
    return Town(
        app=app,
        mill=mill,
        bees=bees,
        ana=ana,
        ben=ben,
        cleo=cleo,
        ana_person=ana_person,
        password=password,
    )


@pytest.fixture
def visitor(app: PortalApp):
    """Return a browser that nobody is signed in with."""

    def visitor() -> PortalClient:
        return PortalClient(app)

    return visitor


@pytest.fixture
async def office():
    async with open_post_office() as office:
        yield office


@pytest.fixture
def mails(town: Town, office):
    """Do all work that waits, and return the address and the text of each mail so far."""

    async def arrived() -> list[tuple[str, str]]:
        await town.app.portal.queue.work_off(town.app.portal)
        texts = [mail.get_body(("plain",)).get_content() for mail in office.mails]
        return list(zip(office.recipients, (t.replace("\r\n", "\n") for t in texts), strict=True))

    return arrived


@pytest.fixture
def sign_in(town: Town, visitor):
    """Return a browser of somebody who is signed in."""

    async def sign_in(email="ana@ana.example", path="/login") -> PortalClient:
        client = visitor()
        await client.sign_in(email, town.password, path=path)
        return client

    return sign_in


@pytest.fixture
async def ana(sign_in) -> PortalClient:
    return await sign_in()


@pytest.fixture
async def carmen(sign_in) -> PortalClient:
    return await sign_in("carmen@mill.example", "/backoffice/login")


@pytest.fixture
async def sessions(app: PortalApp):
    """Return how many sessions there are."""

    async def count() -> int:
        async with app.portal.reading() as session:
            return await session.scalar(select(func.count()).select_from(SessionRow))

    return count
