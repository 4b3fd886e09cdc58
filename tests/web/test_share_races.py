"""A link that is ended while somebody comes in by it lets nobody stay."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portalkit.access.colleagues import hold_role
from portalkit.access.models import Link
from portalkit.access.people import get_person, withdraw_access
from portalkit.access.sessions import find_session
from portalkit.access.share_rules import ShareRules
from portalkit.access.sharing import (
    MAX_LINKS,
    SHARE,
    SHARE_OPENED,
    end_share_link,
    find_share_link,
    list_share_links,
    make_share_link,
    open_share,
)
from portalkit.audit import Actor, Event
from portalkit.context import PortalContext, SessionKind
from portalkit.errors import InputRefusedError, PermissionRefusedError
from portalkit.model.ids import new_id
from portalkit.testing.factories import NOW, make_person

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


# Whoever makes a link while they are shut out


@pytest.fixture
async def eva(town, portal):
    async with portal.writing() as session, session.begin():
        return await make_person(session, town.mill, [town.ana], "eva@ana.example", role="buyer")


@pytest.fixture
def make(town, portal, eva):
    """Make a link in Eva's name in a transaction of its own."""

    async def make_it(first=None):
        async with portal.writing() as session, session.begin():
            if first is not None:
                await first(session)
            await make_share_link(
                session,
                portal.config.secret_keys,
                business_id=town.mill,
                contact_id=town.ana,
                document_id=town.documents["invoice"],
                rules=ShareRules(),
                actor=Actor(kind="person", id=eva, name="Eva"),
                now=NOW,
            )

    return make_it


@pytest.fixture
def withdraw(town, portal, eva):
    async def withdraw_it():
        whose = {"business_id": town.mill, "contact_id": town.ana}
        async with portal.writing() as session, session.begin():
            person = await get_person(session, **whose, person_id=eva)
            await withdraw_access(session, person, business_id=town.mill, actor=ANA, now=NOW)

    return withdraw_it


@pytest.fixture
def living(town, portal):
    """Return how many links open the invoice."""

    async def count():
        document = town.documents["invoice"]
        async with portal.reading() as session:
            return len(
                await list_share_links(
                    session, business_id=town.mill, document_id=document, now=NOW
                )
            )

    return count


@pytest.mark.parametrize("is_late", [False, True])
async def test_no_link_outlives_who_is_shut_out_meanwhile(
    *, town, eva, make, withdraw, living, is_late
):
    async def hold(session):
        await hold_role(session, context_of(town, eva), SHARE)

    if is_late:
        await withdraw()
        with pytest.raises(PermissionRefusedError):
            await make(hold)
    else:
        await asyncio.gather(make(hold), withdraw(), return_exceptions=True)

    assert await living() == 0


async def test_without_asking_again_the_link_would_stay(make, withdraw, living):
    """The control: who was let in a moment ago makes a link after all of theirs were ended."""
    await withdraw()
    await make()

    assert await living() == 1


def context_of(town, person):
    """Return Eva as her request knew her before it began to write."""
    return PortalContext(
        business_id=town.mill,
        contact_id=town.ana,
        person_id=person,
        kind=SessionKind.PERSON,
        name="Eva",
        contact_name="Ana's shop",
        role="buyer",
        locale="es",
        zone="Europe/Madrid",
        currency="EUR",
        now=NOW,
        permissions=frozenset({SHARE}),
        active_plugins=frozenset(),
    )


async def test_of_two_who_make_the_last_link_at_once_one_does(make, living):
    for _ in range(MAX_LINKS - 1):
        await make()

    done = await asyncio.gather(make(), make(), return_exceptions=True)

    assert sorted(type(each) for each in done if each is not None) == [InputRefusedError]
    assert await living() == MAX_LINKS


async def test_without_the_lock_there_would_be_one_too_many(town, portal, make, living):
    """The control: each counts before the other has written."""
    for _ in range(MAX_LINKS - 1):
        await make()
    barrier = asyncio.Barrier(2)

    async def careless(number):
        assert await living() < MAX_LINKS
        await barrier.wait()
        async with portal.writing() as session, session.begin():
            session.add(
                Link(
                    id=new_id(),
                    business_id=town.mill,
                    purpose="share",
                    contact_id=town.ana,
                    document_id=town.documents["invoice"],
                    secret_hash=f"{number}" * 64,
                    created_at=NOW,
                    expires_at=NOW + timedelta(hours=1),
                )
            )

    await asyncio.gather(careless(1), careless(2))

    assert await living() == MAX_LINKS + 1
