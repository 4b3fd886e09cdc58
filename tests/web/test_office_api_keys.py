"""Keys of the API in the back office: shown once, ended at once, and nobody's but admins'."""

import re

import pytest
from sqlalchemy import select

from portalkit.access.api_keys import KEY_MADE, KEY_REVOKED
from portalkit.access.models import ApiKey
from portalkit.audit import Event

from .conftest import PASSWORD

PAGE = "/backoffice/api-keys"
DOCUMENTS = "/api/v1/documents"


@pytest.fixture
async def carmen(visitor, town):
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        yield client


async def rows(town, model):
    async with town.app.portal.reading() as session:
        return (await session.scalars(select(model).order_by(model.id))).all()


async def test_a_key_is_made_shown_once_used_and_ended(town, carmen, visitor):
    made = await carmen.submit(PAGE, {"name": " ERP <b> ", "days": "30"})
    [key] = re.findall(r"pk_[a-z0-9]{8}_[\w-]{43}", made.text)
    listed = await carmen.get(PAGE)

    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    assert key not in listed.text
    assert "ERP &lt;b&gt;" in listed.text
    assert "Nunca usada" in listed.text
    async with visitor() as system:
        system.headers["authorization"] = f"Bearer {key}"
        assert (await system.get(DOCUMENTS)).status_code == 200
        await town.app.portal.drain()
        assert "Usada por última vez" in (await carmen.get(PAGE)).text

        [end] = re.findall(rf'action="({PAGE}/[^"]+/end)"', listed.text)
        ended = await carmen.submit(end, page=PAGE)

        assert ended.headers["location"] == PAGE
        assert (await system.get(DOCUMENTS)).status_code == 401
    again = await carmen.submit(end, page=PAGE)
    page = await carmen.get(PAGE)
    assert again.status_code == 404
    assert "Anulada" in page.text
    assert "/end" not in page.text
    events = [each for each in await rows(town, Event) if "api_key" in each.name]
    assert [each.name for each in events] == [KEY_MADE, KEY_REVOKED]
    assert {each.actor_name for each in events} == {"Carmen"}
    log = await carmen.get("/backoffice/audit")
    assert "ha creado una clave de la API" in log.text


async def test_a_wrong_wish_is_said_beside_its_field_and_makes_nothing(town, carmen):
    for field, fields in (
        ("name", {"name": " ", "days": "1"}),
        ("name", {"name": "x" * 101}),
        ("name", {"name": "a\x00b"}),
        ("days", {"name": "ERP", "days": "0"}),
        ("days", {"name": "ERP", "days": "3651"}),
        ("days", {"name": "ERP", "days": "²"}),
        ("days", {"name": "ERP", "days": "9" * 5_000}),
    ):
        answer = await carmen.submit(PAGE, fields)

        assert answer.status_code == 422, fields
        assert f'id="{field}-error"' in answer.text, fields
    assert (await carmen.submit(PAGE, {"name": "ERP", "scopes": "all"})).status_code == 400
    assert await rows(town, ApiKey) == []
