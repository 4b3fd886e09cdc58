"""The same lists as whole pages: everything is there without script."""

import re

import pytest
from playwright.sync_api import expect

from .sorting import COLUMNS, is_sorted
from .visitors import HANNAH, LUCIA, PHONE, follow, rows

pytestmark = pytest.mark.browser

_LISTS = (
    "/sales/quotes",
    "/sales/proformas",
    "/sales/delivery-notes",
    "/sales/orders",
    "/purchases/orders",
)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_sorts_both_ways(visits, column):
    page = visits.open("/sales/invoices?size=50", who=LUCIA, script=False)
    head = page.locator("#pk-list thead th").filter(has_text=column)

    directions = set()
    for _ in range(2):
        follow(head.get_by_role("link"))
        direction = head.get_attribute("aria-sort")
        assert is_sorted(rows(page), column, is_descending=direction == "descending")
        directions.add(direction)

    assert directions == {"ascending", "descending"}
    assert "size=50" in page.url


@pytest.mark.parametrize("path", _LISTS)
def test_the_other_lists_sort_and_filter_too(visits, path):
    page = visits.open(path, who=LUCIA, script=False)
    heads = page.locator("#pk-list thead a")
    has_total = path != "/sales/delivery-notes"
    assert heads.all_inner_texts() == [c for c in COLUMNS if has_total or c != "Total"]

    follow(heads.last)
    last = page.locator("#pk-list thead th[aria-sort]")
    assert is_sorted(
        rows(page),
        last.inner_text(),
        is_descending=last.get_attribute("aria-sort") == "descending",
    )
    chip = page.locator("#pk-list .pk-chips a").nth(1)
    count = chip.inner_text().rsplit(maxsplit=1)[1]
    follow(chip)
    expect(chip).to_have_attribute("aria-current", "true")
    expect(page.locator("#pk-list tbody tr")).to_have_count(int(count))
    expect(last).to_have_count(int(count != "0"))


def test_words_are_searched_and_cleared(visits):
    page = visits.open("/sales/quotes?status=expired", who=LUCIA, script=False)
    box = page.locator("#pk-list [type=search]")

    box.fill("jabones")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"status=expired.*q=jabones"))
    expect(page.locator("#pk-list tbody tr")).to_have_count(1)

    page.locator("#pk-list [type=search]").fill("nada de esto")
    page.locator("#pk-list [type=search]").press("Enter")
    expect(page.locator(".pk-empty h2")).to_have_text("Nada coincide")
    page.get_by_role("link", name="Quitar filtros").click()
    expect(page).to_have_url(f"{visits.url}/sales/quotes")


def test_days_pages_and_sizes_are_links_and_forms(visits):
    page = visits.open("/sales/invoices", who=LUCIA, script=False)
    page.locator("#pk-list .pk-pager [rel=next]").click()
    expect(page.locator("[data-say]")).to_have_text("26–50 de 54")  # noqa: RUF001
    page.get_by_role("navigation", name="Filas por página").get_by_text("50").click()
    expect(page.locator("[data-say]")).to_have_text("1–50 de 54")  # noqa: RUF001

    menu = page.locator("#pk-list .pk-menu").first
    menu.locator("summary").click()
    menu.locator("[name=from]").fill("2026-01-01")
    menu.locator("[name=to]").fill("2026-06-30")
    follow(menu.get_by_role("button"))

    expect(page).to_have_url(re.compile("size=50"))
    assert all("2026-01-01" <= row["Fecha"] <= "2026-06-30" for row in rows(page))


def test_days_in_the_wrong_order_are_explained_beside_them(visits):
    page = visits.open("/sales/invoices", who=LUCIA, script=False)

    page.locator("#pk-list .pk-menu summary").first.click()
    page.locator("[name=from]").fill("2026-06-30")
    page.locator("[name=to]").fill("2026-01-01")
    page.locator("#pk-list .pk-menu button").first.click()

    expect(page.locator("#from-error")).to_be_visible()
    expect(page.locator(".pk-empty h2")).to_have_text("Nada coincide")
    expect(page.locator("#to")).to_have_value("2026-01-01")


def test_a_row_opens_its_document_and_a_phone_has_all_of_it_too(visits):
    page = visits.open(
        "/sales/invoices",
        who=HANNAH,
        viewport=PHONE,
        language="en-GB",
        scheme="dark",
        script=False,
    )
    page.locator("#pk-list .pk-chips a").nth(1).click()
    expect(page).to_have_url(f"{visits.url}/sales/invoices?status=to-pay")
    page.goto("/sales/invoices")
    row = page.locator("#pk-list tbody tr").first
    number = row.locator(".pk-row").inner_text()
    box = row.bounding_box()

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 8)

    expect(page.locator("h1")).to_contain_text(number)
