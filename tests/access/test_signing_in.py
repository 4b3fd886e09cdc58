"""Signing in: the same work and the same answer for everybody, and no way around the limits."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select, update

from portalkit.access.accounts import canonical_email, find_account, is_email
from portalkit.access.credentials import store_password
from portalkit.access.models import Membership, Person, SessionRow, Staff
from portalkit.access.sessions import open_session
from portalkit.access.signing_in import sign_in
from portalkit.audit import Actor, Event
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, ThrottledError
from portalkit.hooks.events import ContactSignedIn
from portalkit.testing.factories import NOW, make_person

pytestmark = pytest.mark.anyio


@pytest.fixture
def try_in(database, world, entrance, make_browser):
    """Try to sign in; return the session's id or ``None``."""

    async def try_it(
        email="lucia@sol.example",
        password="olive-trees-in-march",
        *,
        kind=SessionKind.PERSON,
        business_id=None,
        **changes,
    ):
        async with database.writing() as session:
            entered = await sign_in(
                entrance,
                session,
                kind=kind,
                business_id=business_id or world.a,
                email=email,
                password=password,
                browser=make_browser(**changes),
            )
            if entered is None:
                return None
            await session.commit()
            return entered.session_id

    return try_it


@pytest.fixture
def events_of(database):
    async def read():
        async with database.reading() as session:
            return list(await session.scalars(select(Event).order_by(Event.id)))

    return read


async def test_the_right_password_opens_a_session(world, try_in, seen_by, events_of):
    seen = await seen_by(await try_in())

    assert (seen.person_id, seen.contact_id) == (world.lucia, world.sol)
    [signed_in] = await events_of()
    assert (signed_in.name, signed_in.actor_id, signed_in.data) == (
        "access.signed_in",
        world.lucia,
        {"by": "password"},
    )


@pytest.mark.parametrize("email", ["LUCIA@Sol.Example", "  lucia@sol.example\t"])
async def test_an_address_is_compared_by_one_rule(email, try_in):
    assert await try_in(email) is not None


async def test_plugins_hear_of_a_sign_in_after_the_commit(
    database, world, entrance, make_browser, password
):
    async with database.writing() as session:
        await sign_in(
            entrance,
            session,
            kind=SessionKind.PERSON,
            business_id=world.a,
            email="lucia@sol.example",
            password=password,
            browser=make_browser(),
        )

        assert session.info["portalkit_events"] == [
            ContactSignedIn(
                business_id=world.a, contact_id=world.sol, person_id=world.lucia, at=NOW
            )
        ]


@pytest.fixture
async def strangers(database, world, password_hash):
    """Everybody who does not get in, by the reason."""
    async with database.writing() as session, session.begin():
        for name in ("disabled", "withdrawn", "expired"):
            person = await make_person(
                session,
                world.a,
                [world.sol],
                f"{name}@sol.example",
                password_hash=password_hash,
                password_set_at=NOW - timedelta(days=8),
                is_enabled=name != "disabled",
                must_change_password=name == "expired",
            )
            if name == "withdrawn":
                await session.execute(
                    update(Membership)
                    .where(Membership.person_id == person)
                    .values(is_enabled=False)
                )
    return {
        "unknown": ("nobody@sol.example", world.a, SessionKind.PERSON),
        "no address": ("\x00'; --", world.a, SessionKind.PERSON),
        "no password": ("mateo@luna.example", world.a, SessionKind.PERSON),
        "disabled": ("disabled@sol.example", world.a, SessionKind.PERSON),
        "withdrawn": ("withdrawn@sol.example", world.a, SessionKind.PERSON),
        "expired": ("expired@sol.example", world.a, SessionKind.PERSON),
        "other business": ("lucia@sol.example", world.b, SessionKind.PERSON),
        "person at the staff door": ("lucia@sol.example", world.a, SessionKind.STAFF),
        "staff at the contacts' door": ("carmen@mill.example", world.a, SessionKind.PERSON),
    }


async def test_everybody_who_does_not_get_in_costs_the_same_work(
    database, entrance, try_in, strangers
):
    """One hash and the same statements, whoever it is; a wrong password is the measure."""
    statements = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2].split(" WHERE ")[0]),
    )

    async def work_of(email, password, **options):
        statements.clear()
        before = entrance.passwords.checks
        assert await try_in(email, password, **options) is None
        return entrance.passwords.checks - before, tuple(statements)

    measure = await work_of("lucia@sol.example", "not the password")
    assert measure[0] == 1
    for reason, (email, business_id, kind) in strangers.items():
        work = await work_of(email, "olive-trees-in-march", business_id=business_id, kind=kind)
        if kind is SessionKind.PERSON:
            assert work == measure, reason
        assert (work[0], len(work[1])) == (1, len(measure[1])), reason


async def test_what_failed_is_written_down_without_the_address(try_in, events_of):
    await try_in("nobody@sol.example", "guess")
    await try_in("lucia@sol.example", "guess")

    written = await events_of()
    assert [event.name for event in written] == ["access.sign_in_failed"] * 2
    assert {event.actor_kind for event in written} == {"unknown"}
    assert "nobody" not in str([event.data for event in written])


async def test_a_thousand_guesses_are_twenty_comparisons_at_most(entrance, try_in):
    """From as many addresses, in a quarter of an hour (security O13)."""
    before, waits = entrance.passwords.checks, []
    for number in range(1_000):
        try:
            await try_in(
                password="guess",
                address=f"198.51.{number // 250}.{number % 250}",
                now=NOW + timedelta(seconds=number * 0.9),
            )
        except ThrottledError as error:
            waits.append(error.retry_after)

    assert entrance.passwords.checks - before <= 20
    assert len(waits) >= 980
    assert all(0 < wait <= 225 for wait in waits)
    assert await try_in(now=NOW + timedelta(minutes=30)) is not None


