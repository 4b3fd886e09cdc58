"""Invitations: sent by staff, opened by anybody, used once by whom they are for."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portalkit.access.models import Contact, Membership, Person
from portalkit.audit import Event
from portalkit.jobs.models import JobRow
from portalkit.mail.models import MailRow
from portalkit.mail.secrecy import open_secrets
from portalkit.testing.factories import NOW, make_contact, make_person

pytestmark = pytest.mark.anyio
WORDS = {"subject": "Come in", "words": "Dear Eva,\n\nhere is your portal."}


@pytest.fixture
async def carmen(carmen):
    carmen.headers["accept-language"] = "en"
    return carmen


@pytest.fixture
async def eva(town):
    """Somebody of Ana's shop who has never been here: id of the person."""
    async with town.app.portal.writing() as session, session.begin():
        return await make_person(session, town.mill, [town.ana], "eva@ana.example", name="Eva")


@pytest.fixture
def invite(town, carmen, eva):
    """Invite Eva and return the path of her link."""

    async def invite_it():
        page = f"/backoffice/contacts/{town.ana}/people/{eva}/invite"
        answer = await carmen.submit(page, WORDS)
        assert answer.status_code == 303
        return await newest_link(town)

    return invite_it


@pytest.fixture
def revoke(town, carmen, eva):
    async def revoke_it():
        path = f"/backoffice/contacts/{town.ana}"
        await carmen.submit(f"{path}/people/{eva}/invite/revoke", page=path)
        assert await state_of(town, carmen) == "Not invited"

    return revoke_it


@pytest.fixture
def client(visitor):
    return visitor()


def link_in(town, mail):
    return open_secrets(town.app.portal.config.secret_keys, mail.id, mail.sealed)["link"]


async def newest_link(town):
    async with town.app.portal.reading() as session:
        mail = await session.scalar(select(MailRow).order_by(MailRow.id.desc()).limit(1))
    assert mail.template == "access.invitation"
    link = link_in(town, mail)
    assert link.startswith("http://127.0.0.1:8000/i/")
    return link.removeprefix("http://127.0.0.1:8000")


async def state_of(town, carmen):
    """Return what staff see of Eva."""
    text = (await carmen.get(f"/backoffice/contacts/{town.ana}")).text
    return re.search(r"<strong>Eva</strong>.*?pk-pill.*?</svg>(.*?)</span>", text, re.DOTALL)[1]


async def test_looking_uses_nothing_up_and_the_button_lets_in_once(
    town, carmen, invite, visitor, clock
):
    before = await state_of(town, carmen)
    link = await invite()
    sent = await state_of(town, carmen)
    looks = [(await visitor().get(link)).status_code for _ in range(3)]
    looked = await state_of(town, carmen)
    clock.now += timedelta(days=6)
    eva = visitor()
    eva.headers["accept-language"] = "en"
    entered = await eva.submit(link, page=link)
    chosen = await eva.submit(
        "/password", {"new_password": "evas-own-password", "username": "x"}, page="/password"
    )
    again = await visitor().submit(link, page="/login")

    assert (before, sent, looked) == ("Not invited", "Invited", "Invitation opened")
    assert looks == [200, 200, 200]
    assert entered.status_code == 303
    assert chosen.headers["location"] == "/home"
    assert (await eva.get("/home")).status_code == 200
    assert again.status_code == 410
    async with town.app.portal.reading() as session:
        mail = await session.scalar(select(MailRow))
        ways = await session.scalars(select(Event.data).where(Event.name == "access.signed_in"))
    assert (mail.subject, mail.own_words) == ("Come in", "Dear Eva,\n\nhere is your portal.")
    assert [each["by"] for each in ways] == ["password", "invitation"]


async def test_a_password_can_be_left_for_later(invite, visitor):
    link = await invite()
    eva = visitor()
    await eva.submit(link, page=link)

    assert (await eva.get("/home")).status_code == 200


async def _shut(town, **values):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Contact).where(Contact.id == town.ana).values(**values))


@pytest.mark.parametrize("how", ["invited", "revoked", "withdrawn"])
async def test_what_another_contact_does_leaves_an_invitation_as_it_is(
    *, town, carmen, eva, invite, visitor, how
):
    async with town.app.portal.writing() as session, session.begin():
        session.add(
            Membership(person_id=eva, contact_id=town.ben, business_id=town.mill, role="reader")
        )
    link = await invite()
    bar = f"/backoffice/contacts/{town.ben}"
    before = (await carmen.get(bar)).text
    await carmen.submit(f"{bar}/people/{eva}/invite", WORDS)
    other = await newest_link(town)
    if how == "revoked":
        await carmen.submit(f"{bar}/people/{eva}/invite/revoke", page=bar)
    if how == "withdrawn":
        await carmen.submit(f"{bar}/people/{eva}/withdraw", page=bar)

    assert before.count("Not invited") == 3
    assert await state_of(town, carmen) == "Invited"
    answers = {each: await visitor().submit(each, page="/login") for each in (link, other)}
    assert answers[link].headers["location"] == "/password"
    assert answers[other].status_code == (303 if how == "invited" else 410)


