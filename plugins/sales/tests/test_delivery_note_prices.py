"""Delivery notes with and without prices: on the page, on paper, in the list, on the home page."""

import io
from decimal import Decimal

import pikepdf
import pytest

from portalkit.model import AllowanceCharge
from portalkit.testing.factories import make_body, make_line, make_publication

# Two pieces at 10.00, less 1.50, with 10 % of tax.
FIGURES = ("10,00", "1,50", "18,50", "1,85", "20,35")


@pytest.fixture
async def note(mill):
    """The id of a delivery note that states prices."""
    line = make_line(allowances_charges=(AllowanceCharge(is_charge=False, amount=150),))
    body = make_body("delivery_note", "A-1", lines=(line,), due_on=None)
    ids = await mill.publish(make_publication(mill.contacts["ana"], body))
    return ids["A-1"]


def told(page):
    assert page.status_code == 200
    return [figure for figure in FIGURES if figure in page.text]


def tables_of(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return sum(
            isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Table"
            for item in pdf.objects
        )


async def test_no_page_tells_the_price_of_a_delivery_note(mill, note):
    ana = await mill.visitor("ana")

    for path in (f"/sales/delivery-notes/{note}", f"/sales/delivery-notes/{note}/print"):
        page = await ana.get(path)
        assert "Olive oil" in page.text
        assert told(page) == []
    for path in ("/sales/delivery-notes", "/sales/delivery-notes?q=olive", "/home"):
        page = await ana.get(path)
        assert "A-1" in page.text
        assert told(page) == []
    assert (await ana.get("/sales/delivery-notes?sort=total")).status_code == 400


@pytest.mark.parametrize("sales_settings", [{"delivery_note_prices": "page"}])
async def test_prices_stand_on_the_page_and_not_on_the_paper(mill, note):
    ana, carmen = await mill.visitor("ana"), await mill.visitor("carmen")
    path = f"/sales/delivery-notes/{note}"
    page = await ana.get(path)
    printed = await ana.get(f"{path}/print")
    office = await carmen.get(f"/backoffice/documents/{note}/print")

    assert told(page) == list(FIGURES)
    for paper in (printed, office):
        assert told(paper) == []
        assert "Olive oil" in paper.text
        assert "Anota las diferencias en la columna" in paper.text
    assert told(await ana.get("/sales/delivery-notes?sort=-total")) == ["20,35"]
    assert told(await ana.get("/home")) == ["20,35"]


@pytest.mark.parametrize("sales_settings", [{"delivery_note_prices": "always"}])
async def test_prices_may_stand_on_the_paper_too(mill, note):
    ana = await mill.visitor("ana")

    printed = await ana.get(f"/sales/delivery-notes/{note}/print")

    assert told(printed) == list(FIGURES)
    assert "Anota las diferencias junto a las líneas" in printed.text


@pytest.mark.parametrize("sales_settings", [{"delivery_note_prices": "always"}])
async def test_a_price_stands_beside_what_was_delivered(mill):
    ana = await mill.visitor("ana")
    line = make_line(quantity=Decimal(9), delivered_quantity=Decimal(7))
    body = make_body("delivery_note", "A-2", lines=(line,), due_on=None)
    ids = await mill.publish(make_publication(mill.contacts["ana"], body))

    page = await ana.get(f"/sales/delivery-notes/{ids['A-2']}")

    assert "Entregado</th>" in page.text
    assert "7 ud." in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "9 ud." not in page.text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sales_settings", "tables"),
    [
        ({}, 1),
        ({"delivery_note_prices": "page"}, 1),
        ({"delivery_note_prices": "always"}, 3),
    ],
)
async def test_the_pdf_has_lines_only_or_taxes_and_totals_too(mill, note, tables):
    ana, carmen = await mill.visitor("ana"), await mill.visitor("carmen")

    pdf = await ana.get(f"/sales/delivery-notes/{note}/pdf")
    office = await carmen.get(f"/backoffice/documents/{note}/pdf")

    assert pdf.status_code == 200
    assert tables_of(pdf.content) == tables
    assert office.content == pdf.content


@pytest.mark.parametrize("sales_settings", [{"delivery_note_prices": "page"}])
async def test_other_documents_keep_their_prices_on_paper(mill):
    ana = await mill.visitor("ana")
    ids = await mill.publish(make_publication(mill.contacts["ana"], make_body(number="F-1")))

    printed = await ana.get(f"/sales/invoices/{ids['F-1']}/print")

    assert "22,00" in printed.text
