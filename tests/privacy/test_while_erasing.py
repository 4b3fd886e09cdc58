"""What comes while somebody is erased: it waits, and says nothing of them afterwards."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import defstruct
from sqlalchemy import delete, func, insert, select, text, update

from portalkit.access.models import Contact, Link, Membership, Person
from portalkit.access.people import give_access
from portalkit.access.sharing import ShareRules, make_share_link
from portalkit.audit import Actor, Event, event_values, record
from portalkit.context import PortalContext, SessionKind
from portalkit.documents.models import DocumentRow
from portalkit.documents.services import Download, record_download
from portalkit.errors import ContactClosedError
from portalkit.jobs import enqueue
from portalkit.jobs.models import JobRow
from portalkit.jobs.store import LeaseLostError, claim, finish
from portalkit.model import new_id
from portalkit.privacy import erase_personal_data, get_subject
from portalkit.testing.factories import NOW

from .conftest import MARK, NAME

STAFF = Actor(kind="staff", name="Carmen")


@pytest.fixture
def erase_while(portal, mill):
    """Erase Sol, or one of its people, and let something begin before that is committed."""

    async def erase_while(begin, person=None):
        async with portal.writing() as session:
            subject = await get_subject(session, mill.business, mill.sol, person)
            begun = asyncio.create_task(begin())
            await _is_waiting(portal)
            await erase_personal_data(session, portal.hooks, subject, actor=STAFF, now=NOW)
            assert not begun.done()
            await session.commit()
        return (await asyncio.gather(begun, return_exceptions=True))[0]

    return erase_while


async def _is_waiting(portal):
    """Come back when somebody waits for a lock; SQLite says nobody to whom."""
    if portal.engine.dialect.name == "sqlite":
        # What is begun has asked the driver's thread for its turn by then.
        for _ in range(20):
            await asyncio.sleep(0)
        return
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE NOT granted AND datname = current_database()"
        " UNION ALL SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(20):
        while True:
            async with portal.reading() as session:
                if any(await session.scalars(waiting)):
                    return


@pytest.fixture
def ana(mill):
    """Ana as her request has found her before."""
    return PortalContext(
        business_id=mill.business,
        contact_id=mill.sol,
        person_id=mill.ana,
        kind=SessionKind.PERSON,
        name="Ana",
        contact_name=f"{MARK} shop",
        role="owner",
        locale="en",
        zone="Europe/Madrid",
        currency="EUR",
        now=NOW,
    )


@pytest.fixture
def names_in(portal):
    async def names_in(event):
        async with portal.reading() as session:
            statement = select(Event.actor_name).where(Event.name == event).order_by(Event.id)
            return list(await session.scalars(statement))

    return names_in


@pytest.fixture
async def download(portal, mill, ana):
    """Write down that Ana downloads the invoice of Sol."""
    async with portal.reading() as session:
        header = await session.get_one(DocumentRow, mill.invoice)

    async def download():
        file = Download(filename="x.pdf", sha256="0" * 64)
        await record_download(portal, ana, header, file)

    return download


@pytest.mark.parametrize("whole", [True, False])
async def test_a_download_that_was_under_way_is_written_without_a_name(
    mill, download, erase_while, names_in, whole
):
    assert await erase_while(download, None if whole else mill.ana) is None

    assert await names_in("document.downloaded") == [""]


async def test_a_name_that_was_read_before_would_be_written_back(
    portal, mill, ana, erase_while, names_in
):
    """The control: the same event with the name as it was read."""

    async def download_carelessly():
        async with portal.writing() as session, session.begin():
            values = event_values(
                business_id=mill.business,
                contact_id=mill.sol,
                name="document.downloaded",
                actor=Actor.of(ana),
                at=NOW,
            )
            await session.execute(insert(Event).values(values))

    assert await erase_while(download_carelessly) is None

    assert await names_in("document.downloaded") == ["Ana"]


async def test_whoever_is_still_there_is_named(portal, mill, names_in):
    for contact in (mill.sol, mill.luna, None):
        async with portal.writing() as session, session.begin():
            await record(
                session,
                business_id=mill.business,
                contact_id=contact,
                name="access.signed_out",
                actor=Actor(kind="person", id=mill.ana, name="Ana"),
                at=NOW,
            )

    assert await names_in("access.signed_out") == ["Ana"] * 3


async def test_what_somebody_does_for_no_contact_has_no_name_afterwards(
    portal, mill, erase_while, names_in
):
    async def sign_out():
        async with portal.writing() as session, session.begin():
            await record(
                session,
                business_id=mill.business,
                name="access.signed_out",
                actor=Actor(kind="person", id=mill.lucia, name=NAME),
                at=NOW,
            )

    assert await erase_while(sign_out) is None

    assert await names_in("access.signed_out") == [""]


async def test_a_link_that_was_being_shared_does_not_say_who_shared_it(
    portal, mill, ana, erase_while
):
    async def share():
        async with portal.writing() as session, session.begin():
            await make_share_link(
                session,
                portal.config.secret_keys,
                business_id=mill.business,
                contact_id=mill.sol,
                document_id=mill.invoice,
                rules=ShareRules(),
                actor=Actor.of(ana),
                now=NOW,
            )

    assert await erase_while(share) is None

    async with portal.reading() as session:
        assert list(await session.scalars(select(Link.actor_name))) == [""]


def giving(portal, mill):
    async def give():
        async with portal.writing() as session, session.begin():
            await give_access(
                session,
                business_id=mill.business,
                contact_id=mill.sol,
                email="zoe@sol.example",
                name="Zoe",
                role="reader",
                actor=STAFF,
                now=NOW,
            )

    return give


async def people_of(portal, contact):
    async with portal.reading() as session:
        members = select(func.count()).where(Membership.contact_id == contact)
        return await session.scalar(members)


async def test_a_colleague_who_was_being_let_in_stays_outside(portal, mill, erase_while):
    refused = await erase_while(giving(portal, mill))

    assert isinstance(refused, ContactClosedError)
    assert await people_of(portal, mill.sol) == 0


async def test_who_only_looks_whether_the_contact_is_there_lets_the_colleague_in(
    portal, mill, erase_while
):
    """The control: the contact is still there after an erasure, only closed."""

    async def give_carelessly():
        async with portal.writing() as session, session.begin():
            assert await session.scalar(select(Contact.id).where(Contact.id == mill.sol))
            person = {"business_id": mill.business, "email": "zoe@sol.example", "name": "Zoe"}
            person_id = new_id()
            await session.execute(insert(Person).values(id=person_id, created_at=NOW, **person))
            member = {"person_id": person_id, "contact_id": mill.sol, "role": "reader"}
            await session.execute(insert(Membership).values(business_id=mill.business, **member))

    assert await erase_while(give_carelessly) is None

    assert await people_of(portal, mill.sol) == 1


async def test_nobody_is_invited_to_a_contact_that_is_closed(portal, mill):
    async with portal.writing() as session, session.begin():
        closed = update(Contact).where(Contact.id == mill.sol)
        await session.execute(closed.values(is_enabled=False))

    with pytest.raises(ContactClosedError):
        await giving(portal, mill)()
    assert list(await portal.invite(mill.sol)) == []


async def test_two_who_erase_both_contacts_of_somebody_leave_no_person_behind(portal, mill):
    both_have_begun = asyncio.Barrier(2)

    async def erase(contact):
        await both_have_begun.wait()
        async with portal.writing() as session, session.begin():
            subject = await get_subject(session, mill.business, contact, None)
            await erase_personal_data(session, portal.hooks, subject, actor=STAFF, now=NOW)

    await asyncio.gather(erase(mill.sol), erase(mill.luna))

    async with portal.reading() as session:
        assert list(await session.scalars(select(Person.id))) == []


@pytest.fixture
def leave(portal, mill):
    """Leave a job that is told of somebody, and begin it."""

    async def leave(person):
        async with portal.writing() as session, session.begin():
            name = "access.tell_password_changed"
            await session.execute(delete(JobRow))
            order = defstruct("Order", ["account_id"])(account_id=person)
            await enqueue(session, name, order, now=NOW, business_id=mill.business)
            return await claim(session, [name], now=NOW, until=NOW + timedelta(minutes=5))

    return leave


async def test_what_a_job_has_read_of_somebody_is_kept_nowhere(portal, mill, leave):
    begun = await leave(mill.lucia)

    async with portal.writing() as session, session.begin():
        subject = await get_subject(session, mill.business, mill.sol, None)
        await erase_personal_data(session, portal.hooks, subject, actor=STAFF, now=NOW)

    async with portal.writing() as session:
        with pytest.raises(LeaseLostError):
            await finish(session, begun)


async def test_a_job_for_somebody_else_goes_on(portal, mill, leave):
    begun = await leave(mill.ana)

    async with portal.writing() as session, session.begin():
        subject = await get_subject(session, mill.business, mill.sol, None)
        await erase_personal_data(session, portal.hooks, subject, actor=STAFF, now=NOW)

    async with portal.writing() as session, session.begin():
        await finish(session, begun)
