"""Many documents of a list as one ZIP."""

import asyncio
import gc
import io
import zipfile
from datetime import date
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from portalkit.audit import Event
from portalkit.documents import publish_in
from portalkit.documents.busy import MAX_DOCUMENTS, RunningArchives
from portalkit.documents.models import DocumentRow
from portalkit.errors import ArchiveRunningError
from portalkit.model import new_id
from portalkit.testing.factories import NOW, make_body, make_publication

from .conftest import PASSWORD

INVOICES = "/sales/invoices"
PROFORMAS = "/sales/proformas"


@pytest.fixture
async def ana(visitor, town):
    client = visitor()
    await client.sign_in("ana@ana.example", PASSWORD)
    return client


@pytest.fixture
def publish(town):
    async def publish(*bodies, contact=None):
        async with town.app.portal.writing() as session:
            results = await publish_in(
                session,
                town.mill,
                [make_publication(contact or town.ana, body) for body in bodies],
                kinds=town.app.portal.kinds,
                storage=town.app.portal.storage,
                now=NOW,
            )
            await session.commit()
        return [str(result.id) for result in results]

    return publish


async def ask(client, fields, path=INVOICES):
    return await client.submit(f"{path}/archive", fields, page=path)


def opened(answer):
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return {info.filename: archive.read(info) for info in archive.infolist()}


async def test_chosen_documents_come_as_pdfs(ana, town):
    chosen = [town.documents["invoice"], town.documents["credit_note"]]
    plain = await ana.get(f"{INVOICES}/{chosen[0]}/pdf")

    answer = await ask(ana, {"id": chosen, "format": "pdf"})

    files = opened(answer)
    invoice = f"factura-invoice-{town.ana[-6:]}.pdf"
    assert set(files) == {invoice, f"abono-credit_note-{town.ana[-6:]}.pdf"}
    assert files[invoice] == plain.content
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="facturas-2026-')
    assert answer.headers["cache-control"] == "no-store"


async def test_one_document_may_be_chosen_and_in_another_format(ana, town):
    answer = await ask(ana, {"id": town.documents["invoice"], "format": "text"})

    (content,) = opened(answer).values()
    assert content == f"es invoice-{town.ana[-6:]}".encode()


async def test_all_documents_of_a_filter_come(ana, publish):
    bodies = [make_body("invoice", f"F-{day}", issued_on=date(2026, 3, day)) for day in (1, 2, 3)]
    await publish(*bodies)

    everything = opened(await ask(ana, {"all": "1", "format": "text"}))
    march = {"from": "2026-03-01", "to": "2026-03-02"}
    filtered = opened(await ask(ana, {"all": "1", "format": "text", **march}))
    searched = opened(await ask(ana, {"all": "1", "format": "text", "q": "F-3"}))

    assert len(everything) == 5
    assert set(filtered) == {"factura-F-1-text.txt", "factura-F-2-text.txt"}
    assert set(searched) == {"factura-F-3-text.txt"}


async def test_the_same_name_twice_gets_a_number(ana, publish):
    again = [make_body("invoice", "F/1", issued_on=date(2026, month, 1)) for month in (1, 2, 3)]
    ids = await publish(*again)

    answer = await ask(ana, {"id": ids, "format": "text"})

    names = {"factura-F-1-text.txt", "factura-F-1-text-2.txt", "factura-F-1-text-3.txt"}
    assert set(opened(answer)) == names


async def test_what_cannot_be_expressed_is_listed_with_its_reasons(ana, publish, town):
    files = opened(
        await ask(ana, {"id": town.documents["proforma"], "format": "strict"}, path=PROFORMAS)
    )

    report = files["no-incluidos.txt"].decode()
    assert list(files) == ["no-incluidos.txt"]
    assert f"proforma-{town.ana[-6:]}: Total It has no amounts." in report


async def test_other_kinds_of_the_list_are_listed_as_left_out(ana, town):
    chosen = [town.documents["invoice"], town.documents["credit_note"]]

    files = opened(await ask(ana, {"id": chosen, "format": "printed"}))

    assert len(files) == 2
    assert "Este formato no es para documentos" in files["no-incluidos.txt"].decode()


@pytest.mark.parametrize("other", ["ben's", "another kind", "nobody's", "no id"])
async def test_one_that_is_not_ones_own_spoils_the_whole_choice(ana, publish, town, other):
    async with town.app.portal.reading() as session:
        bens = await session.scalar(
            select(DocumentRow.id).where(
                DocumentRow.contact_id == town.ben, DocumentRow.kind == "invoice"
            )
        )
    ids = {
        "ben's": bens,
        "another kind": town.documents["quote"],
        "nobody's": new_id(),
        "no id": "../../etc/passwd",
    }

    answer = await ask(ana, {"id": [town.documents["invoice"], ids[other]], "format": "text"})

    assert answer.status_code == 404


async def test_strangers_get_nothing(town, visitor):
    nobody, ben = visitor(), visitor()
    await ben.sign_in("ben@ben.example", PASSWORD)
    fields = {"id": town.documents["invoice"], "format": "pdf"}

    assert (await ask(ben, fields)).status_code == 404
    answer = await nobody.submit(f"{INVOICES}/archive", fields, page="/login")
    assert answer.status_code in {303, 401}
    bens_own = opened(await ask(ben, {"all": "1", "format": "text"}))
    assert not any(town.ana[-6:] in name for name in bens_own)


