"""Two businesses in one portal: neither knows the other's people."""

import pytest
from playwright.sync_api import expect

from .visitors import HANNAH, LUCIA, LUCIA_AT_HONEY, sign_in

pytestmark = pytest.mark.browser


def test_the_second_business_does_not_know_the_first_ones_people(visits):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open("/miel/login", language="en-GB")
    expect(page.locator(".pk-door-top")).to_contain_text("Miel del Puerto")

    sign_in(page, HANNAH)

    expect(page.get_by_role("alert")).to_have_text(
        "The e-mail or the password is not right. Check both."
    )
    expect(page).to_have_url(f"{visits.url}/miel/login")


def test_a_session_of_one_business_opens_nothing_at_the_other(visits):
    page = visits.open("/miel/home", who=LUCIA)
    expect(page).to_have_url(f"{visits.url}/miel/login?next=/miel/home")

    honey = visits.open("/sales/invoices", who=LUCIA_AT_HONEY)
    expect(honey).to_have_url(f"{visits.url}/login?next=/sales/invoices")


def test_one_address_is_two_persons_with_documents_of_their_own(visits):
    visits.expect("404 (Not Found)")
    mill = visits.open("/sales/invoices", who=LUCIA)
    mill.locator("#pk-list tbody .pk-row").nth(1).click()
    expect(mill.locator(".sheet")).to_be_visible()
    page = visits.open("/miel/home", who=LUCIA_AT_HONEY)
    expect(page.locator(".pk-rail .pk-brandmark")).to_contain_text("Miel del Puerto")
    assert "Almazara" not in page.content()
    assert _brand(page) != _brand(mill)

    page.locator(".pk-rail").get_by_role("link", name="Facturas").click()
    expect(page).to_have_url(f"{visits.url}/miel/sales/invoices")
    page.locator("#pk-list tbody .pk-row").first.click()
    expect(page.locator(".sheet-business")).to_have_text("Miel del Puerto")

    page.goto(mill.url.replace(visits.url, f"{visits.url}/miel"))
    expect(page.locator("h1")).to_have_text("Aquí no hay nada")


def test_being_signed_in_at_one_leaves_the_door_of_the_other_as_it_is(visits):
    page = visits.open("/login", who=LUCIA_AT_HONEY)
    sign_in(page, LUCIA)
    expect(page).to_have_url(f"{visits.url}/home")

    page.goto("/home")
    expect(page.locator(".pk-rail .pk-brandmark")).to_contain_text("Almazara Sierra Alta")


def _brand(page):
    return page.locator(".pk-rail [aria-current] .pk-i").evaluate(
        "(icon) => getComputedStyle(icon).color"
    )
