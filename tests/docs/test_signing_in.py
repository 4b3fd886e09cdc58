"""The host of ``docs/signing-in.md`` is taken out of the page and used."""

import re
import secrets
import sys
from importlib import import_module
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import select

from portalkit.access.models import Business
from portalkit.db.migrate import upgrade
from portalkit.testing.factories import make_contact, make_person

PAGE = (Path(__file__).parents[2] / "docs" / "signing-in.md").read_text("utf-8")


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PORTALKIT_SECRET_KEYS", secrets.token_hex(32))
    monkeypatch.setenv("PORTALKIT_DATABASE_URL", f"sqlite:///{tmp_path}/portal.db")
    monkeypatch.setenv("PORTALKIT_PDF__WORKERS", "0")
    section = PAGE.partition("### Somebody is signed in already\n")[2]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]
    (tmp_path / "signing_in_host.py").write_text(code, "utf-8")
    sys.modules.pop("signing_in_host", None)
    module = import_module("signing_in_host")
    upgrade(module.config.database_url, module.plugin.app.portal.registry)
    return module


async def test_the_host_of_the_page_signs_its_customer_in(host):
    async with AsyncTestClient(host.app, base_url="http://127.0.0.1:8000") as client:
        portal = host.plugin.app.portal
        async with portal.writing() as session, session.begin():
            business = await session.scalar(select(Business.id))
            contact = await make_contact(session, business)
            await make_person(session, business, [contact], "lucia@sol.example")

        sent = await client.get(
            "/my-invoices", headers={"x-my-user": "lucia@sol.example"}, follow_redirects=False
        )
        page = await client.get(sent.headers["location"])
        path = re.search(r'action="(/portal/login/host/[^"]+)"', page.text)[1]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        answer = await client.post(
            path,
            data={"csrf_token": token},
            headers={"sec-fetch-site": "same-origin"},
            follow_redirects=False,
        )

    assert (sent.status_code, page.status_code) == (303, 200)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sales/invoices")
