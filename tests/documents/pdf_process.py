"""A web process as far as PDFs go: ``python pdf_process.py URL FOLDER BUSINESS DOCUMENT TIMES``.

It asks for one PDF many times at once and prints how often it rendered, and the hashes it got.
"""

import asyncio
import json
import sys
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from portalkit.access.businesses import load_business
from portalkit.config import PdfConfig, PortalConfig
from portalkit.db import create_engine_for, session_makers
from portalkit.documents.pdf import PdfCache
from portalkit.hooks.types import DocumentKind, Status
from portalkit.i18n import load_translations
from portalkit.model import Document, DocumentHeader
from portalkit.rendering.environment import build_environments
from portalkit.rendering.pdf import PdfRenderer
from portalkit.rendering.static import StaticFiles
from portalkit.storage import Storage
from portalkit.testing.factories import make_body

INVOICE = DocumentKind(
    name="invoice",
    title="Invoice",
    plural="Invoices",
    section="sales",
    path="invoices",
    statuses=(Status(name="pending", label="Pending"),),
    initial_status="pending",
    due_means="payment",
)


class CountingRenderer(PdfRenderer):
    """A renderer that counts what it was asked for."""

    def __init__(self, config: PdfConfig) -> None:
        super().__init__(config)
        self.count = 0
        self.started = asyncio.Event()

    async def render(self, *arguments: Any, **options: Any) -> bytes:
        self.count += 1
        self.started.set()
        return await super().render(*arguments, **options)


class Workshop:
    """What several offices can share: texts, templates, and processes that render."""

    def __init__(self) -> None:
        self.config = PortalConfig(pdf=PdfConfig(workers=1))
        registry: Any = SimpleNamespace(plugins={})
        static = StaticFiles(registry, base_path="", debug=False)
        self.translators = load_translations(registry, ("es", "en"))
        self.environments = build_environments(self.config, registry, self.translators, static)
        self.pdf = CountingRenderer(self.config.pdf)

    def reset(self) -> None:
        self.pdf.count = 0
        self.pdf.started = asyncio.Event()


class Office:
    """The parts of a running portal that make PDFs; see ``PdfPortal``."""

    def __init__(self, workshop: Workshop, url: str, folder: str, **limits: Any) -> None:
        self.config = PortalConfig(database_url=url, pdf=PdfConfig(**({"workers": 1} | limits)))
        self.translators = workshop.translators
        self.environments = workshop.environments
        self.pdf = PdfRenderer(self.config.pdf) if limits else workshop.pdf
        self.storage = Storage(f"file://{folder}")
        self.engine = create_engine_for(url)
        self.reading, self.writing = session_makers(self.engine)
        self.cache = PdfCache(self)

    async def get(self, business_id: str, document: Document, **options: Any) -> Any:
        async with self.reading() as session:
            business = await load_business(session, business_id)
            assert business is not None
            options = {"locale": "es"} | options
            return await self.cache.get(session, business, document, INVOICE, **options)

    async def close(self) -> None:
        await self.cache.close()
        await self.engine.dispose()


def stored_document(
    business_id: str, contact_id: str, document_id: str, **changes: Any
) -> Document:
    """Return a document as a query would, without asking the database."""
    body = make_body(number="F26-0412")
    header = DocumentHeader(
        id=document_id,
        business_id=business_id,
        contact_id=contact_id,
        kind="invoice",
        number=body.number,
        type_code=None,
        issued_on=date(2026, 11, 10),
        due_on=None,
        status="pending",
        description="",
        currency="EUR",
        total=body.totals.gross,
        amount_due=body.totals.payable,
        line_count=1,
        settled_on=None,
        external_id=None,
        updated_at=datetime(2026, 11, 24, tzinfo=UTC),
        **({"version": 1, "sha256": "a" * 64} | changes),
    )
    return Document(header=header, body=body)


async def main(url: str, folder: str, business_id: str, contact_id: str, document_id: str) -> None:
    workshop = Workshop()
    office = Office(workshop, url, folder)
    document = stored_document(business_id, contact_id, document_id)
    found = await asyncio.gather(*(office.get(business_id, document) for _ in range(25)))
    await workshop.pdf.close()
    await office.close()
    answer = {"rendered": workshop.pdf.count, "hashes": sorted({item.sha256 for item in found})}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
