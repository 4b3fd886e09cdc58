"""No answer of a page or of the API is kept by a browser or on the way to it (case O04)."""

import pytest

from portalkit.access.api_keys import make_api_key
from portalkit.audit import Actor
from portalkit.testing.client import PortalClient
from portalkit.testing.factories import NOW

from .conftest import PASSWORD, running, settle
from .walking import NOBODY_KNOWS, ask, kind_of, owned_things, routes_of

# Files that are the same for everybody; what is found under no such address is no page either.
PUBLIC = {"core:static", "core:logo"}
# What ends the session that walks comes last.
LAST = ("access:logout", "backoffice:logout", "profile:devices.leave")
# PDFs are no pages, and take long.
PRINTED = (".pdf",)


@pytest.fixture(scope="module")
async def app(shared_portal_config):
    async with running(shared_portal_config) as app:
        yield app


@pytest.fixture(scope="module")
async def town(app):
    return await settle(app)


@pytest.fixture(scope="module")
async def things(town):
    things = await owned_things(town, lambda: PortalClient(town.app))
    missing = dict.fromkeys(
        ("token", "passkey", "provider", "identity", "path", "owner", "digest", "name"),
        NOBODY_KNOWS,
    )
    return missing | things.ana


@pytest.fixture
async def somebody(town, who):
    """A browser of each sort, or the business's own system."""
    client = PortalClient(town.app)
    if who == "contact":
        await client.sign_in("ana@ana.example", PASSWORD)
    elif who == "staff":
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
    elif who == "system":
        async with town.app.portal.writing() as session, session.begin():
            actor = Actor(kind="system")
            key = await make_api_key(
                session, business_id=town.mill, name="ERP", actor=actor, now=NOW
            )
        client.headers["authorization"] = f"Bearer {key}"
    return client


def address_of(town, route, things):
    """Return where something is shown; what would be changed is not there."""
    if route.method != "GET":
        return route.address(dict.fromkeys(route.wanted, NOBODY_KNOWS))
    kind = kind_of(town.app, route)
    if kind is None:
        return route.address(things)
    document = town.documents[kind.name]
    return route.address(things | {"id": document, "file_id": town.files[document]})


@pytest.mark.parametrize("who", ["contact", "staff", "system", "nobody"])
async def test_whatever_is_a_page_or_data_says_that_nobody_keeps_it(town, things, somebody, who):
    page = {"contact": "/profile", "staff": "/backoffice/contacts"}.get(who, "/login")
    checked, shown = 0, 0
    for route in sorted(routes_of(town.app), key=lambda each: each.name in LAST):
        if route.name in PUBLIC or route.name.endswith(PRINTED):
            continue
        answer = await ask(somebody, route, address_of(town, route, things), page=page, fields={})

        assert answer.status_code < 500, (route.path, answer.status_code)
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if kind.endswith(("html", "json")) or not answer.content:
            told = (who, route.method, route.path, answer.status_code)
            assert answer.headers["cache-control"] == "no-store", told
            checked += 1
            shown += answer.status_code == 200
    assert checked > 150
    assert shown >= {"contact": 35, "staff": 20, "system": 3, "nobody": 2}[who], shown
