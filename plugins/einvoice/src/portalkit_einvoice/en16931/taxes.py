"""VAT as EN 16931 knows it: a category, a rate, and a reason where there is no tax."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeVar

from msgspec import structs

from portalkit.model import DocumentBody, TaxRow, TaxStated, Text, exponent, lazy_gettext
from portalkit_einvoice.en16931.codes import TAXED, UNTAXED, VATEX_BY_CATEGORY, VATEX_CODE

__all__ = ("TaxKey", "key_of", "tax_problems", "vat_of", "vat_rows")

_Tax = TypeVar("_Tax", TaxStated, TaxRow)
TaxKey = tuple[str | None, Decimal | None]

# The Canary Islands, and Ceuta and Melilla, tax in the place of VAT.
_IPSI: Final = "M"
_LOCAL: Final = {"VAT": None, "IGIC": "L", "IPSI": _IPSI}
_ZERO: Final = Decimal(0)


def vat_of(tax: _Tax) -> _Tax | None:
    """Return a tax in the terms of EN 16931; ``None`` if it is no VAT, or of no category.

    A rate without a category is the standard category: nothing else has a rate.
    """
    if tax.scheme not in _LOCAL:
        return None
    category = tax.category
    if category in {None, "S"} and tax.rate is not None and (tax.rate > 0 or tax.scheme == "IPSI"):
        category = _LOCAL[tax.scheme] or "S"
    if category in UNTAXED:
        return _untaxed(structs.replace(tax, scheme="VAT", category=category))
    # Only IPSI has a rate of nothing (BR-AG-05); elsewhere a category of its own says that.
    if category in TAXED and tax.rate is not None and (tax.rate > 0 or category == _IPSI):
        return structs.replace(
            tax, scheme="VAT", category=category, exemption_code=None, exemption_reason=None
        )
    return None


def _untaxed(tax: _Tax) -> _Tax:
    rate = None if tax.category == "O" else _ZERO
    code, reason = tax.exemption_code, tax.exemption_reason
    if tax.category == "Z":
        code = reason = None
    elif code and not VATEX_CODE.fullmatch(code):
        code, reason = None, reason or code
    if not (code or reason):
        code = VATEX_BY_CATEGORY.get(tax.category or "")
    return structs.replace(tax, rate=rate, exemption_code=code, exemption_reason=reason)


def vat_rows(body: DocumentBody) -> tuple[TaxRow, ...]:
    """Return the tax summary in the terms of EN 16931."""
    return tuple(row for stated in body.taxes if (row := vat_of(stated)) is not None)


def key_of(tax: TaxStated | TaxRow) -> TaxKey:
    """Return what sets rows of the summary apart; 21 and 21.00 percent are one."""
    return tax.category, None if tax.rate is None else tax.rate.normalize()


def tax_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the taxes of a document cannot be expressed."""
    if body.totals.withheld or any(row.is_withheld for row in body.taxes):
        yield lazy_gettext("Tax is withheld, and EN 16931 has no field for that; Facturae has one.")
    for row in body.taxes:
        if not row.is_withheld and row.scheme not in _LOCAL:
            yield lazy_gettext(
                "The tax %(tax)s is no VAT, and EN 16931 has fields for VAT only.", tax=row.scheme
            )
    stated = [row for row in body.taxes if row.scheme in _LOCAL and not row.is_withheld]
    if not stated:
        yield lazy_gettext("The tax summary is missing.")
    seen: set[TaxKey] = set()
    for row in stated:
        yield from _row_problems(body, row, seen)


def _row_problems(body: DocumentBody, stated: TaxRow, seen: set[TaxKey]) -> Iterator[Text]:
    row = vat_of(stated)
    if row is None:
        yield lazy_gettext("A row of the tax summary has no category of VAT, or no rate.")
        return
    if key_of(row) in seen:
        yield lazy_gettext("The tax summary has two rows for one category and rate.")
    seen.add(key_of(row))
    if row.taxable is None:
        yield lazy_gettext("A row of the tax summary has no taxable amount.")
    elif not _is_near(row, row.taxable, body.currency):
        yield lazy_gettext("The tax summary has an amount that does not fit its rate.")
    if row.category == "E" and not (row.exemption_code or row.exemption_reason):
        yield lazy_gettext("The reason of the exemption from VAT is missing.")


def _is_near(row: TaxRow, taxable: int, currency: str) -> bool:
    # BR-CO-17 leaves less than one unit of the currency for roundings.
    if row.category in UNTAXED:
        return row.amount == 0
    unit = 10 ** exponent(currency)
    expected = taxable * (row.rate or _ZERO) / 100
    return bool(abs(expected - row.amount) < unit)
