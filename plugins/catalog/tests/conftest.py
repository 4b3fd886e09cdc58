"""What the tests of the catalogue share: a business, products, and the real catalogues."""

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from portalkit_catalog.product import Price, Product
from sqlalchemy import Engine, create_engine, insert

from portalkit.access.models import Business
from portalkit.db import configure_engine, sync_url
from portalkit.exchange import FileResult, ImportDesk, import_files
from portalkit.hooks import load_plugins
from portalkit.model import new_id
from portalkit.storage import Storage
from portalkit.testing.factories import NOW


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "catalog", "einvoice")


@pytest.fixture
def engine(database_url) -> Iterator[Engine]:
    engine = configure_engine(create_engine(sync_url(database_url)))
    yield engine
    engine.dispose()


@pytest.fixture
def make_business(engine) -> Callable[[str], str]:
    """Return the maker of businesses."""

    def make(slug: str) -> str:
        values = {
            "id": new_id(),
            "slug": slug,
            "name": slug,
            "currency": "EUR",
            "timezone": "Europe/Madrid",
            "locale": "es",
            "locales": ["es"],
            "brand_colour": "#4a671d",
            "settings": {},
            "version": 1,
            "created_at": NOW,
        }
        with engine.begin() as connection:
            connection.execute(insert(Business).values(values))
        return str(values["id"])

    return make


@pytest.fixture
def business(make_business) -> str:
    return make_business("mill")


@pytest.fixture(scope="session")
def make_product() -> Callable[..., Product]:
    """Return the maker of products; any field can be changed."""

    def make(sku: str = "OIL-5", **changes) -> Product:
        fields = {
            "names": {"es": "Aceite de oliva", "en": "Olive oil"},
            "unit": "C62",
            "prices": (Price(currency="EUR", amount=Decimal("41.50")),),
        }
        return Product(sku=sku, **fields | changes)

    return make


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real documents; it is not part of the project."""
    named = os.environ.get("PORTALKIT_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    if not (folder / "index.tsv").exists():
        pytest.skip(f"there are no real documents in {folder} (set PORTALKIT_TEST_DATA)")
    return folder


@pytest.fixture
def make_desk(engine, make_business, portal_config) -> Callable[..., ImportDesk]:
    """Return the maker of what an import for a business of its own needs."""
    declared = load_plugins(portal_config).declarations

    def make(slug: str) -> ImportDesk:
        return ImportDesk(
            engine=engine,
            business_id=make_business(slug),
            importers=[each.value for each in declared.importers],
            kinds={name: each.value for name, each in declared.kinds.items()},
            storage=Storage(portal_config.storage_url),
        )

    return make


UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def line_xml(
    sku: str = "OIL-5",
    *,
    head: str = "",
    prices: str | None = None,
    item: str = "",
    name: str = "<cbc:Name>Olive oil</cbc:Name>",
) -> str:
    """Return a line of a catalogue; ``head`` stands before its prices."""
    if prices is None:
        prices = price_xml("41.50")
    return f"""<cac:CatalogueLine><cbc:ID>1</cbc:ID>{head}{prices}<cac:Item>{name}
<cac:SellersItemIdentification><cbc:ID>{sku}</cbc:ID></cac:SellersItemIdentification>{item}
</cac:Item></cac:CatalogueLine>"""


def price_xml(amount: str, currency: str = "EUR", *, place: str = "", price: str = "") -> str:
    """Return a price of a line."""
    return f"""<cac:RequiredItemLocationQuantity>{place}<cac:Price>
<cbc:PriceAmount currencyID="{currency}">{amount}</cbc:PriceAmount>{price}</cac:Price>
</cac:RequiredItemLocationQuantity>"""


def catalogue_xml(*lines: str, head: str = "") -> str:
    """Return a catalogue of these lines, or of one of its own."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Catalogue xmlns="{UBL}Catalogue-2" xmlns:cac="{UBL}CommonAggregateComponents-2"
 xmlns:cbc="{UBL}CommonBasicComponents-2">
<cbc:ID>C-1</cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate>{head}
{"".join(lines or (line_xml(),))}</Catalogue>"""


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """The makers of catalogues, of their lines and of the prices of these."""
    return SimpleNamespace(catalogue=catalogue_xml, line=line_xml, price=price_xml)


@pytest.fixture
def import_text(make_desk, tmp_path) -> Callable[..., FileResult]:
    """Import a file of this content for a business of its own, or for that of a desk."""

    def import_text(content: str | bytes, desk: ImportDesk | None = None) -> FileResult:
        path = tmp_path / "catalogue.xml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        (result,) = import_files(desk or make_desk(new_id()), [path])
        return result

    return import_text
