"""Members of staff: a role, shut out and let in again; one admin always stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portalkit.access.codes import CodePurpose, ask_code
from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.models import EmailCode, Link, RememberedDevice, SessionRow, Staff
from portalkit.access.remembered import remember_device
from portalkit.access.sessions import open_session
from portalkit.access.signing_in import sign_in
from portalkit.access.staff import (
    add_staff,
    disable_staff,
    enable_staff,
    get_staff,
    list_staff,
    set_staff_role,
)
from portalkit.audit import Actor, Event
from portalkit.config import Secret
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.model import new_id
from portalkit.testing.factories import NOW, make_staff

pytestmark = pytest.mark.anyio
HOST = Actor(kind="system", name="command line")
KEYS = (Secret("a-key-for-tests-only-0123456789abcdef"),)


@pytest.fixture
def act(database, world):
    """Do something to a member of staff, in a transaction of its own."""

    async def do(service, staff_id, *values, actor=HOST):
        async with database.writing() as session, session.begin():
            return await service(
                session, staff_id, *values, business_id=world.a, actor=actor, now=NOW
            )

    return do


@pytest.fixture
def staff_of(database, world):
    async def read():
        async with database.reading() as session:
            members = await list_staff(session, business_id=world.a)
        return {each.id: (each.role, each.is_enabled) for each in members}

    return read


@pytest.fixture
async def paula(database, world, password_hash):
    """A second admin, who has everything open that can be."""
    async with database.writing() as session, session.begin():
        return await make_staff(session, world.a, "paula@mill.example", password_hash=password_hash)


@pytest.fixture
def furnish(database, world, make_browser):
    async def furnish_it(staff_id):
        own = {"business_id": world.a, "now": NOW, "staff_id": staff_id}
        async with database.writing() as session, session.begin():
            for kind in (SessionKind.STAFF, SessionKind.PENDING, SessionKind.VIEW_AS):
                await open_session(session, kind=kind, lifetime=timedelta(hours=1), **own)
            for purpose in (LinkPurpose.SIGN_IN, LinkPurpose.INVITATION, LinkPurpose.RECOVERY):
                await make_link(session, KEYS, purpose=purpose, **own)
            await ask_code(session, KEYS, purpose=CodePurpose.SIGN_IN, **own)
            account = await get_staff(session, staff_id, business_id=world.a)
            await remember_device(session, KEYS, account, make_browser())

    return furnish_it


@pytest.fixture
def open_ways(database):
    """Count what is still open of somebody: sessions, links, codes, remembered devices."""

    async def count(staff_id):
        conditions = (
            (SessionRow, ()),
            (Link, (Link.revoked_at.is_(None),)),
            (EmailCode, (EmailCode.expires_at > NOW,)),
            (RememberedDevice, ()),
        )
        async with database.reading() as session:
            return [
                await session.scalar(
                    select(func.count())
                    .select_from(table)
                    .where(table.staff_id == staff_id, *condition)
                )
                for table, condition in conditions
            ]

    return count


ENDING = {
    "role": (set_staff_role, "sales"),
    "disable": (disable_staff,),
}


@pytest.mark.parametrize("how", ENDING)
async def test_all_that_is_open_ends_with_the_role_or_the_access(
    how, *, act, paula, world, furnish, open_ways
):
    service, *values = ENDING[how]
    for member in (paula, world.carmen):
        await furnish(member)
    assert await open_ways(paula) == [3, 3, 1, 1]

    await act(service, paula, *values)

    assert await open_ways(paula) == [0, 0, 0, 0]
    assert await open_ways(world.carmen) == [3, 3, 1, 1]


async def test_nobody_who_is_shut_out_gets_in_by_the_password(
    act, paula, *, world, entrance, database, make_browser, password
):
    async def knock():
        async with database.writing() as session, session.begin():
            return await sign_in(
                entrance,
                session,
                kind=SessionKind.STAFF,
                business_id=world.a,
                email="paula@mill.example",
                password=password,
                browser=make_browser(),
            )

    assert await knock() is not None
    await act(disable_staff, paula)
    assert await knock() is None
    await act(enable_staff, paula)

    # The old password does not come back: it may be the reason why they were shut out.
    assert await knock() is None
    async with database.reading() as session:
        account = await get_staff(session, paula, business_id=world.a)
    assert (account.is_open, account.must_change_password) == (True, True)


async def test_what_a_sign_in_left_beside_the_shutting_out_does_not_come_back(
    act, paula, furnish, open_ways
):
    await act(disable_staff, paula)
    await furnish(paula)

    await act(enable_staff, paula)

    assert await open_ways(paula) == [0, 0, 0, 0]


async def test_each_change_is_written_down_once(act, paula, database, staff_of):
    for _ in range(2):
        await act(set_staff_role, paula, "support")
        await act(disable_staff, paula)
    for _ in range(2):
        await act(enable_staff, paula)

    async with database.reading() as session:
        events = (await session.execute(select(Event.name, Event.data).order_by(Event.id))).all()
    assert [tuple(each) for each in events] == [
        ("access.staff_role_changed", {"staff": paula, "role": "support", "before": "admin"}),
        ("access.staff_disabled", {"staff": paula}),
        ("access.staff_enabled", {"staff": paula}),
    ]
    assert (await staff_of())[paula] == ("support", True)


@pytest.mark.parametrize("how", ENDING)
async def test_the_last_admin_who_can_get_in_stays(how, act, paula, world, staff_of):
    service, *values = ENDING[how]
    await act(disable_staff, paula)

    with pytest.raises(ConflictError, match="last admin"):
        await act(service, world.carmen, *values)

    assert await staff_of() == {world.carmen: ("admin", True), paula: ("admin", False)}


@pytest.mark.parametrize("how", ENDING)
async def test_nobody_changes_their_own_role_or_access(how, act, paula, staff_of):
    service, *values = ENDING[how]

    with pytest.raises(ConflictError, match="another admin"):
        await act(service, paula, *values, actor=Actor(kind="staff", id=paula, name="Paula"))

    assert (await staff_of())[paula] == ("admin", True)


@pytest.mark.parametrize("how", ENDING)
async def test_of_two_admins_who_take_it_from_each_other_one_stays(
    how, act, paula, world, staff_of
):
    service, *values = ENDING[how]
    pairs = ((paula, world.carmen), (world.carmen, paula))

    done = await asyncio.gather(
        *(
            act(service, theirs, *values, actor=Actor(kind="staff", id=own))
            for own, theirs in pairs
        ),
        return_exceptions=True,
    )

    assert [type(each) for each in done if isinstance(each, Exception)] == [ConflictError]
    assert sorted((await staff_of()).values()).count(("admin", True)) == 1


async def test_without_the_lock_no_admin_would_be_left(database, paula, world, staff_of):
    """Control: each sees the other as an admin, and then both are shut out."""
    both_have_looked = asyncio.Barrier(2)

    async def careless(victim):
        async with database.reading() as session:
            others = select(Staff.id).where(
                Staff.role == "admin", Staff.is_enabled, Staff.id != victim
            )
            assert list(await session.scalars(others))
        await both_have_looked.wait()
        async with database.writing() as session, session.begin():
            await session.execute(update(Staff).where(Staff.id == victim).values(is_enabled=False))

    await asyncio.gather(careless(paula), careless(world.carmen))

    assert set((await staff_of()).values()) == {("admin", False)}


async def test_of_many_who_add_the_same_address_at_once_one_does(database, world, staff_of):
    async def add():
        async with database.writing() as session, session.begin():
            return await add_staff(
                session,
                business_id=world.a,
                email="Rosa@mill.example",
                name="Rosa",
                role="sales",
                actor=HOST,
                now=NOW,
            )

    answers = await asyncio.gather(*(add() for _ in range(4)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in answers) == ["ConflictError"] * 3 + ["str"]
    assert len(await staff_of()) == 2


async def test_what_is_wrong_is_named(act, paula, world, database):
    with pytest.raises(InputRefusedError) as error:
        await act(set_staff_role, paula, "owner")
    assert error.value.field == "role"
    async with database.writing() as session, session.begin():
        vul = await make_staff(session, world.b, "vul@forge.example")
    for unknown in (vul, new_id(), "x"):
        for service, *values in (*ENDING.values(), (enable_staff,)):
            with pytest.raises(NotFoundError):
                await act(service, unknown, *values)
