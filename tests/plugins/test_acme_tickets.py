"""A plugin of a third party, installed as a distribution, used through HTTP."""

import subprocess
import sys
from datetime import date
from importlib.metadata import distribution

import msgspec
import pytest
from sqlalchemy import insert, update

from portalkit.access.models import Business, PluginSwitch
from portalkit.app import create_app
from portalkit.config import PortalConfig
from portalkit.documents import publish_in
from portalkit.hooks import load_plugins
from portalkit.model import new_id
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_person,
    make_publication,
)

COMMAND = "from portalkit.cli import main; main()"
PASSWORD = "olive-trees-7"


@pytest.fixture
def portal_plugins():
    return ("acme_tickets",)


@pytest.fixture
def settings():
    return {}


@pytest.fixture
async def app(portal_config, settings):
    config = msgspec.structs.replace(portal_config, plugin_settings={"acme_tickets": settings})
    app = create_app(config, clock=lambda: NOW)
    async with open_portal(app):
        yield app


@pytest.fixture
async def business(app):
    """A business with two contacts, three people and a service report for Ana."""
    async with app.portal.writing() as session:
        business = await make_business(session)
        password = await app.portal.passwords.hash(PASSWORD)
        ana = await make_contact(session, business, "Ana")
        ben = await make_contact(session, business, "Ben")
        for contact, email, role in (
            (ana, "ana@ana.example", "owner"),
            (ana, "reader@ana.example", "reader"),
            (ben, "ben@ben.example", "owner"),
        ):
            await make_person(
                session, business, [contact], email, role=role, password_hash=password
            )
        await session.commit()
    return msgspec.defstruct("Found", ["id", "ana", "ben"])(business, ana, ben)


@pytest.fixture
async def switched_on(app, business):
    await switch(app, business.id, is_enabled=True)


async def switch(app, business_id, *, is_enabled):
    async with app.portal.writing() as session:
        await session.execute(
            insert(PluginSwitch).values(
                id=new_id(), business_id=business_id, plugin="acme_tickets", is_enabled=is_enabled
            )
        )
        await session.execute(update(Business).values(version=Business.version + 1))
        await session.commit()


@pytest.fixture
async def report(app, business, switched_on):
    """The id of a service report for Ana."""
    async with app.portal.writing() as session:
        body = make_body("service_report", "PS-7", issued_on=date(2026, 11, 20), due_on=None)
        (result,) = await publish_in(
            session,
            business.id,
            [make_publication(business.ana, body)],
            kinds=app.portal.kinds,
            storage=app.portal.storage,
            now=NOW,
        )
        await session.commit()
    return str(result.id)


@pytest.fixture
def sign_in(app, business):
    async def sign_in(email="ana@ana.example"):
        client = PortalClient(app)
        await client.sign_in(email, PASSWORD)
        return client

    return sign_in


async def open_ticket(client, subject="The press is leaking"):
    return await client.submit("/tickets", {"subject": subject})


