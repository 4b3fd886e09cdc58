"""Keys of the API: shown once, known by their hash, ended at once."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from portalkit.access.api_keys import (
    KEY_MADE,
    KEY_REVOKED,
    find_api_key,
    is_use_due,
    list_api_keys,
    make_api_key,
    note_use,
    revoke_api_key,
)
from portalkit.access.models import ApiKey
from portalkit.audit import Actor, Event
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.model import new_id
from portalkit.testing.factories import NOW, make_business

HOST = Actor(kind="staff", name="Carmen")


@pytest.fixture
async def session(database):
    async with database.writing() as session, session.begin():
        yield session


async def make(session, business_id, **changes):
    wish = {"name": "ERP", "actor": HOST, "now": NOW} | changes
    return await make_api_key(session, business_id=business_id, **wish)


async def test_a_key_is_kept_as_a_hash_and_on_record_without_its_secret(session):
    mill = await make_business(session)

    key = await make(session, mill)

    row = (await session.execute(select(ApiKey.__table__))).one()
    assert row.key_hash == hashlib.sha256(key.encode()).hexdigest()
    assert key.startswith(f"{row.prefix}_")
    assert len(key) - len(row.prefix) - 1 == 43
    event = (await session.execute(select(Event.name, Event.data))).one()
    secret = key.removeprefix(f"{row.prefix}_")
    assert event.name == KEY_MADE
    assert event.data["name"] == "ERP"
    assert secret not in repr(event)
    assert secret not in repr(row)


async def test_a_key_is_found_by_its_business_alone_and_until_it_ends(session):
    mill, bees = await make_business(session), await make_business(session, "bees")
    key = await make(session, mill, days=2)

    found = await find_api_key(session, key, business_id=mill, now=NOW)

    assert found is not None
    assert found.scopes == {"documents:read"}
    later = NOW + timedelta(days=2)
    for wrong, business, now in (
        (key, bees, NOW),
        (key, mill, later),
        (key[:-1], mill, NOW),
        (f"{key}x", mill, NOW),
        (key.upper(), mill, NOW),
        (found.prefix, mill, NOW),
        ("", mill, NOW),
        ("\x00\udcff" * 9_000, mill, NOW),
    ):
        assert await find_api_key(session, wrong, business_id=business, now=now) is None
    assert await find_api_key(session, key, business_id=mill, now=later - timedelta(seconds=1))


async def test_an_ended_key_opens_nothing_and_is_ended_once(session):
    mill, bees = await make_business(session), await make_business(session, "bees")
    key = await make(session, mill)
    [listed] = await list_api_keys(session, business_id=mill)
    with pytest.raises(NotFoundError):
        await revoke_api_key(session, listed.id, business_id=bees, actor=HOST, now=NOW)
    assert await find_api_key(session, key, business_id=mill, now=NOW)

    await revoke_api_key(session, listed.id, business_id=mill, actor=HOST, now=NOW)

    assert await find_api_key(session, key, business_id=mill, now=NOW) is None
    for unknown in (listed.id, new_id(), "\x00", "x" * 9_000):
        with pytest.raises(NotFoundError):
            await revoke_api_key(session, unknown, business_id=mill, actor=HOST, now=NOW)
    names = await session.scalars(select(Event.name).order_by(Event.id))
    assert names.all() == [KEY_MADE, KEY_REVOKED]
    [listed] = await list_api_keys(session, business_id=mill)
    assert listed.revoked_at == NOW
    assert await list_api_keys(session, business_id=bees) == []


async def test_the_last_use_is_written_every_five_minutes(session):
    mill = await make_business(session)
    key = await make(session, mill)
    fresh = await find_api_key(session, key, business_id=mill, now=NOW)
    assert is_use_due(fresh, NOW)

    await note_use(session, fresh, NOW)

    used = await find_api_key(session, key, business_id=mill, now=NOW)
    assert used.used_at == NOW
    assert not is_use_due(used, NOW + timedelta(seconds=299))
    assert is_use_due(used, NOW + timedelta(seconds=300))


async def test_a_wrong_wish_makes_no_key(session):
    mill = await make_business(session)
    for field, wish in (
        ("name", {"name": " \n "}),
        ("name", {"name": "x" * 101}),
        ("name", {"name": "a\x00b"}),
        ("days", {"days": 0}),
        ("days", {"days": 3_651}),
    ):
        with pytest.raises(InputRefusedError) as caught:
            await make(session, mill, **wish)

        assert caught.value.field == field
    assert await list_api_keys(session, business_id=mill) == []
