"""A forgotten password, and the mails about passwords (cases O02 to O05, O12 and O13)."""

import asyncio
import re

import msgspec
import pytest
from sqlalchemy import event, func, select, update

from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.models import Link, Membership, Person, SessionRow
from portalkit.config import MailConfig, Secret
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
CARMEN = "carmen@mill.example"
PASSWORD = "olive-trees-in-march"
NEW = {"new_password": "figs-and-almonds-9"}
LINK = re.compile(r"^(\S+?)(/login/reset/\S+)$", re.MULTILINE)


@pytest.fixture
def portal_config(portal_config, office):
    return msgspec.structs.replace(
        portal_config,
        smtp_url=Secret(office.url),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
def ask(visitor, mails):
    """Ask for a new password; return the path of the link."""

    async def ask_it(email=ANA, door="person", client=None):
        await (client or visitor()).submit(f"/login/forgot?door={door}", {"email": email})
        return LINK.search((await mails())[-1][1])[2]

    return ask_it


async def is_in(client, path="/profile"):
    return (await client.get(path)).status_code == 200


async def test_a_new_password_is_set_by_a_mail(town, ask, visitor, mails, sign_in):
    others = [await sign_in(), await sign_in()]
    link, client = await ask(), visitor()
    for _ in range(2):
        page = await client.get(link)
        assert 'autocomplete="new-password"' in page.text
    assert await is_in(others[0])

    answer = await client.submit(link, NEW)

    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert await is_in(client)
    assert [await is_in(other) for other in others] == [False, False]
    await visitor().sign_in(ANA, NEW["new_password"])
    with pytest.raises(PermissionError):
        await visitor().sign_in(ANA, PASSWORD)
    to, text = (await mails())[-1]
    assert to == ANA
    assert f"{town.app.portal.config.origin}/login/forgot?door=person" in text
    assert (await visitor().get(link)).status_code == 410


async def test_staff_set_theirs_at_their_own_door(ask, visitor):
    client = visitor()

    answer = await client.submit(await ask(CARMEN, "staff"), NEW)

    assert answer.headers["location"] == "/backoffice"
    await visitor().sign_in(CARMEN, NEW["new_password"], path="/backoffice/login")


async def test_a_refused_password_leaves_the_link_good(ask, visitor):
    link, client = await ask(), visitor()

    for wrong in ("short", "password1", "x" * 129, ANA):
        answer = await client.submit(link, {"new_password": wrong})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text

    assert (await client.submit(link, NEW)).status_code == 303


async def test_the_second_factor_is_still_asked_for(town, ask, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Person).values(has_second_factor=True))
    client = visitor()

    answer = await client.submit(await ask(), NEW)

    assert answer.headers["location"] == "/login/code"
    assert not await is_in(client)


async def test_of_two_browsers_at_once_one_sets_the_password(town, ask, visitor, sessions):
    link = await ask()
    browsers = [visitor(), visitor()]
    tokens = [await browser.token(link) for browser in browsers]

    answers = await asyncio.gather(
        *(
            browser.post(
                link,
                data={"new_password": f"figs-and-almonds-{n}", "csrf_token": token},
                headers={"sec-fetch-site": "same-origin"},
            )
            for n, (browser, token) in enumerate(zip(browsers, tokens, strict=True))
        )
    )

    assert sorted(answer.status_code for answer in answers) == [303, 410]
    assert await sessions() == 1


async def test_without_the_condition_both_would_get_in(town, ask):
    """The control: reading first and counting the use afterwards lets both in."""
    await ask()
    both_have_read = asyncio.Barrier(2)

    async def use_naively():
        async with town.app.portal.reading() as session:
            unused = await session.scalar(select(Link.id).where(Link.uses == 0))
        await both_have_read.wait()
        async with town.app.portal.writing() as session, session.begin():
            await session.execute(update(Link).where(Link.id == unused).values(uses=Link.uses + 1))
        return unused is not None

    assert await asyncio.gather(use_naively(), use_naively()) == [True, True]


# O03, O04, O05


async def test_a_planted_session_is_worth_nothing_after_the_new_password(ask, visitor):
    client, link = visitor(), await ask()
    await client.get("/login")
    domain = next(iter(client.cookies.jar)).domain
    client.cookies.set("pk", "planted" * 6, domain=domain)

    await client.submit(link, NEW)

    assert client.cookies["pk"] != "planted" * 6
    assert await is_in(client)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-host": "evil.example"},
        {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"},
        {"forwarded": "host=evil.example;proto=https"},
        {"host": "localhost:8000@evil.example"},
        {"host": "evil.example"},
        {"host": "localhost:8000.evil.example"},
        {"host": "localhost:80"},
    ],
)
async def test_links_in_mails_begin_with_the_configured_address(headers, town, visitor, mails):
    for path, fields in (
        ("/login/forgot", {"email": ANA}),
        ("/login/mail", {"email": ANA}),
    ):
        client = visitor()
        token = await client.token("/login")
        answer = await client.post(
            path,
            data={**fields, "csrf_token": token},
            headers={"sec-fetch-site": "same-origin", **headers},
        )
        assert answer.status_code in {303, 400, 403, 404, 421}

    for _, text in await mails():
        assert "evil" not in text
        found = re.findall(r"https?://\S+", text)
        assert found
        assert all(link.startswith(f"{town.app.portal.config.origin}/") for link in found)


