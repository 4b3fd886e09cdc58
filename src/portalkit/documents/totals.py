"""Arithmetic of EN 16931, for documents the portal makes itself; stated totals are kept.

Amounts are whole minor units; every rounding is half up to the currency's minor unit.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
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

_HALF: Final = Fraction(1, 2)
# What a buyer keeps back instead of paying it to the seller, in Spain and in Italy.
_WITHHELD: Final = frozenset({"IRPF", "IRNR", "IS", "IRPEF", "IRES", "INPS", "ENASARCO", "ENPAM"})
# On top of prices even where these include tax.
_SURCHARGE: Final = "surcharge"
# Categories on which no tax is charged whatever the rate says (BR-E-09 and its like).
_WITHOUT_TAX: Final = frozenset({"Z", "E", "AE", "K", "G", "O"})

_TaxKey = tuple[str, str | None, Decimal | None]


def compute(body: DocumentBody) -> DocumentBody:
    """Return a body with computed line amounts, tax rows and totals.

    Lines need ``quantity`` and ``net_price`` (or ``gross_price``), or a ``net_amount`` that is
    kept; optional lines and those free of charge count nothing. An allowance or charge with a
    percentage and no base is a share of its line, or of the sum of lines. Tax is rounded once
    for each category and rate, or on every line, as ``rounding_policy`` says. What is prepaid
    is the sum of ``stated_payments``, else ``totals.prepaid``; ``totals.rounding`` is kept.

    Where ``prices_include_tax``, prices, line amounts, allowances and charges hold the taxes
    of their line, but neither a surcharge nor what is withheld; ``totals.line_total`` is then
    with tax and ``totals.net`` without.

    Raises:
        DocumentRefusedError: If prices include a tax of -100 % or less.
    """
    lines = tuple(compute_line(line, body.currency) for line in body.lines)
    line_total = sum(line.net_amount or 0 for line in lines if _counts(line))
    on_document = tuple(_sized(part, line_total) for part in body.allowances_charges)
    taxes = _tax_rows(body, lines, on_document)
    return structs.replace(
        body,
        lines=lines,
        allowances_charges=on_document,
        taxes=taxes,
        totals=_totals(body, line_total, on_document, taxes),
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
    parts = tuple(_sized(part, amount) for part in line.allowances_charges)
    return structs.replace(
        line,
        net_price=price,
        allowances_charges=parts,
        net_amount=amount + sum(_signed(part) for part in parts),
    )


def _sized(part: AllowanceCharge, whole: int) -> AllowanceCharge:
    if part.percent is None:
        return part
    base = whole if part.base is None else part.base
    return structs.replace(part, base=base, amount=_share(Fraction(base), part.percent))


def _share(amount: Fraction, percent: Decimal) -> int:
    return _rounded(amount * Fraction(percent) / 100)


def _rounded(amount: Fraction, *, has_half_up: bool = True) -> int:
    whole, rest = divmod(abs(amount), 1)
    if rest > _HALF or (has_half_up and rest == _HALF):
        whole += 1
    return whole if amount >= 0 else -whole


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
) -> Iterator[tuple[int, tuple[TaxStated, ...]]]:
    """Yield every amount that enters the totals, with the taxes on it."""
    for line in lines:
        if _counts(line):
            yield line.net_amount or 0, line.taxes
    for part in parts:
        yield _signed(part), () if part.tax is None else (part.tax,)


def _tax_rows(
    body: DocumentBody, lines: Iterable[Line], parts: Iterable[AllowanceCharge]
) -> tuple[TaxRow, ...]:
    bases: dict[_TaxKey, list[Fraction]] = {}
    stated: dict[_TaxKey, TaxStated] = {}
    for amount, taxes in _taxed(lines, parts):
        base = _without_tax(amount, taxes) if body.prices_include_tax else Fraction(amount)
        for tax in taxes:
            key = (tax.scheme, tax.category, tax.rate)
            bases.setdefault(key, []).append(base)
            stated.setdefault(key, tax)
    on_sum = body.rounding_policy is RoundingPolicy.SUM_THEN_ROUND
    return tuple(
        _tax_row(tax, [sum(bases[key], Fraction())] if on_sum else bases[key])
        for key, tax in stated.items()
    )


def _tax_row(tax: TaxStated, bases: Iterable[Fraction]) -> TaxRow:
    """Return the row of a tax: each base is taxed and rounded by itself."""
    bases = list(bases)
    rate = _rate(tax)
    return TaxRow(
        scheme=tax.scheme,
        category=tax.category,
        rate=tax.rate,
        # A base without its tax may end in half a cent: the tax takes it, or the two would
        # be a cent more than the price.
        taxable=_rounded(sum(bases, Fraction()), has_half_up=False),
        amount=sum(_rounded(base * rate / 100) for base in bases),
        is_withheld=tax.scheme in _WITHHELD,
        exemption_code=tax.exemption_code,
        exemption_reason=tax.exemption_reason,
    )


def _without_tax(amount: int, taxes: Iterable[TaxStated]) -> Fraction:
    price = 100 + sum(_rate(tax) for tax in taxes if _is_included(tax))
    if price <= 0:
        raise DocumentRefusedError("taxes", "no price can include a tax of -100 % or less")
    return amount * 100 / Fraction(price)


def _rate(tax: TaxStated) -> Fraction:
    if tax.rate is None or tax.category in _WITHOUT_TAX:
        return Fraction()
    return Fraction(tax.rate)


def _is_included(tax: TaxStated | TaxRow) -> bool:
    return tax.scheme not in _WITHHELD and tax.scheme != _SURCHARGE


def _totals(
    body: DocumentBody,
    line_total: int,
    parts: tuple[AllowanceCharge, ...],
    taxes: Iterable[TaxRow],
) -> Totals:
    allowances = sum(part.amount for part in parts if not part.is_charge)
    charges = sum(part.amount for part in parts if part.is_charge)
    net = line_total - allowances + charges
    if body.prices_include_tax:
        net -= sum(row.amount for row in taxes if _is_included(row))
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
