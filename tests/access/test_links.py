"""One-time links: signed for one purpose, used once, replaced by newer ones, never by a GET."""

import asyncio
import hashlib
from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import select, update

from portalkit.access import links
from portalkit.access.links import find_link, make_link, read_token, revoke_links
from portalkit.access.models import Link, Membership, Person
from portalkit.access.signing_in import sign_in_by_link
from portalkit.config import PortalConfig, Secret
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio

OLD = Secret("an-old-key-for-tests-0123456789abcdef")
NEW = Secret("a-newer-key-for-tests-0123456789abcde")
CONFIG = PortalConfig(secret_keys=(NEW,))


@pytest.fixture
def make(database, world):
    async def make_it(*, keys=(NEW,), **changes):
        values = {"business_id": world.a, "now": NOW, "person_id": world.lucia} | changes
        async with database.writing() as session, session.begin():
            return await make_link(session, keys, **values)

    return make_it


@pytest.fixture
def find(database, world):
    async def find_it(token, *, keys=(NEW,), business_id=None, now=NOW):
        async with database.reading() as session:
            return await find_link(
                session, keys, token, business_id=business_id or world.a, now=now
            )

    return find_it


@pytest.fixture
def exchange(database, make_browser):
    async def exchange_it(link, **changes):
        async with database.writing() as session, session.begin():
            browser = make_browser(**changes)
            entered = await sign_in_by_link(session, link, CONFIG, browser=browser)
        return None if entered is None else entered.session_id

    return exchange_it


@pytest.fixture
def make_and_find(make, find):
    async def both(**changes):
        return await find(await make(**changes))

    return both


async def test_a_link_lets_its_person_in_once(world, make, find, exchange, seen_by):
    token = await make()
    link = await find(token)

    session_id = await exchange(link)

    assert (await seen_by(session_id)).person_id == world.lucia
    assert await find(token) is None
    assert await exchange(link) is None


async def test_looking_at_a_link_uses_nothing_up(make, find):
    token = await make()

    assert [await find(token) is not None for _ in range(5)] == [True] * 5


async def test_of_two_browsers_at_once_one_gets_in(make, find, exchange):
    link = await find(await make())

    session_ids = await asyncio.gather(*(exchange(link) for _ in range(6)))

    assert len([one for one in session_ids if one is not None]) == 1


async def test_without_its_protection_a_link_would_let_several_in(database, make, find):
    """Control: what reads first and writes afterwards is beaten by the same race."""
    link = await find(await make())
    barrier = asyncio.Barrier(4)

    async def careless():
        async with database.reading() as session:
            uses = await session.scalar(select(Link.uses).where(Link.id == link.id))
        await barrier.wait()
        if uses:
            return False
        async with database.writing() as session, session.begin():
            await session.execute(update(Link).where(Link.id == link.id).values(uses=uses + 1))
        return True

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


async def test_a_newer_link_takes_the_place_of_the_older(make, find):
    older = await make()
    newer = await make()

    assert await find(older) is None
    assert await find(newer) is not None


async def test_a_link_of_somebody_else_stays(world, make, find):
    lucias = await make()
    await make(person_id=world.mateo)

    assert await find(lucias) is not None


async def test_a_link_expires(make, find):
    token = await make()

    assert await find(token, now=NOW + timedelta(hours=24, seconds=-1)) is not None
    assert await find(token, now=NOW + timedelta(hours=24)) is None


async def test_a_link_that_expires_under_way_lets_nobody_in(make, find, exchange):
    link = await find(await make())

    assert await exchange(link, now=NOW + timedelta(hours=24)) is None


async def test_a_revoked_link_lets_nobody_in(database, world, make, find, exchange):
    token = await make()
    link = await find(token)
    async with database.writing() as session, session.begin():
        await revoke_links(session, business_id=world.a, now=NOW, person_id=world.lucia)

    assert await find(token) is None
    assert await exchange(link) is None


async def test_a_link_of_one_business_opens_no_other(world, make, find):
    assert await find(await make(), business_id=world.b) is None


@pytest.mark.parametrize(
    "shut",
    [
        lambda world: update(Person).where(Person.id == world.lucia).values(is_enabled=False),
        lambda world: update(Membership).values(is_enabled=False),
    ],
)
async def test_a_link_lets_nobody_in_whose_access_ended(
    shut, database, world, make_and_find, exchange
):
    link = await make_and_find()
    async with database.writing() as session, session.begin():
        await session.execute(shut(world))

    assert await exchange(link) is None


async def test_a_link_rotates_the_session(world, make, find, exchange, seen_by):
    first = await exchange(await find(await make()))

    second = await exchange(await find(await make()), session_id=first)

    assert await seen_by(first) is None
    assert await seen_by(second) is not None


async def test_a_link_of_staff_opens_the_back_office(world, make, find, exchange, seen_by):
    session_id = await exchange(await find(await make(person_id=None, staff_id=world.carmen)))

    seen = await seen_by(session_id)
    assert (seen.staff_id, seen.person_id) == (world.carmen, None)


async def test_only_the_hash_of_a_secret_is_stored(database, make):
    token = await make()
    link_id, secret = read_token((NEW,), links.LinkPurpose.SIGN_IN, token)

    async with database.reading() as session:
        stored = await session.get(Link, link_id)

    assert secret not in (stored.secret_hash, token)
    assert len(stored.secret_hash) == 64


async def test_keys_are_changed_without_breaking_links(make, find):
    token = await make(keys=(OLD,))

    assert await find(token, keys=(NEW, OLD)) is not None
    assert await find(token, keys=(NEW,)) is None


async def test_the_newest_key_signs(make, find):
    token = await make(keys=(NEW, OLD))

    assert await find(token, keys=(NEW,)) is not None
    assert await find(token, keys=(OLD,)) is None


async def test_a_token_of_another_purpose_is_refused(make, find):
    payload = list(read_token((NEW,), links.LinkPurpose.SIGN_IN, await make()))
    other = URLSafeSerializer(
        [NEW.value],
        salt="portalkit.link.share",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    ).dumps(payload)

    assert await find(other) is None


async def test_a_changed_token_is_refused(make, find):
    token = await make()

    for place in range(0, len(token), 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert await find(changed) is None


@pytest.mark.parametrize("token", ["", ".", "x" * 5_000, "ñ", "a.b", "WyJhIiwiYiJd.AAAA", "\x00"])
async def test_what_is_no_token_is_refused(token, find):
    assert await find(token) is None
