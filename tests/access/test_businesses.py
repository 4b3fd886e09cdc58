"""Whose portal it is: host name, path prefix, the only one; kept until its version changes."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from portalkit.access.businesses import (
    BusinessAddress,
    Businesses,
    Resolved,
    business_origin,
    business_path,
    create_businesses,
    resolve_business,
)
from portalkit.access.models import Business
from portalkit.config import BusinessConfig, PortalConfig
from portalkit.errors import ConfigError
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio

MILL = BusinessAddress("1", "mill", "portal.mill.example")
FORGE = BusinessAddress("2", "forge", None)
INN = BusinessAddress("3", "inn", "[::1]:8443")


@pytest.mark.parametrize(
    ("host", "path", "businesses", "expected"),
    [
        ("portal.mill.example", "/", [MILL, FORGE], Resolved("1")),
        ("Portal.Mill.Example:443", "/", [MILL, FORGE], Resolved("1")),
        ("portal.mill.example", "/forge/login", [MILL, FORGE], Resolved("1")),
        ("else.example", "/forge/login", [MILL, FORGE], Resolved("2", "/forge")),
        ("else.example", "/forge", [MILL, FORGE], Resolved("2", "/forge")),
        ("else.example", "/forgery", [MILL, FORGE], None),
        ("else.example", "/", [MILL, FORGE], None),
        ("else.example", "/login", [FORGE], Resolved("2")),
        ("else.example", "/forge/login", [FORGE], Resolved("2", "/forge")),
        ("else.example", "/login", [MILL], Resolved("1")),
        ("[::1]:8443", "/", [MILL, INN], Resolved("3")),
        ("mill.example.evil.example", "/", [MILL, FORGE], None),
        ("", "/", [], None),
    ],
)
def test_a_request_belongs_to_one_business(host, path, businesses, expected):
    assert resolve_business(host, path, businesses) == expected


@pytest.fixture
def statements(database):
    texts = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: texts.append(arguments[2]),
    )
    return texts


@pytest.fixture
def find(database):
    businesses = Businesses()

    async def find_it(path="/mill/", now=NOW):
        async with database.reading() as session:
            found = await businesses.find(session, host="else.example", path=path, now=now)
            return found and found[0]

    return find_it


async def test_a_business_is_read_once_and_kept(world, find, statements):
    first = await find()
    statements.clear()

    again = [await find(now=NOW + timedelta(seconds=second)) for second in range(10)]

    assert first.id == world.a
    assert all(view is first for view in again)
    assert statements == []


async def test_a_change_is_seen_within_seconds(database, world, find):
    assert (await find()).name == "Mill"
    async with database.writing() as session, session.begin():
        await session.execute(
            update(Business)
            .where(Business.id == world.a)
            .values(name="New mill", version=Business.version + 1)
        )

    assert (await find(now=NOW + timedelta(seconds=10))).name == "New mill"


async def test_a_new_business_is_found_at_once(database, find):
    assert await find("/bakery/") is None
    async with database.writing() as session, session.begin():
        await create_businesses(session, [BusinessConfig(slug="bakery", name="Bakery")], NOW)

    assert (await find("/bakery/")).name == "Bakery"


async def test_a_session_that_knows_a_newer_version_has_it_read(database, world):
    businesses = Businesses()
    async with database.reading() as session:
        old = await businesses.get(session, world.a)
        assert await businesses.fresh(session, old, old.version) is old
    async with database.writing() as session, session.begin():
        await session.execute(update(Business).values(name="New", version=2))

    async with database.reading() as session:
        assert (await businesses.fresh(session, old, 2)).name == "New"


async def test_a_clock_that_goes_back_reads_anew(find, statements):
    await find()
    statements.clear()

    await find(now=NOW - timedelta(hours=1))

    assert statements != []


async def test_hosts_of_businesses_are_known(database):
    businesses = Businesses()
    async with database.writing() as session, session.begin():
        await create_businesses(
            session, [BusinessConfig(slug="mill", name="M", host="Portal.Mill.Example")], NOW
        )
    async with database.reading() as session:
        await businesses.find(session, host="x", path="/", now=NOW)

    assert businesses.has_host("portal.mill.example")
    assert businesses.has_host("PORTAL.mill.example:8443")
    assert not businesses.has_host("portal.mill.example.evil.example")
    assert not businesses.has_host("")


async def test_the_configuration_creates_and_never_overwrites(database):
    first = BusinessConfig(slug="bakery", name="Bakery")
    async with database.writing() as session, session.begin():
        assert len(await create_businesses(session, [first], NOW)) == 1

    async with database.writing() as session, session.begin():
        again = BusinessConfig(slug="bakery", name="Another name", currency="USD")
        assert await create_businesses(session, [again], NOW) == ()

    async with database.reading() as session:
        stored = await session.scalar(select(Business).where(Business.slug == "bakery"))
    assert (stored.name, stored.currency) == ("Bakery", "EUR")


_NO_PATHS = ["", "Mill", "mill/x", "mill_x", "-mill", "x" * 61, "login", "i"]
# Cookies that all businesses share: ``pk-<name>`` would be that business's session too.
_SHARED_COOKIES = ["pre", "notice", "theme", "language"]


@pytest.mark.parametrize("slug", [*_NO_PATHS, *_SHARED_COOKIES])
async def test_a_slug_that_cannot_be_a_path_or_a_cookie_is_refused(database, slug):
    async with database.writing() as session:
        with pytest.raises(ConfigError):
            await create_businesses(session, [BusinessConfig(slug=slug, name="X")], NOW)


@pytest.mark.parametrize(
    ("business", "is_only", "url"),
    [
        (MILL, False, "https://portal.mill.example/customers"),
        (FORGE, False, "https://p.example:8443/customers/forge"),
        (FORGE, True, "https://p.example:8443/customers"),
    ],
)
def test_absolute_links_come_from_the_configuration(business, is_only, url):
    config = PortalConfig(base_url="https://p.example:8443/customers/")

    origin = business_origin(config, business.host)

    assert origin + business_path(config, business, is_only=is_only) == url
