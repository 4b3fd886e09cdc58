"""One's own password and devices: changed, ended one by one, and left everywhere."""

import re

import pytest
from playwright.sync_api import expect

from .letters import Letters
from .looking import look
from .visitors import (
    CARMEN,
    DESK_IN_SPANISH,
    PLAIN_PHONE,
    Visitor,
    sign_in,
)

pytestmark = pytest.mark.browser

NEW_PASSWORD = "walnut-door-and-key"
BALNEARIO = Visitor("gerencia@balneario.example")
BODEGON = Visitor("owner@bodegon.example")
ONE_TIME = "gallinero-azul-52"
OWN = "tres-olivos-y-un-pozo"


@pytest.fixture
def somebody(visits):
    """Let somebody in whom no other test knows, and have them choose a password of their own."""

    def make(contact, who, options):
        office = visits.open(f"/backoffice/contacts?q={contact}", who=CARMEN, **options)
        office.locator("#pk-list tbody .pk-row").click()
        office.locator("#give-name").fill("Nora Paz")
        office.locator("#give-email").fill(who.email)
        office.locator("#give-password").fill(ONE_TIME)
        office.locator("form:has(#give-name) .pk-primary").click()
        expect(office.locator(".pk-person").filter(has_text=who.email)).to_be_visible()
        page = visits.open(**options)
        sign_in(page, who, ONE_TIME)
        page.locator("[name=new_password]").fill(OWN)
        page.locator(".pk-door .pk-primary").click()
        expect(page).to_have_url(f"{visits.url}/home")
        return page

    return make


@pytest.mark.parametrize(
    ("contact", "who", "options"),
    [("Balneario", BALNEARIO, DESK_IN_SPANISH), ("Bodegón", BODEGON, PLAIN_PHONE)],
    ids=["es-desk-script", "en-phone-plain"],
)
def test_a_password_is_changed_and_devices_are_left(visits, somebody, contact, who, options):
    visits.expect("422 (Unprocessable Entity)")
    page = somebody(contact, who, options)
    letters = Letters(page, visits.url, who)
    others = [visits.open(**options) for _ in range(2)]
    for other in others:
        sign_in(other, who, OWN)
    page.goto("/profile")
    look(page, options)
    devices = page.locator("section:has(#devices) li")
    expect(devices).to_have_count(3)
    devices.locator("form button").first.click()
    expect(devices).to_have_count(2)
    assert sum(_is_out(visits, other) for other in others) == 1

    page.locator("[name=current_password]").fill("not-this-one")
    page.locator("[name=new_password]").fill(NEW_PASSWORD)
    page.locator("section:has(#password) .pk-primary").click()
    expect(page.locator("[name=current_password]")).to_have_attribute("aria-invalid", "true")
    look(page, options)
    page.locator("[name=current_password]").fill(OWN)
    page.locator("[name=new_password]").fill(NEW_PASSWORD)
    page.locator("section:has(#password) .pk-primary").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert "/login/forgot?door=person" in letters.next()
    assert all(_is_out(visits, other) for other in others)

    sign_in(others[0], who, NEW_PASSWORD)
    expect(others[0]).to_have_url(f"{visits.url}/profile")
    page.goto("/profile")
    page.locator("form[action$='/devices/close-all'] button").click()
    expect(page).to_have_url(re.compile("/login"))
    assert _is_out(visits, others[0])


def _is_out(visits, page):
    page.goto("/profile")
    return page.url.startswith(f"{visits.url}/login")
