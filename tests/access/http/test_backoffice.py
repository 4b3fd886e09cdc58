"""The back office: contacts of one's own business, access, plugins, by role."""

import html
import re

import msgspec
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import select

from portalkit.access.links import make_link
from portalkit.access.models import Person, Staff
from portalkit.audit import Event
from portalkit.model import new_id
from portalkit.testing.factories import NOW, make_contact, make_person

pytestmark = pytest.mark.anyio
ONE_TIME = "walnut-door-and-key"


@pytest.fixture
def page_of(town):
    return f"/backoffice/contacts/{town.ana}"


async def names_in(client, query=""):
    """Return the names of the contacts on a page of the list, in their order."""
    answer = await client.get(f"/backoffice/contacts{query}")
    assert answer.status_code == 200
    links = re.findall(
        r'<a [^>]*href="[^"]*/backoffice/contacts/[^"?]*"[^>]*>(.*?)</a>', answer.text
    )
    return [html.unescape(re.sub("<[^>]*>", "", link)) for link in links]


async def test_staff_land_on_the_contacts_of_their_business(town, sign_in):
    carmen = await sign_in("carmen@mill.example", "/backoffice/login")
    abel = await sign_in("abel@bees.example", "/bees/backoffice/login")

    assert (await carmen.get("/backoffice")).headers["location"] == "/backoffice/contacts"
    assert await names_in(carmen) == ["Ana's shop", "Ben's bar"]
    assert "Cleo" in (await abel.get("/bees/backoffice/contacts")).text


SEARCHES = {
    "?q=ANA": ["Ana's shop"],
    "?q=ana@ana": ["Ana's shop"],
    "?q=nobody": [],
    "?q=%25": [],
    "?q=_": [],
    "?q=%00": ["Ana's shop", "Ben's bar"],
    "?q=' OR 1=1 --": [],
    "?q=" + "x" * 5_000: [],
    "?sort=-name": ["Ben's bar", "Ana's shop"],
    "?access=active": [],
    "?access=waiting": ["Ana's shop", "Ben's bar"],
    "?access=none": [],
    "?page=2": [],
}


async def test_contacts_are_searched_filtered_and_sorted(carmen):
    found = {query: await names_in(carmen, query) for query in SEARCHES}

    assert found == SEARCHES


async def test_what_a_list_does_not_know_is_refused(carmen):
    for query in ("?page=0", "?page=-1", "?page=x", "?page=401", "?access=all"):
        assert (await carmen.get(f"/backoffice/contacts{query}")).status_code == 400, query


async def test_a_long_list_is_turned_over_page_by_page(town, carmen):
    async with town.app.portal.writing() as session, session.begin():
        for number in range(60):
            await make_contact(session, town.mill, f"Shop {number:02}")

    first, third = await names_in(carmen), await names_in(carmen, "?page=3")
    text = (await carmen.get("/backoffice/contacts?page=2")).text

    assert (len(first), len(third)) == (25, 12)
    assert "26" in text
    assert 'rel="prev"' in text
    assert 'rel="next"' in text


async def test_access_shows_who_signed_in_and_who_can(town, sign_in, carmen):
    await sign_in()
    async with town.app.portal.writing() as session, session.begin():
        await make_contact(session, town.mill, "Nobody's")

    assert await names_in(carmen, "?access=active") == ["Ana's shop"]
    assert await names_in(carmen, "?access=waiting") == ["Ben's bar"]
    assert await names_in(carmen, "?access=none") == ["Nobody's"]


# Giving access


async def give(client, page, **fields):
    values = {"name": "Eva", "email": "eva@ana.example", "role": "buyer", "password": ONE_TIME}
    return await client.submit(f"{page}/people", values | fields, page=page)


async def test_staff_give_access_with_a_password_that_works_once(town, carmen, page_of, visitor):
    assert (await give(carmen, page_of)).status_code == 303

    eva = visitor()
    await eva.sign_in("eva@ana.example", ONE_TIME)
    assert (await eva.get("/home")).headers["location"] == "/password"
    with pytest.raises(PermissionError):
        await visitor().sign_in("eva@ana.example", ONE_TIME)
    await eva.submit("/password", {"new_password": "evas-own-password"})
    assert (await eva.get("/home")).status_code == 200


