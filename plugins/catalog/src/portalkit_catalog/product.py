"""What a business sells: typed, complete, without a trace of a database.

Amounts of prices, quantities and rates are ``Decimal`` as they are stated, for a unit price may
be finer than its currency. Units are codes of UNECE Recommendation 20, tax categories those of
UNTDID 5305, countries those of ISO 3166-1.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from portalkit.model import Identifier, TaxStated

__all__ = ("UNDETERMINED", "Picture", "Price", "Product", "ProductStatus")

UNDETERMINED: Final = "und"
"""BCP 47's word for a text whose language is not stated."""

# No control characters and nothing that is no character; in a line also no line ends.
_CONTROL: Final = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ufffe\\uffff"
_BREAK: Final = "\\t\\r\\n\\u2028\\u2029"

_Line = Annotated[str, Meta(min_length=1, max_length=500, pattern=rf"\A[^{_CONTROL}{_BREAK}]+\Z")]
_Text = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=rf"\A[^{_CONTROL}]+\Z")]
_Sku = Annotated[
    str, Meta(min_length=1, max_length=120, pattern=rf"\A(?!\s)[^{_CONTROL}{_BREAK}]+(?<!\s)\Z")
]
_Unit = Annotated[str, Meta(pattern=r"\A[A-Z0-9]{1,3}\Z")]
_Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
_Country = Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z")]
_Language = Annotated[str, Meta(max_length=35, pattern=r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")]
_Address = Annotated[str, Meta(max_length=2_000, pattern=r"\Ahttps?://[\x21-\x7e]+\Z")]


class ProductStatus(StrEnum):
    """Whether a product is offered.

    ``UNAVAILABLE`` cannot be ordered for the time being; ``WITHDRAWN`` is sold no more, and
    stays for the documents that mention it.
    """

    ACTIVE = "active"
    UNAVAILABLE = "unavailable"
    WITHDRAWN = "withdrawn"


class Picture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture elsewhere: its address is kept and never fetched."""

    url: _Address
    alt: _Line | None = None


class Price(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What ``base_quantity`` units cost without tax.

    Attributes:
        currency: ISO 4217.
        price_list: Name of the list it stands in; ``None`` for everybody's.
        min_quantity: From how many units on; ``None`` for the first one.
        base_quantity: ``None`` means one.
        valid_from: First day.
        valid_until: Last day.
        territory: Country where it holds; ``None`` for everywhere.
    """

    currency: _Currency
    amount: Decimal
    price_list: _Line | None = None
    min_quantity: Decimal | None = None
    base_quantity: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    territory: _Country | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product, under the number that the business gives it.

    Attributes:
        sku: Unique in the business.
        names: By language, BCP 47; ``und`` where none is stated.
        descriptions: The same.
        category: The path to where it stands, the widest first.
        tax: ``None`` if nothing is stated.
        standard_id: For example a GTIN, with the scheme (``0160``).
        classifications: Codes with the list they are of (``MP``, ``UNSPSC``).
        attributes: Pairs of name and value.
        min_quantity: The least that can be ordered.
        step_quantity: Orders are multiples of it.
        pack_quantity: How many are in a pack.
        extra: What its source states and no field holds, by its path there.
    """

    sku: _Sku
    names: dict[_Language, _Line]
    descriptions: dict[_Language, _Text] = {}
    category: tuple[_Line, ...] = ()
    unit: _Unit | None = None
    tax: TaxStated | None = None
    manufacturer_id: _Line | None = None
    standard_id: Identifier | None = None
    classifications: tuple[Identifier, ...] = ()
    attributes: tuple[tuple[_Line, _Text], ...] = ()
    min_quantity: Decimal | None = None
    step_quantity: Decimal | None = None
    pack_quantity: Decimal | None = None
    pictures: tuple[Picture, ...] = ()
    status: ProductStatus = ProductStatus.ACTIVE
    prices: tuple[Price, ...] = ()
    extra: dict[_Text, _Text] = {}
