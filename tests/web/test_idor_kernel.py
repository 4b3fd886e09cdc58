"""What lies outside of sections is open to whom it must be, and to nothing else (case O01).

The tests walk the live list of routes: a new one that needs no session, and a new one of
people's own pages, fail until it is said here what they may answer.
"""

import hashlib

import pytest

from portalkit.access.models import Business
from portalkit.context import Audience
from portalkit.storage import storage_key

from .conftest import PASSWORD
from .walking import (
    MALFORMED,
    NOBODY_KNOWS,
    ask,
    check_all_named,
    is_sign_in,
    owned_things,
    routes_of,
    snapshot,
)

# What somebody asks for counts against themselves, whatever the answer is.
TRIES = ("portalkit_throttle",)

# Routes that ask for no session, and what they answer to an id that nobody has.
OPEN = {
    "access:code": None,
    "access:code.post": None,
    "access:forgot": None,
    "access:forgot.post": None,
    "access:forgot.sent": None,
    "access:host": 410,
    "access:host.post": 410,
    "access:link": 410,
    "access:link.post": 410,
    "access:login": None,
    "access:login.post": None,
    "access:logout": None,
    "access:mail": None,
    "access:mail.again": None,
    "access:mail.ask": None,
    "access:mail.code": None,
    "access:passkey": None,
    "access:passkey.options": 404,
    "access:password": None,
    "access:password.post": None,
    "access:provider": 404,
    "access:provider.done": 303,
    "access:provider.post": 303,
    "access:recovery": None,
    "access:recovery.post": None,
    "access:reset": 410,
    "access:reset.post": 410,
    "backoffice:login": None,
    "backoffice:login.post": None,
    "backoffice:logout": None,
    "core:elsewhere": 404,
    "core:front": None,
    "core:language": None,
    "core:live": None,
    "core:logo": 404,
    "core:metrics": 404,
    "core:ready": None,
    "core:static": 404,
    "core:stop": 410,
    "core:stop.post": 410,
    "core:theme": None,
    "documents:shared": 410,
    "documents:shared.post": 410,
}
FORMS = {
    "core:language": {"locale": "en"},
    "core:theme": {"theme": "dark"},
    "access:logout": {},
    "backoffice:logout": {},
}
# What the last owner of a contact cannot do to themselves, and what needs no doing.
REFUSED = {"profile:person.role": 422, "profile:person.remove": 422, "profile:person.restore": 409}
# A try with a link is counted, also one with a link that is none.
COUNTED = {"portalkit_throttle"}


def open_routes(app):
    return [route for route in routes_of(app) if route.opt.get("public")]


def own_routes(app):
    """Return the routes of people's own pages: the documents' have a walk of their own."""
    found = [
        route
        for route in routes_of(app)
        if route.wanted
        and route.opt.get("audience") is Audience.CONTACT
        and route.name.startswith(("home:", "profile:"))
    ]
    assert found
    return found


@pytest.fixture
async def things(town, visitor):
    things = await owned_things(town, visitor)
    check_all_named(own_routes(town.app), things)
    return things


async def test_only_the_named_routes_ask_for_no_session(town, visitor):
    assert {route.name for route in open_routes(town.app)} == OPEN.keys()
    before = await snapshot(town.app)
    async with visitor() as client:
        for route in routes_of(town.app):
            if route.name not in OPEN:
                address = route.address(dict.fromkeys(route.wanted, NOBODY_KNOWS))

                answer = await ask(client, route, address, fields={})

                assert is_sign_in(answer), (route.method, route.name, answer.status_code)
    assert await snapshot(town.app) == before


@pytest.mark.parametrize("email", [None, "ana@ana.example", "carmen@mill.example"])
async def test_what_is_open_gives_nothing_for_an_id_that_is_none(town, visitor, email):
    async with visitor() as client:
        if email:
            door = "/backoffice/login" if email.startswith("carmen") else "/login"
            await client.sign_in(email, PASSWORD, path=door)
        before = await snapshot(town.app, but=COUNTED)
        for route in open_routes(town.app):
            for wrong in (NOBODY_KNOWS, *MALFORMED) if route.wanted else ():
                address = route.address(dict.fromkeys(route.wanted, wrong))

                answer = await ask(client, route, address, page="/password" if email else "/login")

                # A slash makes an address that no route has, for whom there is only GET.
                allowed = {OPEN[route.name], 404, 405}
                if route.name.startswith(("access:link", "documents:shared")):
                    allowed |= {429}
                assert answer.status_code in allowed, (route.name, address[:200])
        assert await snapshot(town.app, but=COUNTED) == before


