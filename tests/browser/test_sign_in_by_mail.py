"""Signing in by a mail, and a forgotten password, as people do it."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .letters import Letters
from .looking import look
from .visitors import (
    DESK_IN_SPANISH,
    PLAIN_PHONE,
    Visitor,
    sign_in,
)

pytestmark = pytest.mark.browser

NEW_PASSWORD = "walnut-door-and-key"


def ways(at_desk, on_phone):
    """People without a password, whom no other test knows."""
    cases = [(Visitor(at_desk), DESK_IN_SPANISH), (Visitor(on_phone), PLAIN_PHONE)]
    return pytest.mark.parametrize(("who", "options"), cases, ids=["desk", "phone"])


def press(page):
    page.locator(".pk-door .pk-primary").click()


@ways("pedidos@lamerced.example", "orders@nordlysdeli.example")
def test_a_code_comes_by_mail_and_lets_in(who, options, visits):
    visits.expect("status of 422")
    page = visits.open("/login", **options)
    letters = Letters(page, visits.url, who)
    look(page, options)
    page.locator("[name=email]").fill(who.email)
    page.locator("button[formaction^='/login/mail']").click()
    expect(page).to_have_url(f"{visits.url}/login/mail")
    look(page, options)
    code = page.locator("[name=code]")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(code).to_have_attribute("inputmode", "numeric")
    digits = re.search(r">\s*(\d{6})\s*<", letters.next())[1]

    code.fill("123456" if digits != "123456" else "654321")
    press(page)
    expect(code).to_have_attribute("aria-invalid", "true")
    look(page, options)
    page.locator("form[action='/login/mail/again'] button").click()
    expect(page.locator(".pk-door [role=alert]").first).to_be_visible()
    code.fill(f"{digits[:3]} {digits[3:]}")
    press(page)

    page.wait_for_url("**/password")
    look(page, options)
    page.locator(".pk-door .pk-quiet").click()
    page.wait_for_url("**/home")


@ways("pedidos@lospatios.example", "orders@epiceriedesquais.example")
def test_a_forgotten_password_is_set_anew_by_mail(who, options, visits):
    visits.expect("status of 422")
    page = visits.open("/login", **options)
    letters = Letters(page, visits.url, who)
    page.locator("a[href^='/login/forgot']").click()
    look(page, options)
    page.locator("[name=email]").fill(who.email)
    press(page)
    page.wait_for_url("**/login/forgot/sent?door=person")
    look(page, options)
    page.goto(re.search(r'href="([^"]+/login/reset/[^"]+)"', letters.next())[1])
    look(page, options)
    page.locator("[name=new_password]").fill("password1")
    press(page)
    expect(page.locator("[name=new_password]")).to_have_attribute("aria-invalid", "true")
    look(page, options)

    page.locator("[name=new_password]").fill(NEW_PASSWORD)
    press(page)

    page.wait_for_url("**/home")
    assert "/login/forgot?door=person" in letters.next()
    page = visits.open("/login", **options)
    sign_in(page, who, NEW_PASSWORD)
    page.wait_for_url("**/home")


STAFF = Visitor("oficina@mieldelpuerto.example", "/miel/backoffice/login")


@pytest.fixture
def kept_password(demo_folder):
    """Give the staff back the password by which other tests sign in."""
    with closing(sqlite3.connect(demo_folder / "portal.db")) as database:
        [[kept]] = database.execute(
            "SELECT password_hash FROM portalkit_staff WHERE email = ?", [STAFF.email]
        )
        yield
        with database:
            database.execute(
                "UPDATE portalkit_staff SET password_hash = ? WHERE email = ?",
                [kept, STAFF.email],
            )


@pytest.mark.usefixtures("kept_password")
@pytest.mark.parametrize("options", [DESK_IN_SPANISH, PLAIN_PHONE], ids=["desk", "phone"])
def test_staff_come_in_by_a_code_and_set_a_forgotten_password_anew(options, visits):
    page = visits.open(STAFF.door, **options)
    letters = Letters(page, visits.url, STAFF)
    look(page, options)
    page.locator("[name=email]").fill(STAFF.email)
    page.locator("button[formaction*='/login/mail']").click()
    page.wait_for_url("**/miel/login/mail")
    look(page, options)
    page.locator("[name=code]").fill(re.search(r">\s*(\d{6})\s*<", letters.next())[1])
    press(page)
    page.wait_for_url("**/miel/backoffice/contacts")

    page = visits.open(STAFF.door, **options)
    page.locator("a[href*='/login/forgot']").click()
    look(page, options)
    page.locator("[name=email]").fill(STAFF.email)
    press(page)
    page.wait_for_url("**/miel/login/forgot/sent?door=staff")
    page.goto(re.search(r'href="([^"]+/login/reset/[^"]+)"', letters.next())[1])
    look(page, options)
    page.locator("[name=new_password]").fill(NEW_PASSWORD)
    press(page)
    page.wait_for_url("**/miel/backoffice/contacts")
    assert "/login/forgot?door=staff" in letters.next()
