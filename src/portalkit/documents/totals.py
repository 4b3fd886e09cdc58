"""Arithmetic of EN 16931, for documents the portal makes itself; stated totals are kept.

Amounts are whole minor units; every rounding is half up to the currency's minor unit.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from msgspec import structs

from portalkit.errors import DocumentRefusedError
from portalkit.model import (
    AllowanceCharge,
    DocumentBody,
    Line,
    LineKind,
    Money,
    RoundingPolicy,
    TaxRow,
    TaxStated,
    Totals,
    TotalsOrigin,
)

__all__ = ("compute", "compute_line")

_HUNDRED: Final = Decimal(100)
# What a buyer keeps back instead of paying it to the seller.
_WITHHELD: Final = frozenset({"IRPF"})
# Categories on which no tax is charged whatever the rate says (BR-E-09 and its like).
_WITHOUT_TAX: Final = frozenset({"Z", "E", "AE", "K", "G", "O"})

_TaxKey = tuple[str, str | None, Decimal | None]


def compute(body: DocumentBody) -> DocumentBody:
    """Return a body with computed line amounts, tax rows and totals.

    Lines need ``quantity`` and ``net_price`` (or ``gross_price``), or a ``net_amount`` that is
    kept; optional lines and those free of charge count nothing. Tax is rounded once for each
    category and rate, or on every line, as ``rounding_policy`` says. What is prepaid is the
    sum of ``stated_payments``, else ``totals.prepaid``; ``totals.rounding`` is kept.

    Raises:
        DocumentRefusedError: If prices include tax: EN 16931 knows net prices only.
    """
    if body.prices_include_tax:
        raise DocumentRefusedError("prices_include_tax", "totals are computed of net prices only")
    lines = tuple(compute_line(line, body.currency) for line in body.lines)
    on_document = tuple(_sized(part) for part in body.allowances_charges)
    taxes = _tax_rows(body, lines, on_document)
    return structs.replace(
        body,
        lines=lines,
        allowances_charges=on_document,
        taxes=taxes,
        totals=_totals(body, lines, on_document, taxes),
        totals_origin=TotalsOrigin.COMPUTED,
    )


def compute_line(line: Line, currency: str) -> Line:
    """Return a line with its net price and net amount, allowances and charges included."""
    if line.kind is not LineKind.ITEM:
        return line
    price = line.net_price
    if price is None and line.gross_price is not None:
        price = line.gross_price - (line.price_discount or Decimal())
    if price is None or line.quantity is None:
        return line
    amount = Money.rounded(price * line.quantity / (line.base_quantity or 1), currency).minor_units
    parts = tuple(_sized(part) for part in line.allowances_charges)
    return structs.replace(
        line,
        net_price=price,
        allowances_charges=parts,
        net_amount=amount + sum(_signed(part) for part in parts),
    )


def _sized(part: AllowanceCharge) -> AllowanceCharge:
    if part.base is None or part.percent is None:
        return part
    return structs.replace(part, amount=_share(part.base, part.percent))


def _share(minor_units: int, percent: Decimal) -> int:
    return _round(minor_units * percent / _HUNDRED)


def _round(minor_units: Decimal) -> int:
    return int(minor_units.to_integral_value(rounding=ROUND_HALF_UP))


def _signed(part: AllowanceCharge) -> int:
    return part.amount if part.is_charge else -part.amount


def _counts(line: Line) -> bool:
    return (
        line.kind is LineKind.ITEM
        and not line.is_optional
        and not line.is_free_of_charge
        and line.net_amount is not None
    )


def _taxed(
    lines: Iterable[Line], parts: Iterable[AllowanceCharge]
) -> Iterable[tuple[int, TaxStated]]:
    for line in lines:
        if _counts(line):
            for tax in line.taxes:
                yield line.net_amount or 0, tax
    for part in parts:
        if part.tax is not None:
            yield _signed(part), part.tax


def _tax_rows(
    body: DocumentBody, lines: Iterable[Line], parts: Iterable[AllowanceCharge]
) -> tuple[TaxRow, ...]:
    taxable: dict[_TaxKey, int] = {}
    rounded: dict[_TaxKey, int] = {}
    stated: dict[_TaxKey, TaxStated] = {}
    for amount, tax in _taxed(lines, parts):
        key = (tax.scheme, tax.category, tax.rate)
        taxable[key] = taxable.get(key, 0) + amount
        rounded[key] = rounded.get(key, 0) + _tax_on(amount, tax)
        stated.setdefault(key, tax)
    on_sum = body.rounding_policy is RoundingPolicy.SUM_THEN_ROUND
    return tuple(
        TaxRow(
            scheme=tax.scheme,
            category=tax.category,
            rate=tax.rate,
            taxable=taxable[key],
            amount=_tax_on(taxable[key], tax) if on_sum else rounded[key],
            is_withheld=tax.scheme in _WITHHELD,
            exemption_code=tax.exemption_code,
            exemption_reason=tax.exemption_reason,
        )
        for key, tax in stated.items()
    )


def _tax_on(amount: int, tax: TaxStated) -> int:
    if tax.rate is None or tax.category in _WITHOUT_TAX:
        return 0
    return _share(amount, tax.rate)


def _totals(
    body: DocumentBody,
    lines: Iterable[Line],
    parts: tuple[AllowanceCharge, ...],
    taxes: Iterable[TaxRow],
) -> Totals:
    line_total = sum(line.net_amount or 0 for line in lines if _counts(line))
    allowances = sum(part.amount for part in parts if not part.is_charge)
    charges = sum(part.amount for part in parts if part.is_charge)
    net = line_total - allowances + charges
    tax = sum(row.amount for row in taxes if not row.is_withheld)
    withheld = sum(row.amount for row in taxes if row.is_withheld)
    paid = sum(payment.amount for payment in body.stated_payments)
    prepaid = paid if body.stated_payments else body.totals.prepaid
    rounding = body.totals.rounding
    return Totals(
        line_total=line_total,
        allowances=allowances if parts else None,
        charges=charges if parts else None,
        net=net,
        tax=tax,
        tax_in_tax_currency=body.totals.tax_in_tax_currency,
        gross=net + tax,
        withheld=withheld or None,
        prepaid=prepaid,
        rounding=rounding,
        payable=net + tax - withheld - (prepaid or 0) + (rounding or 0),
    )
