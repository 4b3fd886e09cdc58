"""Signing in by a code or a link in a mail (cases O02, O03, O06, O12 and O13)."""

import re
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import event, func, select, update

from portalkit.access.models import Membership, Person, SessionRow
from portalkit.audit import Event
from portalkit.config import MailConfig, Secret
from portalkit.testing.factories import make_person
from portalkit.testing.hostile import FOREIGN_PATHS

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
CARMEN = "carmen@mill.example"
PASSWORD = "olive-trees-in-march"
CODE = re.compile(r"^(\d{6})$", re.MULTILINE)
LINK = re.compile(r"^http://[\w.:]+(/\S*i/\S+)$", re.MULTILINE)


@pytest.fixture
def portal_config(portal_config, office):
    return msgspec.structs.replace(
        portal_config,
        smtp_url=Secret(office.url),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
def ask(visitor, mails):
    """Ask for a code in a new browser; return the browser, the code and the link's path."""

    async def ask_it(email=ANA, door="person", client=None, path="/login", **fields):
        client = client or visitor()
        await client.submit(f"/login/mail?door={door}", {"email": email, **fields}, page=path)
        text = (await mails())[-1][1]
        return client, CODE.search(text)[1], LINK.search(text)[1]

    return ask_it


async def type_code(client, code, **fields):
    return await client.submit("/login/mail/code", {"code": code, **fields}, page="/login/mail")


async def is_in(client, path="/profile"):
    return (await client.get(path)).status_code == 200


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_a_person_signs_in_with_the_code_of_a_mail(town, ask):
    client, code, _ = await ask()

    answer = await type_code(client, code)

    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert await is_in(client)
    async with town.app.portal.reading() as session:
        assert await session.scalar(select(SessionRow.signed_in_by)) == "code"
    assert "pk_mail" not in client.cookies


async def test_staff_sign_in_with_a_code_at_their_own_door(ask):
    client, code, _ = await ask(CARMEN, "staff", path="/backoffice/login")

    answer = await type_code(client, code)

    assert answer.headers["location"] == "/backoffice"
    assert await is_in(client, "/backoffice/contacts")


async def test_the_code_works_only_in_the_browser_that_asked_and_the_link_anywhere(ask, visitor):
    client, code, link = await ask()
    thief, other = visitor(), visitor()

    assert (await thief.get("/login/mail")).headers["location"] == "/login"
    thief.cookies.set("pk_mail", client.cookies["pk_mail"])
    stolen = await thief.submit("/login/mail/code", {"code": code}, page="/login")
    assert stolen.headers["location"] == "/login"
    assert not await is_in(thief)
    await other.submit(link)
    assert await is_in(other)
    await type_code(client, code)
    assert await is_in(client)


async def test_the_link_works_once_and_for_an_hour(ask, visitor, clock):
    _, _, first = await ask()
    _, _, second = await ask()
    clock.now += timedelta(minutes=59, seconds=59)

    assert (await visitor().get(first)).status_code == 410
    client = visitor()
    await client.submit(second)
    assert await is_in(client)
    assert (await visitor().get(second)).status_code == 410
    _, _, third = await ask()
    clock.now += timedelta(hours=1)
    assert (await visitor().get(third)).status_code == 410


async def test_a_wrong_code_is_said_and_the_right_one_still_works(town, ask):
    client, code, _ = await ask()

    wrong = await type_code(client, other_than(code))

    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    async with town.app.portal.reading() as session:
        failed = await session.scalar(
            select(func.count()).select_from(Event).where(Event.name == "access.sign_in_failed")
        )
    assert failed == 1
    await type_code(client, f"{code[:3]} {code[3:]}")
    assert await is_in(client)


async def test_a_code_is_sent_again_after_a_minute_and_ends_the_older(ask, mails, clock):
    client, older, _ = await ask()

    early = await client.submit("/login/mail/again", {}, page="/login/mail")
    assert early.status_code == 422
    assert "60" in early.text
    clock.now += timedelta(minutes=1)
    again = await client.submit("/login/mail/again", {"next": "/profile"}, page="/login/mail")

    assert again.headers["location"] == "/login/mail?next=%2Fprofile"
    newer = CODE.search((await mails())[-1][1])[1]
    if older != newer:
        assert (await type_code(client, older)).status_code == 422
    await type_code(client, newer)
    assert await is_in(client)


async def test_after_ten_minutes_a_code_is_too_late(ask, clock):
    client, code, _ = await ask()
    token = await client.token("/login/mail")
    clock.now += timedelta(minutes=10)

    answer = await client.post(
        "/login/mail/code",
        data={"code": code, "csrf_token": token},
        headers={"sec-fetch-site": "same-origin"},
    )

    assert answer.headers["location"] == "/login"
    assert not await is_in(client)


async def test_what_is_no_address_comes_back_with_the_form(visitor, mails):
    for email in ("", "ana", "ana@", "a b@c.example", "x" * 300 + "@c.example"):
        answer = await visitor().submit("/login/mail", {"email": email}, page="/login")

        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    answer = await visitor().submit("/login/mail?door=cellar", {"email": ANA}, page="/login")
    assert answer.status_code == 400
    assert await mails() == []


async def test_nobody_without_access_gets_in_by_what_was_sent_before(town, ask, visitor):
    client, code, link = await ask()
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Membership)
            .where(Membership.person_id == town.ana_person)
            .values(is_enabled=False)
        )

    assert (await type_code(client, code)).status_code == 422
    other = visitor()
    assert (await other.submit(link)).status_code == 410
    assert not await is_in(client)