async def test_staff_give_access_with_a_link_that_is_shown_once(carmen, page_of, visitor):
    answer = await give(carmen, page_of, password="")

    assert answer.status_code in {200, 201}
    link = re.search(r'value="(http[^"]*)"', answer.text)[1]
    assert link.startswith("http://127.0.0.1:8000/i/")
    assert link not in (await carmen.get(page_of)).text
    eva = visitor()
    await eva.submit(link.removeprefix("http://127.0.0.1:8000"))
    assert (await eva.get("/home")).status_code == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "ana@ana.example"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "admin"}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "eva@ana.example"}, "password"),
    ],
)
async def test_a_form_comes_back_with_what_is_wrong(fields, field, town, carmen, page_of):
    answer = await give(carmen, page_of, **fields)

    assert answer.status_code == 422
    assert re.search(rf'id="give-{field}"[^>]*aria-invalid="true"', answer.text)
    assert ONE_TIME not in answer.text
    async with town.app.portal.reading() as session:
        assert await session.scalar(select(Person.id).where(Person.name == "Eva")) is None


async def test_a_person_who_is_known_keeps_the_password(town, carmen, page_of, sign_in):
    answer = await give(carmen, page_of, email="ben@ben.example")

    assert answer.status_code == 303
    await sign_in("ben@ben.example")


class TestWithoutPasswords:
    @pytest.fixture
    def portal_config(self, portal_config):
        access = msgspec.structs.replace(portal_config.access, password_sign_in=False)
        return msgspec.structs.replace(portal_config, access=access)

    @pytest.fixture
    async def carmen(self, town, visitor):
        portal, client = town.app.portal, visitor()
        async with portal.writing() as session, session.begin():
            carmen = await session.scalar(
                select(Staff.id).where(Staff.email == "carmen@mill.example")
            )
            token = await make_link(
                session, portal.config.secret_keys, business_id=town.mill, now=NOW, staff_id=carmen
            )
        await client.submit(f"/i/{token}")
        return client

    async def test_who_has_an_old_one_gets_a_link_too(self, carmen, page_of, visitor):
        answer = await give(carmen, page_of, email="ben@ben.example", password="")

        [link] = re.findall(r'value="http://127.0.0.1:8000(/i/[^"]*)"', answer.text)
        ben = visitor()
        await ben.submit(link)
        assert (await ben.get("/home")).status_code == 200


async def test_a_link_is_made_for_whoever_has_access(town, carmen, page_of, visitor):
    act = f"{page_of}/people/{town.ana_person}/link"
    answers = [await carmen.submit(act, page=page_of) for _ in range(2)]
    first, second = (
        re.search(r'value="http://127.0.0.1:8000(/i/[^"]*)"', answer.text)[1] for answer in answers
    )

    assert (await visitor().get(first)).status_code == 410
    assert (await visitor().get(second)).status_code == 200


async def test_access_is_withdrawn_and_given_back(town, carmen, page_of, ana, visitor):
    act = f"{page_of}/people/{town.ana_person}"

    assert (await carmen.submit(f"{act}/withdraw", page=page_of)).status_code == 303
    assert (await ana.get("/home")).status_code == 303
    assert (await carmen.submit(f"{act}/withdraw", page=page_of)).status_code == 409
    assert (await carmen.submit(f"{act}/link", page=page_of)).status_code == 409
    assert (await carmen.submit(f"{act}/restore", page=page_of)).status_code == 303

    with pytest.raises(PermissionError):
        await visitor().sign_in("ana@ana.example", town.password)
    assert (await ana.get("/home")).status_code == 303


async def test_what_staff_do_is_written_down(town, carmen, page_of):
    await give(carmen, page_of)

    async with town.app.portal.reading() as session:
        events = list(await session.scalars(select(Event).order_by(Event.id)))
    assert [(event.name, event.actor_name) for event in events] == [
        ("access.signed_in", "Carmen"),
        ("access.given", "Carmen"),
        ("access.password_set", "Carmen"),
    ]
    assert ONE_TIME not in str([event.data for event in events])


# Who may


def routes_of_staff(app):
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/backoffice"):
            for handler in route.route_handlers:
                if not handler.opt.get("public"):
                    yield route.path_format, handler


async def test_nobody_but_staff_reaches_a_page_of_staff(town, visitor, ana):
    strangers = {"/login": visitor(), "/profile": ana}
    ids = {"contact": town.ana, "person": town.ana_person, "plugin": "hall"}
    number = 0
    for template, handler in routes_of_staff(town.app):
        path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], new_id()), template)
        for door, client in strangers.items():
            for method in sorted(handler.http_methods & {"GET", "POST"}):
                if method == "GET":
                    answer = await client.get(path)
                    assert answer.status_code == 303, path
                    assert answer.headers["location"].startswith("/backoffice/login")
                else:
                    answer = await client.submit(path, {}, page=door)
                    assert answer.status_code == 401, path
                number += 1
    assert number >= 20


