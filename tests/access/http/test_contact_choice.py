"""Somebody of several contacts signs in once, chooses one, and goes over to another."""

import re

import pyotp
import pytest
from sqlalchemy import select, update

from portalkit.access.links import make_link
from portalkit.access.models import Contact, Membership, Person, SessionRow
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


async def test_after_a_second_step_the_contacts_are_offered_too(town, enter, clock):
    client, _ = await enter()
    page = (await client.get("/security/totp")).text
    app = pyotp.TOTP(re.search(r'<code class="pk-key">([^<]+)<', page)[1].replace(" ", ""))
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)[1]
    await client.submit("/security/totp", {"ticket": ticket, "code": app.at(clock.now)})

    client, step = await enter()
    answer = await client.submit("/login/code", {"code": app.at(clock.now, counter_offset=1)})

    assert step == "/login/code"
    assert answer.headers["location"] == PAGE


async def test_after_a_one_time_password_the_contacts_are_offered_too(town, enter, rosa, clock):
    async with town.app.portal.writing() as session, session.begin():
        is_hers = Person.id == rosa
        values = {"must_change_password": True, "password_set_at": clock.now}
        await session.execute(update(Person).where(is_hers).values(**values))

    client, landing = await enter()
    wish = re.search(r'name="next" value="([^"]+)"', (await client.get(landing)).text)[1]
    answer = await client.submit(
        "/password", {"new_password": "rosas-own-password", "next": wish}, page=landing
    )

    assert landing.startswith("/password?")
    assert answer.headers["location"] == PAGE


@pytest.mark.parametrize("how", ["free", "withdrawn"])
async def test_the_next_sign_in_goes_on_for_the_contact_chosen_last(town, enter, rosa, how):
    client, _ = await enter()
    await client.submit(f"{PAGE}/{town.ben}", page=PAGE)
    await client.submit("/logout", page="/profile")
    if how == "withdrawn":
        async with town.app.portal.writing() as session, session.begin():
            is_hers = (Membership.person_id == rosa) & (Membership.contact_id == town.ben)
            await session.execute(update(Membership).where(is_hers).values(is_enabled=False))

    _, landing = await enter()

    [row] = await sessions_of(town, rosa)
    expected = {"free": (PAGE, town.ben), "withdrawn": ("/home", town.ana)}
    assert (landing, row.contact_id) == expected[how]


async def test_a_link_that_says_for_whom_leads_there_and_asks_nothing(town, enter, rosa, visitor):
    client, _ = await enter()
    await client.submit(f"{PAGE}/{town.ben}", page=PAGE)
    async with town.app.portal.writing() as session, session.begin():
        token = await make_link(
            session,
            town.app.portal.config.secret_keys,
            business_id=town.mill,
            now=town.app.portal.now(),
            person_id=rosa,
            contact_id=town.ana,
        )

    answer = await visitor().submit(f"/i/{token}", page="/login")

    assert answer.headers["location"] == "/home"
    assert {row.contact_id for row in await sessions_of(town, rosa)} == {town.ana, town.ben}
