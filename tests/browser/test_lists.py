"""A list in place: sorted, filtered, searched, paged and opened with script."""

import re

import pytest
from playwright.sync_api import expect

from .sorting import COLUMNS, is_sorted
from .visitors import HANNAH, LUCIA, PHONE, rows

pytestmark = pytest.mark.browser


def _mark(page):
    """Leave a mark on what is outside of the list; a whole new page would not have it."""
    page.locator("h1").evaluate("(heading) => { heading.dataset.kept = 'yes'; }")


def _expect_mark(page):
    expect(page.locator("h1")).to_have_attribute("data-kept", "yes")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_sorts_both_ways_in_place_and_keeps_the_focus(visits, column):
    page = visits.open("/sales/invoices", who=LUCIA)
    _mark(page)
    head = page.locator("#pk-list thead th").filter(has_text=column)
    first = "ascending" if column == "Fecha" else head.get_attribute("aria-sort")

    seen = {first}
    for _ in range(2):
        before = page.url
        head.get_by_role("link").focus()
        page.keyboard.press("Enter")
        expect(page).not_to_have_url(before)
        expect(head).to_have_attribute("aria-sort", re.compile("ascending|descending"))
        expect(head.get_by_role("link")).to_be_focused()
        direction = head.get_attribute("aria-sort")
        assert is_sorted(rows(page), column, is_descending=direction == "descending")
        assert page.locator("#pk-list thead [aria-sort]").count() == 1
        seen.add(direction)

    assert seen >= {"ascending", "descending"}
    assert re.search(r"[?&]sort=", page.url) or column == "Fecha"
    _expect_mark(page)


def test_the_way_back_brings_the_former_order(visits):
    page = visits.open("/sales/invoices", who=LUCIA)
    newest = rows(page)[0]["Número"]
    page.locator("#pk-list thead a", has_text="Total").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Total")
    dearest = rows(page)[0]["Número"]
    assert dearest != newest

    page.go_back()
    expect(page.locator("#pk-list tbody .pk-row").first).to_have_text(newest)
    expect(page).to_have_url(f"{visits.url}/sales/invoices")

    page.go_forward()
    expect(page.locator("#pk-list tbody .pk-row").first).to_have_text(dearest)


def test_each_chip_shows_as_many_rows_as_it_says(visits):
    page = visits.open("/sales/invoices?size=100", who=LUCIA)
    _mark(page)
    chips = page.locator("#pk-list .pk-chips a")
    labels = chips.all_inner_texts()
    states = {
        "Por pagar": {"Pendiente", "Parcialmente pagada", "Vencida"},
        "Vencidas": {"Vencida"},
        "Pagadas": {"Pagada"},
        "Abonos": {"Abierto", "Aplicado"},
    }

    for place, text in enumerate(labels):
        label, count = text.rsplit(maxsplit=1)
        chips.nth(place).click()
        expect(chips.nth(place)).to_have_attribute("aria-current", "true")
        expect(chips.nth(place)).to_be_focused()
        expect(page.locator("[data-say]")).to_have_text(f"1–{count} de {count}")  # noqa: RUF001
        shown = rows(page)
        assert len(shown) == int(count)
        if label in states:
            assert {row["Estado"] for row in shown} <= states[label]
            assert "size=100" in page.url
    _expect_mark(page)


def test_words_are_searched_while_they_are_typed_and_cleared_again(visits):
    page = visits.open("/sales/invoices", who=LUCIA)
    _mark(page)
    box = page.locator("#pk-list [type=search]")

    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("londres")
    expect(page).to_have_url(re.compile(r"[?&]q=londres"))
    expect(page.locator("#pk-list tbody tr")).to_have_count(2)
    assert {row["Concepto"].partition(":")[0] for row in rows(page)} == {
        "Feria Speciality Food, Londres"
    }
    expect(box).to_be_focused()
    expect(page.locator("#pk-live")).to_have_text("1–2 de 2")  # noqa: RUF001

    box.fill("F2026-0205")
    expect(page.locator("#pk-list tbody tr")).to_have_count(1)
    box.fill("")
    expect(page.locator("#pk-list tbody tr")).to_have_count(25)
    _expect_mark(page)


