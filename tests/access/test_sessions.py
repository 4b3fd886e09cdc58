"""Sessions: rotated, bound to business and kind, over as soon as what stands behind them is."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from portalkit.access.devices import list_sessions
from portalkit.access.models import (
    Contact,
    Membership,
    Person,
    PluginSwitch,
    SessionRow,
    Staff,
)
from portalkit.access.sessions import (
    close_session,
    close_sessions_of,
    cookie_name,
    find_session,
    is_touch_due,
    open_session,
    session_hash,
    touch_session,
)
from portalkit.context import SessionKind
from portalkit.model import new_id
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio
MONTH = timedelta(days=30)


@pytest.fixture
def open_for(database, world):
    """Open a session for Lucía of Tienda Sol; anything else by keyword."""

    async def open_it(**changes):
        values = {
            "business_id": world.a,
            "kind": SessionKind.PERSON,
            "person_id": world.lucia,
            "contact_id": world.sol,
            "now": NOW,
            "lifetime": MONTH,
        } | changes
        async with database.writing() as session, session.begin():
            return await open_session(session, **values)

    return open_it


async def test_a_session_tells_who_it_is_in_one_statement(database, world, open_for, seen_by):
    session_id = await open_for()
    statements = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )

    seen = await seen_by(session_id)

    assert (seen.person_id, seen.contact_id, seen.contact_name) == (
        world.lucia,
        world.sol,
        "Tienda Sol",
    )
    assert (seen.role, seen.email, seen.business_version) == ("owner", "lucia@sol.example", 1)
    assert len([text for text in statements if text.lstrip().startswith("SELECT")]) == 1


async def test_only_the_hash_of_an_id_is_stored(database, open_for):
    session_id = await open_for()

    async with database.reading() as session:
        stored = await session.scalar(select(SessionRow.id_hash))

    assert stored == session_hash(session_id)
    assert session_id not in stored
    assert len(session_id) >= 43


@pytest.mark.parametrize(
    "planted", ["", "x", "attackerchosenid0001", "A" * 43, "ñ" * 43, "A" * 10_000, "\x00" * 43]
)
async def test_an_id_that_we_did_not_make_is_nobodys(planted, open_for, seen_by):
    await open_for()

    assert await seen_by(planted) is None


async def test_a_planted_id_is_worth_nothing_after_the_sign_in(open_for, seen_by):
    planted = await open_for()

    session_id = await open_for(replaces=planted)

    assert session_id != planted
    assert await seen_by(planted) is None
    assert await seen_by(session_id) is not None


async def test_a_session_of_one_business_opens_no_other(world, open_for, seen_by):
    session_id = await open_for()

    assert await seen_by(session_id, business_id=world.b) is None


@pytest.mark.parametrize(
    ("later", "is_in"),
    [
        (timedelta(days=6, hours=23), True),
        (timedelta(days=7), False),
    ],
)
async def test_a_session_ends_when_it_rests_too_long(later, is_in, open_for, seen_by):
    session_id = await open_for()

    seen = await seen_by(session_id, now=NOW + later)

    assert (seen is not None) is is_in


async def test_a_session_ends_at_the_latest_after_its_lifetime(database, open_for, seen_by):
    session_id = await open_for()
    for day in range(5, 31, 5):
        seen = await seen_by(session_id, now=NOW + timedelta(days=day, seconds=-1))
        async with database.writing() as session, session.begin():
            await touch_session(session, seen, NOW + timedelta(days=day))

    assert await seen_by(session_id, now=NOW + MONTH - timedelta(seconds=1)) is not None
    assert await seen_by(session_id, now=NOW + MONTH) is None


async def test_the_last_use_is_written_every_five_minutes_at_most(open_for, seen_by):
    seen = await seen_by(await open_for())

    assert not is_touch_due(seen, NOW + timedelta(minutes=4, seconds=59))
    assert is_touch_due(seen, NOW + timedelta(minutes=5))


async def test_nothing_in_flight_revives_a_session_that_was_ended(
    database, world, open_for, seen_by
):
    session_id = await open_for()
    seen = await seen_by(session_id)
    async with database.writing() as session, session.begin():
        await close_session(session, seen.id_hash, business_id=world.a)

    async with database.writing() as session, session.begin():
        await touch_session(session, seen, NOW + timedelta(minutes=6))

    assert await seen_by(session_id) is None


@pytest.mark.parametrize(
    "ending",
    [
        lambda world: update(Person).where(Person.id == world.lucia).values(is_enabled=False),
        lambda world: update(Contact).where(Contact.id == world.sol).values(is_enabled=False),
        lambda world: update(Membership).values(is_enabled=False),
        lambda world: Membership.__table__.delete(),
        lambda world: Person.__table__.delete().where(Person.id == world.lucia),
    ],
    ids=["person disabled", "contact disabled", "access withdrawn", "no membership", "gone"],
)
async def test_a_session_ends_with_what_stands_behind_it(
    ending, database, world, open_for, seen_by
):
    session_id = await open_for()
    assert await seen_by(session_id) is not None

    async with database.writing() as session, session.begin():
        await session.execute(ending(world))

    assert await seen_by(session_id) is None


async def test_a_session_of_staff_ends_when_they_are_disabled(database, world, open_for, seen_by):
    session_id = await open_for(
        kind=SessionKind.STAFF, person_id=None, contact_id=None, staff_id=world.carmen
    )
    seen = await seen_by(session_id)
    assert (seen.kind, seen.staff_id, seen.role) == (SessionKind.STAFF, world.carmen, "admin")

    async with database.writing() as session, session.begin():
        await session.execute(update(Staff).values(is_enabled=False))

    assert await seen_by(session_id) is None


@pytest.mark.parametrize("kind", [SessionKind.SHARE, SessionKind.VIEW_AS])
async def test_a_kind_without_a_door_is_refused(kind, open_for, seen_by):
    assert await seen_by(await open_for(kind=kind)) is None


async def test_ending_all_sessions_of_a_person_may_keep_one(database, world, open_for, seen_by):
    first, second, third = [await open_for() for _ in range(3)]
    foreign = await open_for(person_id=world.mateo, contact_id=world.luna)
    keep = session_hash(second)

    async with database.writing() as session, session.begin():
        ended = await close_sessions_of(
            session, business_id=world.a, person_id=world.lucia, keep=keep
        )

    assert ended == 2
    assert [await seen_by(one) is not None for one in (first, second, third, foreign)] == [
        False,
        True,
        False,
        True,
    ]


async def test_nobody_ends_the_session_of_somebody_else(database, world, open_for, seen_by):
    session_id = await open_for()

    async with database.writing() as session, session.begin():
        was_ended = await close_session(
            session, session_hash(session_id), business_id=world.a, person_id=world.mateo
        )

    assert not was_ended
    assert await seen_by(session_id) is not None


async def test_ending_sessions_needs_to_know_whose(database, world):
    async with database.writing() as session:
        with pytest.raises(ValueError, match="whose"):
            await close_sessions_of(session, business_id=world.a)


async def test_opening_a_session_sweeps_away_those_that_are_over(database, open_for):
    await open_for(now=NOW - timedelta(days=40))

    await open_for()

    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SessionRow)) == 1


async def test_the_devices_of_a_person_come_last_used_first(database, world, open_for):
    await open_for(now=NOW - timedelta(days=2), user_agent="old")
    await open_for(now=NOW - timedelta(days=20), user_agent="at rest for too long")
    await open_for(user_agent="new")
    await open_for(person_id=world.mateo, contact_id=world.luna)

    async with database.reading() as session:
        entries = await list_sessions(
            session,
            business_id=world.a,
            person_id=world.lucia,
            now=NOW,
            idle=timedelta(days=7),
        )

    assert [entry.user_agent for entry in entries] == ["new", "old"]


async def test_a_contacts_own_switches_come_with_the_session(database, world, open_for, seen_by):
    async with database.writing() as session, session.begin():
        session.add_all(
            [
                PluginSwitch(
                    id=new_id(),
                    business_id=world.a,
                    plugin=plugin,
                    contact_id=contact,
                    is_enabled=is_enabled,
                )
                for plugin, contact, is_enabled in (
                    ("catalog", world.sol, False),
                    ("sales", world.sol, True),
                    ("catalog", world.luna, True),
                    ("purchases", None, False),
                )
            ]
        )

    seen = await seen_by(await open_for())

    assert seen.contact_switches == {"catalog": False, "sales": True}


async def test_the_statement_of_a_session_is_compiled_once(database, world, open_for):
    session_id = await open_for()
    async with database.reading() as session:
        for _ in range(3):
            await find_session(
                session, session_id, business_id=world.a, now=NOW, idle=timedelta(days=7)
            )

    cache = database.engine.sync_engine._compiled_cache  # noqa: SLF001  # nothing public tells
    finds = [key for key in cache if "portalkit_session" in str(cache[key])]
    assert len([key for key in finds if str(cache[key]).startswith("SELECT")]) == 1


@pytest.mark.parametrize(
    ("is_secure", "slug", "name"),
    [
        (True, "", "__Host-pk"),
        (True, "mill", "__Host-pk-mill"),
        (False, "", "pk"),
        (False, "mill", "pk-mill"),
    ],
)
def test_the_cookie_is_named_for_its_door(is_secure, slug, name):
    assert cookie_name(is_secure=is_secure, slug=slug) == name
