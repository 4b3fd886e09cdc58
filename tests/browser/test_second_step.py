"""The second step in a browser: codes, recovery codes, remembered devices, passkeys."""

import asyncio
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from example_app.app import portal_of
from example_app.settings import DemoSettings

from .looking import look
from .served import served
from .visitors import (
    CALLUM,
    CARMEN,
    DESK,
    HANNAH,
    LUCIA,
    MARIA,
    PASSWORD,
    PHONE,
    PRIYA,
    Visitor,
    Visits,
    sign_in,
)

pytestmark = pytest.mark.browser

JULIAN = Visitor("ventas@almazara.example", "/backoffice/login")
_STEP = timedelta(seconds=30)


@pytest.fixture(scope="module")
def secure(filled_demo, tmp_path_factory):
    """A demo of its own under a name, whose people may get second factors; folder and address."""
    folder = shutil.copytree(filled_demo, tmp_path_factory.mktemp("secure") / "demo")
    with served(folder, "localhost") as url:
        yield folder, url


@pytest.fixture
def visits(chromium, secure):
    visits = Visits(chromium, secure[1], {})
    yield visits
    visits.close()
    assert visits.unexpected == []


@pytest.fixture
def clock(secure):
    """Tell the time of the portal, which is another day's: from the newest session."""

    def now():
        with closing(sqlite3.connect(secure[0] / "portal.db")) as database:
            [[newest]] = database.execute("SELECT max(created_at) FROM portalkit_session")
        return datetime.fromisoformat(newest).replace(tzinfo=UTC)

    return now


@pytest.fixture
def host_link(secure, clock):
    """Make an address that signs somebody in, as the host does: in the portal's own process."""

    def make(visits, email, path):
        enter(visits.open(), JULIAN)
        now = clock()

        async def ask():
            settings = DemoSettings.read(
                {"DEMO_DIR": str(secure[0]), "DEMO_HOST": "localhost", "PORT": port}
            )
            portal = portal_of(settings, clock=lambda: now).app.portal
            try:
                return await portal.sign_in_url(email, business="almazara", next=path)
            finally:
                await portal.close()

        port = secure[1].rpartition(":")[2]
        # The browser has a loop of its own in this thread.
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(asyncio.run, ask()).result()

    return make


@pytest.mark.parametrize(
    ("how", "options", "title"),
    [
        ("script", {}, "Entrando"),
        ("plain", {"viewport": PHONE, "language": "en-GB", "scheme": "dark"}, "Signing you in"),
        ("blocked", {}, "Entrando"),
    ],
    ids=["es-script", "en-phone-plain", "es-blocked"],
)
def test_whoever_the_host_knows_is_in_at_once_or_by_one_button(
    visits, host_link, how, options, title
):
    url = host_link(visits, "contabilidad@tiendasol.example", "/sales/invoices")
    page = visits.open(script=how != "plain", **options)
    if how == "blocked":
        visits.expect("ERR_FAILED")
        page.route("**/continue.js", lambda route: route.abort())

    page.goto(url)
    if how != "script":
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        look(page, {"script": how != "plain", **options})
        page.locator(".pk-primary").click()

    expect(page).to_have_url(f"{visits.url}/sales/invoices")


def enter(page, who):
    """Sign in as far as the password leads."""
    page.goto(who.door)
    sign_in(page, who)
    expect(page).not_to_have_url(re.compile(r"/login(\?.*)?$"))


def leave(page):
    page.wait_for_load_state()
    page.goto("/security")
    page.locator("form[action='/logout'] button").first.evaluate("(it) => it.form.submit()")
    page.wait_for_url("**/login")


class Walk:
    """Somebody's way through the pages, each of which is looked at."""

    def __init__(self, page, who, **options):
        self.page = page
        self.who = who
        self.options = options
        self.script = options.get("script", True)

    def look(self):
        look(self.page, self.options)

    def press(self, style="primary"):
        self.page.locator(f".pk-door .pk-{style}").first.click()

    def again(self):
        """Sign out, and in again as far as the password leads."""
        if self.script:
            leave(self.page)
        else:
            self.page.context.clear_cookies(name="pk")
        enter(self.page, self.who)

    def set_up(self, now):
        """Set up an app, with a wrong code first; return it and the recovery codes."""
        page = self.page
        page.goto("/security")
        page.locator("a[href='/security/totp']").click()
        self.look()
        page.locator("details summary").click()
        app = pyotp.TOTP(page.locator(".pk-key").inner_text().replace(" ", ""))
        page.locator("[name=code]").fill("123456" if app.at(now) != "123456" else "654321")
        self.press()
        expect(page.locator("[name=code]")).to_have_attribute("aria-invalid", "true")
        page.locator("[name=code]").fill(app.at(now - _STEP))
        self.press()
        expect(page.locator(".pk-codes code")).to_have_count(10)
        codes = page.locator(".pk-codes code").all_inner_texts()
        self.look()
        return app, codes

    def download(self, codes):
        with self.page.expect_download() as download:
            self.page.locator("a[download]").click()
        kept = download.value.path().read_text("utf-8")
        assert [code for code in codes if code not in kept] == []
        self.page.locator("a.pk-primary").click()

    def forget(self):
        self.page.goto("/security")
        self.look()
        self.page.locator("section:has(#remembered) button").click()
        expect(self.page.locator("#remembered")).to_have_count(0)

    def is_in(self):
        expect(self.page.locator(".pk-shell")).to_be_visible()


