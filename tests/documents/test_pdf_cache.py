"""PDFs that are kept: made once by however many ask, checked before they are served."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from portalkit.access.businesses import load_business
from portalkit.access.models import Business
from portalkit.documents import publish_in
from portalkit.documents.models import DocumentRow, Rendering
from portalkit.errors import RenderingError, RenderingTimeoutError
from portalkit.model import new_id
from portalkit.rendering.sheet import Acceptance
from portalkit.storage import content_key
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_publication,
)
from tests.documents.pdf_process import INVOICE, Office, Workshop, stored_document

SCRIPT = Path(__file__).with_name("pdf_process.py")


class Desk:
    """An office with one published invoice."""

    def __init__(self, office: Office, business: str, contact: str, document: str) -> None:
        self.office = office
        self.business = business
        self.contact = contact
        self.id = document

    def document(self, **changes):
        return stored_document(self.business, self.contact, self.id, **changes)

    async def get(self, *, office: Office | None = None, changes=None, **options):
        document = self.document(**(changes or {}))
        return await (office or self.office).get(self.business, document, **options)

    async def rows(self) -> int:
        async with self.office.reading() as session:
            return await session.scalar(select(func.count()).select_from(Rendering)) or 0

    async def change(self, statement) -> None:
        async with self.office.writing() as session, session.begin():
            await session.execute(statement)


@pytest.fixture(scope="module")
def workshop():
    workshop = Workshop()
    yield workshop
    asyncio.run(workshop.pdf.close())


@pytest.fixture
async def desk(workshop, database_url, tmp_path):
    workshop.reset()
    office = Office(workshop, database_url, str(tmp_path / "files"))
    async with office.writing() as session:
        business = await make_business(session)
        contact = await make_contact(session, business)
        (result,) = await publish_in(
            session,
            business,
            [make_publication(contact, make_body(number="F26-0412"))],
            kinds={"invoice": INVOICE},
            storage=office.storage,
            now=NOW,
        )
        await session.commit()
    yield Desk(office, business, contact, str(result.id))
    await office.close()


async def test_a_pdf_is_made_once_and_kept(desk):
    first = await desk.get()
    second = await desk.get()

    assert first == second
    assert desk.office.pdf.count == 1
    assert first.filename == "factura-F26-0412.pdf"
    assert first.etag == f'"{first.sha256}"'
    content = b"".join([chunk async for chunk in desk.office.storage.stream(first.key)])
    assert content.startswith(b"%PDF")
    assert len(content) == first.size
    assert content_key(desk.business, content) == first.key


async def test_fifty_who_ask_at_once_get_one_rendering(desk):
    found = await asyncio.gather(*(desk.get() for _ in range(50)))

    assert len({item.sha256 for item in found}) == 1
    assert desk.office.pdf.count == 1


async def test_two_processes_render_it_once_together(desk, database_url, tmp_path):
    arguments = (database_url, tmp_path / "files", desk.business, desk.contact, desk.id)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, SCRIPT, *map(str, arguments), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]

    answers = [json.loads((await process.communicate())[0]) for process in processes]

    assert sum(answer["rendered"] for answer in answers) == 1
    assert answers[0]["hashes"] == answers[1]["hashes"]
    assert len(answers[0]["hashes"]) == 1


@pytest.mark.parametrize(
    "difference",
    [
        {"locale": "en"},
        {"changes": {"sha256": "b" * 64}},
        {
            "acceptance": Acceptance(
                name="Ana", accepted_at=NOW, zone="Europe/Madrid", sha256="c" * 64
            )
        },
    ],
)
async def test_what_looks_different_is_another_pdf(desk, difference):
    first = await desk.get()
    other = await desk.get(**difference)

    assert desk.office.pdf.count == 2
    assert await desk.rows() == 2
    assert first.filename.endswith("-F26-0412.pdf")
    assert other.key.startswith(desk.business)


async def test_a_changed_brand_is_another_pdf(desk):
    first = await desk.get()
    await desk.change(update(Business).values(brand_colour="#aa0000", version=2))

    second = await desk.get()

    assert first.sha256 != second.sha256
    assert await desk.rows() == 2


async def test_a_damaged_file_is_made_again_and_its_hash_stays_known(desk, tmp_path):
    first = await desk.get()
    (tmp_path / "files" / first.key).write_bytes(b"%PDF but something else")

    second = await desk.get()

    assert desk.office.pdf.count == 2
    assert second.sha256 == first.sha256
    content = await desk.office.storage.get(second.key)
    assert content.startswith(b"%PDF")
    async with desk.office.reading() as session:
        hashes = list(await session.scalars(select(Rendering.sha256)))
    assert hashes == [first.sha256] * 2


async def test_a_missing_logo_leaves_the_name(desk):
    await desk.change(update(Business).values(logo="d" * 64))

    assert (await desk.get()).size > 0


async def test_a_logo_is_on_the_pdf(desk):
    plain = await desk.get()
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    key = content_key(desk.business, logo)
    await desk.office.storage.put(key, logo)
    await desk.change(update(Business).values(logo=key.rpartition("/")[2], version=2))

    assert (await desk.get()).sha256 != plain.sha256


async def test_a_failure_gives_the_lease_back(desk, workshop, tmp_path):
    off = Office(workshop, desk.office.config.database_url, str(tmp_path / "files"), workers=0)
    with pytest.raises(RenderingError):
        await desk.get(office=off)
    await off.pdf.close()
    await off.close()

    assert (await desk.get()).size > 0
    assert desk.office.pdf.count == 1


async def test_a_lease_of_a_process_that_died_runs_out(desk):
    first = await desk.get()
    past = datetime.now(UTC) - timedelta(seconds=1)
    await desk.change(update(Rendering).values(sha256=None, size=None, leased_until=past))

    assert await desk.get() == first
    assert desk.office.pdf.count == 2


async def test_whoever_waits_for_another_process_gets_its_pdf(desk):
    first = await desk.get()
    ahead = datetime.now(UTC) + timedelta(minutes=5)
    await desk.change(update(Rendering).values(sha256=None, size=None, leased_until=ahead))
    waiting = asyncio.create_task(desk.get())
    await asyncio.sleep(0)

    await desk.change(
        update(Rendering).values(sha256=first.sha256, size=first.size, leased_until=None)
    )

    assert await waiting == first
    assert desk.office.pdf.count == 1


async def test_nobody_waits_for_ever(desk, workshop, tmp_path, monkeypatch):
    await desk.get()
    ahead = datetime.now(UTC) + timedelta(minutes=5)
    await desk.change(update(Rendering).values(sha256=None, size=None, leased_until=ahead))
    monkeypatch.setattr("portalkit.documents.pdf.LEASE", timedelta(seconds=0.1))
    hasty = Office(workshop, desk.office.config.database_url, str(tmp_path / "files"), timeout=0.1)

    with pytest.raises(RenderingTimeoutError):
        await desk.get(office=hasty)

    await hasty.pdf.close()
    await hasty.close()


async def test_a_document_with_too_many_lines_is_refused(desk, workshop, tmp_path):
    strict = Office(workshop, desk.office.config.database_url, str(tmp_path / "files"), max_lines=0)

    with pytest.raises(RenderingError, match="lines"):
        await desk.get(office=strict)

    await strict.pdf.close()
    await strict.close()


async def test_a_document_that_is_not_stored_is_an_error_and_no_endless_wait(desk):
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await desk.office.get(desk.business, stored_document(desk.business, desk.contact, new_id()))


async def test_inside_a_writing_transaction_the_receipt_is_part_of_it(desk):
    office = desk.office
    async with office.writing() as session:
        await session.execute(update(DocumentRow).values(status="accepted"))
        business = await load_business(session, desk.business)
        kept = await office.cache.get(
            session, business, desk.document(), INVOICE, locale="es", in_transaction=True
        )
        await session.rollback()
    assert await desk.rows() == 0

    async with office.writing() as session:
        again = await office.cache.get(
            session, business, desk.document(), INVOICE, locale="es", in_transaction=True
        )
        await session.commit()

    assert await desk.rows() == 1
    assert kept == again == await desk.get()
    assert office.pdf.count == 2


async def test_a_cancelled_request_leaves_the_others_their_pdf(desk):
    gone, stays = (asyncio.create_task(desk.get()) for _ in range(2))
    await desk.office.pdf.started.wait()
    gone.cancel()

    assert (await stays).size > 0
    assert desk.office.pdf.count == 1


async def test_rows_of_other_documents_do_not_matter(desk):
    await desk.change(
        insert(Rendering).values(
            key="e" * 64,
            business_id=desk.business,
            document_id=desk.id,
            created_at=NOW,
            leased_until=datetime.now(UTC) + timedelta(minutes=5),
        )
    )

    assert (await desk.get()).size > 0
