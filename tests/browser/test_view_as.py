"""Staff look as a contact, read in the log that they did, and hand out and erase its data."""

import csv
import json
import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from .looking import look
from .visitors import (
    CARMEN,
    DESK_IN_SPANISH,
    PLAIN_PHONE,
)

pytestmark = pytest.mark.browser

# Nobody signs in for them: what the log tells of them was done here.
EVENTS = {"access.viewed_as", "access.view_as_ended"}


def look_around(page, options):
    """See the contact's pages, where nothing can be done."""
    expect(page).to_have_url(re.compile("/home$"))
    banner = page.locator("form[action$='/view-as/end']")
    expect(banner).to_be_visible()
    look(page, options)
    page.goto("/sales/invoices")
    page.locator("#pk-list tbody .pk-row").first.click()
    expect(banner).to_be_visible()
    expect(page.locator("main form[method=post]")).to_have_count(1)
    expect(page.locator("a[href$='/share']")).to_have_count(0)
    look(page, options)
    token = banner.locator("[name=csrf_token]").input_value()
    refused = page.request.post(
        f"{page.url.partition('?')[0]}/share",
        form={"csrf_token": token},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert refused.status == 403


@pytest.mark.parametrize(
    ("contact", "options"),
    [("Azahar", DESK_IN_SPANISH), ("Mercearia", PLAIN_PHONE)],
    ids=["es-desk-script", "en-phone-plain"],
)
def test_staff_look_as_a_contact_and_the_log_says_so(visits, contact, options):
    page = visits.open(f"/backoffice/contacts?q={contact}", who=CARMEN, **options)
    page.locator("#pk-list tbody .pk-row").first.click()
    look(page, options)
    office = page.url
    page.locator("aside form[action$='/view-as'] button").click()
    look_around(page, options)

    page.locator("form[action$='/view-as/end'] button").click()
    expect(page).to_have_url(office)
    expect(page.get_by_role("status").first).to_be_visible()
    page.goto("/home")
    expect(page).to_have_url(re.compile("/login"))

    page.goto("/backoffice/audit")
    look(page, options)
    page.locator("main [name=q]").fill(contact)
    page.locator("main [name=group]").select_option("sign_in")
    page.locator("main form[method=get] button").click()
    expect(page.locator("main .pk-list li")).to_have_count(len(EVENTS))
    look(page, options)
    with page.expect_download() as download:
        page.locator("form[action*='/audit/csv'] button").click()
    with download.value.path().open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["event"] for row in rows} == EVENTS
    assert all(contact in row["contact"] for row in rows)
    page.locator("main [name=group]").select_option("settings")
    page.locator("main [name=q]").fill("")
    page.locator("main form[method=get] button").click()
    expect(page.locator("main .pk-list li").first).to_contain_text("Carmen")


@pytest.mark.parametrize(
    ("contact", "options"),
    [("Dulce Jara", DESK_IN_SPANISH), ("Rosario Gallardo", PLAIN_PHONE)],
    ids=["es-desk-script", "en-phone-plain"],
)
def test_a_contact_is_handed_out_and_erased_once(visits, contact, options):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open(who=CARMEN, is_new=True, **options)
    page.goto(f"/backoffice/contacts?q={contact}")
    page.locator("#pk-list tbody .pk-row").first.click()
    page.locator("a[href$='/privacy']").click()
    look(page, options)
    with page.expect_download() as download:
        page.locator("form[action$='/privacy/file'] button").click()
    with ZipFile(download.value.path()) as archive:
        assert contact in json.loads(archive.read("contact.json"))[0]["name"]

    name = page.locator("header.pk-head p").inner_text()
    typed, erase = page.locator("[name=typed]"), page.locator("form[action$='/erase'] button")
    typed.fill("Nadie")
    erase.click()
    expect(typed).to_have_attribute("aria-invalid", "true")
    look(page, options)
    typed.fill(name)
    erase.click()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^#[0-9a-f]{6}$"))
    look(page, options)

    page.locator("a[href$='/privacy']").click()
    expect(erase).to_have_count(0)
    look(page, options)
    page.goto(f"/backoffice/contacts?q={contact}")
    expect(page.locator("#pk-list tbody .pk-row")).to_have_count(0)
