"""Products out of the database, as they were published."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from portalkit_catalog.checks import read_canonical
from portalkit_catalog.models import PriceRow, ProductRow
from portalkit_catalog.product import Price, Product

__all__ = ("PRICE_FIELDS", "read_products")

PRICE_FIELDS: Final = Price.__struct_fields__
"""Names of the columns that a price has in common with its row."""


def read_products(
    connection: Connection, business_id: str, skus: Collection[str] | None = None
) -> list[Product]:
    """Read products with their prices, sorted by number.

    Args:
        connection: Of the portal's database.
        business_id: Whose products.
        skus: Only those of them that have these numbers; ``None`` for all.
    """
    statement = select(ProductRow.id, ProductRow.body).where(ProductRow.business_id == business_id)
    if skus is not None:
        statement = statement.where(ProductRow.sku.in_(sorted(skus)))
    rows = connection.execute(statement).all()
    prices = _read_prices(connection, business_id, skus)
    products = [
        msgspec.structs.replace(read_canonical(row.body), prices=tuple(prices[row.id]))
        for row in rows
    ]
    # The databases would order them by different rules.
    return sorted(products, key=lambda product: product.sku)


def _read_prices(
    connection: Connection, business_id: str, skus: Collection[str] | None
) -> dict[str, list[Price]]:
    columns: Sequence[Any] = [getattr(PriceRow, name) for name in PRICE_FIELDS]
    statement = (
        select(PriceRow.product_id, *columns)
        .join(ProductRow, ProductRow.id == PriceRow.product_id)
        .where(ProductRow.business_id == business_id)
        .order_by(PriceRow.product_id, PriceRow.position)
    )
    if skus is not None:
        statement = statement.where(ProductRow.sku.in_(sorted(skus)))
    found: dict[str, list[Price]] = defaultdict(list)
    for product_id, *values in connection.execute(statement):
        found[product_id].append(Price(**dict(zip(PRICE_FIELDS, values, strict=True))))
    return found
