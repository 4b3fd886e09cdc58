"""Somebody of several contacts signs in once, chooses one, and goes over to another."""

import pytest
from sqlalchemy import select, update

from portalkit.access.models import Contact, Membership, SessionRow
from portalkit.audit import Event
from portalkit.testing.factories import make_person

pytestmark = pytest.mark.anyio
PAGE = "/profile/contacts"


@pytest.fixture
async def rosa(town, password_hash):
    """Somebody who acts for Ana's shop and Ben's bar: id of the person."""
    async with town.app.portal.writing() as session, session.begin():
        return await make_person(
            session,
            town.mill,
            [town.ana, town.ben],
            "rosa@advisers.example",
            password_hash=password_hash,
        )


@pytest.fixture
def enter(town, visitor, rosa):
    """Return a browser of hers and where the sign-in led to."""

    async def enter_it():
        client = visitor()
        answer = await client.submit(
            "/login", {"email": "rosa@advisers.example", "password": town.password}
        )
        return client, answer.headers["location"]

    return enter_it


async def sessions_of(town, person_id):
    async with town.app.portal.reading() as session:
        return list(
            await session.scalars(select(SessionRow).where(SessionRow.person_id == person_id))
        )


async def test_after_signing_in_the_contacts_are_offered_and_one_is_entered(town, enter, rosa):
    client, landing = await enter()
    offered = (await client.get(PAGE)).text
    [before] = await sessions_of(town, rosa)
    held = client.cookies["pk"]

    answer = await client.submit(f"{PAGE}/{town.ben}", page=PAGE)

    [after] = await sessions_of(town, rosa)
    assert landing == PAGE
    assert offered.count(f'action="{PAGE}/') == 2
    assert answer.headers["location"] == "/home"
    assert client.cookies["pk"] != held
    assert (before.contact_id, after.contact_id) == (town.ana, town.ben)
    assert after.id_hash != before.id_hash
    assert (after.expires_at, after.created_at, after.signed_in_by) == (
        before.expires_at,
        before.created_at,
        "password",
    )
    home = (await client.get("/home")).text
    assert "Ben&#39;s bar" in home
    assert PAGE in home
    async with town.app.portal.reading() as session:
        event = await session.scalar(select(Event).where(Event.name == "access.contact_chosen"))
    assert (event.contact_id, event.actor_id) == (town.ben, rosa)


async def test_the_id_of_before_is_worth_nothing_afterwards(town, enter, visitor):
    client, _ = await enter()
    stolen = visitor()
    stolen.cookies.set("pk", client.cookies["pk"])

    await client.submit(f"{PAGE}/{town.ben}", page=PAGE)

    assert (await stolen.get("/home")).status_code == 303


@pytest.mark.parametrize("how", ["foreign", "withdrawn", "disabled", "nonsense"])
async def test_a_contact_that_one_may_not_act_for_is_not_entered(town, enter, rosa, how):
    client, _ = await enter()
    target = {"foreign": town.cleo, "nonsense": "x%00"}.get(how, town.ben)
    async with town.app.portal.writing() as session, session.begin():
        if how == "withdrawn":
            is_hers = (Membership.person_id == rosa) & (Membership.contact_id == town.ben)
            await session.execute(update(Membership).where(is_hers).values(is_enabled=False))
        if how == "disabled":
            await session.execute(
                update(Contact).where(Contact.id == town.ben).values(is_enabled=False)
            )

    answer = await client.submit(f"{PAGE}/{target}", page=PAGE)

    assert answer.status_code in {400, 404}
    [row] = await sessions_of(town, rosa)
    assert row.contact_id == town.ana
    if how in {"withdrawn", "disabled"}:
        assert PAGE not in (await client.get("/home")).text


async def test_a_form_of_somewhere_else_changes_nothing(town, enter, rosa):
    client, _ = await enter()

    answer = await client.post(f"{PAGE}/{town.ben}", data={"csrf_token": "x"})

    assert answer.status_code == 403
    assert [row.contact_id for row in await sessions_of(town, rosa)] == [town.ana]


async def test_who_acts_for_one_contact_is_asked_nothing(ana):
    assert PAGE not in (await ana.get("/home")).text
