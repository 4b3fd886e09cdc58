"""Bounds of what a product may hold, and its one canonical form."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from portalkit.errors import InputRefusedError
from portalkit_catalog.product import Price, Product

__all__ = ("ProductRefusedError", "canonical", "read_canonical")

_MAX_DIGITS: Final = 28
_MAX_SCALE: Final = 15
_MAX_BYTES: Final = 1_000_000
_MAX_CODE: Final = 500
_YEARS: Final = range(1900, 2201)
_NO_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")

_encode: Final = msgspec.json.Encoder(order="sorted").encode
_decode: Final = msgspec.json.Decoder(Product).decode


class ProductRefusedError(InputRefusedError):
    """A product that cannot be stored as it was given: ``field`` and ``reason`` say why."""

    code = "product_refused"


def canonical(product: Product) -> bytes:
    """Check a product and return it as JSON: sorted keys, no defaults, decimals as text.

    Raises:
        ProductRefusedError: With the path of the first wrong value, ``prices[0].amount``.
    """
    try:
        content = _encode(product)
        checked = _decode(content)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    except (UnicodeError, RecursionError, TypeError, OverflowError, ValueError) as error:
        raise ProductRefusedError("product", "cannot be written as JSON") from error
    if len(content) > _MAX_BYTES:
        raise ProductRefusedError("product", f"has more than {_MAX_BYTES} bytes")
    for field, reason in _problems(checked):
        raise ProductRefusedError(field, reason)
    return content


def read_canonical(content: str | bytes) -> Product:
    """Read a product back from its canonical form."""
    return _decode(content)


def _refused(message: str) -> ProductRefusedError:
    """Return msgspec's message in our words: a pattern tells nobody what is wrong."""
    reason, _, place = message.partition(" - at ")
    path = place.removeprefix("`key` in ").strip("`").removeprefix("$").removeprefix(".")
    if "matching regex" in reason:
        reason = "holds characters that cannot stand there, or has not the form it must have"
    return ProductRefusedError(path or "product", reason)


def _problems(product: Product) -> Iterator[tuple[str, str]]:
    if not product.names:
        yield "names", "must not be empty"
    yield from _code_problems(product)
    for name in ("min_quantity", "step_quantity", "pack_quantity"):
        yield from _quantity(name, getattr(product, name))
    for position, price in enumerate(product.prices):
        for name, reason in _price_problems(price):
            yield f"prices[{position}].{name}", reason


def _code_problems(product: Product) -> Iterator[tuple[str, str]]:
    """Look at what the kernel's own structs hold, which bound nothing themselves."""
    structs: list[tuple[str, msgspec.Struct | None]] = [
        ("tax", product.tax),
        ("standard_id", product.standard_id),
    ]
    structs += [(f"classifications[{n}]", each) for n, each in enumerate(product.classifications)]
    for place, struct in structs:
        for name, value in msgspec.structs.asdict(struct).items() if struct else ():
            if isinstance(value, Decimal) and not _is_bounded(value):
                yield f"{place}.{name}", "is no number of a bearable size"
            if isinstance(value, str) and (len(value) > _MAX_CODE or _NO_TEXT.search(value)):
                yield f"{place}.{name}", f"must be one line of at most {_MAX_CODE} characters"


def _price_problems(price: Price) -> Iterator[tuple[str, str]]:
    if not _is_bounded(price.amount):
        yield "amount", "is no number of a bearable size"
    elif price.amount < 0:
        yield "amount", "must not be negative"
    yield from _quantity("min_quantity", price.min_quantity)
    yield from _quantity("base_quantity", price.base_quantity)
    for name in ("valid_from", "valid_until"):
        day = getattr(price, name)
        if day is not None and day.year not in _YEARS:
            yield name, f"lies outside the years {_YEARS[0]} to {_YEARS[-1]}"
    if price.valid_from and price.valid_until and price.valid_until < price.valid_from:
        yield "valid_until", "lies before valid_from"


def _quantity(name: str, value: Decimal | None) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if not _is_bounded(value):
        yield name, "is no number of a bearable size"
    elif value <= 0:
        yield name, "must be more than zero"


def _is_bounded(value: Decimal) -> bool:
    _, digits, scale = value.as_tuple()
    # Digits before and after the point, also of 1E+999999, which has one digit only.
    return (
        isinstance(scale, int)
        and len(digits) <= _MAX_DIGITS
        and scale >= -_MAX_SCALE
        and len(digits) + scale <= _MAX_DIGITS
    )
