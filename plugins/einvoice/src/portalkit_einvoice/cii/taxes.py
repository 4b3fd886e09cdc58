"""Taxes: which one, at what rate, on what, and how much."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from portalkit.model import TaxRow, TaxStated
from portalkit_einvoice.cii.namespaces import first_of
from portalkit_einvoice.cii.values import take_day, take_same_day
from portalkit_einvoice.codes import VAT
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_number

__all__ = ("take_tax", "take_tax_point", "take_tax_rows", "take_taxes")


_RATES: Final = ("RateApplicablePercent", "ApplicablePercent")
# What a buyer keeps back instead of paying it to the seller.
_WITHHELD: Final = frozenset({"IRPF"})


def take_tax(element: Element) -> TaxStated | None:
    """Take a tax; ``None`` if there is nothing in it. Its amounts stay where they are."""
    if not element.children:
        return None
    return TaxStated(
        category=element.take("CategoryCode"),
        rate=take_number(first_of(element, *_RATES)),
        scheme=element.take("TypeCode") or VAT,
        exemption_code=element.take("ExemptionReasonCode"),
        exemption_reason=element.take("ExemptionReason"),
    )


def take_taxes(elements: Iterable[Element]) -> tuple[TaxStated, ...]:
    """Take the taxes of a line."""
    return tuple(tax for tax in map(take_tax, elements) if tax is not None)


def take_tax_rows(settlement: Element, amounts: Amounts) -> tuple[TaxRow, ...]:
    """Take the tax summary of a document, withheld taxes last."""
    rows = [_take_row(element, amounts) for element in settlement.each("ApplicableTradeTax")]
    return tuple(sorted((row for row in rows if row is not None), key=lambda row: row.is_withheld))


def take_tax_point(settlement: Element) -> date | None:
    """Take the day of the tax, which each row of the summary repeats; other days stay."""
    places = [each.first("TaxPointDate") for each in settlement.each("ApplicableTradeTax")]
    day = next((day for place in places if (day := take_day(place))), None)
    if day is not None:
        for place in places:
            take_same_day(place, day)
    return day


def _take_row(element: Element, amounts: Amounts) -> TaxRow | None:
    amount = amounts.take(element, "CalculatedAmount")
    if amount is None:
        return None
    taxable = amounts.take(element, "BasisAmount")
    tax = take_tax(element) or TaxStated()
    return TaxRow(
        taxable=taxable,
        amount=amount,
        scheme=tax.scheme,
        category=tax.category,
        rate=tax.rate,
        is_withheld=tax.scheme in _WITHHELD,
        exemption_code=tax.exemption_code,
        exemption_reason=tax.exemption_reason,
    )