async def test_a_revoked_invitation_lets_nobody_in(invite, revoke, client, sessions):
    link = await invite()
    await revoke()
    held = await sessions()

    looked = await client.get(link)
    used = await client.submit(link, page="/login")

    assert (looked.status_code, used.status_code) == (410, 410)
    assert await sessions() == held


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x-forwarded-host": "evil.example"},
        {"forwarded": "host=evil.example;proto=http"},
        {"x-forwarded-proto": "gopher", "x-original-host": "evil.example"},
        {"host": "127.0.0.1:9"},
        {"host": "a@127.0.0.1:8000"},
    ],
)
async def test_whatever_the_request_calls_the_host_the_link_is_the_portals_own(
    town, carmen, eva, headers
):
    page = f"/backoffice/contacts/{town.ana}/people/{eva}/invite"
    token = await carmen.token(page)

    answer = await carmen.post(page, data={**WORDS, "csrf_token": token}, headers=headers)

    assert answer.status_code in {303, 400, 421}
    async with town.app.portal.reading() as session:
        mails = list(await session.scalars(select(MailRow)))
    assert len(mails) == (answer.status_code == 303)
    for mail in mails:
        assert link_in(town, mail).startswith("http://127.0.0.1:8000/i/")


async def test_staff_who_may_only_look_invite_nobody(town, eva, sign_in):
    rita = await sign_in("rita@mill.example", "/backoffice/login")
    people = f"/backoffice/contacts/{town.ana}/people/{eva}"

    for path in (f"{people}/invite", "/backoffice/invitations"):
        assert (await rita.get(path)).status_code == 403
        assert (await rita.submit(path, WORDS, page="/backoffice/contacts")).status_code == 403
    assert "/invitations" not in (await rita.get("/backoffice/contacts")).text


@pytest.mark.parametrize("words", [{"subject": " ", "words": "x"}, {"subject": "x", "words": ""}])
async def test_an_invitation_without_words_is_not_sent(town, carmen, eva, words):
    page = f"/backoffice/contacts/{town.ana}/people/{eva}/invite"

    assert (await carmen.submit(page, words)).status_code == 422
    async with town.app.portal.reading() as session:
        assert await session.scalar(select(func.count()).select_from(MailRow)) == 0
    assert await state_of(town, carmen) == "Not invited"


# Many at once


@pytest.fixture
async def crowd(town):
    """Sixty shops with an address and without people, and one without an address."""
    async with town.app.portal.writing() as session, session.begin():
        for number in range(60):
            name = f"Shop {number:02}"
            await make_contact(session, town.mill, name, email=f"s{number}@shop.example")
        await make_contact(session, town.mill, "Without address")
        await make_contact(session, town.bees, "Elsewhere", email="x@elsewhere.example")
        await session.execute(
            update(Person)
            .where(Person.id == town.ana_person)
            .values(signed_in_at=Person.created_at)
        )


async def invited(town):
    async with town.app.portal.reading() as session:
        return list(await session.scalars(select(MailRow.to_email).order_by(MailRow.to_email)))


async def test_all_who_never_were_are_invited_by_jobs_of_a_few_each(town, carmen, crowd, visitor):
    page = "/backoffice/invitations"
    asked = await carmen.get(page)
    answers = [await carmen.submit(page, page=page) for _ in range(2)]
    portal = town.app.portal
    async with portal.reading() as session:
        jobs = await session.scalar(
            select(func.count()).select_from(JobRow).where(JobRow.name == "access.invite")
        )
    at_once = await invited(town)
    await portal.queue.work_off(portal)
    async with portal.reading() as session:
        roles = set(
            await session.scalars(
                select(Membership.role)
                .join(Person, Person.id == Membership.person_id)
                .where(Person.email.like("s%@shop.example"))
            )
        )

    assert "61 contacts get a mail" in asked.text
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (jobs, at_once) == (3, [])
    assert await invited(town) == sorted(
        ["ben@ben.example", *(f"s{number}@shop.example" for number in range(60))]
    )
    assert roles == {"owner"}
    assert "Nobody to invite" in (await carmen.get(page)).text
    link = await newest_link(town)
    assert (await visitor().submit(link, page=link)).status_code == 303
    for access, number in (("invited", 60), ("active", 2), ("none", 1), ("waiting", 0)):
        text = (await carmen.get(f"/backoffice/contacts?access={access}")).text
        assert re.search(rf'aria-current="true">[^<]*<span>{number}</span>', text), access


