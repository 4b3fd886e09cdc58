"""A member of staff who has left is forgotten; what they did stays, without a name."""

import pytest
from sqlalchemy import insert, select

from portalkit.access.api_keys import make_api_key
from portalkit.access.known import email_key
from portalkit.access.models import ApiKey, Staff, Throttle
from portalkit.access.staff import disable_staff, get_staff
from portalkit.access.throttle import ACCOUNT, Try, take
from portalkit.audit import Actor, Event, record
from portalkit.context import SessionKind
from portalkit.db import Base
from portalkit.errors import ConflictError
from portalkit.mail.models import MailRow
from portalkit.model import new_id
from portalkit.privacy import erase_staff
from portalkit.testing.factories import NOW, make_staff

NAME, EMAIL = "Xenia Quetzalcoatl", "xenia@mill.example"
HOST = Actor(kind="system", name="command line")


@pytest.fixture
async def xenia(portal, mill):
    """Somebody of the staff who has left traces."""
    async with portal.writing() as session, session.begin():
        await make_staff(session, mill.business)
        xenia = await make_staff(session, mill.business, EMAIL, name=NAME)
        actor = Actor(kind="staff", id=xenia, name=NAME)
        await record(
            session,
            business_id=mill.business,
            name="access.given",
            actor=actor,
            at=NOW,
            data={"said": [f"by {NAME}"], "role": "buyer"},
        )
        await make_api_key(session, business_id=mill.business, name="ERP", actor=actor, now=NOW)
        for to in (EMAIL, "lucia@sol.example"):
            await session.execute(insert(MailRow).values(mail(mill.business, to)))
        key = email_key(SessionKind.STAFF, mill.business, EMAIL)
        await take(session, [Try(ACCOUNT, key)], NOW)
    return xenia


def mail(business, to):
    return {
        "id": new_id(),
        "business_id": business,
        "template": "portalkit.link",
        "to_email": to,
        "to_name": "",
        "locale": "es",
        "variables": {"hint": "Carmen"},
        "state": "sent",
        "created_at": NOW,
        "finished_at": NOW,
    }


async def erase(portal, mill, xenia):
    async with portal.writing() as session, session.begin():
        account = await get_staff(session, xenia, business_id=mill.business)
        return await erase_staff(session, account, actor=HOST, now=NOW)


async def test_name_and_address_are_nowhere_afterwards_and_what_was_done_is(portal, mill, xenia):
    async with portal.writing() as session, session.begin():
        await disable_staff(session, xenia, business_id=mill.business, actor=HOST, now=NOW)

    erasure = await erase(portal, mill, xenia)

    assert (erasure.people, erasure.mails, erasure.events) == (1, 1, 2)
    async with portal.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows = repr((await session.execute(select(table))).all())
            assert NAME not in rows, table.name
            assert EMAIL not in rows, table.name
        events = await session.execute(
            select(Event.name, Event.actor_id, Event.data).where(Event.actor_id == xenia)
        )
        assert ("access.given", xenia, {"said": [""], "role": "buyer"}) in [
            tuple(each) for each in events
        ]
        assert (await session.scalars(select(ApiKey.revoked_at))).all() == [None]
        assert await session.scalar(
            select(MailRow.id).where(MailRow.to_email == "lucia@sol.example")
        )
        keys = (await session.scalars(select(Throttle.key))).all()
    own = email_key(SessionKind.STAFF, mill.business, EMAIL)
    assert not [key for key in keys if own in key]


async def test_whoever_still_gets_in_is_not_forgotten(portal, mill, xenia):
    with pytest.raises(ConflictError, match="not shut out"):
        await erase(portal, mill, xenia)

    async with portal.reading() as session:
        assert await session.scalar(select(Staff.name).where(Staff.id == xenia)) == NAME
