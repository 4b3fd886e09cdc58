"""Signing in by another account, at a portal that ``portalkit serve`` serves from its settings."""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portalkit.access.models import Business
from portalkit.app import create_app
from portalkit.config import PortalConfig
from portalkit.testing.factories import make_contact, make_person, make_staff

from .looking import look
from .visitors import (
    DESK_IN_SPANISH,
    PLAIN_PHONE,
    Visitor,
    Visits,
    sign_in,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
from oidc_issuer import CLIENT, SECRET, serve_issuer  # after the path is known

pytestmark = pytest.mark.browser

PASSWORD = "walnut-door-and-key"
ANA = Visitor("ana@sol.example")
BEN = Visitor("ben@sol.example")
CARMEN = Visitor("carmen@mill.example", "/backoffice/login")
SETTINGS = """
base_url = "{url}"
database_url = "sqlite:///{folder}/portal.db"
storage_url = "file://{folder}/files"
locales = ["es", "en"]
plugins = ["acme_oidc"]

[[business]]
slug = "mill"
name = "Olive Mill"

[plugin_settings.acme_oidc]
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
"""


@pytest.fixture(scope="module")
def issuer():
    with serve_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def provider_url(issuer, tmp_path_factory):
    """Serve a portal whose people may come from the issuer, and return its address."""
    folder = tmp_path_factory.mktemp("provider")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    written = SETTINGS.format(
        url=url, folder=folder, issuer=issuer.url, client=CLIENT, secret=SECRET
    )
    (folder / "portalkit.toml").write_text(written, "utf-8")
    environ = os.environ | {"PORTALKIT_SECRET_KEYS": "k" * 32}
    command = [Path(sys.executable).with_name("portalkit")]
    subprocess.run([*command, "db", "upgrade"], cwd=folder, env=environ, check=True)
    serving = [*command, "serve", "--port", str(port)]
    with subprocess.Popen(serving, cwd=folder, env=environ) as process:
        try:
            _await_ready(process, url)
            config = PortalConfig.load(
                folder / "portalkit.toml", environ={"PORTALKIT_SECRET_KEYS": "k" * 32}
            )
            # The browser has a loop of its own in this thread.
            with ThreadPoolExecutor(1) as threads:
                threads.submit(asyncio.run, _fill(config)).result()
            yield url
        finally:
            process.terminate()


def _await_ready(process, url):
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/-/ready", timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError("the portal did not get ready")


async def _fill(config):
    """Add two people of a contact and a member of staff, who have passwords."""
    portal = create_app(config).portal
    password = await portal.passwords.hash(PASSWORD)
    try:
        async with portal.writing() as session, session.begin():
            business = await session.scalar(select(Business.id))
            contact = await make_contact(session, business)
            for who in (ANA, BEN):
                await make_person(session, business, [contact], who.email, password_hash=password)
            await make_staff(session, business, CARMEN.email, password_hash=password)
    finally:
        await portal.close()


@pytest.fixture
def visits(chromium, provider_url, issuer):
    visits = Visits(chromium, provider_url, {})
    # Who signs in elsewhere goes there.
    visits.expect(f"asked elsewhere: {issuer.url}/authorize")
    yield visits
    visits.close()
    assert visits.unexpected == []


def come_by(page, options):
    """Go out from the door and come back; without script by one button."""
    page.locator("a[href^='/login/with/acme']").click()
    come_back(page, options)


def come_back(page, options):
    if not options.get("script", True):
        expect(page).to_have_url(re.compile("/with/acme/done"))
        look(page, options)
        page.locator(".pk-door .pk-primary").click()


def enter(visits, who, options):
    page = visits.open(who.door, **options)
    sign_in(page, who, PASSWORD)
    expect(page.locator(".pk-shell")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("who", "options"), [(ANA, DESK_IN_SPANISH), (BEN, PLAIN_PHONE)], ids=["desk", "phone"]
)
def test_one_connects_an_account_comes_in_by_it_and_disconnects(issuer, visits, who, options):
    issuer.person = {"sub": who.email, "email": f"private+{who.email}"}
    page = enter(visits, who, options)
    page.goto("/security")
    look(page, options)
    page.locator("section:has(#providers) a").click()
    come_back(page, options)
    expect(page).to_have_url(f"{visits.url}/security")
    connected = page.locator("section:has(#providers) li")
    expect(connected).to_contain_text(f"private+{who.email}")
    look(page, options)

    guest = visits.open("/login?next=/profile", **options)
    look(guest, options)
    come_by(guest, options)
    expect(guest).to_have_url(f"{visits.url}/profile")

    connected.locator("form button").click()
    expect(connected.locator("a")).to_be_visible()
    stranger = visits.open("/login", **options)
    come_by(stranger, options)
    expect(stranger).to_have_url(f"{visits.url}/login")
    expect(stranger.get_by_role("status").first).to_be_visible()
    look(stranger, options)


@pytest.mark.parametrize("options", [DESK_IN_SPANISH, PLAIN_PHONE], ids=["desk", "phone"])
def test_staff_say_that_addresses_count_and_come_in_by_theirs(issuer, visits, options):
    issuer.person = {"sub": "carmen", "email": CARMEN.email, "email_verified": True}
    office = enter(visits, CARMEN, options)
    office.goto("/backoffice/sign-in")
    look(office, options)
    office.locator("[name=providers_match_email]").check()
    office.locator("main form .pk-primary").first.click()
    expect(office.get_by_role("status").first).to_be_visible()

    page = visits.open("/backoffice/login?next=/backoffice/documents", **options)
    come_by(page, options)

    expect(page).to_have_url(f"{visits.url}/backoffice/documents")