async def test_chosen_contacts_are_invited_again_and_no_others(town, carmen, crowd):
    portal = town.app.portal
    async with portal.reading() as session:
        rows = await session.execute(
            select(Contact.id, Contact.name).where(Contact.name.in_(("Shop 03", "Elsewhere")))
        )
        ids = [row.id for row in rows] + [town.ana, town.cleo, "nonsense"]
    query = "&".join(f"id={each}" for each in ids)
    asked = await carmen.get(f"/backoffice/invitations?{query}")
    for _ in range(2):
        answer = await carmen.submit(
            "/backoffice/invitations", {"id": ids}, page="/backoffice/contacts"
        )
        await portal.queue.work_off(portal)

    assert "1 contact gets a mail" in asked.text
    assert answer.status_code == 303
    assert await invited(town) == ["s3@shop.example"] * 2


async def test_a_contacts_own_address_becomes_its_first_person(town, carmen, crowd):
    async with town.app.portal.reading() as session:
        shop = await session.scalar(select(Contact.id).where(Contact.name == "Shop 07"))
    path = f"/backoffice/contacts/{shop}"
    before = (await carmen.get(path)).text

    answer = await carmen.submit(f"{path}/own-address", page=path)
    again = await carmen.submit(f"{path}/own-address", page=path)

    assert "s7@shop.example is the address of this contact" in before
    assert answer.headers["location"].endswith("/invite")
    assert "Shop 07" in (await carmen.get(answer.headers["location"])).text
    assert "is the address of this contact" not in (await carmen.get(path)).text
    assert again.status_code == 409


async def test_a_changed_address_becomes_a_reader_and_moves_nothing(town, carmen):
    await _shut(town, email="new@ana.example")
    path = f"/backoffice/contacts/{town.ana}"

    await carmen.submit(f"{path}/own-address", page=path)

    async with town.app.portal.reading() as session:
        rows = await session.execute(
            select(Person.email, Membership.role, Person.password_hash.is_not(None))
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.contact_id == town.ana)
            .order_by(Person.email)
        )
    assert [tuple(row) for row in rows] == [
        ("ana@ana.example", "owner", True),
        ("new@ana.example", "reader", False),
    ]


async def test_the_host_invites_with_one_call(town, crowd):
    portal = town.app.portal
    async with portal.reading() as session:
        shop = await session.scalar(select(Contact.id).where(Contact.name == "Shop 09"))

    assert await portal.invite(shop, business="mill") == ["s9@shop.example"]
    assert await portal.invite(town.ana, business="mill") == []
    assert await invited(town) == ["s9@shop.example"]


@pytest.mark.parametrize("other", ["accepted", "invited", "withdrawn"])
async def test_who_never_was_is_invited_whatever_others_of_the_contact_did(
    town, carmen, eva, other
):
    """Ana has come in, was invited, or is shut out; Eva has not heard of the portal."""
    values = {"signed_in_at": NOW} if other == "accepted" else {}
    ana, ben = town.ana_person, Membership.contact_id == town.ben
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Membership).where(ben).values(is_enabled=False))
        if values:
            await session.execute(update(Person).where(Person.id == ana).values(**values))
        if other == "withdrawn":
            theirs = Membership.person_id == ana
            await session.execute(update(Membership).where(theirs).values(is_enabled=False))
    if other == "invited":
        await carmen.submit(f"/backoffice/contacts/{town.ana}/people/{ana}/invite", WORDS)
    page, portal = "/backoffice/invitations", town.app.portal
    before = await invited(town)

    asked = await carmen.get(page)
    await carmen.submit(page, page=page)
    await portal.queue.work_off(portal)

    assert "1 contact gets a mail" in asked.text
    assert await invited(town) == sorted([*before, "eva@ana.example"])
    # Nobody is left now, and the page says so.
    assert "contact gets a mail" not in (await carmen.get(page)).text


async def test_of_a_chosen_contact_everybody_is_invited_who_never_came_in(town, carmen, eva):
    page, portal = "/backoffice/invitations", town.app.portal
    async with portal.writing() as session, session.begin():
        came_in = update(Person).where(Person.id == town.ana_person)
        await session.execute(came_in.values(signed_in_at=NOW))

    for _ in range(2):
        asked = await carmen.get(f"{page}?id={town.ana}")
        await carmen.submit(page, {"id": town.ana}, page=page)
        await portal.queue.work_off(portal)

        assert "1 contact gets a mail" in asked.text
    assert await invited(town) == ["eva@ana.example", "eva@ana.example"]