@pytest.mark.parametrize(
    ("who", "language", "script", "viewport"),
    [
        (LUCIA, "es-ES", True, DESK),
        (CALLUM, "en-GB", False, PHONE),
        (CARMEN, "es-ES", False, DESK),
    ],
    ids=["es-script-desk", "en-plain-phone", "staff-plain"],
)
def test_codes_from_the_first_to_the_last_day(*, visits, clock, who, language, script, viewport):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open(language=language, script=script, viewport=viewport)
    walk = Walk(page, who, script=script, viewport=viewport)
    enter(page, who)
    now = clock()
    app, codes = walk.set_up(now)
    walk.download(codes)
    walk.is_in()

    walk.again()
    expect(page).to_have_url(re.compile(r"/login/code"))
    walk.look()
    page.locator("[name=code]").fill(app.at(clock()))
    page.locator("[name=remember]").first.check()
    walk.press()
    walk.is_in()
    walk.again()
    walk.is_in()

    walk.forget()
    walk.again()
    page.locator("a[href^='/login/recovery']").click()
    walk.look()
    page.locator("[name=recovery_code]").fill(codes[0])
    walk.press()
    expect(page.get_by_role("status").first).to_contain_text("9")

    page.goto("/security/totp/remove")
    walk.look()
    page.locator("[name=code]").fill(codes[1])
    walk.press("danger")
    expect(page).to_have_url(re.compile(r"/security$"))
    expect(page.locator("a[href='/security/totp']")).to_be_visible()


@pytest.fixture
def device():
    """Give a page a device that makes passkeys, without asking anybody."""

    def plug(page, *, is_verified=True):
        client = page.context.new_cdp_session(page)
        client.send("WebAuthn.enable")
        made = client.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": is_verified,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        return client, made["authenticatorId"]

    return plug


@pytest.mark.parametrize(
    ("who", "language", "viewport"),
    [(HANNAH, "en-GB", DESK), (MARIA, "es-ES", PHONE)],
    ids=["en-desk", "es-phone"],
)
def test_a_passkey_is_made_and_lets_in_alone_and_as_second_step(
    *, visits, device, who, language, viewport
):
    page = visits.open(language=language, viewport=viewport)
    walk = Walk(page, who, viewport=viewport)
    client, authenticator = device(page)
    enter(page, who)
    page.goto("/security")
    page.locator("a[href='/security/passkeys/new']").click()
    walk.look()
    page.locator("[name=name]").fill("Thumb")
    walk.press()
    expect(page.locator(".pk-codes code")).to_have_count(10)
    kept = client.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    assert [each["rpId"] for each in kept["credentials"]] == ["localhost"]
    page.goto("/security")
    expect(page.locator("section:has(#passkeys) li strong")).to_have_text("Thumb")
    walk.look()
    leave(page)

    page.goto("/login?next=/profile")
    page.locator("form[data-passkey] .pk-btn").click()
    # Whole, since the address of the door ends like it.
    expect(page).to_have_url(f"{visits.url}/profile")

    walk.again()
    expect(page).to_have_url(re.compile(r"/login/code"))
    walk.look()
    page.locator("form[data-passkey] .pk-primary").click()
    walk.is_in()


def test_a_passkey_that_was_removed_opens_no_door(visits, device):
    page = visits.open(language="en-GB")
    device(page)
    enter(page, PRIYA)
    page.goto("/security/passkeys/new")
    page.locator("[name=name]").fill("Thumb")
    page.locator("form[data-passkey] .pk-primary").click()
    expect(page.locator(".pk-codes code")).to_have_count(10)

    page.goto("/security")
    page.locator("a[href$='/remove']:has-text('Thumb')").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.locator(".pk-danger").click()
    expect(page.locator("section:has(#passkeys) li")).to_have_count(0)
    leave(page)
    page.locator("form[data-passkey] .pk-btn").click()

    expect(page.get_by_role("status").first).to_contain_text("does not open this door")


def test_a_device_that_cannot_tell_who_holds_it_is_no_way_in(visits, device):
    page = visits.open(language="en-GB")
    device(page, is_verified=False)
    enter(page, JULIAN)
    page.goto("/security/passkeys/new")

    page.locator("form[data-passkey] .pk-primary").click()

    said = page.locator("[data-failed]")
    expect(said).to_have_text("No passkey was made. Try again.")
    expect(page.locator("form[data-passkey] .pk-primary")).to_be_enabled()
    look(page, {})


def test_without_script_passkeys_are_not_offered_and_the_other_ways_are(visits):
    page = visits.open("/login", script=False)

    expect(page.locator("form[data-passkey]")).to_be_hidden()
    expect(page.locator("[name=password]")).to_be_visible()
    enter(page, JULIAN)
    page.goto("/security/passkeys/new")
    expect(page.locator("form[data-passkey]")).to_be_hidden()
    expect(page.locator("a[href='/security/totp']")).to_be_visible()
