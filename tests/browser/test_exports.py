"""Documents in other formats, and many of them in one file, as people download them."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .visitors import CARMEN, DESK, LUCIA, PHONE, rows

pytestmark = pytest.mark.browser

INVOICE = "/sales/invoices?status=paid"


def saved(page: Page, click) -> tuple[str, bytes]:
    """Return name and content of what a click downloads."""
    with page.expect_download() as download:
        click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def names_in(content: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


@pytest.mark.parametrize("script", [True, False])
def test_chosen_rows_are_downloaded_as_one_file(visits, script):
    page = visits.open(INVOICE, who=LUCIA, script=script)
    numbers = [row["Número"] for row in rows(page)][:2] if script else []
    boxes = page.locator("#pk-list tbody [type=checkbox]")
    bar = page.locator(".pk-bulk")
    expect(bar).to_be_hidden()

    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(bar).to_be_visible()
    if script:
        expect(bar).to_contain_text("2 elegidos")
    bar.locator("summary").click()
    name, content = saved(page, bar.get_by_role("button", name="UBL").click)

    assert re.fullmatch(r"facturas-\d{4}-\d{2}-\d{2}\.zip", name)
    found = names_in(content)
    assert len(found) == 2
    assert not numbers or found == {f"factura-{number}-ubl.xml" for number in numbers}
    expect(page).to_have_url(re.compile("status=paid"))


def test_all_rows_of_a_page_are_chosen_and_left_at_once(visits):
    page = visits.open(INVOICE, who=LUCIA)
    count = page.locator("#pk-list tbody tr").count()

    page.locator("[data-all]").check()
    expect(page.locator(".pk-bulk")).to_contain_text(f"{count} elegidos")
    page.get_by_role("button", name="Quitar selección").click()

    expect(page.locator(".pk-bulk")).to_be_hidden()
    expect(page.locator("#pk-list :checked")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_all_documents_of_a_filter_are_downloaded(visits, script):
    page = visits.open("/sales/invoices", who=LUCIA, script=script)
    page.locator(".pk-chips a").filter(has_text="Por pagar").click()
    expect(page).to_have_url(re.compile(r"status="))
    count = page.locator("#pk-list tbody tr").count()

    page.get_by_label("Descargar la lista").click()
    form = page.locator("form:has([name=all])")
    _, content = saved(page, form.get_by_role("button", name="Facturae").click)

    assert len(names_in(content)) == count


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_document_is_downloaded_in_another_format(visits, viewport):
    page = visits.open(INVOICE, who=LUCIA, viewport=viewport)
    page.locator("#pk-list .pk-row").first.click()
    number = page.locator("h1 .pk-num").inner_text()
    page.locator(".pk-formats summary").focus()

    page.keyboard.press("Enter")
    name, content = saved(page, page.get_by_role("link", name="UBL (EN 16931)").click)

    assert name == f"factura-{number}-ubl.xml"
    assert number.encode() in content


def test_staff_download_in_another_format_too(visits):
    page = visits.open("/backoffice/documents?kind=invoice", who=CARMEN)
    page.locator("#pk-list .pk-row").first.click()
    page.locator(".pk-formats summary").click()

    name, content = saved(page, page.get_by_role("link", name="CII (EN 16931)").click)

    assert name.endswith("-cii.xml")
    assert b"CrossIndustryInvoice" in content
