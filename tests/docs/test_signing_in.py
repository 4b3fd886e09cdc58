"""The host of ``docs/signing-in.md`` is taken out of the page and used."""

import re
import secrets
import sys
from importlib import import_module
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient

from portalkit.db.migrate import upgrade

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


@pytest.fixture
async def client(host):
    """A browser at the host, which has made a contact and its person."""
    async with AsyncTestClient(
        host.app, base_url="http://127.0.0.1:8000", session_config=host.sessions
    ) as client:
        await host.portal.upsert_contact("C-1", name="Tienda Sol")
        await host.portal.give_access("C-1", "lucia@sol.example")
        yield client


async def go(client, path):
    return await client.get(path, follow_redirects=False)


async def sign_in(client):
    """Go to the portal from the host's page, and return its answer."""
    sent = await go(client, "/my-invoices")
    page = await client.get(sent.headers["location"])
    path = re.search(r'action="(/portal/login/host/[^"]+)"', page.text)[1]
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    return await client.post(
        path,
        data={"csrf_token": token},
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


async def test_the_host_of_the_page_signs_its_customer_in_and_out(client):
    await client.set_session_data({"email": "lucia@sol.example"})

    answer = await sign_in(client)
    inside = await go(client, "/portal/profile")
    left = await client.post("/sign-out", follow_redirects=False)
    outside = await go(client, "/portal/profile")

    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sales/invoices")
    assert (inside.status_code, left.status_code, outside.status_code) == (200, 303, 303)
    assert (await go(client, "/my-invoices")).status_code == 401


async def test_nobody_gets_in_by_saying_who_they_are(client):
    answer = await client.get("/my-invoices", headers={"x-my-user": "lucia@sol.example"})

    assert answer.status_code == 401


@pytest.mark.parametrize("who", ["unknown@sol.example", "lucia@sol.example"])
async def test_a_customer_without_access_is_told_so(client, host, who):
    await host.portal.withdraw_access("C-1", "lucia@sol.example")
    await client.set_session_data({"email": who})

    answer = await go(client, "/my-invoices")

    assert (answer.status_code, answer.headers["location"]) == (303, "/no-invoices")