@pytest.mark.parametrize("email", [None, "ana@ana.example", "carmen@mill.example"])
async def test_looking_at_what_is_open_changes_nothing(town, visitor, email):
    async with visitor() as client:
        if email:
            door = "/backoffice/login" if email.startswith("carmen") else "/login"
            await client.sign_in(email, PASSWORD, path=door)
        before = await snapshot(town.app)
        for route in open_routes(town.app):
            address = route.address(dict.fromkeys(route.wanted, NOBODY_KNOWS))
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = await client.request(method, address)

                assert answer.status_code < 500, (method, route.name)
        assert await snapshot(town.app) == before


async def test_the_logo_of_another_business_is_not_shown(town, visitor):
    picture = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    digest = hashlib.sha256(picture).hexdigest()
    portal = town.app.portal
    async with portal.writing() as session:
        (await session.get_one(Business, town.bees)).logo = digest
        await session.commit()
    await portal.storage.put(storage_key(town.bees, digest), picture)
    async with visitor() as client:
        own = await client.get(f"/bees/-/ui/logo-{digest}")
        foreign = await client.get(f"/-/ui/logo-{digest}")

    assert (own.status_code, own.content) == (200, picture)
    assert foreign.status_code == 404


async def test_forms_that_are_open_change_nothing_for_nobody(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
    before = await snapshot(town.app)
    async with visitor() as client:
        for name, fields in FORMS.items():
            for prefix in ("", "/bees"):
                path = next(route.path for route in open_routes(town.app) if route.name == name)
                answer = await client.submit(prefix + path, fields, page=f"{prefix}/login")

                assert answer.status_code == 303, name
    assert await snapshot(town.app) == before


async def test_switching_the_language_and_signing_out_concern_oneself_only(town, visitor):
    async with visitor() as ana, visitor() as ben, visitor() as cleo:
        await ana.sign_in("ana@ana.example", PASSWORD)
        await ben.sign_in("ben@ben.example", PASSWORD)
        await cleo.sign_in("cleo@cleo.example", PASSWORD, path="/bees/login")
        before = await snapshot(town.app)
        for path, fields in (("/language", {"locale": "en"}), ("/logout", {})):
            await ben.submit(path, fields, page="/profile")
        after = await snapshot(town.app)

        assert (await ana.get("/home")).status_code == 200
        assert (await cleo.get("/bees/home")).status_code == 200
        assert (await ben.get("/home")).status_code == 303
    gone = {name: len(set(before[name]) - set(after[name])) for name in before}
    assert {name for name, number in gone.items() if number} == {
        "portalkit_person",
        "portalkit_session",
    }
    assert gone["portalkit_person"] == gone["portalkit_session"] == 1


async def test_signing_out_of_one_business_does_not_sign_out_of_another(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        await client.submit("/bees/logout", page="/bees/login")

        assert (await client.get("/home")).status_code == 200


async def test_ones_own_pages_reach_nothing_of_others(town, things, visitor):
    strangers = {
        "nobody": (None, "/login", "/login", ""),
        "another contact": ("ben@ben.example", "/login", "/profile", ""),
        "another business": ("cleo@cleo.example", "/bees/login", "/bees/profile", "/bees"),
        "staff": ("carmen@mill.example", "/backoffice/login", "/backoffice/contacts", ""),
    }
    for who, (email, door, page, prefix) in strangers.items():
        async with visitor() as client:
            if email:
                await client.sign_in(email, PASSWORD, path=door)
            before = await snapshot(town.app, but=TRIES)
            for route in own_routes(town.app):
                for name in route.wanted:
                    for id_ in (things.ana[name], NOBODY_KNOWS, *MALFORMED):
                        address = prefix + route.address(things.ana | {name: id_})
                        answer = await ask(client, route, address, page=page)

                        is_refused = is_sign_in(answer) or answer.status_code in {404, 405}
                        assert is_refused, (who, route.method, address[:200], answer.status_code)
            assert await snapshot(town.app, but=TRIES) == before, who


async def test_the_owner_gets_in_by_the_same_addresses(town, things, visitor):
    """The control: the addresses above are real ones."""
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        for route in own_routes(town.app):
            answer = await ask(client, route, route.address(things.ana), page="/profile")

            allowed = {REFUSED[route.name]} if route.name in REFUSED else {200, 303}
            assert answer.status_code in allowed, (route.method, route.name)
            assert not is_sign_in(answer), route.name
