"""The home page: what waits, what came last, and that all of it leads somewhere."""

import pytest
from playwright.sync_api import expect

from .visitors import HANNAH, LUCIA, PHONE, links

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_each_card_that_waits_leads_to_its_document_and_to_its_list(visits, script):
    page = visits.open("/home", who=LUCIA, script=script)
    cards = [
        (card.locator("header > span").last.inner_text(), list(links(card, "footer a")))
        for card in page.locator(".pk-task").all()
    ]
    assert len(cards) == 3

    for number, (document, documents) in cards:
        page.goto(document)
        expect(page.locator("h1")).to_contain_text(number)
        page.goto(documents)
        expect(page.locator("#pk-list tbody")).to_contain_text(number)


def test_the_first_card_is_what_is_overdue_and_offers_open_ones_only(visits):
    page = visits.open("/home", who=LUCIA)

    pills = page.locator(".pk-task .pk-pill").all_inner_texts()

    assert pills[0].startswith("Vencida desde hace")
    assert all(pill.startswith("Caduca en") for pill in pills[1:])


def test_the_latest_documents_lead_to_their_pages(visits):
    page = visits.open("/home", who=HANNAH, viewport=PHONE, language="en-GB", scheme="dark")
    latest = page.locator("section:has(#latest) .pk-row")
    found = [(row.inner_text(), row.get_attribute("href")) for row in latest.all()]
    assert len(found) == 5

    for number, address in found:
        page.goto(address)
        expect(page.locator("h1")).to_contain_text(number)


def test_the_navigation_leads_to_every_section_and_says_where_one_is(visits):
    page = visits.open("/home", who=LUCIA)
    entries = page.locator(".pk-rail .pk-nav a")
    labels = entries.locator("> span:first-of-type").all_inner_texts()
    assert labels == [
        "Inicio",
        "Facturas",
        "Presupuestos",
        "Proformas",
        "Albaranes",
        "Pedidos de venta",
        "Pedidos de compra",
        "Personas",
        "Perfil personal",
    ]

    for place, label in enumerate(labels):
        entries.nth(place).click()
        expect(entries.nth(place)).to_have_attribute("aria-current", "page")
        if label != "Inicio":
            expect(page.locator("h1")).to_have_text(label)


def test_a_phone_has_a_bar_of_sections_and_more(visits):
    page = visits.open("/home", who=LUCIA, viewport=PHONE)
    bar = page.locator(".pk-tabbar")
    assert bar.locator("> a > span:first-of-type").all_inner_texts() == [
        "Inicio",
        "Ventas",
        "Compras",
        "Perfil personal",
    ]

    bar.locator("> a").nth(1).click()
    expect(page.locator("h1")).to_have_text("Facturas")
    bar.locator("summary").first.click()
    bar.get_by_role("link", name="Albaranes").click()

    expect(page.locator("h1")).to_have_text("Albaranes")
