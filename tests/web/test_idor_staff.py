"""Nobody but its own staff, with the right role, reaches a thing in the back office (case O01).

The walk goes over the live list of routes: one that is new and names a thing this test does
not know fails until it is told whose the thing is.
"""

import pytest

from portalkit.context import Audience
from portalkit.testing.factories import make_staff

from .conftest import PASSWORD
from .walking import (
    COMMON,
    MALFORMED,
    NOBODY_KNOWS,
    ask,
    check_all_named,
    is_sign_in,
    owned_things,
    routes_of,
    shape,
    snapshot,
)

# Routes that change something and are meant for readers too.
READERS_MAY = set()

AND_REACHED = {"backoffice:contact.own_address": {409}, "backoffice:privacy.erase": {422}}


def staff_routes(app):
    found = [
        route
        for route in routes_of(app)
        if route.wanted
        and route.opt.get("audience") is Audience.STAFF
        and not route.opt.get("public")
    ]
    assert len(found) >= 12
    return found


@pytest.fixture
async def things(town, visitor):
    things = await owned_things(town, visitor)
    check_all_named(staff_routes(town.app), things)
    return things


@pytest.fixture
async def rita(town, visitor):
    """A browser of somebody of the staff who may look only."""
    async with town.app.portal.writing() as session:
        password = await town.app.portal.passwords.hash(PASSWORD)
        await make_staff(
            session, town.mill, "rita@mill.example", role="reader", password_hash=password
        )
        await session.commit()
    async with visitor() as client:
        await client.sign_in("rita@mill.example", PASSWORD, path="/backoffice/login")
        yield client


async def test_nobody_and_no_contact_reaches_anything_of_the_back_office(town, things, visitor):
    strangers = {
        "nobody": (None, "/login"),
        "the contact itself": ("ana@ana.example", "/profile"),
        "another contact": ("ben@ben.example", "/profile"),
    }
    for who, (email, page) in strangers.items():
        async with visitor() as client:
            if email:
                await client.sign_in(email, PASSWORD)
            before = await snapshot(town.app)
            for route in staff_routes(town.app):
                answer = await ask(client, route, route.address(things.ana), page=page)

                assert is_sign_in(answer), (who, route.method, route.name, answer.status_code)
            assert await snapshot(town.app) == before, who


async def test_staff_of_another_business_reach_nothing(town, things, visitor):
    page = "/bees/backoffice/contacts"
    async with visitor() as client:
        await client.sign_in("abel@bees.example", PASSWORD, path="/bees/backoffice/login")
        before = await snapshot(town.app)
        for route in staff_routes(town.app):
            address = route.address(things.ana)
            assert is_sign_in(await ask(client, route, address)), route.name
            if COMMON.issuperset(route.wanted):
                continue
            answer = await ask(client, route, f"/bees{address}", page=page)

            assert answer.status_code == 404, (route.method, route.name)
            unknown = things.ana | {
                name: NOBODY_KNOWS for name in route.wanted if name not in COMMON
            }
            nobodys = await ask(client, route, f"/bees{route.address(unknown)}", page=page)
            assert shape(answer) == shape(nobodys), route.name
        assert await snapshot(town.app) == before


async def test_staff_without_the_permission_change_nothing(town, things, rita):
    allowed = town.app.portal.roles[Audience.STAFF, "reader"]
    shut = [
        route
        for route in staff_routes(town.app)
        if route.name not in READERS_MAY
        and (route.method not in {"GET", "HEAD"} or route.opt["permission"] not in allowed)
    ]
    assert len(shut) >= 7
    before = await snapshot(town.app)
    for route in shut:
        answer = await ask(rita, route, route.address(things.ana), page="/backoffice/contacts")

        assert answer.status_code == 403, (route.method, route.name)
    assert await snapshot(town.app) == before


def foreign_addresses(route, things):
    """Yield Ana's address with one thing replaced by another's, and the thing's name."""
    named = [name for name in route.wanted if name not in COMMON]
    # Ben is of the same business: he alone is no stranger to its staff.
    others = [things.cleo] if len(named) == 1 else [things.cleo, things.ben]
    for name in named:
        for other in others:
            yield name, route.address(things.ana | {name: other[name]})


async def test_no_thing_goes_with_a_thing_of_somebody_else(town, things, visitor):
    """Also not one of the same business: Ben's person is none of Ana's people."""
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        before = await snapshot(town.app)
        for route in staff_routes(town.app):
            for name, address in foreign_addresses(route, things):
                answer = await ask(client, route, address, page="/backoffice/contacts")

                assert answer.status_code == 404, (route.method, route.name, name)
        assert await snapshot(town.app) == before


async def test_an_id_that_is_none_is_not_found(town, things, visitor):
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        before = await snapshot(town.app)
        for route in staff_routes(town.app):
            for name in route.wanted:
                for wrong in (NOBODY_KNOWS, *MALFORMED):
                    address = route.address(things.ana | {name: wrong})
                    answer = await ask(client, route, address, page="/backoffice/contacts")

                    assert answer.status_code in {404, 405}, (route.method, address[:200])
        assert await snapshot(town.app) == before


async def test_its_own_staff_get_in_by_the_same_addresses(town, things, visitor):
    """The control: what is refused above is real, and taken from whoever may."""
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        for route in sorted(staff_routes(town.app), key=lambda route: route.method):
            if route.name.endswith(".pdf"):
                continue
            answer = await ask(
                client, route, route.address(things.ana), page="/backoffice/contacts"
            )

            # Not every plugin is switched for each contact, Ana's own address is in use already,
            # and her name is not typed; whoever hears that has got in.
            reached = {200, 303} | AND_REACHED.get(route.name, set())
            reached |= {400} if "plugin" in route.wanted else set()
            assert answer.status_code in reached, (route.method, route.name)
            assert not is_sign_in(answer), route.name
