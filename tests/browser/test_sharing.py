"""A document is shared by link, opened by somebody without access, answered, and taken back."""

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
)

pytestmark = pytest.mark.browser

EDWARD = Visitor("orders@cotswoldlarder.example")
PENA = Visitor("pedidos@panaderiapena.example")
ELSEWHERE = ("/home", "/sales/invoices", "/sales/delivery-notes", "/profile", "/backoffice")


def make_link(page, options):
    """Make a link to the document that is shown, and return it."""
    page.locator("a[href$='/share']").first.click()
    look(page, options)
    page.locator("main form[action$='/share'] .pk-primary").click()
    look(page, options)
    copy = page.locator("[data-copy]")
    if options.get("script", True):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        copy.click()
        expect(copy).to_contain_text("Copiado")
        assert (
            page.evaluate("navigator.clipboard.readText()") == page.locator("#link").input_value()
        )
    else:
        expect(copy).to_be_hidden()
    return page.locator("#link").input_value()


def confirm(page, letters, options):
    """Type the code that the contact is sent, after a wrong one."""
    look(page, options)
    page.locator(".pk-door .pk-primary").click()
    look(page, options)
    digits = re.search(r">\s*(\d{6})\s*<", letters.next())[1]
    code = page.locator("[name=code]")
    code.fill("123456" if digits != "123456" else "654321")
    page.locator(".pk-door .pk-primary").click()
    expect(code).to_have_attribute("aria-invalid", "true")
    look(page, options)
    code.fill(digits)
    page.locator(".pk-door .pk-primary").click()
    expect(page.get_by_role("status").first).to_be_visible()
    look(page, options)


def open_link(page, visits, options):
    """Come in by the link that is shown, and find nothing else of the portal; return where."""
    look(page, options)
    page.locator(".pk-door .pk-primary").click()
    expect(page).to_have_url(re.compile(r"/sales/delivery-notes/[0-9a-f-]{36}$"))
    look(page, options)
    pdf = page.request.get(f"{page.url}/pdf")
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")
    for path in ELSEWHERE:
        answer = page.request.get(f"{visits.url}{path}", max_redirects=0)
        assert (answer.status, "/login" in answer.headers["location"]) == (303, True), path
    return page.url


def confirm_receipt(page):
    page.locator("details:has(form[action$='/actions/confirm-receipt']) summary").first.click()
    page.locator("form[action$='/actions/confirm-receipt'] .pk-primary").click()
    expect(page.get_by_role("status").first).to_be_visible()


def end_link(page, options):
    # Not by a reload, which would send the form again and make another.
    page.goto(page.url)
    look(page, options)
    page.locator("form[action$='/end'] .pk-danger").first.click()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.locator("form[action$='/end']")).to_have_count(0)


@pytest.mark.parametrize(
    ("sharer", "place", "number", "owner", "options"),
    [
        (CARMEN, "/backoffice/documents?q=A2026-0231", "A2026-0231", PENA, DESK_IN_SPANISH),
        (EDWARD, "/sales/delivery-notes", "A20", EDWARD, PLAIN_PHONE),
    ],
    ids=["staff-es-desk-script", "contact-en-phone-plain"],
)
def test_a_link_shows_one_document_until_it_is_ended(
    *, visits, sharer, place, number, owner, options
):
    visits.expect("410 (Gone)")
    visits.expect("422 (Unprocessable Entity)")
    sharing = visits.open(place, who=sharer, **options)
    sharing.locator("#pk-list tbody .pk-row").filter(has_text=number).first.click()
    link = make_link(sharing, options)

    page = visits.open(link, **options)
    address = open_link(page, visits, options)
    receipt = page.locator("form[action$='/actions/confirm-receipt']")
    expect(receipt).to_have_count(0)
    # What has arrived already is confirmed by nobody, and offers no way to it.
    expect(page.locator("a[href$='/confirm']").first).to_be_visible(visible=owner is PENA)
    letters = Letters(page, visits.url, owner)
    page.goto(f"{address}/confirm")
    confirm(page, letters, options)
    expect(receipt).to_have_count(1 if owner is PENA else 0)
    if owner is PENA:
        confirm_receipt(page)
        expect(receipt).to_have_count(0)

    end_link(sharing, options)
    page.goto(address)
    expect(page).to_have_url(re.compile("/login"))
    page.goto(link)
    look(page, options)
    expect(page.locator("form[action*='/d/']")).to_have_count(0)
