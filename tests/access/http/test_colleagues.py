"""Owners look after the people of their contact; others do not even see the page."""

import asyncio
import re

import pytest
from sqlalchemy import select, update

from portalkit.access.colleagues import change_role, keep_an_owner
from portalkit.access.models import Membership, Person
from portalkit.access.people import get_person, withdraw_access
from portalkit.audit import Actor
from portalkit.errors import InputRefusedError
from portalkit.mail.models import MailRow
from portalkit.mail.secrecy import open_secrets
from portalkit.testing.factories import NOW, make_person

pytestmark = pytest.mark.anyio
PAGE = "/profile/people"
HOST = Actor(kind="host", name="test")


@pytest.fixture
async def ana(ana):
    ana.headers["accept-language"] = "en"
    return ana


@pytest.fixture
def add(town, password_hash):
    """Add one of Ana's people in a role and return the id."""

    async def add(email, role):
        async with town.app.portal.writing() as session, session.begin():
            return await make_person(
                session, town.mill, [town.ana], email, role=role, password_hash=password_hash
            )

    return add


async def roles(town):
    async with town.app.portal.reading() as session:
        rows = await session.execute(
            select(Membership.person_id, Membership.role, Membership.is_enabled).where(
                Membership.contact_id == town.ana
            )
        )
        return {row.person_id: (row.role, row.is_enabled) for row in rows}


async def invite(client, **fields):
    values = {"name": "Eva Ruiz", "email": "eva@ana.example", "role": "buyer"} | fields
    return await client.submit(PAGE, values, page=PAGE)


async def test_an_owner_invites_and_sees_the_name_once_they_came(town, ana, visitor):
    answer = await invite(ana)
    invited = (await ana.get(PAGE)).text
    async with town.app.portal.reading() as session:
        mail = await session.scalar(select(MailRow))
    secrets = open_secrets(town.app.portal.config.secret_keys, mail.id, mail.sealed)
    link = secrets["link"].removeprefix("http://127.0.0.1:8000")
    eva = visitor()
    await eva.submit(link, page=link)
    came = (await ana.get(PAGE)).text

    assert answer.status_code == 303
    assert "Invited" in invited
    assert "Eva Ruiz" not in invited
    assert "Eva Ruiz" in came
    assert (await eva.get(PAGE)).status_code in {403, 404}
    assert PAGE not in (await eva.get("/home")).text


def shown(text, email):
    """Return what the page says of somebody, without ids, names and address."""
    part = text[text.index(f">{email}<") :]
    part = part[: part.index("</select>")]
    return re.sub(r"[0-9a-f-]{36}", "#", part.replace(email, "@"))


async def test_an_owner_does_not_learn_whether_an_address_was_known(town, ana, sign_in):
    await sign_in("ben@ben.example")

    known = await invite(ana, email="ben@ben.example", name="Somebody")
    unknown = await invite(ana, email="nobody@ben.example", name="Somebody")
    text = (await ana.get(PAGE)).text

    assert (known.status_code, known.headers["location"]) == (
        unknown.status_code,
        unknown.headers["location"],
    )
    assert shown(text, "ben@ben.example") == shown(text, "nobody@ben.example")
    async with town.app.portal.reading() as session:
        name = await session.scalar(select(Person.name).where(Person.email == "ben@ben.example"))
    assert name not in (await ana.get("/profile/log")).text
    async with town.app.portal.reading() as session:
        mails = list(await session.scalars(select(MailRow.to_email).order_by(MailRow.to_email)))
    assert mails == ["ben@ben.example", "nobody@ben.example"]


async def test_a_flood_of_invitations_is_slowed_down(ana):
    answers = [await invite(ana, email=f"p{number}@ana.example") for number in range(21)]

    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "ana@ana.example"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "admin"}, "role"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(town, ana, fields, field):
    before = await roles(town)

    answer = await invite(ana, **fields)

    assert answer.status_code == 422
    assert await roles(town) == before


async def test_an_owner_changes_removes_and_brings_back(town, ana, add, sign_in):
    eva = await add("eva@ana.example", "reader")
    browser = await sign_in("eva@ana.example")

    await ana.submit(f"{PAGE}/{eva}/role", {"role": "accountant"}, page=PAGE)
    changed = (await roles(town))[eva]
    await ana.submit(f"{PAGE}/{eva}/remove", page=PAGE)
    removed, after = (await roles(town))[eva], await browser.get("/home")
    await ana.submit(f"{PAGE}/{eva}/restore", page=PAGE)

    assert changed == ("accountant", True)
    assert removed == ("accountant", False)
    assert after.status_code == 303
    assert (await roles(town))[eva] == ("accountant", True)


