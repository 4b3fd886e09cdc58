"""What a person sees when something ends, fails or is not reached while they use a list."""

import re

import pytest
from playwright.sync_api import expect

from .visitors import CALLUM, LUCIA, rows, sign_in

pytestmark = pytest.mark.browser


def test_a_session_that_was_ended_elsewhere_leads_to_sign_in_and_back_to_the_list(visits):
    visits.expect("401 (Unauthorized)")
    visits.expect("422")
    page = visits.open("/sales/invoices", who=CALLUM, is_new=True, language="en-GB")
    other = visits.open("/profile", who=CALLUM, is_new=True, language="en-GB")
    other.get_by_role("button", name="End all other sessions").click()
    expect(other.get_by_role("status")).not_to_be_empty()

    page.locator("#pk-list thead a", has_text="Total").click()
    expect(page).to_have_url(re.compile(r"/login\?next=/sales/invoices%3Fsort"))
    sign_in(page, CALLUM)

    expect(page).to_have_url(f"{visits.url}/sales/invoices?sort=-total")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Total")


def test_an_ended_session_leads_to_sign_in_without_script_too(visits):
    page = visits.open("/sales/invoices", who=LUCIA, script=False)
    page.context.clear_cookies()

    page.locator("#pk-list thead a", has_text="Total").click()

    expect(page).to_have_url(re.compile(r"/login\?next=/sales/invoices%3Fsort"))


def test_an_error_of_a_part_is_one_line_and_the_rows_stay(visits):
    visits.expect("400 (Bad Request)")
    page = visits.open("/sales/invoices", who=LUCIA)
    before = rows(page)
    link = page.locator("#pk-list thead a", has_text="Total")
    link.evaluate("(link) => { link.href = link.href.replace('sort=-total', 'sort=unknown'); }")

    link.click()

    notice = page.locator("#pk-notice")
    expect(notice).to_contain_text("Hay algo mal en la petición")
    expect(notice.locator(".pk-notice")).to_have_count(1)
    assert rows(page) == before
    expect(page).to_have_url(f"{visits.url}/sales/invoices")
    assert page.locator("html main").count() == 1

    page.locator("#pk-list thead a", has_text="Número").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Número")
    expect(notice).to_be_empty()


def test_without_a_connection_the_rows_stay_and_one_is_told(visits):
    visits.expect("ERR_INTERNET_DISCONNECTED")
    visits.expect("Failed to fetch")
    page = visits.open("/sales/invoices", who=LUCIA)
    before = rows(page)
    page.context.set_offline(True)

    page.locator("#pk-list thead a", has_text="Total").click()

    expect(page.locator("#pk-notice .pk-notice")).to_contain_text(
        "No se ha podido conectar con el portal"
    )
    assert rows(page) == before

    page.context.set_offline(False)
    page.locator("#pk-list thead a", has_text="Total").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Total")
    expect(page.locator("#pk-notice")).to_be_empty()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_an_address_that_leads_nowhere_says_so_and_leads_home(visits, script):
    visits.expect("404 (Not Found)")
    page = visits.open("/no/such/page", who=LUCIA, script=script)
    expect(page.locator("h1")).to_have_text("Aquí no hay nada")

    page.get_by_role("link", name="Ir al inicio").click()

    expect(page).to_have_url(f"{visits.url}/home")


def test_signed_out_an_address_that_leads_nowhere_shows_the_door(visits):
    visits.expect("404 (Not Found)")
    page = visits.open("/no/such/page", language="en-GB")

    expect(page.locator("h1")).to_have_text("There is nothing here")
    page.get_by_role("link", name="Go to the start").click()

    expect(page).to_have_url(f"{visits.url}/login")
