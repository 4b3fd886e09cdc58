"""A host adds its customers, lets people in, publishes, signs out and shuts out."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portalkit.access.models import Business, Contact, ContactIdentifier, Membership, SessionRow
from portalkit.audit import Event
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.exchange.contacts import upsert_contact

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"


@pytest.fixture
def portal(town):
    return town.app.portal


async def events(portal, *names):
    async with portal.reading() as session:
        found = await session.scalars(
            select(Event).where(Event.name.in_(names)).order_by(Event.at, Event.id)
        )
        return [(event.name, event.actor_kind, event.actor_name) for event in found]


async def contact_of(portal, contact_id):
    async with portal.reading() as session:
        return await session.get_one(Contact, contact_id)


async def test_a_contact_is_added_once_and_changed_by_what_is_said(portal, town):
    first = await portal.upsert_contact(
        "C-1", name=" Tienda  Sol ", email="Office@Sol.Example", locale="ca", business="mill"
    )
    again = await portal.upsert_contact("C-1", name="Tienda Sol", business="mill", by="shop")
    changed = await portal.upsert_contact(
        "C-1", name="Tienda Luna", email=None, business="mill", by="shop"
    )

    assert first == again == changed
    contact = await contact_of(portal, first)
    assert (contact.name, contact.name_key) == ("Tienda Luna", "tienda luna")
    assert (contact.email, contact.locale, contact.business_id) == (None, "ca", town.mill)
    # The same again wrote nothing.
    assert await events(portal, "contact.saved") == [
        ("contact.saved", "host", "host"),
        ("contact.saved", "host", "shop"),
    ]


async def test_two_businesses_may_have_the_same_key(portal):
    mill = await portal.upsert_contact("C-1", name="Sol", business="mill")
    bees = await portal.upsert_contact("C-1", name="Sol", business="bees")

    assert mill != bees


@pytest.mark.parametrize(
    ("field", "stated"),
    [
        ("external_id", {"external_id": ""}),
        ("external_id", {"external_id": "C\n1"}),
        ("name", {"name": "   "}),
        ("name", {"name": "x" * 201}),
        ("email", {"email": "office"}),
        ("tax_id", {"tax_id": "1" * 41}),
        ("tax_id", {"tax_id": "--"}),
        ("locale", {"locale": "Spanish, please"}),
        ("currency", {"currency": "euro"}),
    ],
)
async def test_what_cannot_be_stored_is_named(portal, field, stated):
    with pytest.raises(InputRefusedError) as caught:
        await portal.upsert_contact(
            **{"external_id": "C-1", "name": "Sol", "business": "mill"} | stated
        )

    assert caught.value.field == field
    assert await events(portal, "contact.saved") == []


async def test_documents_find_a_contact_by_its_tax_id_and_no_other_has_it(portal, town):
    sol = await portal.upsert_contact("C-1", name="Sol", tax_id="ES B12345674", business="mill")

    with pytest.raises(InputRefusedError, match=r"tax_id: .* is that of another contact"):
        await portal.upsert_contact("C-2", name="Luna", tax_id="B12345674", business="mill")
    await portal.upsert_contact("C-1", name="Sol", tax_id="B87654321", business="mill")

    async with portal.reading() as session:
        known = await session.execute(
            select(ContactIdentifier.value, ContactIdentifier.contact_id).where(
                ContactIdentifier.business_id == town.mill
            )
        )
        assert known.all() == [("B87654321", sol)]


async def test_a_contact_is_added_in_the_hosts_own_transaction(portal):
    async with portal.writing() as session:
        await portal.upsert_contact("C-1", name="Sol", business="mill", session=session)
        person = await portal.give_access(
            "C-1", "lucia@sol.example", business="mill", session=session
        )
        await session.rollback()

    with pytest.raises(NotFoundError):
        await portal.sign_in_url(person, business="mill")
    assert await events(portal, "contact.saved", "access.given") == []


async def test_a_host_without_asyncio_adds_a_contact_in_its_own_transaction(portal, town):
    def add(session: Session):
        return upsert_contact(
            session.connection(), town.mill, "C-1", name="Sol", now=datetime.now(UTC)
        )

    async with portal.writing() as session, session.begin():
        added = await session.run_sync(add)

    assert (await contact_of(portal, added)).external_id == "C-1"


async def test_many_that_add_the_same_contact_at_once_get_the_same_one(portal):
    barrier = asyncio.Barrier(6)

    async def add():
        await barrier.wait()
        return await portal.upsert_contact("C-1", name="Sol", business="mill")

    added = await asyncio.gather(*(add() for _ in range(6)))

    assert len(set(added)) == 1
    assert len(await events(portal, "contact.saved")) == 1


async def test_access_is_given_kept_withdrawn_and_given_back(portal, town):
    await portal.upsert_contact("C-1", name="Sol", business="mill")
    give = {"business": "mill", "by": "shop"}

    person = await portal.give_access("C-1", "Lucia@Sol.Example", name="Lucía", **give)
    assert await portal.give_access("C-1", "lucia@sol.example", **give) == person
    assert await portal.sign_in_url("lucia@sol.example", business="mill", contact="C-1")
    await portal.withdraw_access("C-1", "lucia@sol.example", **give)
    await portal.withdraw_access("C-1", person, **give)
    with pytest.raises(NotFoundError):
        await portal.sign_in_url(person, business="mill")
    assert await portal.give_access("C-1", "lucia@sol.example", role="reader", **give) == person
    assert await portal.sign_in_url(person, business="mill")

    names = ("access.given", "access.withdrawn", "access.restored", "access.role_changed")
    assert [name for name, *_ in await events(portal, *names)].count("access.given") == 1
    assert sorted(await events(portal, *names)) == [
        (name, "host", "shop") for name in sorted(names)
    ]
    async with portal.reading() as session:
        role = await session.scalar(select(Membership.role).where(Membership.person_id == person))
    assert role == "reader"


@pytest.mark.parametrize(
    ("field", "stated"),
    [
        ("email", {"email": "lucia"}),
        ("name", {"name": "\n"}),
        ("role", {"role": "boss"}),
    ],
)
async def test_access_that_cannot_be_given_names_the_field(portal, town, field, stated):
    with pytest.raises(InputRefusedError) as caught:
        await portal.give_access(
            town.ana, **{"email": "lucia@sol.example", "business": "mill"} | stated
        )

    assert caught.value.field == field


async def test_access_is_about_people_and_contacts_of_that_business(portal, town):
    with pytest.raises(NotFoundError):
        await portal.give_access(town.cleo, "lucia@sol.example", business="mill")
    with pytest.raises(NotFoundError):
        await portal.withdraw_access(town.cleo, "cleo@cleo.example", business="mill")
    with pytest.raises(NotFoundError):
        await portal.withdraw_access(town.ana, "cleo@cleo.example", business="mill")
    with pytest.raises(NotFoundError):
        await portal.give_access("C-9", "lucia@sol.example")


async def test_withdrawn_access_shuts_an_open_browser_out(portal, town, visitor):
    client = visitor()
    await client.submit((await portal.sign_in_url(ANA, business="mill")).split(":8000")[1])
    assert (await client.get("/profile")).status_code == 200

    await portal.withdraw_access(town.ana, ANA, business="mill")

    assert (await client.get("/profile")).status_code == 303


@pytest.mark.parametrize("who", ["address", "id"])
async def test_signing_out_ends_all_sessions_and_waiting_addresses(portal, town, visitor, who):
    known = ANA if who == "address" else town.ana_person
    clients = [visitor(), visitor()]
    for client in clients:
        await client.submit((await portal.sign_in_url(ANA, business="mill")).split(":8000")[1])
        assert (await client.get("/profile")).status_code == 200
    waiting = (await portal.sign_in_url(ANA, business="mill")).split(":8000")[1]

    assert await portal.sign_out(known, business="mill", by="shop") == 2
    assert await portal.sign_out(known, business="mill", by="shop") == 0

    assert [(await client.get("/profile")).status_code for client in clients] == [303, 303]
    assert (await visitor().get(waiting)).status_code == 410
    assert await events(portal, "access.sessions_closed") == [
        ("access.sessions_closed", "host", "shop")
    ]


async def test_signing_out_staff_ends_theirs_and_nobody_elses(portal, town, visitor):
    staff, customer = visitor(), visitor()
    for client, who, is_staff in (
        (staff, "carmen@mill.example", True),
        (customer, ANA, False),
    ):
        url = await portal.sign_in_url(who, business="mill", is_staff=is_staff)
        await client.submit(url.split(":8000")[1])

    assert await portal.sign_out(ANA, business="mill", is_staff=True) == 0
    assert await portal.sign_out("carmen@mill.example", business="bees", is_staff=True) == 0
    assert await portal.sign_out("carmen@mill.example", business="mill", is_staff=True) == 1

    assert (await customer.get("/profile")).status_code == 200
    async with portal.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SessionRow)) == 1


async def test_nobody_that_is_known_is_signed_out_without_a_mistake(portal):
    assert await portal.sign_out("nobody@sol.example", business="mill") == 0
    assert await portal.sign_out("nonsense", business="mill") == 0
    with pytest.raises(NotFoundError):
        await portal.sign_out(ANA, business="nowhere")


async def test_a_business_is_changed_and_shown_at_once(portal, town, visitor):
    client = visitor()
    assert "Olive Mill" not in (await client.get("/login")).text

    await portal.update_business(
        business="mill",
        by="shop",
        name="Olive Mill",
        iban="ES91 2100 0418 4502 0005 1332",
        brand_colour="#ABC",
        phone=None,
        picture=b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>',
    )

    page = await client.get("/login")
    assert "Olive Mill" in page.text
    assert "logo-" in page.text
    async with portal.reading() as session:
        business = await session.get_one(Business, town.mill)
    assert (business.iban, business.brand_colour) == ("ES9121000418450200051332", "#aabbcc")
    assert await events(portal, "business.changed") == [("business.changed", "host", "shop")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", "  "),
        ("email", "office"),
        ("iban", "ES00 2100 0418 4502 0005 1332"),
        ("bic", "x" * 12),
        ("brand_colour", "green"),
        ("slug", "other"),
    ],
)
async def test_a_change_of_a_business_that_cannot_be_stored_is_named(portal, field, value):
    with pytest.raises(InputRefusedError) as caught:
        await portal.update_business(business="mill", **{field: value})

    assert caught.value.field == field
