"""Documents from before a day are the business's own: they show nowhere in the portal."""

import re
from datetime import date

import pytest
from sqlalchemy import event

from portalkit.model import AttachmentRole, FileInput, ReferenceStated, Relation
from portalkit.testing.factories import make_body, make_publication

SINCE = date(2026, 1, 1)
SETTINGS = {"visible_since": "2026-01-01"}


@pytest.fixture
async def ids(mill):
    """Documents of both sides of the day, those of the day itself among them."""
    contact = mill.contacts["ana"]
    file = FileInput(
        role=AttachmentRole.SUPPORTING,
        filename="analysis.txt",
        media_type="text/plain",
        content=b"0.2 % acidity",
    )

    def invoice(number, day, **changes):
        body = make_body(number=number, issued_on=day, due_on=date(2026, 12, 31), **changes)
        return make_publication(contact, body, files=(file,))

    order = (ReferenceStated(relation=Relation.INVOICE_OF_ORDER, number="O-OLD"),)
    return await mill.publish(
        invoice("F-OLD", date(2025, 12, 31)),
        invoice("F-FIRST", SINCE, references=order),
        invoice("F-NEW", date(2026, 3, 1)),
        make_publication(contact, make_body("sales_order", "O-OLD", issued_on=date(2025, 11, 1))),
        make_publication(contact, make_body("quote", "Q-OLD", issued_on=date(2025, 12, 1))),
        make_publication(contact, make_body("purchase_order", "P-OLD", issued_on=date(2025, 5, 1))),
    )


def asked(app):
    """Return a list that gathers the statements."""
    ran = []
    engine = app.portal.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: ran.append(call[2]))
    return ran


@pytest.mark.parametrize("sales_settings", [SETTINGS])
async def test_lists_counts_and_search_begin_with_the_day(mill, ids):
    ana = await mill.visitor("ana")

    for path in (
        "/sales/invoices",
        "/sales/invoices?q=document",
        "/sales/invoices?status=to-pay",
        "/sales/invoices?from=2025-01-01",
    ):
        page = await ana.get(path)
        assert "F-FIRST" in page.text
        assert "F-NEW" in page.text
        assert "F-OLD" not in page.text
        assert "1–2 de 2" in page.text  # noqa: RUF001
    assert "44,00" in page.text
    assert "66,00" not in page.text
    assert "Q-OLD" not in (await ana.get("/sales/quotes")).text


@pytest.mark.parametrize("sales_settings", [SETTINGS])
async def test_what_is_older_has_no_page_no_paper_no_file_and_no_neighbour(mill, ids):
    ana = await mill.visitor("ana")
    first = await ana.get(f"/sales/invoices/{ids['F-FIRST']}")
    file = re.search(r"/files/([0-9a-f-]+)", first.text)[1]

    assert first.status_code == 200
    assert ids["F-OLD"] not in first.text
    assert ids["O-OLD"] not in first.text
    assert ids["F-NEW"] in first.text
    old = f"/sales/invoices/{ids['F-OLD']}"
    for path in (
        old,
        f"{old}/pdf",
        f"{old}/print",
        f"{old}/files/{file}",
        f"{old}/export/ubl",
        f"/sales/orders/{ids['O-OLD']}",
        f"/sales/quotes/{ids['Q-OLD']}",
    ):
        assert (await ana.get(path)).status_code == 404, path


@pytest.mark.parametrize("sales_settings", [SETTINGS])
async def test_the_home_page_and_the_badges_know_nothing_older(mill, ids):
    ana = await mill.visitor("ana")

    home = await ana.get("/home")

    assert "F-FIRST" in home.text
    for number in ("F-OLD", "O-OLD", "Q-OLD"):
        assert number not in home.text


@pytest.mark.parametrize("sales_settings", [SETTINGS])
async def test_other_sections_and_staff_see_everything(mill, ids):
    ana, carmen = await mill.visitor("ana"), await mill.visitor("carmen")

    assert "P-OLD" in (await ana.get("/home")).text
    assert (await carmen.get(f"/backoffice/documents/{ids['F-OLD']}")).status_code == 200


async def test_without_a_day_everything_is_shown_from_the_sums_that_are_kept(app, mill, ids):
    ana = await mill.visitor("ana")
    ran = asked(app)

    page = await ana.get("/sales/invoices")

    assert "F-OLD" in page.text
    assert "1–3 de 3" in page.text  # noqa: RUF001
    sums = [each for each in ran if "sum(" in each.lower()]
    assert len(sums) == 1
    assert "portalkit_document_count" in sums[0]


@pytest.mark.parametrize("sales_settings", [SETTINGS])
async def test_with_a_day_the_documents_are_counted_in_as_many_statements(app, mill, ids):
    ana = await mill.visitor("ana")
    ran = asked(app)

    await ana.get("/sales/invoices")

    assert len([each for each in ran if not each.startswith("BEGIN")]) <= 4
    sums = [each for each in ran if "sum(" in each.lower()]
    assert len(sums) == 1
    assert "portalkit_document_count" not in sums[0]
