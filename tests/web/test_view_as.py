"""Staff look as a contact: they see what it sees, change nothing and leave nothing but a log."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portalkit.access.models import Contact, Membership, SessionRow, Staff
from portalkit.access.rules import SignInRules, store_sign_in_rules
from portalkit.audit import Actor, Event
from portalkit.context import Audience
from portalkit.testing.factories import NOW, make_person, make_staff

from .conftest import PASSWORD
from .walking import is_sign_in, routes_of, snapshot

CARMEN = "carmen@mill.example"
DOOR = "/backoffice/login"
# What is made of a document is kept, whoever has it made.
BESIDE = {"portalkit_rendering", "portalkit_session"}


@pytest.fixture
def look(town, visitor):
    """A browser of Carmen's that looks as Ana."""

    async def look_as(contact=None):
        client = visitor()
        await client.sign_in(CARMEN, PASSWORD, path=DOOR)
        address = f"/backoffice/contacts/{contact or town.ana}"
        answer = await client.submit(f"{address}/view-as", page=address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/home")
        return client

    return look_as


async def names_of_events(town):
    async with town.app.portal.reading() as session:
        rows = await session.scalars(select(Event.name).order_by(Event.id))
        return [name for name in rows if not name.startswith("document.")]


async def test_staff_see_what_the_contact_sees_and_stay_staff(town, look, visitor):
    client = await look()
    note = f"/sales/delivery-notes/{town.documents['delivery_note']}"
    async with visitor() as ana:
        await ana.sign_in("ana@ana.example", PASSWORD)
        theirs = (await ana.get("/sales/invoices")).text

    page = await client.get("/sales/invoices")

    assert "invoice-" in theirs
    assert "invoice-" in page.text
    assert "/backoffice/view-as/end" in page.text
    assert "/backoffice/view-as/end" not in theirs
    assert (await client.get(note)).status_code == 200
    assert "/actions/" not in (await client.get(note)).text
    assert (await client.get("/backoffice/contacts")).status_code == 200
    assert "/backoffice/view-as/end" not in (await client.get("/backoffice/contacts")).text


async def test_every_route_that_changes_something_is_refused(town, look):
    client = await look()
    own = {**dict.fromkeys(("person", "link", "device"), "x"), "exporter": "text"}
    before = await snapshot(town.app)
    walked = 0
    for route in routes_of(town.app):
        is_theirs = route.opt.get("audience") is Audience.CONTACT and not route.opt.get("public")
        if not is_theirs or route.method in {"GET", "HEAD"}:
            continue
        values = {name: own.get(name, "x") for name in route.wanted}
        values |= {"id": town.documents["delivery_note"], "action": "confirm-receipt"}
        answer = await client.post(
            route.address(values),
            data={"csrf_token": await client.token("/home")},
            headers={"sec-fetch-site": "same-origin"},
        )

        walked += 1
        assert answer.status_code in {403, 404}, (route.name, answer.status_code)
        if route.name.endswith(".action"):
            assert answer.status_code == 403
    assert walked > 20
    assert await snapshot(town.app) == before


async def test_looking_counts_as_nothing_and_is_logged(town, look):
    client = await look()
    invoice = f"/sales/invoices/{town.documents['invoice']}"
    file = town.files[town.documents["invoice"]]
    before = await snapshot(town.app, but=BESIDE)

    for address in (invoice, f"{invoice}/print", f"{invoice}/files/{file}", "/sales/invoices"):
        assert (await client.get(address)).status_code == 200
    assert await snapshot(town.app, but=BESIDE) == before
    answer = await client.submit("/backoffice/view-as/end", page="/home")

    assert answer.headers["location"] == f"/backoffice/contacts/{town.ana}"
    assert is_sign_in(await client.get("/home"))
    assert (await client.get("/backoffice/contacts")).status_code == 200
    assert (await names_of_events(town))[-2:] == ["access.viewed_as", "access.view_as_ended"]


async def test_it_ends_with_the_session_of_the_staff(look):
    client = await look()
    held = client.cookies["pk_view"]
    await client.submit("/backoffice/logout", page="/home")
    client.cookies.set("pk_view", held)

    assert is_sign_in(await client.get("/home"))
    await client.sign_in("ana@ana.example", PASSWORD)
    assert "/backoffice/view-as/end" not in (await client.get("/home")).text


async def test_it_is_worth_nothing_with_anybody_elses_session(town, look, visitor):
    client = await look()
    held = client.cookies["pk_view"]
    async with town.app.portal.writing() as session, session.begin():
        password = await town.app.portal.passwords.hash(PASSWORD)
        await make_staff(session, town.mill, "sam@mill.example", password_hash=password)
    for who in (None, "sam@mill.example"):
        async with visitor() as thief:
            if who:
                await thief.sign_in(who, PASSWORD, path=DOOR)
            thief.cookies.set("pk_view", held)
            assert is_sign_in(await thief.get("/home")), who
    async with visitor() as thief:
        thief.cookies.set("pk", held)
        assert is_sign_in(await thief.get("/home"))
        assert is_sign_in(await thief.get("/backoffice"))


async def need_second(session, town):
    await store_sign_in_rules(
        session,
        SignInRules(staff_need_second=True),
        business_id=town.mill,
        actor=Actor(kind="system"),
        now=NOW,
    )


ENDS = {
    "contact shut out": lambda s, _: s.execute(update(Contact).values(is_enabled=False)),
    "staff shut out": lambda s, _: s.execute(update(Staff).values(is_enabled=False)),
    "role": lambda s, _: s.execute(update(Staff).values(role="reader")),
    "second step": need_second,
    "password": lambda s, _: s.execute(update(Staff).values(must_change_password=True)),
}


@pytest.mark.parametrize("end", ENDS)
async def test_it_ends_when_either_side_may_no_more(town, look, end):
    client = await look()
    invoice = f"/sales/invoices/{town.documents['invoice']}"
    assert (await client.get(invoice)).status_code == 200
    async with town.app.portal.writing() as session, session.begin():
        await ENDS[end](session, town)

    assert is_sign_in(await client.get(invoice))
    assert is_sign_in(await client.get("/home"))


async def test_it_ends_after_an_hour(town, look):
    client = await look()
    town.app.portal.now = lambda: NOW + timedelta(minutes=59)
    assert (await client.get("/home")).status_code == 200
    town.app.portal.now = lambda: NOW + timedelta(hours=1)

    assert is_sign_in(await client.get("/home"))
    assert (await client.get("/backoffice/contacts")).status_code == 200


async def test_the_profile_is_nobodys_then(look):
    client = await look()

    assert (await client.get("/profile")).status_code == 404
    assert 'href="/profile"' not in (await client.get("/home")).text


async def test_looking_as_another_ends_the_first(town, look):
    client = await look()
    address = f"/backoffice/contacts/{town.ben}"
    await client.submit(f"{address}/view-as", page=address)
    invoice = f"/sales/invoices/{town.documents['invoice']}"

    assert (await client.get(invoice)).status_code == 404
    async with town.app.portal.reading() as session:
        kept = await session.scalars(
            select(SessionRow.contact_id).where(SessionRow.kind == "view_as")
        )
        assert list(kept) == [town.ben]


async def test_staff_look_with_the_role_of_one_of_the_people(town, look):
    portal = town.app.portal
    async with portal.writing() as session, session.begin():
        eva = await make_person(session, town.mill, [town.ana], "eva@ana.example", role="reader")
    # A host's own plugin may keep a page from some roles; those that are shipped do not.
    shut = portal.roles[Audience.CONTACT, "reader"] - {"sales.view"}
    portal.roles = {**portal.roles, (Audience.CONTACT, "reader"): shut}
    client = await look()
    assert "Ana · Titular" in (await client.get("/home")).text
    address = f"/backoffice/contacts/{town.ana}"
    act = f"{address}/people/{eva}/view-as"
    assert act in (await client.get(address)).text

    assert (await client.submit(act, page=address)).headers["location"] == "/home"

    assert "Ana · Solo lectura" in (await client.get("/home")).text
    assert (await client.get("/sales/invoices")).status_code == 403
    async with portal.reading() as session:
        events = select(Event.data).where(Event.name == "access.viewed_as").order_by(Event.id)
        data = list(await session.scalars(events))
    assert [(each["person"], each["role"]) for each in data] == [(None, "owner"), (eva, "reader")]


async def test_nobody_looks_with_the_role_of_somebody_who_is_shut_out(town, look):
    async with town.app.portal.writing() as session, session.begin():
        eva = await make_person(session, town.mill, [town.ana], "eva@ana.example")
        await session.execute(
            update(Membership).where(Membership.person_id == eva).values(is_enabled=False)
        )
    client = await look()
    address = f"/backoffice/contacts/{town.ana}"
    act = f"{address}/people/{eva}/view-as"

    assert act not in (await client.get(address)).text
    assert (await client.submit(act, page=address)).status_code == 409


async def test_readers_of_the_staff_do_not_look_as_contacts(town, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Staff).values(role="reader"))
    address = f"/backoffice/contacts/{town.ana}"
    async with visitor() as client:
        await client.sign_in(CARMEN, PASSWORD, path=DOOR)

        assert f"{address}/view-as" not in (await client.get(address)).text
        assert (await client.submit(f"{address}/view-as", page=address)).status_code == 403
        assert "pk_view" not in client.cookies
