"""The staff in the back office: let in, given a role, shut out, by admins and nobody else."""

import re

import msgspec
import pytest
from sqlalchemy import select, update

from portalkit.access.models import Staff
from portalkit.audit import Event
from portalkit.config import MailConfig, Secret
from portalkit.testing.factories import make_staff
from portalkit.testing.post_office import open_post_office

from .conftest import PASSWORD
from .walking import is_sign_in

PAGE = "/backoffice/staff"
DOOR = "/backoffice/login"
ONE_TIME = "walnut-door-and-key"
ROSA = {"name": "Rosa", "email": "rosa@mill.example", "role": "sales"}


@pytest.fixture
async def carmen(visitor, town):
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path=DOOR)
        yield client


@pytest.fixture
async def sam(town):
    """A member of staff who has signed in before."""
    portal = town.app.portal
    async with portal.writing() as session, session.begin():
        password = await portal.passwords.hash(PASSWORD)
        return await make_staff(
            session,
            town.mill,
            "sam@mill.example",
            role="support",
            password_hash=password,
        )


async def give_second(town, member):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Staff).where(Staff.id == member).values(has_second_factor=True)
        )


async def names_of_events(town):
    async with town.app.portal.reading() as session:
        names = await session.scalars(select(Event.name).order_by(Event.id))
        return [name for name in names if "staff" in name or "factor" in name]


async def test_admins_find_it_in_the_navigation_and_nobody_else_does(town, carmen, visitor, sam):
    page = (await carmen.get(PAGE)).text
    assert f'href="{PAGE}"' in (await carmen.get("/backoffice/contacts")).text
    assert "sam@mill.example" in page
    assert "abel@bees.example" not in page
    async with visitor() as client:
        async with town.app.portal.writing() as session, session.begin():
            password = await town.app.portal.passwords.hash(PASSWORD)
            await make_staff(
                session, town.mill, "rita@mill.example", role="sales", password_hash=password
            )
        await client.sign_in("rita@mill.example", PASSWORD, path=DOOR)

        assert f'href="{PAGE}"' not in (await client.get("/backoffice/contacts")).text
        assert (await client.get(PAGE)).status_code == 403


async def test_somebody_is_let_in_with_a_password_that_works_once(carmen, visitor):
    added = await carmen.submit(PAGE, ROSA | {"password": ONE_TIME})

    assert added.headers["location"] == PAGE
    async with visitor() as rosa:
        await rosa.sign_in("rosa@mill.example", ONE_TIME, path=DOOR)
        assert (await rosa.get("/backoffice/contacts")).headers["location"] == "/password"
    async with visitor() as second:
        with pytest.raises(PermissionError):
            await second.sign_in("rosa@mill.example", ONE_TIME, path=DOOR)


class TestByMail:
    @pytest.fixture
    async def office(self):
        async with open_post_office() as office:
            yield office

    @pytest.fixture
    def portal_config(self, portal_config, office):
        return msgspec.structs.replace(
            portal_config,
            smtp_url=Secret(office.url),
            mail=MailConfig(from_address="mill@mill.example"),
        )

    async def test_somebody_is_let_in_by_a_link_that_comes_by_mail(
        self, town, carmen, visitor, office
    ):
        added = await carmen.submit(PAGE, ROSA)
        await town.app.portal.queue.work_off(town.app.portal)

        assert added.headers["location"] == PAGE
        assert office.recipients == ["rosa@mill.example"]
        text = office.mails[0].get_body(("plain",)).get_content()
        [path] = re.findall(r"http\S+?(/i/\S+)", text)
        assert path not in added.text
        async with visitor() as rosa:
            shown = (await rosa.get(path)).text
            assert "documentos" not in re.sub("<head>.*</head>", "", shown, flags=re.DOTALL)
            await rosa.submit(path)
            assert (await rosa.get("/backoffice/contacts")).headers["location"] == "/password"
        assert await names_of_events(town) == ["access.staff_added", "access.staff_invited"]


async def test_without_a_mail_server_the_link_is_shown_once(carmen, visitor):
    added = await carmen.submit(PAGE, ROSA)

    [path] = re.findall(r'value="http://127.0.0.1:8000(/i/[^"]*)"', added.text)
    assert added.headers["cache-control"] == "no-store"
    assert path not in (await carmen.get(PAGE)).text
    async with visitor() as rosa:
        await rosa.submit(path)
        assert (await rosa.get("/backoffice/contacts")).headers["location"] == "/password"


