"""An importer of the tests' own, and a business to import for."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from sqlalchemy import Engine, create_engine, insert

from portalkit.access.models import Business, Contact, ContactIdentifier
from portalkit.db import configure_engine, sync_url
from portalkit.documents.keys import fold
from portalkit.errors import ImportRefusedError
from portalkit.exchange import ImportDesk
from portalkit.hooks import HOOK_API, Manifest, hookimpl, load_plugins
from portalkit.model import (
    ContactPoint,
    Identifier,
    ImportedDocument,
    Party,
    PartyRole,
    new_id,
)
from portalkit.storage import Storage
from portalkit.testing.factories import NOW, make_body


class JsonImporter:
    """Reads a list of documents as JSON; fails where a file says so."""

    name = "json"
    title = "JSON"

    def recognizes(self, head: bytes, filename: str) -> bool:
        return head.startswith((b"[", b"BROKEN"))

    def read(self, content: bytes, filename: str) -> Iterable[ImportedDocument]:
        if content.startswith(b"BROKEN"):
            raise ZeroDivisionError("a mistake in the importer")
        try:
            return msgspec.json.decode(content, type=list[ImportedDocument])
        except msgspec.DecodeError as error:
            raise ImportRefusedError(f"no documents:\n{error}") from error


class JsonPlugin:
    """A plugin that brings the importer."""

    manifest = Manifest(name="json", title="JSON", api=HOOK_API)

    @hookimpl
    def portalkit_register_importers(self):
        return [JsonImporter()]


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "json")


@pytest.fixture
def engine(database_url) -> Iterator[Engine]:
    engine = configure_engine(create_engine(sync_url(database_url)))
    yield engine
    engine.dispose()


@pytest.fixture
def business_id(engine) -> str:
    return add_business(engine, "mill", tax_id="ESB00000001")


def add_business(engine: Engine, slug: str, **changes) -> str:
    business_id = new_id()
    with engine.begin() as connection:
        connection.execute(
            insert(Business).values(
                {
                    "id": business_id,
                    "slug": slug,
                    "name": slug.title(),
                    "currency": "EUR",
                    "timezone": "Europe/Madrid",
                    "locale": "es",
                    "locales": ["es"],
                    "brand_colour": "#4a671d",
                    "settings": {},
                    "version": 1,
                    "created_at": NOW,
                }
                | changes
            )
        )
    return business_id


@pytest.fixture
def add_contact(engine, business_id) -> Callable[..., str]:
    """Add a contact of the business (or of another) with identifiers."""

    def add(name: str = "Tienda Sol", *identifiers: Identifier, **changes) -> str:
        contact_id = new_id()
        values = {
            "id": contact_id,
            "business_id": business_id,
            "name": name,
            "name_key": fold(name),
            "is_enabled": True,
            "created_at": NOW,
        } | changes
        with engine.begin() as connection:
            connection.execute(insert(Contact).values(values))
            for identifier in identifiers:
                scheme, value = identifier.key
                connection.execute(
                    insert(ContactIdentifier).values(
                        business_id=values["business_id"],
                        scheme=scheme,
                        value=value,
                        contact_id=contact_id,
                    )
                )
        return contact_id

    return add


@pytest.fixture
def desk(engine, business_id, portal_config) -> ImportDesk:
    """What an import of the business needs."""
    registry = load_plugins(portal_config, {"json": JsonPlugin()})
    declared = registry.declarations
    return ImportDesk(
        engine=engine,
        business_id=business_id,
        importers=[each.value for each in declared.importers],
        kinds={name: each.value for name, each in declared.kinds.items()},
        storage=Storage(portal_config.storage_url),
        max_mib=1,
    )


def party(role: PartyRole, name: str, *tax_ids: str, **changes) -> Party:
    ids = tuple(Identifier(each, "VAT") for each in tax_ids)
    return Party(role=role, name=name, tax_ids=ids, **changes)


def trade(
    number: str = "F-1",
    *,
    kind: str = "invoice",
    seller: Party | None = None,
    buyer: Party | None = None,
    **changes,
) -> ImportedDocument:
    """A document between the mill and somebody."""
    parties = (
        seller or party(PartyRole.SELLER, "Mill", "ESB00000001"),
        buyer or party(PartyRole.BUYER, "Tienda Sol", "ESB00000002"),
    )
    body = make_body(kind, number, parties=parties, **changes)
    return ImportedDocument(body=body, stated={"gross": "22.00"})


@pytest.fixture
def made() -> SimpleNamespace:
    """Makers of what the tests write into files."""
    return SimpleNamespace(
        trade=trade,
        seller=lambda *args, **changes: party(PartyRole.SELLER, *args, **changes),
        buyer=lambda *args, **changes: party(PartyRole.BUYER, *args, **changes),
        contact=lambda email: ContactPoint(email=email),
        business=add_business,
    )


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """Write documents into a file of a folder and return its path."""

    def write(name: str, *documents: ImportedDocument | bytes, blanks: int = 0) -> Path:
        path = tmp_path / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = (
            documents[0]
            if documents and isinstance(documents[0], bytes)
            else msgspec.json.encode(documents)
        )
        path.write_bytes(content + b" " * blanks)
        return path

    return write
