"""What is bought in one go, at the prices of the day."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from example_app.data.story import Bought, Story
from example_app.data.values import Product
from example_app.data.wares import price_level

__all__ = ("Deal", "basket", "occasion")

_CENT: Final = Decimal("0.01")
# What one euro is in the other currency of the demo.
_POUND: Final = Decimal("0.86")

_OCCASIONS: Final = {
    "es": {
        10: "Aceite nuevo, primera entrega",
        11: "Campaña de otoño",
        12: "Campaña de Navidad",
        1: "Reposición tras fiestas",
        6: "Temporada de verano",
        7: "Temporada de verano",
    },
    "en": {
        10: "New season oil, first delivery",
        11: "Autumn range",
        12: "Christmas range",
        1: "Restock after the holidays",
        6: "Summer season",
        7: "Summer season",
    },
}


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """What is bought, and what it came from (a quote, an order of the customer's)."""

    on: date
    lines: tuple[Bought, ...]
    currency: str
    description: str
    quote: str | None = None
    purchase: str | None = None


def occasion(story: Story, on: date) -> str:
    """Return what a document of this day is about, in the customer's language."""
    usual = {"es": "Reposición de tienda", "en": "Store restock"}
    locale = story.contact.locale
    return _OCCASIONS[locale].get(on.month, usual[locale])


def _price(product: Product, on: date, currency: str) -> Decimal:
    price = product.price * price_level(on, product.wares)
    if currency == "GBP":
        price *= _POUND
    finest = _CENT if product.unit == "C62" else Decimal("0.0001")
    return price.quantize(finest, ROUND_HALF_UP)


def basket(
    story: Story,
    products: tuple[Product, ...],
    on: date,
    *,
    count: int | None = None,
    currency: str | None = None,
) -> tuple[Bought, ...]:
    """Return what the customer puts into one order of this day, each product once."""
    profile = story.contact.profile
    sold = [p for p in products if not p.months or on.month in p.months]
    wanted = min(count or story.random.randint(*profile.lines), len(sold))
    chosen: dict[str, Product] = {}
    while len(chosen) < wanted:
        product = story.random.choices(sold, weights=[p.weight for p in sold])[0]
        chosen[product.sku] = product
    return tuple(
        Bought(
            product=product,
            quantity=product.box * story.random.randint(1, profile.boxes),
            price=_price(product, on, currency or story.contact.currency),
            discount=profile.discount,
        )
        for product in sorted(chosen.values(), key=lambda p: -p.weight)
    )