def test_what_matches_nothing_says_so_and_offers_the_whole_list(visits):
    page = visits.open("/sales/invoices?sort=total", who=LUCIA)
    page.locator("#pk-list [type=search]").fill("no hay tal cosa")
    expect(page.locator(".pk-empty h2")).to_have_text("Nada coincide")
    assert page.locator("#pk-list table").count() == 0

    page.get_by_role("link", name="Quitar filtros").click()

    expect(page.locator("#pk-list tbody tr")).to_have_count(25)
    expect(page.locator("#pk-list [type=search]")).to_have_value("")
    expect(page).to_have_url(f"{visits.url}/sales/invoices?sort=total")


def test_days_are_chosen_from_the_menu_or_written(visits):
    page = visits.open("/sales/invoices?size=100", who=LUCIA)
    _mark(page)
    menu = page.locator("#pk-list .pk-menu").first

    menu.locator("summary").click()
    menu.locator("> div > a").nth(1).click()
    expect(menu.locator("summary")).not_to_contain_text("Todas las fechas")
    expect(page).to_have_url(re.compile(r"from=2026-"))
    assert all("2026-01-01" <= row["Fecha"] <= "2026-12-31" for row in rows(page))

    menu.locator("summary").click()
    menu.locator("[name=from]").fill("2025-03-01")
    menu.locator("[name=to]").fill("2025-09-30")
    menu.get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"from=2025-03-01&to=2025-09-30"))
    expect(menu.locator("[name=from]")).to_have_value("2025-03-01")
    found = rows(page)
    assert found
    assert all("2025-03-01" <= row["Fecha"] <= "2025-09-30" for row in found)
    _expect_mark(page)


def test_pages_of_a_list_follow_each_other_and_can_be_longer(visits):
    page = visits.open("/sales/invoices", who=LUCIA)
    _mark(page)
    said = page.locator("[data-say]")
    pager = page.locator("#pk-list .pk-pager").last
    first = [row["Número"] for row in rows(page)]

    pager.locator("[rel=next]").click()
    expect(said).to_have_text("26–50 de 54")  # noqa: RUF001
    second = [row["Número"] for row in rows(page)]
    pager.locator("[rel=next]").click()
    expect(said).to_have_text("51–54 de 54")  # noqa: RUF001
    last = [row["Número"] for row in rows(page)]
    assert len({*first, *second, *last}) == 54
    expect(pager.locator("[rel=next]")).to_have_count(0)

    pager.locator("[rel=prev]").click()
    expect(said).to_have_text("26–50 de 54")  # noqa: RUF001
    assert [row["Número"] for row in rows(page)] == second
    pager.locator("[rel=prev]").click()
    expect(said).to_have_text("1–25 de 54")  # noqa: RUF001
    page.get_by_role("navigation", name="Filas por página").get_by_text("100").click()
    expect(said).to_have_text("1–54 de 54")  # noqa: RUF001
    assert [row["Número"] for row in rows(page)] == [*first, *second, *last]
    _expect_mark(page)


def test_a_click_anywhere_on_a_row_opens_its_document(visits):
    page = visits.open("/sales/invoices", who=LUCIA)
    row = page.locator("#pk-list tbody tr").nth(3)
    number = row.locator(".pk-row").inner_text()
    box = row.bounding_box()

    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] - 4)

    expect(page.locator("h1")).to_contain_text(number)


def test_keys_walk_through_the_rows_and_open_one(visits):
    page = visits.open("/sales/invoices", who=LUCIA)
    numbers = page.locator("#pk-list tbody .pk-row").all_inner_texts()

    for key in "jjjk":
        page.keyboard.press(key)
    expect(page.locator("#pk-list tbody .pk-row").nth(1)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_contain_text(numbers[1])


def test_a_row_on_a_phone_is_a_card_that_opens(visits):
    page = visits.open(
        "/sales/invoices", who=HANNAH, viewport=PHONE, language="en-GB", scheme="dark"
    )
    row = page.locator("#pk-list tbody tr").first
    number = row.locator(".pk-row").inner_text()
    box = row.bounding_box()
    assert box["height"] > 60

    page.mouse.click(box["x"] + 20, box["y"] + box["height"] - 8)

    expect(page.locator("h1")).to_contain_text(number)


def test_a_row_gives_its_pdf_without_being_opened(visits):
    page = visits.open("/sales/invoices?status=to-pay", who=LUCIA)
    row = page.locator("#pk-list tbody tr").first
    number = row.locator(".pk-row").inner_text()

    with page.expect_download(timeout=60_000) as download:
        row.get_by_role("link", name=f"PDF {number}").click()

    assert number in download.value.suggested_filename
    expect(page).to_have_url(f"{visits.url}/sales/invoices?status=to-pay")