async def test_a_form_of_another_site_is_refused(ana, town):
    answer = await ana.post(
        f"{INVOICES}/archive", data={"id": town.documents["invoice"], "csrf_token": "x"}
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["nothing", "", "../x"])
async def test_an_unknown_format_is_not_found(ana, town, name):
    answer = await ask(ana, {"id": town.documents["invoice"], "format": name})

    assert answer.status_code == 404


async def test_nothing_chosen_leads_back_with_a_word(ana):
    answer = await ask(ana, {"format": "pdf"})

    assert answer.status_code == 303
    assert answer.headers["location"] == INVOICES
    assert "Elige al menos un documento." in (await ana.get(INVOICES)).text


async def test_a_wrong_parameter_is_refused(ana):
    answer = await ask(ana, {"all": "1", "format": "text", "from": "yesterday"})

    assert answer.status_code == 400


async def test_too_many_are_refused_and_not_offered(ana, publish):
    await publish(*(make_body("invoice", f"M-{each}") for each in range(MAX_DOCUMENTS)))

    answer = await ask(ana, {"all": "1", "format": "text"})
    chosen = await ask(ana, {"id": [new_id() for _ in range(MAX_DOCUMENTS + 1)], "format": "pdf"})
    page = await ana.get(INVOICES)

    assert answer.status_code == chosen.status_code == 422
    assert "Un archivo admite hasta 500 documentos." in answer.text
    assert "Un archivo admite hasta 500 documentos." in page.text
    assert 'name="all"' not in page.text


async def test_the_list_offers_to_choose_and_to_take_all(ana, town):
    page = (await ana.get(f"{INVOICES}?sort=total")).text

    assert f'name="id" value="{town.documents["invoice"]}"' in page
    assert 'name="all"' in page
    assert '<input type="hidden" name="sort" value="total">' in page
    for name in ("pdf", "text", "printed", "strict"):
        assert page.count(f'name="format" value="{name}"') == 2


async def test_each_document_that_was_sent_is_on_record(ana, town):
    chosen = [town.documents["invoice"], town.documents["credit_note"]]
    await ask(ana, {"id": chosen, "format": "text"})
    await town.app.portal.drain()

    async with town.app.portal.reading() as session:
        found = await session.scalars(select(Event).where(Event.name == "document.downloaded"))
        events = found.all()
    assert {event.document_id for event in events} == set(chosen)
    assert {event.data["format"] for event in events} == {"text"}


async def test_a_reader_gets_one_archive_at_a_time_and_few_run_at_once():
    running = RunningArchives()

    with running.one("ana"):
        with pytest.raises(ArchiveRunningError), running.one("ana"):
            pass
        others = (running.one("ben"), running.one("cleo"), running.one("dora"))
        with others[0], others[1], others[2], pytest.raises(ArchiveRunningError):
            running.one("eva").__enter__()
        with running.one("eva"):
            pass
    with running.one("ana"):
        pass


async def test_a_second_archive_is_told_to_wait(ana, town):
    async with town.app.portal.reading() as session:
        person = await session.scalar(
            select(Event.actor_id).where(Event.actor_kind == "person").limit(1)
        )
    with town.app.portal.archives.one(person):
        answer = await ask(ana, {"all": "1", "format": "text"})

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Ya hay otra descarga en camino" in answer.text
    assert (await ask(ana, {"all": "1", "format": "text"})).status_code == 200


async def leave_after_the_first_piece(client, fields):
    """Ask for an archive, take its first piece, and go away; return all that was sent."""
    token = await client.token(INVOICES)
    body = urlencode({**fields, "csrf_token": token}, doseq=True).encode()
    request = client.build_request(
        "POST",
        f"{INVOICES}/archive",
        content=body,
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "sec-fetch-site": "same-origin",
        },
    )
    sent, has_piece = [], asyncio.Event()
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        for message in asked:
            return message
        await has_piece.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if message.get("body"):
            has_piece.set()
            await asyncio.Event().wait()  # a reader who takes no more

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    # What is left to the collection of garbage would be left for longer where there is much.
    gc.disable()
    try:
        await client.app(scope, receive, send)
    finally:
        gc.enable()
    return sent


async def test_whoever_goes_away_leaves_the_way_free_and_only_what_was_sent_is_on_record(
    ana, publish, town
):
    await publish(*(make_body("invoice", f"L-{each}") for each in range(8)))

    sent = await leave_after_the_first_piece(ana, {"all": "1", "format": "text"})

    assert sent[0]["status"] == 200
    assert sum(1 for message in sent if message.get("body")) == 1
    again = opened(await ask(ana, {"all": "1", "format": "text"}))
    assert len(again) == 10
    await town.app.portal.drain()


async def test_an_archive_is_made_while_it_is_sent(ana, publish, town):
    """The second document is looked for when the first one is on its way, and not before."""
    first, second = await publish(
        make_body("invoice", "L-2", issued_on=date(2026, 3, 2)),
        make_body("invoice", "L-1", issued_on=date(2026, 3, 1)),
    )
    sent = await leave_after_the_first_piece(ana, {"id": [first, second], "format": "text"})
    await town.app.portal.drain()

    (piece,) = (message["body"] for message in sent if message.get("body"))
    assert b"factura-L-2-text.txt" in piece
    assert b"factura-L-1-text.txt" not in piece
    async with town.app.portal.reading() as session:
        found = await session.scalars(select(Event).where(Event.name == "document.downloaded"))
        assert {event.document_id for event in found} <= {first}
