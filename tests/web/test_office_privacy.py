"""Admins hand out and forget a contact's personal data: after proving who they are, once."""

import asyncio
import io
import json
from datetime import timedelta
from zipfile import ZipFile

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from portalkit.access.models import Contact, Person, SessionRow, Throttle
from portalkit.audit import Event
from portalkit.config import MailConfig, Secret
from portalkit.documents.models import DocumentRow
from portalkit.testing.factories import NOW, make_person

from .conftest import PASSWORD
from .walking import is_sign_in, snapshot

CARMEN = "carmen@mill.example"


@pytest.fixture
def portal_config(portal_config, request):
    return msgspec.structs.replace(
        portal_config,
        safe_mode=getattr(request, "param", False),
        # Nobody works on the jobs: no mail leaves.
        smtp_url=Secret("smtp://127.0.0.1:1"),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
async def carmen(visitor, town):
    client = visitor()
    await client.sign_in(CARMEN, PASSWORD, path="/backoffice/login")
    return client


@pytest.fixture
def place(town):
    return f"/backoffice/contacts/{town.ana}/privacy"


@pytest.fixture
def erase(carmen, place):
    async def send(typed="Ana"):
        return await carmen.submit(f"{place}/erase", {"typed": typed}, page=place)

    return send


async def events(town, name):
    async with town.app.portal.reading() as session:
        return list(await session.scalars(select(Event).where(Event.name == name)))


async def test_the_file_holds_all_of_the_contact_and_nothing_of_others(town, carmen, place):
    answer = await carmen.submit(f"{place}/file", page=place)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert "no-store" in answer.headers["cache-control"]
    with ZipFile(io.BytesIO(answer.content)) as archive:
        people = json.loads(archive.read("people.json"))
        documents = json.loads(archive.read("documents.json"))
        text = b"".join(archive.read(name) for name in archive.namelist())
    assert [person["email"] for person in people] == ["ana@ana.example"]
    assert {each["id"] for each in documents} == set(town.documents.values())
    for foreign in (b"ben@ben.example", town.ben.encode(), b"argon2", b"Carmen"):
        assert foreign not in text
    [told] = await events(town, "contact.exported")
    assert (told.actor_kind, told.actor_name, told.contact_id) == ("staff", "Carmen", town.ana)


async def test_a_contact_is_erased_once_and_its_documents_stay(town, erase, visitor, carmen, place):
    ana = visitor()
    await ana.sign_in("ana@ana.example", PASSWORD)

    answer = await erase(" aNA ")
    again = await erase()

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/backoffice/contacts/{town.ana}",
    )
    assert again.status_code == 409
    assert is_sign_in(await ana.get("/home"))
    page = (await carmen.get(place)).text
    assert f"{place}/erase" not in page
    assert f"#{town.ana[-6:]}" in page
    async with town.app.portal.reading() as session:
        count = select(func.count()).where(DocumentRow.contact_id == town.ana)
        assert await session.scalar(count) == len(town.documents)
    [told] = await events(town, "contact.erased")
    assert (told.actor_kind, told.actor_name) == ("staff", "Carmen")


