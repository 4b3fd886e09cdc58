"""Products into the catalogue: many at a time, any number of times, in the host's transaction."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.sql import bindparam

from portalkit.audit import Actor, record_on
from portalkit.model import new_id
from portalkit_catalog.checks import ProductRefusedError, canonical
from portalkit_catalog.models import PriceRow, ProductRow
from portalkit_catalog.product import Product, ProductStatus
from portalkit_catalog.stored import PRICE_FIELDS, read_products

__all__ = ("ProductOutcome", "ProductResult", "publish_products", "withdraw_products")

_BATCH: Final = 500
_HOST: Final = Actor(kind="host")
_EVENT: Final = "catalog.products_published"


class ProductOutcome(StrEnum):
    """What publishing a product came to."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ProductResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one product.

    Attributes:
        id: Of the product that is in the catalogue now; ``None`` if it was refused.
        error: Why it was refused.
    """

    outcome: ProductOutcome
    sku: str
    id: str | None = None
    error: ProductRefusedError | None = None


def publish_products(
    connection: Connection,
    business_id: str,
    products: Iterable[Product],
    *,
    now: datetime,
    actor: Actor = _HOST,
) -> list[ProductResult]:
    """Store products with their prices; each takes the place of what its number was before.

    Publishing the same again writes nothing. A product that cannot be stored is refused in its
    result and stops no other; what is written is written with the caller's transaction, and one
    event in the history says how much. Products that are not given stay as they are. On
    PostgreSQL publishers of one business wait for each other until the transaction ends.

    Args:
        connection: In a transaction that may write; the caller commits.
        business_id: Whose products.
        products: Any number; they are written in batches.
        now: The moment that rows and the event bear.
        actor: Who does it, in the history.

    Returns:
        One result for each product, in their order.
    """
    _take_turn(connection, business_id)
    results: list[ProductResult] = []
    for batch in _batches(products):
        results += _publish_batch(connection, business_id, batch, now)
    _record(connection, business_id, results, now=now, actor=actor)
    return results


def withdraw_products(
    connection: Connection,
    business_id: str,
    skus: Collection[str],
    *,
    now: datetime,
    actor: Actor = _HOST,
) -> list[ProductResult]:
    """Sell products no more: those that are here get the status, with all else as it was.

    Args:
        connection: In a transaction that may write; the caller commits.
        business_id: Whose products.
        skus: Their numbers; those that are not here are passed over.
        now: The moment that rows and the event bear.
        actor: Who does it, in the history.

    Returns:
        One result for each product that is here, sorted by number.
    """
    # Before the first look, or what another publishes meanwhile would be written over.
    _take_turn(connection, business_id)
    wanted = sorted(set(skus))
    gone = [
        msgspec.structs.replace(product, status=ProductStatus.WITHDRAWN)
        for start in range(0, len(wanted), _BATCH)
        for product in read_products(connection, business_id, wanted[start : start + _BATCH])
    ]
    return publish_products(connection, business_id, gone, now=now, actor=actor)


def _take_turn(connection: Connection, business_id: str) -> None:
    """Let nobody else write products of the business until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))",
            {"key": f"catalog.publish:{business_id}"},
        )


class _Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A product that can be stored."""

    product: Product
    sha256: str

    @property
    def columns(self) -> dict[str, Any]:
        """What its row says of it."""
        body = canonical(msgspec.structs.replace(self.product, prices=()))
        status = ProductStatus(self.product.status).value
        return {"status": status, "sha256": self.sha256, "body": body.decode()}


def _batches(products: Iterable[Product]) -> Iterator[list[_Checked | ProductResult]]:
    """Yield batches in which no number occurs twice, so that each sees what was before."""
    batch: list[_Checked | ProductResult] = []
    seen: set[str] = set()
    for product in products:
        checked = _check(product)
        sku = "" if isinstance(checked, ProductResult) else product.sku
        if len(batch) >= _BATCH or sku in seen:
            yield batch
            batch, seen = [], set()
        batch.append(checked)
        if sku:
            seen.add(sku)
    if batch:
        yield batch


def _check(product: Product) -> _Checked | ProductResult:
    try:
        content = canonical(product)
    except ProductRefusedError as error:
        return ProductResult(
            outcome=ProductOutcome.REFUSED, sku=str(product.sku)[:200], error=error
        )
    return _Checked(product=product, sha256=sha256(content).hexdigest())


def _publish_batch(
    connection: Connection,
    business_id: str,
    batch: Sequence[_Checked | ProductResult],
    now: datetime,
) -> list[ProductResult]:
    good = [each for each in batch if isinstance(each, _Checked)]
    stored = _stored(connection, business_id, [each.product.sku for each in good])
    results, new, changed = [], [], []
    for each in batch:
        if isinstance(each, ProductResult):
            results.append(each)
            continue
        product_id, known = stored.get(each.product.sku, (new_id(), None))
        outcome = ProductOutcome.UNCHANGED
        if known is None:
            outcome = ProductOutcome.CREATED
            new.append((product_id, each))
        elif known != each.sha256:
            outcome = ProductOutcome.UPDATED
            changed.append((product_id, each))
        results.append(ProductResult(outcome=outcome, sku=each.product.sku, id=product_id))
    _write(connection, business_id, new=new, changed=changed, now=now)
    return results


def _stored(
    connection: Connection, business_id: str, skus: Sequence[str]
) -> dict[str, tuple[str, str]]:
    if not skus:
        return {}
    statement = select(ProductRow.sku, ProductRow.id, ProductRow.sha256).where(
        ProductRow.business_id == business_id, ProductRow.sku.in_(skus)
    )
    return {sku: (product_id, known) for sku, product_id, known in connection.execute(statement)}


def _write(
    connection: Connection,
    business_id: str,
    *,
    new: Sequence[tuple[str, _Checked]],
    changed: Sequence[tuple[str, _Checked]],
    now: datetime,
) -> None:
    if new:
        common = {"business_id": business_id, "created_at": now, "updated_at": now}
        connection.execute(
            insert(ProductRow),
            [
                {"id": product_id, "sku": each.product.sku} | common | each.columns
                for product_id, each in new
            ],
        )
    if changed:
        connection.execute(
            update(ProductRow).where(ProductRow.id == bindparam("row_id")),
            [
                {"row_id": product_id, "updated_at": now} | each.columns
                for product_id, each in changed
            ],
        )
        ids = [product_id for product_id, _ in changed]
        connection.execute(delete(PriceRow).where(PriceRow.product_id.in_(ids)))
    prices = [row for product_id, each in (*new, *changed) for row in _prices(product_id, each)]
    if prices:
        connection.execute(insert(PriceRow), prices)


def _prices(product_id: str, checked: _Checked) -> Iterator[dict[str, Any]]:
    for position, price in enumerate(checked.product.prices):
        values = {name: getattr(price, name) for name in PRICE_FIELDS}
        yield {"product_id": product_id, "position": position} | values


def _record(
    connection: Connection,
    business_id: str,
    results: Sequence[ProductResult],
    *,
    now: datetime,
    actor: Actor,
) -> None:
    outcomes = [result.outcome for result in results]
    counts = {
        outcome.value: outcomes.count(outcome)
        for outcome in (ProductOutcome.CREATED, ProductOutcome.UPDATED)
    }
    if any(counts.values()):
        record_on(
            connection,
            business_id=business_id,
            name=_EVENT,
            actor=actor,
            at=now,
            data=counts,
        )
