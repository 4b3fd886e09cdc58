"""The host of ``docs/embedding.md`` is taken out of the page and used."""

import re
import secrets
import sys
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import select

from portalkit.access.models import Contact
from portalkit.db.migrate import upgrade
from portalkit.documents.models import DocumentRow
from portalkit.mail.models import MailRow

PAGE = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text("utf-8")


def import_example(folder, heading, name, place=0):
    """Import one of the blocks of code below a heading."""
    section = re.split(r"\n##+ ", PAGE.partition(f"# {heading}\n")[2])[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (folder / f"{name}.py").write_text(blocks[place], "utf-8")
    sys.modules.pop(name, None)
    return import_module(name)


@pytest.fixture
async def host(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PORTALKIT_SECRET_KEYS", secrets.token_hex(32))
    monkeypatch.setenv("PORTALKIT_DATABASE_URL", database_url)
    monkeypatch.setenv("PORTALKIT_PDF__WORKERS", "0")
    monkeypatch.setenv("PORTALKIT_JOBS__EMBEDDED", "false")
    host = import_example(tmp_path, "Customers and their documents", "embedding_host")
    upgrade(database_url, host.portal.registry)
    async with host.app.lifespan():
        yield host


async def rows(host, column):
    async with host.portal.reading() as session:
        return list(await session.scalars(select(column)))


async def test_a_customer_is_added_sees_its_invoice_and_has_a_way_in(host):
    url = await host.customer_added()

    assert url.startswith("http://127.0.0.1:8000/portal/login/host/")
    assert await rows(host, Contact.external_id) == ["C-1001"]
    assert await rows(host, DocumentRow.number) == ["F-2026-001"]
    assert await rows(host, DocumentRow.total) == [2200]
    assert await rows(host, MailRow.to_email) == ["lucia@sol.example"]


async def test_an_invoice_of_a_host_without_asyncio_is_in_its_transaction(host, tmp_path):
    sync_host = import_example(tmp_path, "In your own transaction", "embedding_sync")
    business = await host.portal.business_id()
    body = host.invoice_body("F-2026-002")

    async with host.portal.writing() as session:
        await session.run_sync(sync_host.invoice_issued, host.portal, business, body)
        await session.rollback()
    assert await rows(host, DocumentRow.number) == []

    async with host.portal.writing() as session, session.begin():
        await session.run_sync(sync_host.invoice_issued, host.portal, business, body)
    assert await rows(host, DocumentRow.number) == ["F-2026-002"]


async def test_a_business_is_changed_as_the_page_says(host, tmp_path):
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'
    )
    look = import_example(tmp_path, "Look", "embedding_look")

    await look.moved(host.portal)

    async with host.portal.reading() as session:
        business = await host.portal.businesses.get(session, await host.portal.business_id())
    assert (business.address, business.brand_colour) == ("Calle Mayor 1\n23001 Jaén", "#4a671d")
    assert business.logo
