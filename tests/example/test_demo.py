"""The example as a person meets it: made once, two businesses, both demo accounts."""

import asyncio
from collections import Counter
from datetime import date

import pytest
from litestar.testing import AsyncTestClient
from rich.console import Console
from sqlalchemy import func, select

from example_app.__main__ import prepare
from example_app.app import create, portal_of
from example_app.data import demo_data
from example_app.settings import DEMO_PASSWORD, DemoSettings
from portalkit.access.models import Business, Contact
from portalkit.documents.models import DocumentRow, ReferenceRow
from portalkit.testing.client import PortalClient, open_portal

ANCHOR = date(2026, 11, 24)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    settings = DemoSettings.read({"DEMO_DIR": str(folder), "DEMO_TODAY": ANCHOR.isoformat()})
    prepare(settings, Console(quiet=True))
    return settings


@pytest.fixture
async def portal(settings):
    app = portal_of(settings).app
    async with open_portal(app):
        yield app


async def _rows(app, statement):
    async with app.portal.reading() as session:
        return (await session.execute(statement)).all()


async def test_every_document_is_stored_as_it_was_made(portal):
    rows = await _rows(
        portal, select(DocumentRow.external_id, DocumentRow.number, DocumentRow.total)
    )

    mill, apiary = demo_data(ANCHOR)
    stated = {
        (p.external_id, p.body.number): p.body.totals.gross
        for p in (*mill.publications, *apiary.publications)
    }
    assert len(rows) == len(stated)
    for external_id, number, total in rows:
        assert abs(total or 0) == (stated[external_id, number] or 0)


async def test_references_are_all_linked(portal):
    ((total, linked),) = await _rows(
        portal, select(func.count(), func.count(ReferenceRow.target_id)).select_from(ReferenceRow)
    )

    assert total == linked > 1_000


async def test_payments_and_credits_settle_invoices(portal):
    rows = await _rows(
        portal,
        select(DocumentRow.kind, DocumentRow.status, func.count()).group_by(
            DocumentRow.kind, DocumentRow.status
        ),
    )

    counts = Counter({(kind, status): count for kind, status, count in rows})
    assert counts["invoice", "paid"] > 500
    assert counts["invoice", "pending"] > 20
    assert counts["invoice", "partial"] > 0
    assert counts["credit_note", "applied"] > counts["credit_note", "open"] > 0


async def test_a_second_start_changes_nothing(settings, portal):
    before = await _rows(portal, select(func.max(DocumentRow.updated_at), func.count()))

    await asyncio.to_thread(prepare, settings, Console(quiet=True))

    assert await _rows(portal, select(func.max(DocumentRow.updated_at), func.count())) == before


async def test_the_day_is_kept_from_the_first_start(tmp_path):
    (tmp_path / "anchor").write_text("2026-05-02")

    assert DemoSettings.read({"DEMO_DIR": str(tmp_path)}).anchor == date(2026, 5, 2)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


async def test_a_wrong_day_is_named(tmp_path):
    with pytest.raises(SystemExit, match="DEMO_TODAY"):
        DemoSettings.read({"DEMO_DIR": str(tmp_path), "DEMO_TODAY": "yesterday"})


async def test_the_customer_signs_in_and_sees_news_of_the_mill(portal):
    async with PortalClient(portal) as client:
        await client.sign_in("compras@tiendasol.example", DEMO_PASSWORD)
        home = await client.get("/home")
        invoices = await client.get("/sales/invoices")

    assert home.status_code == invoices.status_code == 200
    assert "Ya está aquí el aceite nuevo." in home.text or "La almazara descansa." in home.text
    assert 'href="/almazara"' in home.text
    assert "F2026-" in invoices.text


async def test_staff_sign_in(portal):
    async with PortalClient(portal) as client:
        await client.sign_in("oficina@almazara.example", DEMO_PASSWORD, path="/backoffice/login")
        page = await client.get("/backoffice/contacts?q=tienda")

    assert page.status_code == 200
    assert "Tienda Sol" in page.text


async def test_the_two_businesses_know_nothing_of_each_other(portal):
    rows = await _rows(
        portal,
        select(Business.slug, Contact.name)
        .join(Contact, Contact.business_id == Business.id)
        .where(Contact.name == "Tienda Sol, S.L."),
    )
    async with PortalClient(portal) as client:
        await client.sign_in("compras@tiendasol.example", DEMO_PASSWORD, path="/miel/login")
        honey = await client.get("/miel/home")
        mill = await client.get("/home")

    assert sorted(slug for slug, _ in rows) == ["almazara", "miel"]
    assert honey.status_code == 200
    assert "Miel del Puerto" in honey.text
    assert "Almazara" not in honey.text
    # The session of one business opens nothing at the other.
    assert mill.status_code == 303


async def test_the_page_of_the_mill_stands_beside_the_portal(settings, monkeypatch):
    monkeypatch.setenv("DEMO_DIR", str(settings.folder))
    async with AsyncTestClient(create(), base_url=settings.config.base_url) as client:
        page = await client.get("/almazara")
        door = await client.get("/login")
        closed = await client.get("/sales/invoices?q=a%2Fb", follow_redirects=False)

    assert "Área de clientes" in page.text
    assert "compras@tiendasol.example" in door.text
    assert "form-action" in door.headers["content-security-policy"]
    assert closed.headers["location"] == "/login?next=/sales/invoices%3Fq%3Da%252Fb"
