"""More than can be served is told to come back, soon and without an error of ours (case O20)."""

import asyncio

import pytest

from portalkit.app import create_app
from portalkit.db import create_engine_for
from portalkit.errors import ThrottledError
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import NOW

from .conftest import PASSWORD, _by_prefix


@pytest.fixture
async def crowd(app):
    """So many at the door that nobody else may even wait."""
    passwords = app.portal.passwords
    goes = asyncio.Event()

    async def one():
        try:
            async with passwords.door():
                await goes.wait()
        except ThrottledError:
            return "refused"
        return "inside"

    tasks = [asyncio.create_task(one()) for _ in range(200)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    yield tasks
    goes.set()
    assert "inside" in await asyncio.gather(*tasks)


async def test_a_sign_in_too_many_is_sent_away_before_anything_is_done_for_it(
    app, town, visitor, crowd
):
    checks = app.portal.passwords.checks
    async with visitor() as client:
        answer = await client.submit("/login", {"email": "ana@ana.example", "password": PASSWORD})

        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/login")).status_code == 200
    assert app.portal.passwords.checks == checks


async def test_the_door_opens_again_when_the_crowd_is_gone(app, town, visitor):
    passwords = app.portal.passwords
    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(_through(passwords))

    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)


async def _through(passwords):
    async with passwords.door():
        await asyncio.sleep(0)


async def test_a_page_that_gets_no_connection_says_when_to_come_back(portal_config, town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        cookies = client.cookies
    url = portal_config.database_url
    engine = create_engine_for(url, pool_size=1, max_overflow=0, pool_timeout=0.01)
    app = create_app(portal_config, engine=engine, clock=lambda: NOW, resolver=_by_prefix)
    async with open_portal(app), PortalClient(app, cookies=cookies) as client:
        # First before the business is known, then as a page of it.
        for _ in range(2):
            async with engine.connect():
                answer = await client.get("/profile")

            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert (await client.get("/profile")).status_code == 200
    await engine.dispose()