# The second factor, a first password


async def test_the_second_factor_is_still_asked_for(town, ask, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Person).values(has_second_factor=True))
    client, code, link = await ask(next="/profile")
    other = visitor()

    by_code = await type_code(client, code, next="/profile")
    by_link = await other.submit(link)

    assert by_code.headers["location"] == "/login/code?next=%2Fprofile"
    assert by_link.headers["location"] == "/login/code"
    assert not await is_in(client)
    assert not await is_in(other)


async def test_a_first_password_is_offered_once_and_can_be_left(town, ask, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Person).values(password_hash=None))
    client, code, link = await ask()

    first = await type_code(client, code, next="/profile")
    assert first.headers["location"] == "/password?next=%2Fprofile"
    offer = await client.get(first.headers["location"])
    assert 'href="/profile"' in offer.text
    assert 'name="current_password"' not in offer.text
    await client.submit("/logout", page="/profile")
    client, code, link = await ask(client=client)
    assert (await type_code(client, code)).headers["location"] == "/home"

    other = visitor()
    _, _, link = await ask()
    await other.submit(link)
    chosen = await other.submit(
        "/password", {"new_password": "figs-and-almonds-9", "next": "/profile"}
    )
    assert chosen.headers["location"] == "/profile"
    await visitor().sign_in(ANA, "figs-and-almonds-9")


@pytest.mark.parametrize("path", ["/password", "/profile/password"])
async def test_a_first_password_needs_a_sign_in_of_just_now(path, town, ask, visitor, clock):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Person).values(password_hash=None))
    client, code, _ = await ask()
    await type_code(client, code)
    clock.now += timedelta(minutes=10)

    assert (await client.get("/password")).headers["location"].startswith("/security/confirm")
    new = {"new_password": "figs-and-almonds-9"}
    refused = await client.submit(path, new, page="/profile")

    assert refused.status_code == 422
    with pytest.raises(PermissionError):
        await visitor().sign_in(ANA, "figs-and-almonds-9")


class TestWithoutPasswords:
    @pytest.fixture
    def portal_config(self, portal_config):
        access = msgspec.structs.replace(portal_config.access, password_sign_in=False)
        return msgspec.structs.replace(portal_config, access=access)

    async def test_a_code_is_the_way_in_and_no_password_is_offered(self, town, ask, visitor):
        async with town.app.portal.writing() as session, session.begin():
            await session.execute(update(Person).values(password_hash=None))
        assert 'action="/login/mail?door=person"' in (await visitor().get("/login")).text
        client, code, _ = await ask()

        answer = await type_code(client, code)

        assert answer.headers["location"] == "/home"
        assert await is_in(client)