async def test_signing_in_rightly_uses_nothing_up(try_in):
    for _ in range(15):
        assert await try_in() is not None


async def test_a_sign_in_ends_the_session_that_the_browser_held(try_in, seen_by):
    first = await try_in()

    second = await try_in(session_id=first)

    assert await seen_by(first) is None
    assert await seen_by(second) is not None


async def test_a_password_of_the_business_works_once(database, world, try_in, seen_by):
    async with database.writing() as session, session.begin():
        await session.execute(
            update(Person)
            .where(Person.id == world.lucia)
            .values(must_change_password=True, password_set_at=NOW)
        )

    session_ids = await asyncio.gather(*(try_in() for _ in range(4)))

    [session_id] = [one for one in session_ids if one is not None]
    assert (await seen_by(session_id)).must_change_password
    assert await try_in() is None


async def test_without_its_protection_a_password_of_the_business_would_work_several_times(
    database, world
):
    """Control: what reads first and writes afterwards is beaten by the same race."""
    barrier = asyncio.Barrier(4)

    async def careless():
        async with database.reading() as session:
            stored = await session.scalar(
                select(Person.password_hash).where(Person.id == world.lucia)
            )
        await barrier.wait()
        async with database.writing() as session, session.begin():
            await session.execute(
                update(Person).where(Person.id == world.lucia).values(password_hash=None)
            )
        return stored is not None

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


async def test_a_password_changed_under_way_lets_nobody_in(database, world, try_in, seen_by):
    """Whatever the order, no session of the old password outlives its change."""
    async with database.writing() as session, session.begin():
        account = await find_account(
            session, SessionKind.PERSON, business_id=world.a, email="lucia@sol.example"
        )

    async def change():
        async with database.writing() as session, session.begin():
            await store_password(
                session, account, "$argon2id$other", actor=Actor(kind="system"), now=NOW
            )

    *session_ids, _ = await asyncio.gather(*(try_in() for _ in range(5)), change())

    for session_id in session_ids:
        assert session_id is None or await seen_by(session_id) is None
    async with database.reading() as session:
        assert list(await session.scalars(select(SessionRow.id_hash))) == []


async def test_without_its_protection_the_old_password_would_let_in(database, world, seen_by):
    """Control: what compares first and does not look again is beaten by the same race."""
    async with database.reading() as session:
        account = await find_account(
            session, SessionKind.PERSON, business_id=world.a, email="lucia@sol.example"
        )
    barrier = asyncio.Barrier(2)

    async def careless():
        await barrier.wait()
        async with database.writing() as session, session.begin():
            return await open_session(
                session,
                business_id=world.a,
                kind=account.kind,
                now=NOW,
                lifetime=timedelta(days=1),
                person_id=account.id,
                contact_id=account.contact_id,
            )

    async def change():
        async with database.writing() as session, session.begin():
            await store_password(session, account, "$new", actor=Actor(kind="system"), now=NOW)
        await barrier.wait()

    session_id, _ = await asyncio.gather(careless(), change())

    assert await seen_by(session_id) is not None


async def test_a_cheap_hash_is_replaced_at_the_sign_in(database, world, try_in, password):
    cheap = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(password)
    async with database.writing() as session, session.begin():
        await session.execute(
            update(Person).where(Person.id == world.lucia).values(password_hash=cheap)
        )

    assert await try_in() is not None

    async with database.reading() as session:
        stored = await session.scalar(select(Person.password_hash).where(Person.id == world.lucia))
    assert stored != cheap
    assert await try_in() is not None


async def test_staff_sign_in_at_their_own_door(world, try_in, seen_by):
    seen = await seen_by(await try_in("carmen@mill.example", kind=SessionKind.STAFF))

    assert (seen.kind, seen.staff_id, seen.role) == (SessionKind.STAFF, world.carmen, "admin")


async def test_a_disabled_member_of_staff_stays_out(database, try_in):
    async with database.writing() as session, session.begin():
        await session.execute(update(Staff).values(is_enabled=False))

    assert await try_in("carmen@mill.example", kind=SessionKind.STAFF) is None


async def test_two_people_never_store_over_each_other(database, world):
    async with database.writing() as session, session.begin():
        account = await find_account(
            session, SessionKind.PERSON, business_id=world.a, email="lucia@sol.example"
        )
        await store_password(session, account, "$new", actor=Actor(kind="system"), now=NOW)

        with pytest.raises(ConflictError):
            await store_password(session, account, "$newer", actor=Actor(kind="system"), now=NOW)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("lucia@sol.example", True),
        ("a+b@sol.example", True),
        ("señora@ñandú.example", True),
        ("lucia", False),
        ("@sol.example", False),
        ("lucia@", False),
        ("lucia@sol@example", False),
        ("lu cia@sol.example", False),
        ("lucia@sol.example\r\nbcc: x@y", False),
        ("lucia@sol.example\x00", False),
        ("<lucia@sol.example>", False),
        ("x" * 65 + "@sol.example", False),
        ("x@" + "y" * 300, False),
        ("a@b..é.example", False),
        ("a@b(c)d.es", False),
        ("a@c:d", False),
    ],
)
def test_what_can_be_an_address(text, is_one):
    assert is_email(canonical_email(text)) is is_one
