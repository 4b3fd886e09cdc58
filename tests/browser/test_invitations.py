"""Invitations from the back office to the first page, as staff and the invited do it."""

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
HONEY_STAFF = Visitor("oficina@mieldelpuerto.example", "/miel/backoffice/login")
DOLORES = Visitor("pedidos@cliente-m-02.example", "/miel/login")
PABLO = Visitor("pedidos@cliente-m-03.example", "/miel/login")
STATES = {
    "es-ES": ["Sin invitar", "Invitado", "Invitación abierta", "Tiene acceso"],
    "en-GB": ["Not invited", "Invited", "Invitation opened", "Has access"],
}


def person(page, who):
    return page.locator(".pk-person").filter(has_text=who.email)


def invite(office, letters, subject):
    """Send the invitation that is shown, under a subject of one's own; return its link."""
    office.locator("[name=subject]").fill(subject)
    office.locator("main .pk-primary").click()
    expect(office.get_by_role("status")).to_be_visible()
    letter, link = letters.next_invitation()
    assert subject in letter
    return link


def accept(page, options):
    """Press the button of the link that is shown, and choose a password."""
    look(page, options)
    page.locator(".pk-door .pk-primary").click()
    page.wait_for_url("**/password")
    look(page, options)
    page.locator("[name=new_password]").fill(NEW_PASSWORD)
    page.locator(".pk-door .pk-primary").click()


@pytest.mark.parametrize(
    ("who", "options"),
    [
        (Visitor("pedidos@mantequeriaschamberi.example"), DESK_IN_SPANISH),
        (Visitor("orders@feinkostmorgenrot.example"), PLAIN_PHONE),
    ],
    ids=["es-desk-script", "en-phone-plain"],
)
def test_one_is_invited_twice_opens_the_newer_link_and_is_in(visits, who, options):
    visits.expect("410 (Gone)")
    never, invited, opened, accepted = STATES[options["language"]]
    office = visits.open(f"/backoffice/contacts?q={who.email}", who=CARMEN, **options)
    letters = Letters(office, visits.url, who)
    office.locator("#pk-list tbody .pk-row").click()
    entry = person(office, who)
    expect(entry.locator(".pk-pill")).to_have_text(never)
    look(office, options)
    entry.locator("a[href$='/invite']").click()
    look(office, options)
    older = invite(office, letters, "Come in")
    expect(entry.locator(".pk-pill")).to_have_text(invited)
    entry.locator("a[href$='/invite']").click()
    newer = invite(office, letters, "Come in now")

    page = visits.open(older, **options)
    look(page, options)
    page.goto(newer)
    office.reload()
    expect(entry.locator(".pk-pill")).to_have_text(opened)
    accept(page, options)

    expect(page).to_have_url(f"{visits.url}/home")
    office.reload()
    expect(entry.locator(".pk-pill")).to_have_text(accepted)
    expect(entry.locator("a[href$='/invite']")).to_have_count(0)
    again = visits.open(newer, **options)
    expect(again.locator("form[action^='/i/']")).to_have_count(0)
    sign_in(again, who, NEW_PASSWORD)
    expect(again).to_have_url(f"{visits.url}/home")


@pytest.mark.parametrize(
    "options", [DESK_IN_SPANISH, PLAIN_PHONE], ids=["es-desk-script", "en-phone-plain"]
)
def test_all_who_never_were_are_invited_until_it_is_taken_back(visits, options):
    visits.expect("410 (Gone)")
    never, invited, *_ = STATES[options["language"]]
    office = visits.open(who=HONEY_STAFF, is_new=True, **options)
    letters = [Letters(office, visits.url, who) for who in (DOLORES, PABLO)]
    office.goto("/miel/backoffice/contacts")
    office.locator("main a[href$='/invitations']").click()
    look(office, options)
    office.locator("main form .pk-primary").click()
    expect(office.get_by_role("status")).to_be_visible()
    links = [each.next_invitation()[1] for each in letters]

    for who, link in zip((DOLORES, PABLO), links, strict=True):
        office.goto(f"/miel/backoffice/contacts?q={who.email}")
        expect(office.locator("#pk-list tbody .pk-pill")).to_have_text(invited)
        office.locator("#pk-list tbody .pk-row").click()
        person(office, who).locator(".pk-manage > summary").click()
        person(office, who).locator("form[action$='/invite/revoke'] button").click()
        expect(person(office, who).locator(".pk-pill")).to_have_text(never)
        page = visits.open(link, **options)
        expect(page.locator("form[action*='/i/']")).to_have_count(0)


def test_those_who_are_ticked_in_the_list_are_invited(visits):
    who = Visitor("pedidos@despensatriana.example")
    office = visits.open("/backoffice/contacts?q=triana", who=CARMEN)
    letters = Letters(office, visits.url, who)
    office.locator("#pk-list tbody input[name=id]").check()
    office.locator("#pk-list form .pk-btn:visible", has_text="Invitar").click()
    look(office, DESK_IN_SPANISH)
    office.locator("main form .pk-primary").click()
    expect(office.get_by_role("status")).to_contain_text("1")

    letters.next_invitation()

    office.goto("/backoffice/contacts?q=triana")
    expect(office.locator("#pk-list tbody .pk-pill")).to_have_text("Invitado")