class TestWithoutMail:
    @pytest.fixture
    def portal_config(self, portal_config):
        return msgspec.structs.replace(portal_config, smtp_url=None, mail=MailConfig())

    async def test_the_door_does_not_exist(self, town, visitor):
        client = visitor()

        assert "/login/mail" not in (await client.get("/login")).text
        assert (await client.get("/login/mail")).status_code == 404
        for path in ("/login/mail", "/login/mail/again", "/login/mail/code"):
            fields = {"code": "1"} if path.endswith("code") else {}
            fields |= {"email": ANA} if path.endswith("mail") else {}
            assert (await client.submit(path, fields, page="/login")).status_code == 404


# O03, O06


async def test_a_planted_session_is_worth_nothing_after_the_code(ask, visitor):
    client = visitor()
    await client.get("/login")
    domain = next(iter(client.cookies.jar)).domain
    client.cookies.set("pk", "planted" * 6, domain=domain)
    client, code, _ = await ask(client=client)

    await type_code(client, code)

    assert client.cookies["pk"] != "planted" * 6
    thief = visitor()
    thief.cookies.set("pk", "planted" * 6)
    assert not await is_in(thief)
    assert await is_in(client)


async def test_nobody_is_sent_away_from_the_portal(town, visitor, ask, clock):
    for wish in FOREIGN_PATHS:
        clock.now += timedelta(minutes=10)
        client, code, _ = await ask(next=wish)
        shown = await client.get("/login/mail", params={"next": wish})
        assert 'name="next" value=""' in shown.text, wish

        answer = await type_code(client, code, next=wish)

        assert answer.headers["location"] == "/home", wish


# O12: nobody learns who is known


@pytest.fixture
async def strangers(town):
    """Return addresses of whom nothing may be told."""
    async with town.app.portal.writing() as session, session.begin():
        for name in ("disabled", "withdrawn", "nopassword"):
            person = await make_person(
                session,
                town.mill,
                [town.ana],
                f"{name}@ana.example",
                password_hash=None,
                is_enabled=name != "disabled",
            )
            if name == "withdrawn":
                await session.execute(
                    update(Membership)
                    .where(Membership.person_id == person)
                    .values(is_enabled=False)
                )
    return (
        ANA,
        "nobody@ana.example",
        "disabled@ana.example",
        "withdrawn@ana.example",
        "nopassword@ana.example",
        "cleo@cleo.example",
        CARMEN,
    )


def shape(answer, email):
    headers = {
        name: re.sub(r"pk_\w+=[^;]+", "", value).replace(email.replace("@", "%40"), "")
        for name, value in answer.headers.items()
        if name not in {"x-request-id", "content-length"}
    }
    text = re.sub(r'value="[\w.-]{40,}"', "", answer.text.replace(email, ""))
    return answer.status_code, text, str(headers)


async def test_asking_and_guessing_look_and_cost_the_same_for_everybody(town, visitor, strangers):
    statements = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    engine = town.app.portal.engine.sync_engine
    shapes, works = set(), set()
    for email in strangers:
        client = visitor()
        await client.get("/login")
        event.listen(engine, "before_cursor_execute", note)
        asked = await client.submit("/login/mail", {"email": email}, page="/login")
        page = await client.get("/login/mail")
        wrong = await type_code(client, "000000x")
        event.remove(engine, "before_cursor_execute", note)
        shapes.add(tuple(shape(answer, email) for answer in (asked, page, wrong)))
        works.add(tuple(statements))
        statements.clear()

    assert len(shapes) == 1
    assert len(works) == 1
    assert len(next(iter(works))) >= 8


async def test_only_who_has_access_gets_a_mail(town, visitor, strangers, mails):
    for email in strangers:
        await visitor().submit("/login/mail", {"email": email}, page="/login")

    assert {to for to, _ in await mails()} == {ANA, "nopassword@ana.example"}
