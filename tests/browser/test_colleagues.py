"""The people of a contact, and people of several contacts, in a browser."""

import re

import pytest
from playwright.sync_api import expect

from .letters import Letters
from .looking import look
from .visitors import (
    CARMEN,
    DESK_IN_SPANISH,
    LUCIA_AT_HONEY,
    PLAIN_PHONE,
    Visitor,
    sign_in,
)

pytestmark = pytest.mark.browser

EDWARD = Visitor("orders@cotswoldlarder.example")
ONE_TIME = "gallinero-azul-52"
OWN = "tres-olivos-y-un-pozo"
WORDS = {
    "es-ES": {"buyer": "Comprador", "reader": "Solo lectura", "is_in": "Tiene acceso"},
    "en-GB": {"buyer": "Buyer", "reader": "Reader", "is_in": "Has access"},
}


def person(page, who):
    return page.locator(".pk-person").filter(has_text=who.email)


def said(page, text):
    expect(page.get_by_role("status").first).to_contain_text(text)


def invite(page, owner, eva, options):
    """Invite a colleague, after an address that is in the list already."""
    page.locator("[name=name]").fill("Eva Ruiz")
    page.locator("[name=email]").fill(owner.email)
    page.locator("#invite-role").select_option("buyer")
    button = page.locator("form:has([name=email]) .pk-primary")
    button.click()
    expect(page.locator("#invite-email")).to_have_attribute("aria-invalid", "true")
    look(page, options)
    page.locator("[name=email]").fill(eva.email)
    button.click()
    said(page, eva.email)


def change_role(page, who, role, options):
    entry = person(page, who)
    entry.locator("summary").first.click()
    look(page, options)
    entry.locator("[name=role]").select_option(role)
    entry.locator("form[action$='/role'] .pk-primary").click()
    said(page, who.email)


def remove(page, who):
    entry = person(page, who)
    entry.locator("summary").last.click()
    entry.locator("form[action$='/remove'] .pk-danger").click()


@pytest.mark.parametrize(
    ("owner", "prefix", "options"),
    [(LUCIA_AT_HONEY, "/miel", DESK_IN_SPANISH), (EDWARD, "", PLAIN_PHONE)],
    ids=["es-desk-script", "en-phone-plain"],
)
def test_an_owner_invites_a_colleague_changes_the_role_and_removes(visits, owner, prefix, options):
    visits.expect("422 (Unprocessable Entity)")
    visits.expect("403 (Forbidden)")
    words = WORDS[options["language"]]
    eva = Visitor("eva@colegas.example")
    page = visits.open(f"{prefix}/profile/people", who=owner, **options)
    letters = Letters(page, visits.url, eva)
    look(page, options)
    invite(page, owner, eva, options)
    expect(person(page, eva)).to_contain_text(words["buyer"])

    guest = visits.open(letters.next_invitation()[1], **options)
    guest.locator(".pk-door .pk-primary").click()
    guest.locator(".pk-door .pk-quiet").click()
    expect(guest).to_have_url(f"{visits.url}{prefix}/home")
    expect(guest.locator("a[href$='/profile/people']")).to_have_count(0)
    assert guest.goto(f"{prefix}/profile/people").status == 403
    look(guest, options)

    page.reload()
    expect(person(page, eva)).to_contain_text("Eva Ruiz")
    expect(person(page, eva).locator(".pk-pill")).to_have_text(words["is_in"])
    change_role(page, eva, "reader", options)
    expect(person(page, eva)).to_contain_text(words["reader"])
    # The last owner stays, and nothing is offered that would be refused.
    expect(person(page, owner).locator("summary")).to_have_count(0)
    remove(page, eva)
    said(page, eva.email)
    guest.goto(f"{prefix}/sales/invoices")
    expect(guest).to_have_url(re.compile("/login"))
    person(page, eva).locator("form[action$='/restore'] button").click()
    said(page, eva.email)


def give(office, contact, who, password=""):
    """Let somebody act for a contact, and return the address of its page."""
    office.goto(f"/backoffice/contacts?q={contact}")
    office.locator("#pk-list tbody .pk-row").click()
    office.locator("#give-name").fill("Rosa Gil")
    office.locator("#give-email").fill(who.email)
    office.locator("#give-password").fill(password)
    office.locator("form:has(#give-name) .pk-primary").click()
    expect(person(office, who)).to_be_visible()
    return office.url


def choose_password(page, options):
    """Choose a password instead of the one that staff set, after one that is too short."""
    look(page, options)
    page.locator("[name=new_password]").fill("corta12")
    page.locator("form.pk-form").evaluate("(form) => { form.noValidate = true; }")
    page.locator(".pk-door .pk-primary").click()
    expect(page.locator("#new_password-error")).to_be_visible()
    page.locator("[name=new_password]").fill(OWN)
    page.locator(".pk-door .pk-primary").click()


def choose_contact(page, name):
    page.locator("main li", has_text=name).locator("button").click()
    page.wait_for_url("**/home")
    page.goto("/profile")
    expect(page.locator("main")).to_contain_text(name)


def set_password(office, who):
    """Set a password that works once, as staff do on the contact's page."""
    entry = person(office, who)
    entry.locator(".pk-manage > summary").click()
    entry.locator(".pk-answer summary").first.click()
    entry.locator("[name=password]").fill(ONE_TIME)
    entry.locator("form[action$='/password'] .pk-primary").click()
    said(office, "Rosa Gil")


TWO_WAYS = pytest.mark.parametrize(
    ("who", "options"),
    [
        (Visitor("rosa@asesores.example"), DESK_IN_SPANISH),
        (Visitor("rose@advisers.example"), PLAIN_PHONE),
    ],
    ids=["es-desk-script", "en-phone-plain"],
)


@TWO_WAYS
def test_whoever_acts_for_two_contacts_signs_in_once_and_changes_over(visits, who, options):
    visits.expect("422 (Unprocessable Entity)")
    visits.expect("401 (Unauthorized)")
    office = visits.open(who=CARMEN, **options)
    letters = Letters(office, visits.url, who)
    give(office, "Hoteles", who, ONE_TIME)
    contact_url = give(office, "Zubiaurre", who)

    page = visits.open(**options)
    sign_in(page, who, ONE_TIME)
    page.goto("/sales/invoices")
    expect(page).to_have_url(f"{visits.url}/password")
    page.go_back()
    choose_password(page, options)
    expect(page).to_have_url(f"{visits.url}/profile/contacts")
    look(page, options)
    choose_contact(page, "Zubiaurre")
    page.locator("main a[href='/profile/contacts']").click()
    choose_contact(page, "Hoteles")

    office.goto(contact_url)
    set_password(office, who)
    assert ONE_TIME not in letters.next()
    page.goto("/home")
    expect(page).to_have_url(re.compile("/login"))
    sign_in(page, who, ONE_TIME)
    expect(page).to_have_url(re.compile("/password"))
    again = visits.open(**options)
    sign_in(again, who, ONE_TIME)
    expect(again.get_by_role("alert")).to_have_count(1)