async def test_staff_see_and_change_nothing_of_another_business(town, carmen, visitor):
    async with town.app.portal.reading() as session:
        cleo = await session.scalar(select(Person.id).where(Person.email == "cleo@cleo.example"))
    unknown, here = new_id(), "/backoffice/contacts"
    for contact, person in ((town.cleo, cleo), (unknown, unknown), ("x", "x"), ("%00", "%00")):
        page = f"/backoffice/contacts/{contact}"
        assert (await carmen.get(page)).status_code == 404
        answer = await carmen.submit(
            f"{page}/people",
            {"name": "Eva", "email": "eva@x.example", "role": "buyer"},
            page="/backoffice/plugins",
        )
        assert answer.status_code == 404
        for act in ("password", "link", "withdraw", "restore"):
            fields = {"password": ONE_TIME} if act == "password" else {}
            answer = await carmen.submit(
                f"{page}/people/{person}/{act}", fields, page="/backoffice/plugins"
            )
            assert answer.status_code == 404, act
        answer = await carmen.submit(
            f"{page}/plugins/hall", {"is_enabled": "false"}, page="/backoffice/plugins"
        )
        assert answer.status_code == 404
    # A person of a contact is not reached through another contact of the same business.
    answer = await carmen.submit(
        f"{here}/{town.ben}/people/{town.ana_person}/withdraw", page="/backoffice/plugins"
    )
    assert answer.status_code == 404
    await visitor().sign_in("cleo@cleo.example", town.password, path="/bees/login")


async def test_a_reader_sees_and_changes_nothing(town, sign_in, page_of):
    rita = await sign_in("rita@mill.example", "/backoffice/login")

    page = (await rita.get(page_of)).text

    assert "Ana" in page
    assert f"{page_of}/people" not in page
    assert (await rita.get("/backoffice/plugins")).status_code == 403
    for path, fields in (
        (f"{page_of}/people", {"name": "E", "email": "e@x.example", "role": "buyer"}),
        (f"{page_of}/people/{town.ana_person}/password", {"password": ONE_TIME}),
        (f"{page_of}/people/{town.ana_person}/link", {}),
        (f"{page_of}/people/{town.ana_person}/withdraw", {}),
        (f"{page_of}/people/{town.ana_person}/restore", {}),
        (f"{page_of}/plugins/hall", {"is_enabled": "false"}),
        ("/backoffice/plugins/hall", {"is_enabled": "false"}),
    ):
        answer = await rita.submit(path, fields, page="/backoffice/contacts")
        assert answer.status_code == 403, path


# Plugins


async def test_a_plugin_is_switched_for_everybody_and_for_one(town, carmen, page_of):
    async def state(path):
        text = (await carmen.get(path)).text
        return re.search(r'action="[^"]*/plugins/hall".*?value="(true|false)"', text, re.DOTALL)

    for path, act in (
        (page_of, f"{page_of}/plugins/hall"),
        ("/backoffice/plugins", "/backoffice/plugins/hall"),
    ):
        assert (await state(path))[1] == "false"
        answer = await carmen.submit(act, {"is_enabled": "false"}, page=path)
        assert answer.status_code == 303
        assert (await state(path))[1] == "true"
    # Switched off for everybody, it can no longer be switched for one.
    assert await state(page_of) is None


@pytest.mark.parametrize("plugin", ["home", "nothing", "%00"])
async def test_what_cannot_be_switched_is_refused(plugin, carmen):
    answer = await carmen.submit(
        f"/backoffice/plugins/{plugin}", {"is_enabled": "false"}, page="/backoffice/contacts"
    )

    assert answer.status_code in {400, 404}


async def test_staff_sign_out_to_their_own_door(carmen):
    answer = await carmen.submit("/backoffice/logout", page="/backoffice/contacts")

    assert answer.headers["location"] == "/backoffice/login"
    assert (await carmen.get("/backoffice/contacts")).status_code == 303


async def test_staff_change_their_own_password(town, carmen, visitor):
    answer = await carmen.submit(
        "/password", {"current_password": town.password, "new_password": "carmens-own-door"}
    )

    assert answer.headers["location"] == "/backoffice"
    assert (await carmen.get("/backoffice/contacts")).status_code == 200
    with pytest.raises(PermissionError):
        await visitor().sign_in("carmen@mill.example", town.password, path="/backoffice/login")


async def test_contacts_show_when_somebody_was_last_there(town, carmen, ana):
    async with town.app.portal.writing() as session, session.begin():
        await make_person(
            session, town.mill, [town.ben], "new@ben.example", signed_in_at=NOW, name="New"
        )

    assert await names_in(carmen, "?access=active") == ["Ana's shop", "Ben's bar"]
