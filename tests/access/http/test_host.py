"""A host that knows who is there signs them in, and may forbid passwords altogether."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select, update

from portalkit.access.links import LinkPurpose, find_link, make_link, use_link
from portalkit.access.models import Membership, Person, Staff
from portalkit.audit import Event
from portalkit.config import AccessConfig
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.testing.factories import make_contact, make_person
from portalkit.testing.hostile import FOREIGN_PATHS

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
CARMEN = "carmen@mill.example"
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def url_for(town):
    async def make(who=ANA, **options):
        url = await town.app.portal.sign_in_url(who, **{"business": "mill"} | options)
        assert url.startswith(f"{ORIGIN}/")
        return url.removeprefix(ORIGIN)

    return make


async def is_in(client, path="/profile"):
    return (await client.get(path)).status_code == 200


async def test_a_host_signs_somebody_in_with_one_call(town, url_for, visitor):
    client = visitor()
    path = await url_for(next="/profile?a=1")
    page = await client.get(path)
    assert "continue.js" in page.text
    assert not await is_in(client)

    answer = await client.submit(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/profile?a=1")
    assert await is_in(client)
    async with town.app.portal.reading() as session:
        made = await session.scalar(select(Event).where(Event.name == "access.link_made"))
        entered = await session.scalar(select(Event).where(Event.name == "access.signed_in"))
    assert (made.actor_kind, made.actor_name, made.data["purpose"]) == ("host", "host", "host")
    assert made.data["person"] == town.ana_person
    assert entered.data == {"by": "host"}


async def test_by_id_by_address_in_any_spelling_and_for_staff(town, url_for, visitor):
    for who, options, home in (
        (town.ana_person, {}, "/home"),
        (" ANA@ana.example ", {}, "/home"),
        (CARMEN, {"is_staff": True}, "/backoffice"),
    ):
        client = visitor()
        answer = await client.submit(await url_for(who, **options))
        assert answer.headers["location"] == home


async def test_of_two_browsers_at_once_one_gets_in(url_for, visitor):
    path = await url_for()
    clients = [visitor() for _ in range(4)]
    for client in clients:
        await client.get(path)

    answers = await asyncio.gather(*(client.submit(path) for client in clients))

    assert sorted(answer.status_code for answer in answers).count(303) == 1


async def test_without_its_protection_it_would_let_several_in(town, url_for, clock):
    """Control: what reads first and writes afterwards is beaten by the same race."""
    portal, token = town.app.portal, (await url_for()).rpartition("/")[2]
    wanted = {"business_id": town.mill, "now": clock.now, "purpose": LinkPurpose.HOST}
    barrier = asyncio.Barrier(4)

    async def careless():
        async with portal.reading() as session:
            link = await find_link(session, portal.config.secret_keys, token, **wanted)
        await barrier.wait()
        async with portal.writing() as session, session.begin():
            await use_link(session, link, clock.now)
        return link is not None

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


async def test_several_for_the_same_person_work_side_by_side(url_for, visitor):
    """Two tabs of the host were opened; and a link in a mail stays good too."""
    paths = [await url_for() for _ in range(2)]

    for path in paths:
        assert (await visitor().submit(path)).status_code == 303


async def test_a_link_in_a_mail_stays_good(town, url_for, visitor, clock):
    async with town.app.portal.writing() as session, session.begin():
        token = await make_link(
            session,
            town.app.portal.config.secret_keys,
            business_id=town.mill,
            now=clock.now,
            person_id=town.ana_person,
        )
    await url_for()

    assert (await visitor().submit(f"/i/{token}")).status_code == 303


async def test_a_token_of_one_door_does_not_fit_the_other(town, url_for, visitor, clock):
    token = (await url_for()).rpartition("/")[2]
    assert (await visitor().get(f"/i/{token}")).status_code == 410
    assert (await visitor().get(f"/bees/login/host/{token}")).status_code == 410
    async with town.app.portal.writing() as session, session.begin():
        link = await make_link(
            session,
            town.app.portal.config.secret_keys,
            business_id=town.mill,
            now=clock.now,
            person_id=town.ana_person,
        )
    assert (await visitor().get(f"/login/host/{link}")).status_code == 410


async def test_a_person_of_several_contacts_comes_in_for_the_one_that_is_named(
    town, url_for, visitor
):
    async with town.app.portal.writing() as session, session.begin():
        other = await make_contact(session, town.mill, "Another shop")
        await make_person(session, town.mill, [town.ben, other], "zoe@zoe.example")
    for contact, name in ((town.ben, "Ben"), (other, "Another shop")):
        client = visitor()
        await client.submit(await url_for("zoe@zoe.example", contact=contact))
        assert name in (await client.get("/profile")).text

    with pytest.raises(NotFoundError):
        await url_for("zoe@zoe.example", contact=town.ana)


@pytest.mark.parametrize(
    ("who", "options"),
    [
        ("nobody@ana.example", {}),
        ("", {}),
        ("\x00", {}),
        ("cleo@cleo.example", {}),
        (CARMEN, {}),
        (ANA, {"is_staff": True}),
        (ANA, {"contact": "\x00"}),
        (ANA, {"contact": "not an id"}),
        (ANA, {"business": "nowhere"}),
        (ANA, {"business": None}),
    ],
)
async def test_nobody_else_is_signed_in(who, options, url_for):
    with pytest.raises(NotFoundError):
        await url_for(who, **options)


@pytest.mark.parametrize(
    "shut", [update(Person).values(is_enabled=False), update(Membership).values(is_enabled=False)]
)
async def test_whoever_was_shut_out_is_not_signed_in(shut, town, url_for, visitor):
    path = await url_for()
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(shut)

    assert (await visitor().submit(path)).status_code == 410
    with pytest.raises(NotFoundError):
        await url_for()


@pytest.mark.parametrize("wish", [*(path for path in FOREIGN_PATHS if path), f"/{'x' * 2_000}"])
async def test_the_host_sends_nobody_elsewhere_by_mistake(wish, url_for):
    with pytest.raises(InputRefusedError) as caught:
        await url_for(next=wish)
    assert caught.value.field == "next"


@pytest.mark.parametrize("seconds", [-1, 0, 601])
async def test_it_lasts_ten_minutes_at_most(seconds, url_for):
    with pytest.raises(InputRefusedError):
        await url_for(valid=timedelta(seconds=seconds))


async def test_a_business_below_a_path_is_reached_there(town, visitor):
    url = await town.app.portal.sign_in_url("cleo@cleo.example", business="bees", next="/profile")
    path = url.removeprefix(ORIGIN)
    assert path.startswith("/bees/login/host/")

    answer = await visitor().submit(path)

    assert answer.headers["location"] == "/bees/profile"


async def test_the_second_step_is_asked_for_unless_the_host_vouches(town, url_for, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Person).values(has_second_factor=True))

    answer = await visitor().submit(await url_for())
    assert answer.headers["location"] == "/login/code"
    answer = await visitor().submit(await url_for(has_two_factors=True))

    assert answer.headers["location"] == "/home"


# Without passwords


class TestWithoutPasswords:
    @pytest.fixture
    def portal_config(self, portal_config):
        return msgspec.structs.replace(portal_config, access=AccessConfig(password_sign_in=False))

    @pytest.mark.parametrize("path", ["/login", "/backoffice/login"])
    async def test_no_password_lets_in_and_none_is_asked_for(
        self, path, town, visitor, sessions, password
    ):
        page = await visitor().get(path)
        assert page.status_code == 200
        assert 'name="password"' not in page.text
        email = CARMEN if path.startswith("/backoffice") else ANA

        answer = await visitor().submit(path, {"email": email, "password": password})

        assert answer.status_code == 404
        assert await sessions() == 0

    async def test_none_is_set(self, town, url_for, visitor):
        ana, carmen = visitor(), visitor()
        await ana.submit(await url_for())
        await carmen.submit(await url_for(CARMEN, is_staff=True))
        assert 'type="password"' not in (await ana.get("/profile")).text
        contact = f"/backoffice/contacts/{town.ana}"
        assert 'type="password"' not in (await carmen.get(contact)).text
        assert "/password" not in (await carmen.get("/security")).text
        new = {"new_password": "figs-and-almonds-9"}
        one = {"password": "figs-and-almonds-9"}
        give = {"name": "Zoe", "email": "zoe@zoe.example", "role": "owner"} | one
        for client, path, fields in (
            (ana, "/profile/password", new),
            (ana, "/password", new),
            (carmen, "/password", new),
            (carmen, f"{contact}/people/{town.ana_person}/password", one),
            (carmen, f"{contact}/people", give),
        ):
            page = "/profile" if client is ana else contact
            assert (await client.submit(path, fields, page=page)).status_code == 404, path
        assert (await ana.get("/password")).status_code == 404

    async def test_nobody_is_held_up_by_a_password_to_be_chosen(self, town, url_for, visitor):
        async with town.app.portal.writing() as session, session.begin():
            for table in (Person, Staff):
                await session.execute(update(table).values(must_change_password=True))
        client = visitor()

        await client.submit(await url_for(CARMEN, is_staff=True))

        assert await is_in(client, "/backoffice/contacts")

    async def test_a_factor_is_added_and_removed_without_one(self, url_for, visitor, clock):
        client = visitor()
        await client.submit(await url_for())
        assert (await client.get("/security/totp")).status_code == 200
        clock.now += timedelta(minutes=11)

        answer = await client.get("/security/totp")
        page = await client.get(answer.headers["location"])

        # There is nothing to prove it with but to come in anew.
        assert 'name="password"' not in page.text
        assert 'action="/logout"' in page.text
        refused = await client.submit("/security/confirm", {}, page="/security")
        assert refused.status_code == 422


# Passwords that everybody knows


@pytest.mark.parametrize(
    ("who", "path", "field", "more"),
    [
        (ANA, "/profile/password", "new_password", {"current_password": "olive-trees-in-march"}),
        (ANA, "/password", "new_password", {"current_password": "olive-trees-in-march"}),
        (CARMEN, "/password", "new_password", {"current_password": "olive-trees-in-march"}),
        (CARMEN, "{contact}/people/{person}/password", "password", {}),
        (
            CARMEN,
            "{contact}/people",
            "password",
            {"name": "Zoe", "email": "zoe@zoe.example", "role": "owner"},
        ),
    ],
)
@pytest.mark.parametrize("common", ["password1", "Password1", "qwertyuiop"])
async def test_no_door_takes_a_password_that_everybody_knows(
    *, who, path, field, more, common, town, sign_in
):
    contact = f"/backoffice/contacts/{town.ana}"
    door = "/login" if who == ANA else "/backoffice/login"
    client = await sign_in(who, door)
    page = "/profile" if who == ANA else contact
    address = path.format(contact=contact, person=town.ana_person)

    answer = await client.submit(address, {field: common, **more}, page=page)

    assert answer.status_code == 422
    assert "too easy to guess" in answer.text or "demasiado fácil" in answer.text