def test_it_is_a_distribution_with_an_entry_point():
    found = distribution("acme-tickets")

    assert [(each.group, each.name) for each in found.entry_points] == [
        ("portalkit.plugins", "acme_tickets")
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_loaded_with_everything_it_declares(portal_config):
    registry = load_plugins(portal_config)

    declarations = registry.declarations
    assert registry.plugins["acme_tickets"].package == "acme-tickets"
    assert list(declarations.kinds) == ["service_report"]
    for declared in (declarations.sections, declarations.widgets, declarations.actions):
        assert "acme_tickets" in {item.plugin for item in declared}


async def test_it_is_off_until_a_business_switches_it_on(app, business, sign_in):
    client = await sign_in()

    before = await client.get("/tickets")
    home = await client.get("/home")
    await switch(app, business.id, is_enabled=True)
    after = await client.get("/tickets")

    assert before.status_code == 404
    assert "Incidencias" not in home.text
    assert after.status_code == 200


async def test_nobody_gets_in_without_signing_in(app, switched_on):
    client = PortalClient(app)

    page = await client.get("/tickets", headers={"accept": "text/html"})

    assert page.status_code == 303
    assert page.headers["location"].startswith("/login")


async def test_its_page_stands_in_the_navigation_in_the_readers_language(sign_in, switched_on):
    client = await sign_in()

    page = await client.get("/home")

    assert '<a href="/tickets">' in page.text
    assert "Incidencias" in page.text


async def test_a_contact_opens_a_ticket_and_sees_own_ones_only(sign_in, switched_on):
    ana, ben = await sign_in(), await sign_in("ben@ben.example")

    answer = await open_ticket(ana)
    page = await ana.get(answer.headers["location"])
    other = await ben.get("/tickets")

    assert answer.status_code == 303
    assert "La incidencia 1 está abierta." in page.text
    assert "T-00001" in page.text
    assert "The press is leaking" in page.text
    assert "The press is leaking" not in other.text
    assert "No tienes incidencias." in other.text


async def test_a_role_without_the_permission_sees_but_does_not_write(sign_in, switched_on):
    await open_ticket(await sign_in())
    reader = await sign_in("reader@ana.example")

    page = await reader.get("/tickets")
    answer = await reader.submit("/tickets", {"subject": "x"}, page="/profile")

    assert "The press is leaking" in page.text
    assert 'name="subject"' not in page.text
    assert answer.status_code == 403


async def test_a_form_without_the_token_changes_nothing(sign_in, switched_on):
    client = await sign_in()

    answer = await client.post("/tickets", data={"subject": "x"})

    assert answer.status_code == 403
    assert "No tienes incidencias." in (await client.get("/tickets")).text


@pytest.mark.parametrize("settings", [{"max_open": 1}])
async def test_its_settings_come_from_the_host(sign_in, switched_on):
    client = await sign_in()

    first = await open_ticket(client)
    second = await open_ticket(client)

    assert first.status_code == 303
    assert second.status_code == 400


async def test_the_home_page_shows_its_widget_when_there_is_something_to_show(sign_in, switched_on):
    client = await sign_in()

    empty = await client.get("/home")
    await open_ticket(client)
    filled = await client.get("/home")

    assert "Incidencias abiertas" not in empty.text
    assert "Incidencias abiertas" in filled.text


async def test_its_static_files_are_served_for_ever(sign_in, switched_on):
    client = await sign_in()
    page = await client.get("/tickets")
    (url,) = (
        part.split('"')[0]
        for part in page.text.split('href="')
        if part.split('"')[0].endswith("/tickets.css")
    )

    style = await client.get(url)

    assert url.startswith("/-/static/acme_tickets/")
    assert ".acme-ticket" in style.text
    assert "immutable" in style.headers["cache-control"]


async def test_its_kind_of_document_has_its_own_list_and_page(sign_in, report):
    client = await sign_in()

    found = await client.get("/tickets/reports")
    page = await client.get(f"/tickets/reports/{report}")

    assert "PS-7" in found.text
    assert page.status_code == 200
    assert "Parte de servicio" in page.text
    assert "Firmado al terminar la visita." in page.text


async def test_its_action_and_its_slot_work_on_the_page_of_a_document(sign_in, report):
    client = await sign_in()
    path = f"/tickets/reports/{report}"
    before = await client.get(path)

    answer = await client.submit(
        f"{path}/actions/ask-for-visit", {"reason": "Oil the press"}, page=path
    )
    after = await client.get(path)
    tickets = await client.get("/tickets")

    assert "Pedir otra visita" in before.text
    assert "sobre este documento" not in before.text
    assert answer.status_code == 303
    assert "Te llamaremos para acordar un día." in after.text
    assert "1 incidencia sobre este documento" in after.text
    assert "Oil the press" in tickets.text


async def test_its_documents_disappear_with_it(app, business, sign_in, report):
    client = await sign_in()
    async with app.portal.writing() as session:
        await session.execute(update(PluginSwitch).values(is_enabled=False))
        await session.execute(update(Business).values(version=Business.version + 1))
        await session.commit()

    page = await client.get(f"/tickets/reports/{report}")

    assert page.status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_adds_a_command(database_url, tmp_path):
    config = tmp_path / "portalkit.toml"
    config.write_text(f'plugins = ["acme_tickets"]\ndatabase_url = "{database_url}"\n')

    result = subprocess.run(
        [sys.executable, "-c", COMMAND, "--config", config, "acme_tickets", "count"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.stdout, result.returncode) == ("0\n", 0), result.stderr


def test_a_typing_mistake_in_its_settings_stops_the_start():
    config = PortalConfig(
        plugins=("acme_tickets",), plugin_settings={"acme_tickets": {"max_opened": 3}}
    )

    with pytest.raises(ExceptionGroup) as caught:
        load_plugins(config)

    assert "plugin_settings.acme_tickets: Object contains unknown field `max_opened`" in str(
        caught.value.exceptions[0]
    )