async def test_of_two_who_erase_at_once_one_comes_too_late(town, carmen, place):
    token = await carmen.token(place)

    answers = await asyncio.gather(
        *(
            carmen.post(
                f"{place}/erase",
                data={"csrf_token": token, "typed": "Ana"},
                headers={"sec-fetch-site": "same-origin"},
            )
            for _ in range(3)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert len(await events(town, "contact.erased")) == 1


async def test_no_count_of_tries_tells_an_address_afterwards(town, visitor, erase):
    async def counted():
        async with town.app.portal.reading() as session:
            return set(await session.scalars(select(Throttle.key)))

    def limits(keys):
        return sorted({key.partition(":")[0] for key in keys} - {"address"})

    email, known = "ana@ana.example", visitor()
    await known.sign_in(email, PASSWORD)
    await known.submit("/logout", page="/profile")
    # From here on the town knows what it knew before.
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(delete(Throttle))
    for client in (known, visitor()):
        await client.submit("/login", {"email": email, "password": "wrong"})
    for door in ("person", "staff"):
        client = visitor()
        await client.submit(f"/login/mail?door={door}", {"email": email}, page="/login")
        await client.submit("/login/mail/code", {"code": "000000"}, page="/login/mail")
        await visitor().submit(f"/login/forgot?door={door}", {"email": email})
    of_ana = await counted()
    await visitor().submit("/login", {"email": "ben@ben.example", "password": "wrong"})
    of_ben = await counted() - of_ana
    assert limits(of_ana) == ["account", "ask", "known", "mail_code", "together"]

    await erase()

    assert limits(await counted() & of_ana) == []
    assert await counted() >= of_ben


async def test_whoever_has_come_since_can_be_erased_too(town, erase, carmen, place):
    await erase()
    assert (await erase(f"#{town.ana[-6:]}")).status_code == 409
    async with town.app.portal.writing() as session, session.begin():
        await make_person(session, town.mill, [town.ana], "zoe@ana.example")

    assert f"{place}/erase" in (await carmen.get(place)).text
    assert (await erase(f"#{town.ana[-6:]}")).status_code == 303

    async with town.app.portal.reading() as session:
        people = select(Person.email).where(Person.email == "zoe@ana.example")
        assert await session.scalar(people) is None


async def test_nobody_is_let_in_for_a_contact_that_was_erased(town, erase, carmen, place):
    carmen.headers["accept-language"] = "en"
    await erase()

    answer = await carmen.submit(
        f"/backoffice/contacts/{town.ana}/people",
        {"name": "Zoe", "email": "zoe@ana.example", "role": "reader"},
        page="/backoffice/contacts",
    )

    assert answer.status_code == 409
    assert "Nobody is let in for this contact" in answer.text


async def test_its_page_says_so_and_offers_nothing_that_lets_in(town, erase, carmen):
    carmen.headers["accept-language"] = "en"
    ben, ana = f"/backoffice/contacts/{town.ben}", f"/backoffice/contacts/{town.ana}"
    await erase()

    closed, there = (await carmen.get(ana)).text, (await carmen.get(ben)).text

    said = [("Nobody is let in for this contact: " in page) for page in (closed, there)]
    assert said == [True, False]
    assert "/people" in there
    assert "/people" not in closed


@pytest.mark.parametrize("typed", ["", "An", "Ben", "  ", "ana@ana.example"])
async def test_whoever_types_something_else_erases_nothing(town, erase, typed):
    before = await snapshot(town.app)

    answer = await erase(typed)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert await snapshot(town.app) == before


async def test_the_number_of_the_contact_will_do(town, erase):
    async with town.app.portal.writing() as session, session.begin():
        named = update(Contact).where(Contact.id == town.ana)
        await session.execute(named.values(external_id="C-1042"))

    assert (await erase("c-1042")).status_code == 303


async def test_it_is_asked_first_who_it_is(town, carmen, place):
    token = await carmen.token("/backoffice/contacts")
    async with town.app.portal.writing() as session, session.begin():
        long_ago = NOW - timedelta(hours=1)
        await session.execute(update(SessionRow).values(created_at=long_ago, seen_at=long_ago))
    before = await snapshot(town.app)

    answers = [
        await carmen.get(place),
        *[
            await carmen.post(
                f"{place}/{part}",
                data={"csrf_token": token, "typed": "Ana"},
                headers={"sec-fetch-site": "same-origin"},
            )
            for part in ("file", "erase")
        ],
    ]

    for answer in answers:
        assert answer.status_code == 303
        assert "/security/confirm?next=" in answer.headers["location"]
    assert await snapshot(town.app, but={"portalkit_session"}) == {
        name: rows for name, rows in before.items() if name != "portalkit_session"
    }


async def test_another_business_cannot_reach_it(town, visitor):
    async with visitor() as abel:
        await abel.sign_in("abel@bees.example", PASSWORD, path="/bees/backoffice/login")
        door = "/bees/backoffice/contacts"
        for contact in (town.ana, "x", "%00"):
            place = f"{door}/{contact}/privacy"
            assert (await abel.get(place)).status_code == 404
            for part in ("file", "erase"):
                answer = await abel.submit(f"{place}/{part}", {"typed": "Ana"}, page=door)
                assert answer.status_code == 404, place


@pytest.mark.parametrize("portal_config", [True], indirect=True)
async def test_nothing_is_handed_out_or_erased_while_a_plugin_may_be_missing(town, carmen, place):
    page = (await carmen.get(place)).text
    before = await snapshot(town.app)

    assert f"{place}/erase" not in page
    for part in ("file", "erase"):
        answer = await carmen.submit(f"{place}/{part}", page="/backoffice/contacts")
        assert answer.status_code == 503
    assert await snapshot(town.app) == before