# O12, O13


async def test_asking_looks_and_costs_the_same_for_everybody(town, visitor, mails):
    statements, shapes, works = [], set(), set()

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    engine = town.app.portal.engine.sync_engine
    for email in (ANA, "nobody@ana.example", "cleo@cleo.example", CARMEN):
        client = visitor()
        await client.get("/login")
        event.listen(engine, "before_cursor_execute", note)
        asked = await client.submit("/login/forgot", {"email": email})
        page = await client.get(asked.headers["location"])
        event.remove(engine, "before_cursor_execute", note)
        text = re.sub(r'value="[\w.-]{40,}"', "", page.text)
        shapes.add((asked.status_code, asked.headers["location"], page.status_code, text))
        works.add(tuple(statements))
        statements.clear()

    assert len(shapes) == 1
    assert len(works) == 1
    assert [to for to, _ in await mails()] == [ANA]


async def test_asking_without_end_sends_no_more_than_five_mails(visitor, mails):
    answers = [await visitor().submit("/login/forgot", {"email": ANA}) for _ in range(8)]

    assert [answer.status_code for answer in answers] == [303] * 5 + [429] * 3
    assert 0 < int(answers[-1].headers["retry-after"]) <= 600
    assert len(await mails()) == 5


# Passwords that are changed otherwise


async def test_whoever_changes_a_password_is_told_by_mail(sign_in, mails, town):
    client, other = await sign_in(), await sign_in()

    await client.submit("/profile/password", {"current_password": PASSWORD, **NEW}, page="/profile")

    (to, text), *more = await mails()
    assert (to, more) == (ANA, [])
    assert "/login/forgot?door=person" in text
    assert await is_in(client)
    assert not await is_in(other)


@pytest.mark.parametrize(
    ("how", "left"), [("own", [410, 200]), ("mail", [410, 410]), ("staff", [410, 410])]
)
async def test_only_ones_own_change_spares_the_invitations_of_other_contacts(
    *, town, sign_in, carmen, visitor, ask, how, left
):
    async with town.app.portal.writing() as session, session.begin():
        session.add(
            Membership(
                person_id=town.ana_person, contact_id=town.ben, business_id=town.mill, role="reader"
            )
        )
        links = [
            await make_link(
                session,
                town.app.portal.config.secret_keys,
                business_id=town.mill,
                now=NOW,
                person_id=town.ana_person,
                contact_id=contact,
                purpose=LinkPurpose.INVITATION,
            )
            for contact in (town.ana, town.ben)
        ]
    ana = await sign_in()
    page = "/profile/contacts"
    await ana.submit(f"{page}/{town.ana}", page=page)
    if how == "own":
        page = "/profile/password"
        answer = await ana.submit(page, {"current_password": PASSWORD} | NEW, page="/profile")
    elif how == "mail":
        answer = await visitor().submit(await ask(), NEW)
    else:
        page = f"/backoffice/contacts/{town.ana}"
        once = {"password": "once-and-never-again"}
        answer = await carmen.submit(f"{page}/people/{town.ana_person}/password", once, page=page)
    assert answer.status_code == 303

    assert [(await visitor().get(f"/i/{link}")).status_code for link in links] == left


async def test_a_password_by_staff_works_once_and_ends_codes_and_sessions(
    *, town, carmen, sign_in, visitor, mails, ask
):
    browser, asking = await sign_in(), visitor()
    await asking.submit("/login/mail", {"email": ANA}, page="/login")
    code = re.search(r"^(\d{6})$", (await mails())[-1][1], re.MULTILINE)[1]
    link = await ask()

    contact = f"/backoffice/contacts/{town.ana}"
    await carmen.submit(
        f"{contact}/people/{town.ana_person}/password",
        {"password": "once-and-never-again"},
        page=contact,
    )

    assert not await is_in(browser)
    wrong = await asking.submit("/login/mail/code", {"code": code}, page="/login/mail")
    assert wrong.status_code == 422
    assert (await visitor().get(link)).status_code == 410
    to, text = (await mails())[-1]
    assert to == ANA
    assert "once-and-never-again" not in text
    first = visitor()
    await first.sign_in(ANA, "once-and-never-again")
    assert (await first.get("/profile")).headers["location"].startswith("/password")
    await first.submit("/password", NEW)
    assert await is_in(first)
    with pytest.raises(PermissionError):
        await visitor().sign_in(ANA, "once-and-never-again")


class TestWithoutPasswords:
    @pytest.fixture
    def portal_config(self, portal_config):
        access = msgspec.structs.replace(portal_config.access, password_sign_in=False)
        return msgspec.structs.replace(portal_config, access=access)

    async def test_the_door_does_not_exist(self, town, visitor):
        client = visitor()

        assert "/login/forgot" not in (await client.get("/login")).text
        for path in ("/login/forgot", "/login/forgot/sent", "/login/reset/x"):
            assert (await client.get(path)).status_code == 404
        asked = await client.submit("/login/forgot", {"email": ANA}, page="/login")
        assert asked.status_code == 404
        assert (await client.submit("/login/reset/x", NEW, page="/login")).status_code == 404
        async with town.app.portal.reading() as session:
            assert await session.scalar(select(func.count()).select_from(SessionRow)) == 0
