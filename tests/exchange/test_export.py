"""Documents into a folder: whole files, each once, whatever ends the export before its time."""

from datetime import date

import pytest

from portalkit.access.businesses import load_business
from portalkit.documents import publish_in
from portalkit.documents.issued import IssuedChoice
from portalkit.errors import ExportRefusedError
from portalkit.exchange import ExportDesk, ExportOutcome, export_files
from portalkit.exchange.exporting import count_documents
from portalkit.hooks import HOOK_API, Manifest, hookimpl, load_plugins
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_publication,
)
from portalkit.web.portal import RunningPortal

WRITTEN, UNCHANGED, REFUSED = ExportOutcome


class TextExporter:
    """Writes invoices as a line of text; some it refuses, some break it."""

    name = "text"
    title = "Text"
    media_type = "text/plain"
    suffix = "txt"
    kinds = frozenset({"invoice"})

    def __init__(self):
        self.asked = []

    def obstacles(self, document):
        return ()

    async def export(self, document, context):
        number = document.body.number
        self.asked.append(number)
        if number.startswith("NO"):
            raise ExportRefusedError("It has no total.", "Its\nseller is missing.")
        if number.startswith("BROKEN"):
            raise ZeroDivisionError("a mistake in the exporter")
        return f"{number} {document.body.description or ''}".encode()


class Texts:
    """A plugin with one format."""

    manifest = Manifest(name="texts", title="Texts", api=HOOK_API)

    def __init__(self):
        self.exporter = TextExporter()

    @hookimpl
    def portalkit_register_document_exporters(self):
        return (self.exporter,)


@pytest.fixture
def portal_plugins():
    return ("sales",)


@pytest.fixture
def texts():
    return Texts()


@pytest.fixture
async def portal(portal_config, texts):
    portal = RunningPortal(portal_config, load_plugins(portal_config, {"texts": texts}))
    yield portal
    await portal.close()


@pytest.fixture
async def business_id(portal):
    async with portal.writing() as session, session.begin():
        return await make_business(session, "mill")


@pytest.fixture
def publish(portal, business_id):
    async def publish(*bodies, contact=None, **changes):
        async with portal.writing() as session, session.begin():
            contact = contact or await make_contact(session, business_id)
            results = await publish_in(
                session,
                business_id,
                [make_publication(contact, body, **changes) for body in bodies],
                kinds=portal.kinds,
                storage=portal.storage,
                now=NOW,
            )
            assert all(result.is_stored for result in results), results
        return contact

    return publish


@pytest.fixture
def desk(portal, business_id, texts, tmp_path):
    async def desk(**changes):
        async with portal.reading() as session:
            business = await load_business(session, business_id)
        values = {
            "portal": portal,
            "business": business,
            "exporter": texts.exporter,
            "folder": tmp_path / "out" / "texts",
            "choice": IssuedChoice(kinds=texts.exporter.kinds),
            "locale": "es",
        }
        return ExportDesk(**(values | changes))

    return desk


def invoice(number, day=1, **changes):
    return make_body("invoice", number, issued_on=date(2026, 3, day), **changes)


async def outcomes(desk):
    return [(line.number, line.outcome, line.file) async for line in export_files(desk)]


def files(desk):
    return {each.name for each in desk.folder.iterdir() if each.suffix == ".txt"}


async def test_documents_are_written_in_the_order_of_their_days(desk, publish):
    await publish(invoice("F-2", 2), invoice("F-1", 1), make_body("quote", "P-1"))
    desk = await desk()

    assert await count_documents(desk) == 2
    assert await outcomes(desk) == [
        ("F-1", WRITTEN, "factura-F-1-text.txt"),
        ("F-2", WRITTEN, "factura-F-2-text.txt"),
    ]
    assert (desk.folder / "factura-F-1-text.txt").read_text().startswith("F-1 ")


async def test_the_same_export_again_writes_nothing(desk, publish, texts):
    await publish(invoice("F-1"), invoice("F-2"))
    desk = await desk()
    first = await outcomes(desk)
    asked = len(texts.exporter.asked)

    again = await outcomes(desk)

    assert [(number, file) for number, _, file in again] == [(n, f) for n, _, f in first]
    assert {outcome for _, outcome, _ in again} == {UNCHANGED}
    assert len(texts.exporter.asked) == asked


async def test_a_new_version_replaces_its_file_and_nothing_else(desk, publish):
    contact = await publish(invoice("F-1"), invoice("F-2"))
    desk = await desk()
    await outcomes(desk)
    await publish(invoice("F-1", description="other"), contact=contact, replace=True)

    again = await outcomes(desk)

    assert {number: outcome for number, outcome, _ in again} == {
        "F-1": WRITTEN,
        "F-2": UNCHANGED,
    }
    assert (desk.folder / "factura-F-1-text.txt").read_text() == "F-1 other"
    assert files(desk) == {"factura-F-1-text.txt", "factura-F-2-text.txt"}