async def test_the_last_owner_stays(town, ana, add):
    await add("eva@ana.example", "buyer")
    before = await roles(town)

    for path, fields in (("role", {"role": "reader"}), ("remove", {})):
        answer = await ana.submit(f"{PAGE}/{town.ana_person}/{path}", fields, page=PAGE)
        assert answer.status_code == 422
        assert "There must be an owner" in answer.text
    assert await roles(town) == before


async def test_what_would_be_refused_to_the_last_owner_is_not_offered(town, ana, add):
    own = (f"{PAGE}/{town.ana_person}/role", f"{PAGE}/{town.ana_person}/remove")
    page = (await ana.get(PAGE)).text
    assert [path for path in own if path in page] == []

    await add("eva@ana.example", "owner")

    page = (await ana.get(PAGE)).text
    assert [path for path in own if path in page] == [*own]


@pytest.mark.parametrize("role", ["buyer", "accountant", "reader"])
async def test_who_is_no_owner_reaches_none_of_it(town, add, sign_in, role):
    eva = await add("eva@ana.example", role)
    browser = await sign_in("eva@ana.example")
    before = await roles(town)

    assert (await browser.get(PAGE)).status_code in {403, 404}
    for path, fields in (
        (PAGE, {"name": "X", "email": "x@x.example", "role": "owner"}),
        (f"{PAGE}/{eva}/role", {"role": "owner"}),
        (f"{PAGE}/{town.ana_person}/remove", {}),
        (f"{PAGE}/{eva}/invite", {}),
        (f"{PAGE}/{eva}/restore", {}),
    ):
        answer = await browser.submit(path, fields, page="/profile")
        assert answer.status_code in {403, 404}, path
    assert await roles(town) == before


async def test_staff_change_a_role_too(town, carmen, add):
    eva = await add("eva@ana.example", "reader")
    path = f"/backoffice/contacts/{town.ana}"

    done = await carmen.submit(f"{path}/people/{eva}/role", {"role": "owner"}, page=path)
    wrong = await carmen.submit(f"{path}/people/{eva}/role", {"role": "admin"}, page=path)

    assert (done.status_code, wrong.status_code) == (303, 400)
    assert (await roles(town))[eva] == ("owner", True)


# Two owners at once


async def remove(town, victim, *, wait):
    portal = town.app.portal
    async with portal.writing() as session, session.begin():
        entry = await get_person(
            session, business_id=town.mill, contact_id=town.ana, person_id=victim
        )
        await wait(session, entry)
        await withdraw_access(session, entry, business_id=town.mill, actor=HOST, now=NOW)


async def test_of_two_owners_who_remove_each_other_one_stays(town, add):
    eva = await add("eva@ana.example", "owner")

    async def careful(session, entry):
        await keep_an_owner(session, entry, business_id=town.mill)

    done = await asyncio.gather(
        *(remove(town, each, wait=careful) for each in (eva, town.ana_person)),
        return_exceptions=True,
    )

    assert sorted(type(each) for each in done if each is not None) == [InputRefusedError]
    assert sorted((await roles(town)).values()) == [("owner", False), ("owner", True)]


async def test_without_the_lock_both_would_be_gone(town, add):
    """Control: each sees the other as an owner, and then both are removed."""
    eva = await add("eva@ana.example", "owner")
    barrier = asyncio.Barrier(2)

    async def careless(victim):
        async with town.app.portal.reading() as session:
            others = await session.scalars(
                select(Membership.person_id).where(
                    Membership.contact_id == town.ana,
                    Membership.role == "owner",
                    Membership.is_enabled,
                    Membership.person_id != victim,
                )
            )
            assert list(others)
        await barrier.wait()
        async with town.app.portal.writing() as session, session.begin():
            await session.execute(
                update(Membership).where(Membership.person_id == victim).values(is_enabled=False)
            )

    await asyncio.gather(careless(eva), careless(town.ana_person))

    assert set((await roles(town)).values()) == {("owner", False)}


async def test_of_two_owners_who_lower_each_other_one_stays(town, add):
    eva = await add("eva@ana.example", "owner")

    async def lower(victim):
        async with town.app.portal.writing() as session, session.begin():
            entry = await get_person(
                session, business_id=town.mill, contact_id=town.ana, person_id=victim
            )
            await keep_an_owner(session, entry, business_id=town.mill)
            roles = town.app.portal.roles
            await change_role(
                session, entry, "reader", business_id=town.mill, roles=roles, actor=HOST, now=NOW
            )

    await asyncio.gather(lower(eva), lower(town.ana_person), return_exceptions=True)

    assert sorted((await roles(town)).values()) == [("owner", True), ("reader", True)]