async def test_what_is_wrong_stands_beside_its_field(town, carmen):
    for field, wrong in (
        ("email", {"email": "nonsense"}),
        ("email", {"email": "CARMEN@mill.example"}),
        ("name", {"name": " "}),
        ("role", {"role": "owner"}),
        ("password", {"password": "short"}),
    ):
        answer = await carmen.submit(PAGE, ROSA | wrong)

        assert answer.status_code == 422, wrong
        assert f'id="add-{field}-error"' in answer.text, wrong
    assert await names_of_events(town) == []


async def test_sessions_end_with_the_role_and_it_holds_from_then_on(town, carmen, visitor, sam):
    async with visitor() as client:
        await client.sign_in("sam@mill.example", PASSWORD, path=DOOR)
        address = f"/backoffice/contacts/{town.ana}"
        await client.submit(f"{address}/view-as", page=address)
        assert (await client.get("/home")).status_code == 200
        await carmen.submit(f"{PAGE}/{sam}/role", {"role": "reader"}, page=PAGE)

        assert is_sign_in(await client.get("/backoffice/contacts"))
        assert is_sign_in(await client.get("/home"))
        await client.sign_in("sam@mill.example", PASSWORD, path=DOOR)
        assert (await client.submit(f"{address}/view-as", page=address)).status_code == 403
    assert "Solo lectura" in (await carmen.get(PAGE)).text


async def test_somebody_is_shut_out_and_let_in_again_by_a_link(town, carmen, visitor, sam):
    async with visitor() as client:
        await client.sign_in("sam@mill.example", PASSWORD, path=DOOR)
        assert (await client.get("/backoffice/contacts")).status_code == 200
        out = await carmen.submit(f"{PAGE}/{sam}/disable", page=PAGE)

        assert out.headers["location"] == PAGE
        assert is_sign_in(await client.get("/backoffice/contacts"))
        client.cookies.clear()
        with pytest.raises(PermissionError):
            await client.sign_in("sam@mill.example", PASSWORD, path=DOOR)
        page = (await carmen.get(PAGE)).text
        assert f"{PAGE}/{sam}/enable" in page
        assert f"{PAGE}/{sam}/role" not in page
        assert (await carmen.submit(f"{PAGE}/{sam}/link", page=PAGE)).status_code == 409

        again = await carmen.submit(f"{PAGE}/{sam}/enable", page=PAGE)
        assert re.search(r'value="http://127.0.0.1:8000(/i/[^"]*)"', again.text)
        await give_second(town, sam)
        await carmen.submit(f"{PAGE}/{sam}/second-factor/remove", page=PAGE)
        again = await carmen.submit(f"{PAGE}/{sam}/link", page=PAGE)
        [path] = re.findall(r'value="http://127.0.0.1:8000(/i/[^"]*)"', again.text)
        await client.submit(path)
        assert (await client.get("/backoffice/contacts")).headers["location"] == "/password"
    log = (await carmen.get("/backoffice/audit")).text
    for words in (
        "ha retirado el acceso a alguien del personal",
        "ha devuelto el acceso a alguien",
    ):
        assert words in log
    assert await names_of_events(town) == [
        "access.staff_disabled",
        "access.staff_enabled",
        "access.second_factor_removed",
    ]


async def test_nobody_acts_on_themselves_there(town, carmen, sam):
    async with town.app.portal.reading() as session:
        own = await session.scalar(select(Staff.id).where(Staff.email == "carmen@mill.example"))
    await give_second(town, sam)
    page = (await carmen.get(PAGE)).text
    for act, fields in (
        ("role", {"role": "reader"}),
        ("disable", {}),
        ("second-factor/remove", {}),
    ):
        assert f"{PAGE}/{sam}/{act}" in page
        assert f"{PAGE}/{own}/{act}" not in page

        assert (await carmen.submit(f"{PAGE}/{own}/{act}", fields, page=PAGE)).status_code == 409
    assert (await carmen.get(PAGE)).status_code == 200
