"""A document that a contact opens is printed before its PDF is asked for."""

import asyncio

import msgspec
import pytest
from sqlalchemy import select

from portalkit.config import PdfConfig
from portalkit.documents.models import Rendering
from portalkit.testing.factories import make_body, make_line, make_publication

PREPARE = {"prepare_pdf": True}


@pytest.fixture
def sales_settings():
    return PREPARE


@pytest.fixture
def portal_config(portal_config):
    """Print documents of one line, and refuse longer ones."""
    return msgspec.structs.replace(portal_config, pdf=PdfConfig(workers=1, max_lines=1))


@pytest.fixture
async def path(mill):
    ids = await mill.publish(make_publication(mill.contacts["ana"], make_body(number="F-1")))
    return f"/sales/invoices/{ids['F-1']}"


async def printed(app):
    """Return the hashes of what was printed, when all that runs in the background is done."""
    await app.portal.drain()
    async with app.portal.reading() as session:
        return list(await session.scalars(select(Rendering.sha256)))


async def test_the_pdf_is_there_before_it_is_asked_for(app, mill, path):
    ana = await mill.visitor("ana")

    await ana.get(path)
    prepared = await printed(app)
    pdf = await ana.get(f"{path}/pdf")
    again = await printed(app)

    assert len(prepared) == 1
    assert pdf.headers["etag"] == f'"{prepared[0]}"'
    assert again == prepared


@pytest.mark.parametrize("sales_settings", [PREPARE | {"delivery_note_prices": "page"}])
async def test_a_delivery_note_is_prepared_in_the_layout_that_will_be_asked_for(app, mill):
    ana = await mill.visitor("ana")
    body = make_body("delivery_note", "A-1", due_on=None)
    ids = await mill.publish(make_publication(mill.contacts["ana"], body))
    path = f"/sales/delivery-notes/{ids['A-1']}"

    await ana.get(path)
    prepared = await printed(app)
    await ana.get(f"{path}/pdf")

    assert len(prepared) == 1
    assert await printed(app) == prepared


async def test_looking_ahead_and_staff_print_nothing(app, mill, path):
    ana, carmen = await mill.visitor("ana"), await mill.visitor("carmen")

    await ana.get(path, headers={"sec-purpose": "prefetch"})
    await ana.request("HEAD", path)
    await carmen.get(f"/backoffice/documents/{path.rpartition('/')[2]}")

    assert await printed(app) == []


async def test_whoever_waits_for_a_pdf_comes_first(app, mill, path):
    document = path.rpartition("/")[2]
    busy = asyncio.create_task(app.portal.pdf.render("<p>A label</p>", identifier="label"))
    await asyncio.sleep(0)

    await app.portal.prepare_pdf(mill.business, document, locale="es")
    meanwhile = await printed(app)
    await busy
    await app.portal.prepare_pdf(mill.business, document, locale="es")

    assert meanwhile == []
    assert len(await printed(app)) == 1


async def test_only_one_document_is_prepared_at_a_time(app, mill):
    bodies = [make_body(number=f"F-{number}") for number in range(3)]
    ids = await mill.publish(*(make_publication(mill.contacts["ana"], body) for body in bodies))

    await asyncio.gather(
        *(app.portal.prepare_pdf(mill.business, each, locale="es") for each in ids.values())
    )

    assert len(await printed(app)) == 1


async def test_what_cannot_be_printed_is_a_line_in_the_log(app, mill, caplog):
    ana = await mill.visitor("ana")
    body = make_body(number="F-2", lines=(make_line(), make_line(line_id="2")))
    ids = await mill.publish(make_publication(mill.contacts["ana"], body))

    page = await ana.get(f"/sales/invoices/{ids['F-2']}")
    await app.portal.drain()

    assert page.status_code == 200
    assert f"the PDF of document {ids['F-2']} was not prepared: 2 lines are more" in caplog.text
    assert app.portal.hooks.failures == {}


async def test_a_document_that_is_gone_or_a_language_that_is_not_there_prints_nothing(app, mill):
    path = await mill.publish(make_publication(mill.contacts["ana"], make_body(number="F-1")))

    await app.portal.prepare_pdf(mill.business, "0" * 8, locale="es")
    await app.portal.prepare_pdf(mill.business, path["F-1"], locale="xx")

    assert await printed(app) == []


@pytest.mark.parametrize("sales_settings", [{}])
async def test_nothing_is_prepared_unless_the_host_wants_it(app, mill, path):
    ana = await mill.visitor("ana")

    await ana.get(path)

    assert await printed(app) == []
