"""A small town: two businesses, four contacts with documents, people and staff."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import msgspec
import pytest
from sqlalchemy import select

from portalkit.access.businesses import Resolved
from portalkit.access.models import SessionRow
from portalkit.app import PortalApp, create_app
from portalkit.documents import publish_in
from portalkit.documents.models import AttachmentRow
from portalkit.errors import ExportRefusedError
from portalkit.hooks import HOOK_API, Manifest, hookimpl
from portalkit.model import AttachmentRole, FileInput, PdfAttachment, lazy_gettext
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_person,
    make_publication,
    make_staff,
)

PASSWORD = "olive-trees-7"
PLUGINS = ("home", "profile", "backoffice", "sales", "purchases")
KINDS = (
    "invoice",
    "credit_note",
    "quote",
    "proforma",
    "delivery_note",
    "sales_order",
    "purchase_order",
)


class TextExporter:
    """Writes any document as a line of text."""

    name = "text"
    title = "Plain text"
    media_type = "text/plain"
    suffix = "txt"
    kinds = frozenset(KINDS)

    def obstacles(self, document):
        return ()

    async def export(self, document, context):
        return f"{context.locale} {document.body.number}".encode()


class StrictExporter(TextExporter):
    """Refuses delivery notes at a glance, and proformas once it looks closely."""

    name = "strict"
    title = "Strict text"

    def obstacles(self, document):
        return self.reasons if document.body.kind == "delivery_note" else ()

    async def export(self, document, context):
        if document.body.kind in {"delivery_note", "proforma"}:
            raise ExportRefusedError(*self.reasons)
        return await super().export(document, context)

    reasons = (lazy_gettext("Total"), "It has no amounts.")


class PrintedExporter(TextExporter):
    """Writes the PDF with a file inside."""

    name = "printed"
    title = "PDF with text"
    media_type = "application/pdf"
    suffix = "pdf"
    kinds = frozenset({"invoice"})

    async def export(self, document, context):
        text = document.body.number.encode()
        file = PdfAttachment(
            name="number.txt",
            content=text,
            media_type="text/plain",
            modified_on=document.body.issued_on,
        )
        return await context.print_pdf([file])


class TextFormats:
    """A plugin with formats."""

    manifest = Manifest(name="formats", title="Formats", api=HOOK_API, activation="contact")

    @hookimpl
    def portalkit_register_document_exporters(self):
        return (TextExporter(), StrictExporter(), PrintedExporter())


class Town(msgspec.Struct, kw_only=True):
    """Who lives there.

    Attributes:
        documents: Ids of Ana's documents by kind.
        files: Ids of the files of Ana's documents by document.
    """

    app: PortalApp
    mill: str
    bees: str
    ana: str
    ben: str
    documents: dict[str, str]
    files: dict[str, str]


@pytest.fixture(scope="session")
def portal_plugins():
    return PLUGINS


@asynccontextmanager
async def running(config) -> AsyncIterator[PortalApp]:
    """Run the portal of the town.

    Modules that only look at it override ``app`` and ``town`` with their own, of the whole
    module: ``running(shared_portal_config)`` and ``settle(app)``.
    """
    plugins = {"formats": TextFormats()}
    app = create_app(config, plugins=plugins, clock=lambda: NOW, resolver=_by_prefix)
    async with open_portal(app):
        yield app


@pytest.fixture
async def app(portal_config) -> AsyncIterator[PortalApp]:
    async with running(portal_config) as app:
        yield app


def _by_prefix(host, path, businesses):
    for business in businesses:
        if path == "/bees" or path.startswith("/bees/"):
            if business.slug == "bees":
                return Resolved(business.id, "/bees")
        elif business.slug == "mill":
            return Resolved(business.id)
    return None


@pytest.fixture
async def town(app: PortalApp) -> Town:
    return await settle(app)


async def settle(app: PortalApp) -> Town:
    """Let everybody move in."""
    async with app.portal.writing() as session:
        password = await app.portal.passwords.hash(PASSWORD)
        mill = await make_business(session, "mill")
        bees = await make_business(session, "bees")
        ana = await make_contact(session, mill, "Ana")
        ben = await make_contact(session, mill, "Ben")
        cleo = await make_contact(session, bees, "Cleo")
        for business, contact, email in (
            (mill, ana, "ana@ana.example"),
            (mill, ben, "ben@ben.example"),
            (bees, cleo, "cleo@cleo.example"),
        ):
            await make_person(session, business, [contact], email, password_hash=password)
        await make_staff(session, mill, "carmen@mill.example", password_hash=password)
        await make_staff(session, bees, "abel@bees.example", password_hash=password)
        documents = {}
        for contact, business in ((ana, mill), (ben, mill), (cleo, bees)):
            results = await publish_in(
                session,
                business,
                [_publication(contact, kind) for kind in KINDS],
                kinds=app.portal.kinds,
                storage=app.portal.storage,
                now=NOW,
            )
            assert all(result.is_stored for result in results), results
            if contact == ana:
                documents = dict(zip(KINDS, [str(r.id) for r in results], strict=True))
        files = dict(
            tuple(row)
            for row in (
                await session.execute(
                    select(AttachmentRow.document_id, AttachmentRow.id).where(
                        AttachmentRow.document_id.in_(documents.values())
                    )
                )
            ).all()
        )
        await session.commit()
    return Town(app=app, mill=mill, bees=bees, ana=ana, ben=ben, documents=documents, files=files)


def _publication(contact, kind):
    valid = {"valid_until": date(2026, 12, 31)} if kind == "quote" else {}
    body = make_body(kind, f"{kind}-{contact[-6:]}", **valid)
    file = FileInput(
        role=AttachmentRole.SUPPORTING,
        filename="analysis.txt",
        media_type="text/plain",
        content=contact.encode(),
    )
    return make_publication(contact, body, files=(file,))


@pytest.fixture
def visitor(app: PortalApp):
    def visitor() -> PortalClient:
        return PortalClient(app)

    return visitor


@pytest.fixture
async def sessions(app: PortalApp):
    async def count() -> int:
        async with app.portal.reading() as session:
            return len((await session.scalars(select(SessionRow.id_hash))).all())

    return count
