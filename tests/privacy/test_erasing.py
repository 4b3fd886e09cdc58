"""After an erasure nothing tells who it was, but on the documents that the law wants kept."""

import json
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, make_url, select, update

from portalkit.access.models import Link, Membership, Person
from portalkit.access.recovering import RecoveryOrder
from portalkit.access.share_rules import ShareRules
from portalkit.access.sharing import make_share_link
from portalkit.audit import Actor, Event, record
from portalkit.context import SessionKind
from portalkit.documents.models import DocumentRow
from portalkit.errors import ConfigError, GuardFailedError, NotFoundError
from portalkit.hooks import HOOK_API, Manifest, hookimpl
from portalkit.jobs import enqueue
from portalkit.jobs.models import JobRow
from portalkit.mail.models import MailRow
from portalkit.privacy import erase_personal_data, get_subject
from portalkit.testing.factories import NOW
from portalkit.web.portal import RunningPortal

from .conftest import KEPT, MARK, NAME, SECRET, tables

STAFF = Actor(kind="staff", id=None, name="Carmen")


async def erase(portal, business, contact, person=None):
    async with portal.writing() as session:
        subject = await get_subject(session, business, contact, person)
        erasure = await erase_personal_data(session, portal.hooks, subject, actor=STAFF, now=NOW)
        await session.commit()
    return erasure


def found_in(seen, *needles):
    """Names of the tables that speak of somebody, without those that are kept."""
    return {
        name
        for name, rows in seen.items()
        if name not in KEPT and any(needle in row for row in rows for needle in needles)
    }


async def test_no_column_of_any_table_tells_who_it_was(portal, mill, look):
    needles = (f"{MARK} ", f"{MARK}'", f'{MARK}"', f"@{MARK}", f"{MARK}-", f"-{MARK}", SECRET)
    # Else the walk would find nothing because nothing was there.
    assert found_in(await look(), *needles) >= {table.name for table in tables()}

    await erase(portal, mill.business, mill.sol)

    assert found_in(await look(), *needles) == set()


async def test_documents_stay_and_so_does_everybody_else(portal, mill, look, contact_of):
    before = await look()

    erasure = await erase(portal, mill.business, mill.sol)

    after = await look()
    assert [name for name in KEPT if after[name] != before[name]] == []
    assert erasure.people == 1
    contact = await contact_of(mill.sol)
    assert (contact.name, contact.is_enabled) == (f"#{mill.sol[-6:]}", False)
    assert (await contact_of(mill.luna)).name == "Bar Luna"
    async with portal.reading() as session:
        assert list(await session.scalars(select(Person.id))) == [mill.ana]
        assert list(await session.scalars(select(Membership.contact_id))) == [mill.luna]
        # A longer word is not the one that is looked for.
        assert list(await session.scalars(select(MailRow.to_email))) == ["ben@ben.example"]


async def test_the_history_says_that_it_happened_and_by_whom(portal, mill):
    await erase(portal, mill.business, mill.sol)

    async with portal.reading() as session:
        event = (await session.scalars(select(Event).order_by(Event.id.desc()))).first()
    assert (event.name, event.contact_id, event.actor_name) == (
        "contact.erased",
        mill.sol,
        "Carmen",
    )
    assert event.data == {"people": 1}


async def test_jobs_are_told_of_nobody_any_more_and_others_stay(portal, mill):
    orders = {
        "waiting": RecoveryOrder(kind=SessionKind.PERSON, email=f"lucia@{MARK}.example"),
        "dead": RecoveryOrder(kind=SessionKind.PERSON, email=f"lucia@{MARK}.example"),
        "failed": RecoveryOrder(kind=SessionKind.PERSON, email="ana@sol.example"),
        "others": RecoveryOrder(kind=SessionKind.PERSON, email="ana@sol.example"),
    }
    failed = {"state": "dead", "error": f"550 <LUCIA@{MARK}.example>: unknown"}
    changes = {"dead": {"state": "dead"}, "failed": failed}
    async with portal.writing() as session, session.begin():
        await session.execute(delete(JobRow))
        ids = {}
        for name, order in orders.items():
            ids[name] = await enqueue(
                session, "access.send_recovery", order, now=NOW, business_id=mill.business
            )
            if name in changes:
                changed = update(JobRow).where(JobRow.id == ids[name])
                await session.execute(changed.values(changes[name]))

    await erase(portal, mill.business, mill.sol)

    async with portal.reading() as session:
        rows = await session.execute(select(JobRow.id, JobRow.payload))
        left = {job_id: json.loads(payload)["email"] for job_id, payload in rows.all()}
    assert left == {ids["waiting"]: "", ids["others"]: "ana@sol.example"}


