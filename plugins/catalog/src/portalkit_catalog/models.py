"""The plugin's own tables."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from portalkit.db import Base, Id

__all__ = ("Exact", "PriceRow", "ProductRow")


class Exact(TypeDecorator[Decimal]):
    """A decimal exactly as it was stated; SQLite would make a binary fraction of it."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(
        self,
        value: Decimal | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        """Store its digits."""
        return None if value is None else str(value)

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Decimal | None:
        """Read them back."""
        return None if value is None else Decimal(value)


class ProductRow(Base):
    """A product: columns for what is looked up, and all but its prices as canonical JSON.

    ``sha256`` is that of the whole product, prices included: the same again writes nothing.
    """

    __tablename__ = "catalog_product"
    __table_args__ = (UniqueConstraint("business_id", "sku"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_business.id", ondelete="CASCADE")
    )
    sku: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PriceRow(Base):
    """A price of a product; ``position`` keeps the order in which they were stated."""

    __tablename__ = "catalog_price"

    product_id: Mapped[str] = mapped_column(
        Id, ForeignKey("catalog_product.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Decimal] = mapped_column(Exact)
    price_list: Mapped[str | None] = mapped_column(String(500))
    min_quantity: Mapped[Decimal | None] = mapped_column(Exact)
    base_quantity: Mapped[Decimal | None] = mapped_column(Exact)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    territory: Mapped[str | None] = mapped_column(String(2))