async def test_an_export_that_was_ended_goes_on(desk, publish, texts):
    await publish(invoice("F-1", 1), invoice("F-2", 2), invoice("F-3", 3))
    desk = await desk()
    lines = export_files(desk)
    await anext(lines)
    await lines.aclose()
    with (desk.folder / "portalkit-export.jsonl").open("ab") as notes:
        notes.write(b'{"document":"01')

    rest = await outcomes(desk)

    assert [outcome for _, outcome, _ in rest] == [UNCHANGED, WRITTEN, WRITTEN]
    assert texts.exporter.asked == ["F-1", "F-2", "F-3"]


async def test_a_file_that_was_removed_is_written_again_under_its_name(desk, publish):
    await publish(invoice("F/1", 1), invoice("F:1", 2))
    desk = await desk()
    first = await outcomes(desk)
    (desk.folder / "factura-F-1-text.txt").unlink()

    again = await outcomes(desk)

    assert [file for *_, file in first] == ["factura-F-1-text.txt", "factura-F-1-text-2.txt"]
    assert [(outcome, file) for _, outcome, file in again] == [
        (WRITTEN, "factura-F-1-text.txt"),
        (UNCHANGED, "factura-F-1-text-2.txt"),
    ]


async def test_a_file_of_somebody_else_is_not_touched(desk, publish):
    await publish(invoice("F-1"))
    desk = await desk()
    desk.folder.mkdir(parents=True)
    (desk.folder / "Factura-F-1-text.txt").write_text("mine")

    assert await outcomes(desk) == [("F-1", WRITTEN, "factura-F-1-text-2.txt")]
    assert (desk.folder / "Factura-F-1-text.txt").read_text() == "mine"


async def test_an_index_that_points_out_of_the_folder_is_not_believed(desk, publish, tmp_path):
    await publish(invoice("F-1"))
    desk = await desk()
    await outcomes(desk)
    index = desk.folder / "portalkit-export.jsonl"
    index.write_text(index.read_text().replace("factura-F-1-text.txt", "../../stolen.txt"))

    await outcomes(desk)

    assert not (tmp_path / "stolen.txt").exists()


async def test_what_cannot_be_expressed_or_breaks_the_format_stops_no_other(desk, publish):
    await publish(invoice("BROKEN", 1), invoice("NO-1", 2), invoice("F-1", 3))
    desk = await desk()

    lines = [line async for line in export_files(desk)]

    assert [line.outcome for line in lines] == [REFUSED, REFUSED, WRITTEN]
    assert lines[0].error == (
        "the format text failed: ZeroDivisionError('a mistake in the exporter')"
    )
    assert lines[1].error == "It has no total. Its seller is missing."
    assert files(desk) == {"factura-F-1-text.txt"}


async def test_a_choice_is_kept_to(desk, publish):
    await publish(invoice("F-1", 1), invoice("F-2", 2))
    bens = await publish(invoice("F-3", 3))
    kinds = frozenset({"invoice"})

    since = await desk(choice=IssuedChoice(kinds=kinds, since=date(2026, 3, 2)))
    his = await desk(choice=IssuedChoice(kinds=kinds, contact_id=bens))

    assert [number for number, *_ in await outcomes(since)] == ["F-2", "F-3"]
    assert [number for number, *_ in await outcomes(his)] == ["F-3"]


async def test_more_than_a_page_of_documents_comes_out_complete(desk, publish, monkeypatch):
    monkeypatch.setattr("portalkit.exchange.exporting._PAGE", 2)
    await publish(*(invoice(f"F-{each}", 1 + each // 3) for each in range(7)))

    found = await outcomes(await desk())

    assert sorted(number for number, *_ in found) == [f"F-{each}" for each in range(7)]
    assert len(found) == 7


async def test_drafts_and_other_businesses_stay_inside(desk, portal, publish):
    await publish(invoice("F-1"))
    await publish(invoice("F-2"), status="draft")
    async with portal.writing() as session, session.begin():
        other = await make_business(session, "bees")
        contact = await make_contact(session, other, "Cleo")
        await publish_in(
            session,
            other,
            [make_publication(contact, invoice("F-3"))],
            kinds=portal.kinds,
            storage=portal.storage,
            now=NOW,
        )

    assert [number for number, *_ in await outcomes(await desk())] == ["F-1"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_pdfs_are_a_format_too(desk, publish):
    await publish(invoice("F-1"))
    desk = await desk(exporter=None)

    assert await outcomes(desk) == [("F-1", WRITTEN, "factura-F-1.pdf")]
    assert (desk.folder / "factura-F-1.pdf").read_bytes().startswith(b"%PDF")
