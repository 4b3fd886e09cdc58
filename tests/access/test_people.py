"""What staff give and take: access, one-time passwords, plugin switches."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portalkit.access.accounts import find_account
from portalkit.access.businesses import Businesses
from portalkit.access.links import find_link, make_link
from portalkit.access.models import Business, Person, PluginSwitch
from portalkit.access.people import (
    get_person,
    give_access,
    list_people,
    restore_access,
    withdraw_access,
)
from portalkit.access.permissions import active_plugins
from portalkit.access.sessions import open_session
from portalkit.access.staff import add_staff
from portalkit.access.switches import list_contact_switches, switch_plugin
from portalkit.audit import Actor, Event
from portalkit.config import Secret
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.testing.factories import NOW, make_person

pytestmark = pytest.mark.anyio
CARMEN = Actor(kind="staff", name="Carmen")
KEYS = (Secret("a-key-for-tests-only-0123456789abcdef"),)


@pytest.fixture
def give(database, world):
    async def give_it(**changes):
        values = {
            "business_id": world.a,
            "contact_id": world.sol,
            "email": "ana@sol.example",
            "name": "Ana",
            "role": "buyer",
            "actor": CARMEN,
            "now": NOW,
        } | changes
        async with database.writing() as session, session.begin():
            return await give_access(session, **values)

    return give_it


@pytest.fixture
def people_of(database, world):
    async def read(contact_id, business_id=None):
        async with database.reading() as session:
            return await list_people(
                session, business_id=business_id or world.a, contact_id=contact_id
            )

    return read


async def test_access_is_given_in_a_role(world, give, people_of):
    await give(email=" Ana@Sol.Example ", name="  Ana   María ")

    ana, lucia = await people_of(world.sol)
    assert (ana.email, ana.name, ana.role, ana.may_enter, ana.has_password) == (
        "ana@sol.example",
        "Ana María",
        "buyer",
        True,
        False,
    )
    assert (lucia.role, lucia.has_password) == ("owner", True)


async def test_a_person_of_two_contacts_keeps_one_password(database, world, give, people_of):
    person_id = await give(contact_id=world.luna, email="lucia@sol.example", name="Another name")

    assert person_id == world.lucia
    assert [person.has_password for person in await people_of(world.luna)] == [True, False]
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 2


async def test_the_same_address_at_two_businesses_is_two_people(database, world, give):
    with pytest.raises(NotFoundError):
        await give(business_id=world.b)


async def test_nobody_is_given_the_same_access_twice(give):
    await give()

    with pytest.raises(ConflictError):
        await give()


@pytest.mark.parametrize("email", ["ana@sol.example", "mateo@luna.example"])
async def test_of_many_who_give_the_same_access_at_once_one_does(
    database, world, give, people_of, email
):
    answers = await asyncio.gather(
        *(give(email=email, name=f"Ana {number}") for number in range(6)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in answers) == ["ConflictError"] * 5 + ["str"]
    assert [each.email for each in await people_of(world.sol)].count(email) == 1
    async with database.reading() as session:
        given = select(func.count()).where(Event.name == "access.given")
        assert await session.scalar(given) == 1


async def test_who_looks_first_and_inserts_afterwards_breaks_at_the_second(database, world):
    """The control: both find nobody of this address, and the database refuses one of them."""
    both_have_looked = asyncio.Barrier(2)
    email = "ana@sol.example"

    async def give_naively():
        async with database.reading() as session:
            known = await session.scalar(select(Person.id).where(Person.email == email))
        await both_have_looked.wait()
        async with database.writing() as session, session.begin():
            if known is None:
                await make_person(session, world.a, [world.sol], email)

    answers = await asyncio.gather(give_naively(), give_naively(), return_exceptions=True)

    assert {type(each) for each in answers} == {type(None), IntegrityError}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "ana@sol.example\x00"}, "email"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "Ana\x00"}, "name"),
        ({"role": "admin"}, "role"),
        ({"role": ""}, "role"),
    ],
)
async def test_what_is_wrong_is_named(changes, field, give):
    with pytest.raises(InputRefusedError) as error:
        await give(**changes)

    assert error.value.field == field


async def test_access_is_withdrawn_at_once_and_given_back(database, world, people_of, seen_by):
    async with database.writing() as session, session.begin():
        session_id = await open_session(
            session,
            business_id=world.a,
            kind=SessionKind.PERSON,
            person_id=world.lucia,
            contact_id=world.sol,
            now=NOW,
            lifetime=timedelta(days=30),
        )
        token = await make_link(session, KEYS, business_id=world.a, now=NOW, person_id=world.lucia)
    [lucia] = await people_of(world.sol)

    async with database.writing() as session, session.begin():
        await withdraw_access(session, lucia, business_id=world.a, actor=CARMEN, now=NOW)

    assert await seen_by(session_id) is None
    [lucia] = await people_of(world.sol)
    assert (lucia.may_enter, lucia.has_password) == (False, False)
    async with database.writing() as session, session.begin():
        assert await find_link(session, KEYS, token, business_id=world.a, now=NOW) is None
        await restore_access(session, lucia, business_id=world.a, actor=CARMEN, now=NOW)
    [lucia] = await people_of(world.sol)
    assert (lucia.may_enter, lucia.has_password) == (True, False)
    assert await seen_by(session_id) is None


async def test_withdrawing_one_contact_leaves_the_other(database, world, give, people_of):
    await give(contact_id=world.luna, email="lucia@sol.example")
    [lucia] = await people_of(world.sol)

    async with database.writing() as session, session.begin():
        await withdraw_access(session, lucia, business_id=world.a, actor=CARMEN, now=NOW)
        account = await find_account(
            session, SessionKind.PERSON, business_id=world.a, email="lucia@sol.example"
        )

    assert (account.is_open, account.contact_id) == (True, world.luna)
    assert account.password_hash is not None


async def test_access_is_withdrawn_once(database, world, people_of):
    [lucia] = await people_of(world.sol)
    async with database.writing() as session, session.begin():
        await withdraw_access(session, lucia, business_id=world.a, actor=CARMEN, now=NOW)

    async with database.writing() as session:
        with pytest.raises(ConflictError):
            await withdraw_access(session, lucia, business_id=world.a, actor=CARMEN, now=NOW)


async def test_people_of_another_business_are_not_found(database, world, people_of):
    assert await people_of(world.sol, business_id=world.b) == []
    async with database.reading() as session:
        with pytest.raises(NotFoundError):
            await get_person(
                session, business_id=world.b, contact_id=world.sol, person_id=world.lucia
            )
        with pytest.raises(NotFoundError):
            await get_person(
                session, business_id=world.a, contact_id=world.luna, person_id=world.lucia
            )


async def test_every_act_on_access_is_written_down(database, world, give, people_of):
    await give()
    ana, _ = await people_of(world.sol)
    async with database.writing() as session, session.begin():
        await withdraw_access(session, ana, business_id=world.a, actor=CARMEN, now=NOW)
        await restore_access(session, ana, business_id=world.a, actor=CARMEN, now=NOW)

    async with database.reading() as session:
        events = list(await session.scalars(select(Event).order_by(Event.id)))
    assert [event.name for event in events] == [
        "access.given",
        "access.withdrawn",
        "access.restored",
    ]
    assert {(event.contact_id, event.actor_name) for event in events} == {(world.sol, "Carmen")}


async def test_staff_are_added_once(database, world):
    async def add(email):
        async with database.writing() as session, session.begin():
            return await add_staff(
                session,
                business_id=world.a,
                email=email,
                name="Ana",
                role="sales",
                actor=CARMEN,
                now=NOW,
            )

    await add("ANA@mill.example")

    with pytest.raises(ConflictError):
        await add("ana@mill.example")
    async with database.reading() as session:
        account = await find_account(
            session, SessionKind.STAFF, business_id=world.a, email="ana@mill.example"
        )
    assert (account.is_open, account.must_change_password) == (True, True)


def plugin(name="catalog", **changes):
    values = {"title": name, "api": HOOK_API, "activation": "contact"} | changes
    return Manifest(name=name, **values)


@pytest.fixture
def switch(database, world):
    async def switch_it(manifest, *, is_enabled, contact_id=None):
        async with database.writing() as session, session.begin():
            await switch_plugin(
                session,
                manifest,
                business_id=world.a,
                contact_id=contact_id,
                is_enabled=is_enabled,
                actor=CARMEN,
                now=NOW,
            )

    return switch_it


async def test_a_switch_of_the_business_reaches_every_process(database, world, switch):
    businesses = Businesses()
    async with database.reading() as session:
        before = await businesses.get(session, world.a)

    await switch(plugin(), is_enabled=False)

    async with database.reading() as session:
        version = await session.scalar(select(Business.version).where(Business.id == world.a))
        after = await businesses.fresh(session, before, version)

    assert active_plugins([plugin()], before.switches) == {"catalog"}
    assert active_plugins([plugin()], after.switches) == frozenset()


async def test_a_switch_of_a_contact_is_its_own(database, world, switch):
    await switch(plugin(), is_enabled=False, contact_id=world.sol)

    async with database.reading() as session:
        own = [
            await list_contact_switches(session, business_id=world.a, contact_id=contact)
            for contact in (world.sol, world.luna)
        ]
    assert own == [{"catalog": False}, {}]


async def test_switching_at_once_leaves_one_row(database, world, switch):
    await asyncio.gather(*(switch(plugin(), is_enabled=number % 2 == 0) for number in range(6)))

    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PluginSwitch)) == 1
        assert await session.scalar(select(Business.version).where(Business.id == world.a)) == 7


@pytest.mark.parametrize(
    ("manifest", "is_for_contact"),
    [
        (plugin("home"), False),
        (plugin("sales", activation="site"), False),
        (plugin("sales", activation="business"), True),
    ],
)
async def test_what_nobody_can_switch_stays_as_it_is(manifest, is_for_contact, world, switch):
    with pytest.raises(InputRefusedError):
        await switch(manifest, is_enabled=False, contact_id=world.sol if is_for_contact else None)
