"""A link that is ended while somebody comes in by it lets nobody stay."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portalkit.access.models import Link
from portalkit.access.sessions import find_session
from portalkit.access.share_rules import ShareRules
from portalkit.access.sharing import (
    SHARE_OPENED,
    end_share_link,
    find_share_link,
    make_share_link,
    open_share,
)
from portalkit.audit import Actor, Event
from portalkit.testing.factories import NOW

ANA = Actor(kind="person", name="Ana")


@pytest.fixture
def portal(town):
    return town.app.portal


@pytest.fixture
async def link(town, portal):
    """A link to a document of Ana's, as the door has found it to work."""
    keys = portal.config.secret_keys
    async with portal.writing() as session, session.begin():
        token = await make_share_link(
            session,
            keys,
            business_id=town.mill,
            contact_id=town.ana,
            document_id=town.documents["delivery_note"],
            rules=ShareRules(),
            actor=ANA,
            now=NOW,
        )
        return await find_share_link(session, keys, token, business_id=town.mill, now=NOW)


@pytest.fixture
def end(portal, link):
    async def end_it():
        async with portal.writing() as session, session.begin():
            await end_share_link(
                session,
                link.id,
                business_id=link.business_id,
                document_id=link.document_id,
                actor=ANA,
                now=NOW,
            )

    return end_it


@pytest.fixture
def uses(portal, link):
    """Return how often the link was used, and how often the log says so."""

    async def count():
        async with portal.reading() as session:
            used = await session.scalar(select(Link.uses).where(Link.id == link.id))
            opened = await session.scalars(select(Event.id).where(Event.name == SHARE_OPENED))
            return used, len(list(opened))

    return count


async def test_whoever_found_a_link_before_it_was_ended_does_not_come_in(portal, link, end, uses):
    await end()

    async with portal.writing() as session, session.begin():
        entered = await open_share(session, link, now=NOW, user_agent=None, replaces=None)

    assert entered is None
    assert await uses() == (0, 0)


async def test_without_looking_again_an_ended_link_would_be_used(portal, link, end, uses):
    """The control: what was found is not enough, the use itself must ask again."""
    await end()

    async with portal.writing() as session, session.begin():
        await session.execute(
            update(Link).where(Link.id == link.id).values(uses=Link.uses + 1, used_at=NOW)
        )

    assert await uses() == (1, 0)


async def test_whoever_comes_in_while_a_link_is_ended_is_out_at_the_next_request(
    portal, link, end, uses
):
    is_under_way = asyncio.Event()

    async def enter():
        async with portal.writing() as session, session.begin():
            entered = await open_share(session, link, now=NOW, user_agent=None, replaces=None)
            is_under_way.set()
            # The one who ends it is let go on, and waits for this transaction.
            await asyncio.sleep(0)
        return entered

    async def end_meanwhile():
        await is_under_way.wait()
        await end()

    entered, _ = await asyncio.gather(enter(), end_meanwhile())

    async with portal.reading() as session:
        seen = await find_session(
            session, entered, business_id=link.business_id, now=NOW, idle=timedelta(days=7)
        )
    assert (entered is not None, seen) == (True, None)
    assert await uses() == (1, 1)
