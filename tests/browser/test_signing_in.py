"""The door: in, out, and what it looks and reads like."""

import re

import pytest
from playwright.sync_api import expect

from .visitors import CALLUM, DESK, LUCIA, PHONE, PRIYA, sign_in

pytestmark = pytest.mark.browser

_REFUSED = {
    "es-ES": "El correo o la contraseña no son correctos. Revisa los dos.",
    "en-GB": "The e-mail or the password is not right. Check both.",
}


@pytest.mark.parametrize(
    ("language", "script", "viewport", "scheme"),
    [("es-ES", True, DESK, "light"), ("en-GB", False, PHONE, "dark")],
    ids=["es-script-desk-light", "en-plain-phone-dark"],
)
def test_a_wrong_password_keeps_the_email_and_says_one_sentence(
    visits, language, script, viewport, scheme
):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open(
        "/login?next=/sales/quotes",
        language=language,
        script=script,
        viewport=viewport,
        scheme=scheme,
    )

    sign_in(page, LUCIA, "not-this-one")

    alert = page.get_by_role("alert")
    assert alert.all_inner_texts() == [_REFUSED[language]]
    assert page.locator("[name=email]").input_value() == LUCIA.email
    assert page.locator("[name=password]").input_value() == ""
    expect(alert).to_be_focused()

    sign_in(page, LUCIA)
    expect(page).to_have_url(f"{visits.url}/sales/quotes")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_signing_in_leads_to_the_page_that_was_asked_for(visits, script):
    page = visits.open("/sales/invoices?sort=total&status=paid", script=script)
    assert "/login?next=" in page.url

    sign_in(page, LUCIA)

    expect(page).to_have_url(f"{visits.url}/sales/invoices?sort=total&status=paid")


def test_whoever_is_signed_in_passes_by_the_door(visits):
    page = visits.open("/login?next=/profile", who=LUCIA)

    expect(page).to_have_url(f"{visits.url}/profile")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_the_door_speaks_the_language_that_is_chosen_and_remembers_it(visits, script):
    page = visits.open("/login?next=/home", script=script)
    expect(page.get_by_role("heading", level=1)).to_have_text("Entra en tu portal")

    page.get_by_role("button", name="English").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to your portal")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(f"{visits.url}/login?next=/home")
    page.goto("/login")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_person_reads_the_portal_in_the_language_they_choose(visits, script):
    page = visits.open("/sales/invoices?sort=number", who=CALLUM, script=script)
    expect(page.get_by_role("heading", level=1)).to_have_text("Invoices")

    page.locator(".pk-rail").get_by_label("Language", exact=True).click()
    page.locator(".pk-rail").get_by_role("button", name="Español").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Facturas")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page).to_have_url(f"{visits.url}/sales/invoices?sort=number")

    page.goto("/profile")
    page.locator("#locale").select_option("en")
    if not script:
        page.locator("#language ~ form button, section:has(#language) form button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_theme_is_kept_on_all_pages(visits, script):
    page = visits.open("/home", who=LUCIA, script=script)
    rail = page.locator(".pk-rail")

    rail.get_by_role("button", name="Oscuro").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_url(f"{visits.url}/home")
    page.goto("/sales/invoices")
    dark = page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    rail.get_by_role("button", name="Claro").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    light = page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    assert _lightness(dark) < 0.3
    assert _lightness(light) > 0.9
    rail.get_by_role("button", name="Como el dispositivo").click()
    expect(page.locator("html[data-theme]")).to_have_count(0)


def _lightness(colour):
    return float(re.findall(r"[\d.]+", colour)[0])


def test_after_signing_out_the_way_back_shows_nothing_personal(visits):
    page = visits.open("/sales/invoices", who=PRIYA, is_new=True, language="en-GB")
    expect(page.locator("body")).to_contain_text("Harbourside Fine Foods")
    page.locator("#pk-list thead a").first.click()
    expect(page).to_have_url(re.compile("sort=date"))

    page.locator(".pk-rail").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You have signed out.")
    expect(page).to_have_url(f"{visits.url}/login")

    for _ in range(2):
        page.go_back()
        expect(page.locator("[name=password]")).to_be_visible()
        expect(page.locator("body")).not_to_contain_text("Harbourside")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Harbourside" not in kept
