"""A contact, or staff, downloads a document in another format."""

import hashlib
import io

import pikepdf
import pytest
from sqlalchemy import select

from portalkit.access.models import PluginSwitch
from portalkit.audit import Event
from portalkit.documents import export_document
from portalkit.errors import ExportRefusedError, NotFoundError
from portalkit.model import new_id

from .conftest import PASSWORD

PLACES = {"invoice": "invoices", "proforma": "proformas", "delivery_note": "delivery-notes"}


@pytest.fixture
async def ana(visitor, town):
    client = visitor()
    await client.sign_in("ana@ana.example", PASSWORD)
    return client


@pytest.fixture
async def carmen(visitor, town):
    client = visitor()
    await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
    return client


@pytest.fixture
def place(town):
    def place(kind, exporter="text"):
        return f"/sales/{PLACES[kind]}/{town.documents[kind]}/export/{exporter}"

    return place


async def test_a_document_is_saved_under_its_number(ana, place, town):
    number = f"invoice-{town.ana[-6:]}"

    answer = await ana.get(place("invoice"))

    assert answer.status_code == 200
    assert answer.content == f"es {number}".encode()
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "private, no-cache"
    name = answer.headers["content-disposition"]
    assert name == f'attachment; filename="factura-{number}-text.txt"'


async def test_the_browser_asks_again_and_is_told_it_has_it(ana, place):
    first = await ana.get(place("invoice"))
    again = await ana.get(place("invoice"), headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""


async def test_the_download_is_on_record_with_its_format(ana, place, town):
    answer = await ana.get(place("invoice"))
    await ana.get(place("invoice"))
    await town.app.portal.drain()

    async with town.app.portal.reading() as session:
        found = await session.scalars(select(Event).where(Event.name == "document.downloaded"))
        (event,) = found.all()
    assert event.document_id == town.documents["invoice"]
    assert event.data == {
        "filename": answer.headers["content-disposition"].partition('"')[2].rstrip('"'),
        "format": "text",
        "sha256": hashlib.sha256(answer.content).hexdigest(),
    }


async def test_what_cannot_be_expressed_says_why(ana, place):
    answer = await ana.get(place("proforma", "strict"))

    assert answer.status_code == 422
    assert "No se puede descargar como Strict text" in answer.text
    assert "<li>Total</li>" in answer.text
    assert "<li>It has no amounts.</li>" in answer.text
    assert f'href="{place("proforma").partition("/export/")[0]}"' in answer.text
    assert "attachment" not in answer.headers.get("content-disposition", "")


@pytest.mark.parametrize("exporter", ["nothing", "pdf", "TEXT", "%00", "x" * 5_000])
async def test_an_unknown_format_is_not_found(ana, place, exporter):
    assert (await ana.get(place("invoice", exporter))).status_code == 404


async def test_a_format_is_not_found_for_other_kinds(ana, place):
    assert (await ana.get(place("invoice", "printed"))).status_code == 200
    assert (await ana.get(place("proforma", "printed"))).status_code == 404


async def test_a_format_is_not_found_where_its_plugin_is_switched_off(ana, carmen, place, town):
    async with town.app.portal.writing() as session, session.begin():
        session.add(
            PluginSwitch(
                id=new_id(),
                business_id=town.mill,
                contact_id=town.ana,
                plugin="formats",
                is_enabled=False,
            )
        )

    page = await ana.get(place("invoice").partition("/export/")[0])

    assert (await ana.get(place("invoice"))).status_code == 404
    assert "/export/" not in page.text
    office = f"/backoffice/documents/{town.documents['invoice']}/export/text"
    assert (await carmen.get(office)).status_code == 200


async def test_the_page_offers_the_formats_of_its_kind(ana, place):
    invoice = await ana.get(place("invoice").partition("/export/")[0])
    proforma = await ana.get(place("proforma").partition("/export/")[0])

    assert f'href="{place("invoice", "text")}"' in invoice.text
    assert f'href="{place("invoice", "printed")}"' in invoice.text
    assert f'href="{place("proforma", "text")}"' in proforma.text
    assert "/export/printed" not in proforma.text


async def test_the_page_says_at_once_what_is_known_at_a_glance(ana, place):
    page = await ana.get(place("delivery_note").partition("/export/")[0])

    assert "It has no amounts." in page.text
    assert "/export/text" in page.text
    assert "/export/strict" not in page.text


async def test_a_format_that_carries_the_pdf_is_printed_once(ana, place):
    first = await ana.get(place("invoice", "printed"))
    again = await ana.get(place("invoice", "printed"))
    plain = await ana.get(place("invoice").replace("export/text", "pdf"))

    assert first.content == again.content
    assert first.content != plain.content
    with pikepdf.open(io.BytesIO(first.content)) as pdf:
        assert list(pdf.attachments) == ["number.txt"]


async def test_staff_get_the_same_file_and_leave_no_trace_of_the_contact(carmen, place, town):
    place = f"/backoffice/documents/{town.documents['invoice']}"
    page = await carmen.get(place)
    answer = await carmen.get(f"{place}/export/text")
    refused = await carmen.get(f"/backoffice/documents/{town.documents['proforma']}/export/strict")
    await town.app.portal.drain()

    assert f'href="{place}/export/text"' in page.text
    assert answer.status_code == 200
    assert answer.content.startswith(b"es invoice-")
    assert refused.status_code == 422
    assert "It has no amounts." in refused.text
    async with town.app.portal.reading() as session:
        events = await session.scalars(select(Event).where(Event.name == "document.downloaded"))
        assert events.all() == []


async def test_staff_of_another_business_find_nothing(visitor, town):
    abel = visitor()
    await abel.sign_in("abel@bees.example", PASSWORD, path="/bees/backoffice/login")

    answer = await abel.get(f"/bees/backoffice/documents/{town.documents['invoice']}/export/text")

    assert answer.status_code == 404


async def test_a_host_exports_without_asking_anybody(town):
    portal = town.app.portal

    file = await export_document(portal, town.mill, town.documents["invoice"], "text", locale="en")

    assert file.filename.startswith("invoice-invoice-")
    assert file.content.startswith(b"en invoice-")
    with pytest.raises(ExportRefusedError):
        await export_document(portal, town.mill, town.documents["proforma"], "strict")
    with pytest.raises(NotFoundError):
        await export_document(portal, town.bees, town.documents["invoice"], "text")
    with pytest.raises(NotFoundError):
        await export_document(portal, town.mill, town.documents["invoice"], "nothing")
