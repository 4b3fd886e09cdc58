"""What the tests of the catalogue share: a business, products, and the real catalogues."""

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from portalkit_catalog.product import Price, Product
from sqlalchemy import Engine, create_engine, insert

from portalkit.access.models import Business
from portalkit.db import configure_engine, sync_url
from portalkit.model import new_id
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
