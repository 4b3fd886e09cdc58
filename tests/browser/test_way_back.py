"""Once a session has ended, however it did, the way back shows nothing personal (case O04)."""

import re

import pytest
from playwright.sync_api import expect

from .visitors import CARMEN

pytestmark = pytest.mark.browser

# Contacts that no other test visits, and what is said of whose session ends.
ENDS = {
    "password": ("Regalos Gourmet Alcázar", "/password", {"password": "gallinero-azul-52"}),
    "withdrawal": ("Cestas y Detalles Levante", "/withdraw", {}),
    "everywhere": ("Asador Castilla Vieja", "/devices/close-all", {}),
    "share": ("A20", "/end", {}),
}


def send(page, place, **fields):
    """Send a form of a page, without unfolding what it stands in; return what is answered."""
    action = page.locator(f"form[action$='{place}']").first.get_attribute("action")
    token = page.locator("[name=csrf_token]").first.input_value()
    answer = page.request.post(action, form={"csrf_token": token, **fields})
    assert answer.ok, answer.status
    return answer.text()


def come_in(visits, text, path):
    """Open the link that a page shows."""
    page = visits.open(re.search(rf"{re.escape(visits.url)}{path}[\w.~-]+", text)[0])
    page.locator(".pk-door .pk-primary").click()
    page.wait_for_load_state()
    return page


def person_of(visits, office, contact):
    """Return somebody of a contact in a browser, after two pages of theirs."""
    office.goto(f"/backoffice/contacts?q={contact}")
    office.locator("#pk-list tbody .pk-row").click()
    expect(office.locator("h1")).to_contain_text(contact)
    page = come_in(visits, send(office, "/link"), "/i/")
    page.goto("/sales/invoices")
    expect(page.locator("body")).to_contain_text(contact)
    page.goto("/profile")
    expect(page.locator("body")).to_contain_text(contact)
    return page


def holder_of(visits, office, number):
    """Return who came by a link to a delivery note, after two pages about it."""
    office.goto(f"/backoffice/documents?kind=delivery_note&q={number}")
    office.locator("#pk-list tbody .pk-row").first.click()
    office.locator("a[href$='/share']").first.click()
    page = come_in(visits, send(office, "/share"), "/d/")
    expect(page.locator("body")).to_contain_text(number)
    page.goto(f"{page.url}/print")
    expect(page.locator("body")).to_contain_text(number)
    office.reload()
    return page


@pytest.mark.parametrize("how", ENDS)
def test_after_the_end_of_a_session_the_way_back_shows_nothing_personal(visits, how):
    visits.expect("410 (Gone)")
    whose, place, fields = ENDS[how]
    office = visits.open(who=CARMEN)
    page = (holder_of if how == "share" else person_of)(visits, office, whose)
    address = page.url

    send(page if how == "everywhere" else office, place, **fields)

    page.goto(address)
    expect(page).to_have_url(re.compile("/login"))
    for _ in range(2):
        page.go_back()
        # The sign-in, or that the link no longer works.
        expect(page.locator(".pk-door")).to_be_visible()
        expect(page.locator("body")).not_to_contain_text(whose)
