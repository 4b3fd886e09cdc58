"""What the demo consists of, before anything of it is stored."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec

from portalkit.model import Address, Identifier, Publication

__all__ = (
    "Demo",
    "DemoBusiness",
    "DemoContact",
    "DemoPerson",
    "DemoStaff",
    "Pays",
    "Product",
    "Profile",
    "Region",
    "Wares",
)


class Region(StrEnum):
    """Where a customer is, which decides the tax on what it buys."""

    SPAIN = "spain"
    UNION = "union"
    BRITAIN = "britain"


class Pays(StrEnum):
    """How a customer pays."""

    PROMPTLY = "promptly"
    USUALLY = "usually"
    LATE = "late"
    BADLY = "badly"


class Wares(StrEnum):
    """What a product is to the tax office."""

    OIL = "oil"
    FOOD = "food"
    OTHER = "other"


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is sold.

    Attributes:
        price: In euro, without tax, at the level of the newest harvest.
        box: Sold in multiples of this many.
        weight: How often it is bought, against the others.
        months: Months in which it is sold; empty means all.
    """

    sku: str
    name: str
    english: str
    price: Decimal
    wares: Wares
    unit: str = "C62"
    box: int = 6
    weight: int = 10
    months: frozenset[int] = frozenset()
    gtin: str | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How a customer buys and pays.

    Attributes:
        deals: Orders in an average year.
        lines: Fewest and most lines of one.
        boxes: Most boxes on a line.
        terms: Days after which an invoice is due.
        quotes: Share of deals that start with a quote.
        shops: Share of deals that the customer placed as an order of its own.
        is_monthly: One invoice a month over all deliveries.
        is_prepaid: A pro forma comes first and is paid before anything leaves.
        is_debit: The business collects by direct debit.
    """

    deals: float = 6.0
    lines: tuple[int, int] = (2, 6)
    boxes: int = 6
    terms: int = 30
    pays: Pays = Pays.USUALLY
    quotes: float = 0.2
    shops: float = 0.1
    discount: Decimal = Decimal(0)
    is_monthly: bool = False
    is_prepaid: bool = False
    is_debit: bool = False


class DemoPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in for a contact; most of them have no password yet."""

    name: str
    email: str
    role: str = "owner"
    can_sign_in: bool = False


class DemoStaff(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works for the business."""

    name: str
    email: str
    role: str = "admin"


class DemoContact(msgspec.Struct, frozen=True, kw_only=True):
    """A customer of a demo business; ``key`` is the host's own number for it."""

    key: str
    name: str
    tax_id: Identifier
    address: Address
    email: str
    phone: str
    people: tuple[DemoPerson, ...]
    profile: Profile
    region: Region = Region.SPAIN
    locale: Literal["es", "en"] = "es"
    currency: str = "EUR"
    ship_to: Address | None = None


class DemoBusiness(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two businesses of the demo."""

    slug: str
    name: str
    legal_name: str
    tax_id: str
    imprint: str
    address: Address
    email: str
    phone: str
    website: str
    iban: str
    bic: str
    brand_colour: str
    logo: str
    staff: tuple[DemoStaff, ...]
    products: tuple[Product, ...]


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """A business with its customers and everything that was ever sent to them."""

    business: DemoBusiness
    contacts: tuple[DemoContact, ...]
    publications: tuple[Publication, ...]