async def test_links_that_an_erased_person_made_open_nothing(portal, mill):
    async with portal.writing() as session, session.begin():
        of_sol = DocumentRow.contact_id == mill.sol
        document = await session.scalar(select(DocumentRow.id).where(of_sol).limit(1))
        for person in (mill.lucia, mill.ana):
            await make_share_link(
                session,
                portal.config.secret_keys,
                business_id=mill.business,
                contact_id=mill.sol,
                document_id=document,
                rules=ShareRules(),
                actor=Actor(kind="person", id=person),
                now=NOW,
            )

    await erase(portal, mill.business, mill.sol, mill.lucia)

    async with portal.reading() as session:
        makers = await session.scalars(select(Link.actor_id).where(Link.purpose == "share"))
        assert set(makers) == {mill.ana}


async def test_one_person_goes_and_the_contact_stays(portal, mill, look, contact_of):
    await erase(portal, mill.business, mill.sol, mill.lucia)

    assert (await contact_of(mill.sol)).name == f"{MARK} shop"
    # What the contact as a whole is known by, and asked for, is nobody's of its people.
    of_contact = {"acme_tickets_ticket", "portalkit_contact_identifier", "portalkit_plugin_switch"}
    assert found_in(await look(), f"{NAME}'", "lucia@") == of_contact
    async with portal.reading() as session:
        assert list(await session.scalars(select(Person.id))) == [mill.ana]
        names = await session.scalars(select(Event.name).order_by(Event.id.desc()))
        assert names.first() == "person.erased"


async def test_who_acts_for_another_contact_stays_a_person_there(portal, mill):
    async with portal.writing() as session, session.begin():
        for contact in (mill.sol, mill.luna):
            await record(
                session,
                business_id=mill.business,
                contact_id=contact,
                name="access.signed_in",
                actor=Actor(kind="person", id=mill.ana, name="Ana"),
                at=NOW,
            )

    erasure = await erase(portal, mill.business, mill.sol, mill.ana)

    assert erasure.people == 0
    async with portal.reading() as session:
        memberships = await session.execute(
            select(Membership.contact_id).where(Membership.person_id == mill.ana)
        )
        assert memberships.scalars().all() == [mill.luna]
        here = select(Event.actor_name).where(Event.contact_id == mill.sol)
        assert "Ana" not in set(await session.scalars(here))
        elsewhere = select(Event.actor_name).where(Event.contact_id == mill.luna)
        assert "Ana" in set(await session.scalars(elsewhere))


class Forgetful:
    manifest = Manifest(name="forgetful", title="Forgetful", api=HOOK_API)

    @hookimpl
    async def portalkit_erase_personal_data(self, session, contact_id):
        await session.execute(update(Person).values(name="half"))
        raise RuntimeError("the disk is full")


async def test_a_plugin_that_fails_leaves_everything_as_it_was(portal_config, mill, look):
    portal = RunningPortal.load(portal_config, extra={"forgetful": Forgetful()}, clock=lambda: NOW)
    before = await look()

    with pytest.raises(GuardFailedError, match="plugin forgetful failed"):
        await erase(portal, mill.business, mill.sol)
    await portal.close()

    assert await look() == before


async def test_nothing_is_erased_while_a_plugin_may_be_missing(portal_config, mill, look):
    portal = RunningPortal.load(
        msgspec.structs.replace(portal_config, safe_mode=True), clock=lambda: NOW
    )
    before = await look()

    with pytest.raises(ConfigError, match="safe_mode"):
        await erase(portal, mill.business, mill.sol)
    await portal.close()

    assert await look() == before


async def test_a_contact_of_another_business_is_not_found(portal, mill, look):
    with pytest.raises(NotFoundError):
        await erase(portal, mill.luna, mill.sol)
    with pytest.raises(NotFoundError):
        await erase(portal, mill.business, mill.luna, mill.lucia)


def log_of(portal):
    return Path(f"{make_url(portal.config.database_url).database}-wal").read_bytes()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_log_of_sqlite_keeps_nothing(portal, mill):
    assert MARK.encode() in log_of(portal)

    await erase(portal, mill.business, mill.sol)

    assert log_of(portal) == b""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_somebody_who_still_reads_keeps_nobody_from_erasing(portal, mill):
    async with portal.reading() as session:
        await session.execute(select(Person.id))
        await erase(portal, mill.business, mill.sol)

    async with portal.reading() as session:
        assert list(await session.scalars(select(Person.id))) == [mill.ana]
