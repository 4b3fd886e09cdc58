"""Admins let somebody into the back office, give another role, shut out and let in again."""

import re

import pytest
from playwright.sync_api import expect

from .looking import look
from .visitors import (
    CARMEN,
    DESK_IN_SPANISH,
    PLAIN_PHONE,
    Visitor,
    sign_in,
)

pytestmark = pytest.mark.browser

ONE_TIME = "gallinero-azul-52"


def let_in(page, name, email):
    page.locator("#add-name").fill(name)
    page.locator("#add-email").fill(email)
    page.locator("#add-password").fill(ONE_TIME)
    page.locator("form:has(#add-name) button").click()


def change_role(page, row, options):
    row.locator("details:has(select) summary").click()
    row.locator("select").select_option("support")
    look(page, options)
    row.locator("form:has(select) button").click()


def shut_out(page, row, options):
    row.locator("details:has(form[action$='/disable']) summary").click()
    look(page, options)
    row.locator("form[action$='/disable'] button").click()


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("Nuria Vidal", DESK_IN_SPANISH, ("Atención al cliente", "Retirado")),
        ("Oscar Prat", PLAIN_PHONE, ("Support", "Withdrawn")),
    ],
    ids=["es-desk-script", "en-phone-plain"],
)
def test_somebody_is_let_in_given_a_role_shut_out_and_let_in_again(visits, name, options, words):
    visits.expect("422 (Unprocessable Entity)")
    role, withdrawn = words
    member = Visitor(f"{name.split()[0].lower()}@almazara.example", CARMEN.door)
    page = visits.open("/backoffice/staff", who=CARMEN, **options)
    look(page, options)
    let_in(page, name, CARMEN.email)
    expect(page.locator("#add-email-error")).to_be_visible()
    expect(page.locator("#add-name")).to_have_value(name)
    look(page, options)
    let_in(page, name, member.email)
    expect(page.get_by_role("status").first).to_contain_text(name)

    theirs = visits.open(**options)
    sign_in(theirs, member, ONE_TIME)
    expect(theirs).to_have_url(re.compile("/password$"))
    row = page.locator(".pk-person").filter(has_text=member.email)
    change_role(page, row, options)
    expect(row).to_contain_text(role)
    theirs.goto("/backoffice/contacts")
    expect(theirs).to_have_url(re.compile("/backoffice/login"))

    shut_out(page, row, options)
    expect(row).to_contain_text(withdrawn)
    expect(row.locator("form")).to_have_count(1)
    row.locator("form button").click()
    expect(row).not_to_contain_text(withdrawn)
    expect(page.get_by_role("status").first).to_contain_text(member.email)
    own = page.locator(".pk-person").filter(has_text=CARMEN.email)
    expect(own.locator("form")).to_have_count(0)
    look(page, options)
