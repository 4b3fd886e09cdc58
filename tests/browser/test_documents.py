"""A document: read, paged through, followed to others, downloaded and printed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .visitors import HANNAH, LUCIA, MARIA, PHONE, rows

pytestmark = pytest.mark.browser

_PDF_TIME = 60_000  # The first one of a process loads fonts, on a machine that others use too.


def _numbers(page):
    return [row["Número"] for row in rows(page)]


def _open_first(page, path):
    page.goto(path)
    page.locator("#pk-list tbody .pk-row").first.click()
    expect(page.locator(".sheet")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_one_pages_through_documents_in_the_order_of_the_list(visits, script):
    page = visits.open("/sales/invoices?sort=total&status=paid", who=LUCIA, script=script)
    numbers = _numbers(page)
    heading = page.locator("h1")
    page.locator("#pk-list tbody .pk-row").first.click()
    expect(heading).to_contain_text(numbers[0])
    assert page.locator(".pk-head a[rel=prev]").count() == 0

    for number in numbers[1:3]:
        page.locator(".pk-head a[rel=next]").click()
        expect(heading).to_contain_text(number)
    page.locator(".pk-head a[rel=prev]").click()
    expect(heading).to_contain_text(numbers[1])


def test_arrows_lead_to_the_neighbours(visits):
    page = visits.open("/sales/quotes", who=LUCIA)
    numbers = _numbers(page)
    page.locator("#pk-list tbody .pk-row").first.click()
    expect(page.locator("h1")).to_contain_text(numbers[0])

    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_contain_text(numbers[1])
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_contain_text(numbers[0])


def test_linked_documents_lead_from_one_to_the_next_and_back(visits):
    page = visits.open("/sales/delivery-notes?status=delivered", who=LUCIA)
    page.locator("#pk-list tbody .pk-row").first.click()
    chain = page.locator(".pk-chain")
    current = chain.locator("[aria-current] strong")
    start = current.inner_text()
    linked = chain.locator("a").all_inner_texts()
    assert linked

    for number in linked:
        chain.locator("a", has_text=number).click()
        expect(page.locator("h1")).to_contain_text(number)
        expect(current).to_have_text(number)
        chain.locator("a", has_text=start).click()
        expect(page.locator("h1")).to_contain_text(start)


def test_a_credit_note_is_listed_with_invoices_and_names_the_one_it_credits(visits):
    page = visits.open("/sales/invoices", who=LUCIA)
    page.locator("#pk-list .pk-chips a", has_text="Abonos").click()
    expect(page.locator("#pk-list tbody tr")).to_have_count(7)
    listed = rows(page)
    assert {row["Tipo"] for row in listed} == {"Abono"}
    assert all(row["Total"].startswith("−") for row in listed)  # noqa: RUF001

    page.locator("#pk-list tbody .pk-row").first.click()

    expect(page.locator("h1")).to_contain_text("Abono R2026-")
    invoice = page.locator(".pk-chain a").first.inner_text()
    assert invoice.startswith("F2026-")
    expect(page.locator(".sheet-refs")).to_contain_text(invoice)
    expect(page.locator(".pk-rail [aria-current]")).to_have_text(re.compile("Facturas"))


@pytest.mark.parametrize(
    ("who", "language", "viewport"),
    [(LUCIA, "es-ES", None), (HANNAH, "en-GB", PHONE)],
    ids=["es-desk", "en-phone"],
)
def test_a_pdf_is_downloaded_under_the_name_of_its_document(visits, who, language, viewport):
    options = {"viewport": viewport} if viewport else {}
    page = visits.open(who=who, language=language, **options)
    _open_first(page, "/sales/invoices")
    number = page.locator("h1 .pk-num").inner_text()

    with page.expect_download(timeout=_PDF_TIME) as download:
        page.locator(".pk-links a[download]").click()

    name = download.value.suggested_filename
    content = Path(download.value.path()).read_bytes()
    assert number in name
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(content) > 10_000


def test_with_script_the_page_prints_itself_and_without_there_is_a_print_view(visits):
    page = visits.open(who=LUCIA, is_moving=True)
    page.add_init_script("window.print = () => { document.title = 'printed'; };")
    _open_first(page, "/sales/invoices")
    address = page.url
    page.locator(".pk-links [data-print]").click()
    expect(page).to_have_title("printed")
    expect(page).to_have_url(address)

    plain = visits.open(address, who=LUCIA, script=False, is_moving=True)
    number = plain.locator("h1 .pk-num").inner_text()
    plain.locator(".pk-links [data-print]").click()
    expect(plain).to_have_url(re.compile("/print$"))
    expect(plain.locator(".sheet-number")).to_have_text(number)
    assert plain.locator("nav, button").count() == 0


def test_an_attached_file_is_downloaded(visits):
    page = visits.open("/sales/delivery-notes?q=A2026-0155", who=LUCIA)
    page.locator("#pk-list tbody .pk-row").first.click()

    with page.expect_download() as download:
        page.locator(".pk-files .pk-row").click()

    assert re.fullmatch(r"analisis-L\d+\.pdf", download.value.suggested_filename)
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_the_history_tells_that_one_has_opened_it(visits):
    page = visits.open(who=HANNAH, language="en-GB")
    _open_first(page, "/sales/orders")

    page.reload()

    expect(page.locator(".pk-history li").first).to_contain_text("You opened it")
    expect(page.locator(".pk-history li").last).to_contain_text("Almazara Sierra Alta sent it")


def test_an_invoice_of_300_lines_shows_all_of_them_and_what_is_to_pay(visits):
    page = visits.open("/sales/invoices?q=Regularización", who=MARIA, viewport=PHONE)
    page.locator("#pk-list tbody .pk-row").first.click()

    expect(page.locator(".sheet-lines tbody tr:not(.sheet-section)")).to_have_count(300)
    whole = page.locator(".pk-state .pk-money").inner_text().replace("\n", "")
    assert page.locator(".sheet-payable td").inner_text() == whole


def test_somebody_elses_document_is_not_there(visits):
    visits.expect("404 (Not Found)")
    hers = visits.open(who=MARIA)
    _open_first(hers, "/sales/invoices")
    page = visits.open(who=LUCIA)

    page.goto(hers.url)

    expect(page.locator("h1")).to_have_text("Aquí no hay nada")
    assert "Distribuciones" not in page.content()
