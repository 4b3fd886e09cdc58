"""Taxes that are charged and taxes that are withheld, with the surcharge inside some."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import structs

from portalkit.model import TaxRow, TaxStated
from portalkit_einvoice.facturae.codes import SURCHARGE, TAXES, VAT, WITHHELD
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import number_of, take_number

__all__ = ("CATEGORIES", "EXEMPT", "OUTSIDE", "take_line_taxes", "take_tax_rows")

EXEMPT: Final = "01"
"""Code of a special event: taxable, and exempt from tax."""

OUTSIDE: Final = "02"
"""Code of a special event: not taxable."""

CATEGORIES: Final = {"IGIC": "L", "IPSI": "M"}
"""UNTDID 5305 of the taxes of the Canaries, of Ceuta and of Melilla."""

_EVENTS: Final = {EXEMPT: "E", OUTSIDE: "O"}


def take_tax_rows(invoice: Element, amounts: Amounts) -> tuple[TaxRow, ...]:
    """Take the tax summary: what is charged, each with its surcharge, and what is withheld.

    A row whose amount cannot be taken stays.
    """
    rows: list[TaxRow] = []
    for name, is_withheld in (("TaxesOutputs", False), ("TaxesWithheld", True)):
        for element in invoice.first(name).each("Tax"):
            rows += _take_rows(element, amounts, is_withheld=is_withheld)
    return tuple(rows)


def take_line_taxes(line: Element) -> tuple[TaxStated, ...]:
    """Take the taxes of a line, and why it bears none.

    Amounts of taxes have no field on a line and stay, and so does a withheld tax that could
    also be one that is charged.
    """
    taxes = [tax for each in line.first("TaxesOutputs").each("Tax") for tax in _take_stated(each)]
    for each in line.first("TaxesWithheld").each("Tax"):
        if TAXES.get(each.peek("TaxTypeCode")) in WITHHELD:
            taxes += _take_stated(each)
    place = next((at for at, tax in enumerate(taxes) if tax.scheme == VAT and not tax.rate), None)
    if place is not None:
        taxes[place] = _with_event(taxes[place], line.first("SpecialTaxableEvent"))
    return tuple(taxes)


def _take_rows(element: Element, amounts: Amounts, *, is_withheld: bool) -> Iterator[TaxRow]:
    amount = amounts.take(element, "TaxAmount", "TotalAmount")
    if amount is None:
        # An amount may be left out; at a rate of nothing it can only be nothing.
        is_stated = element.peek("TaxAmount", "TotalAmount")
        rate = element.peek("TaxRate")
        if is_stated or not rate or number_of(rate, "TaxRate"):
            return
        amount = 0
    taxable = amounts.take(element, "TaxableBase", "TotalAmount")
    tax, *_ = _take_stated(element, has_surcharge=False)
    yield TaxRow(
        taxable=taxable,
        amount=amount,
        scheme=tax.scheme,
        category=tax.category,
        rate=tax.rate,
        is_withheld=is_withheld,
    )
    surcharge = amounts.take(element, "EquivalenceSurchargeAmount", "TotalAmount")
    if surcharge is not None:
        yield TaxRow(
            taxable=taxable,
            amount=surcharge,
            scheme=SURCHARGE,
            rate=take_number(element, "EquivalenceSurcharge"),
        )


def _take_stated(element: Element, *, has_surcharge: bool = True) -> Iterator[TaxStated]:
    code = element.take("TaxTypeCode") or ""
    scheme = TAXES.get(code, code or VAT)
    rate = take_number(element, "TaxRate")
    yield TaxStated(scheme=scheme, rate=rate, category=_category(scheme, rate))
    if has_surcharge and element.peek("EquivalenceSurcharge"):
        yield TaxStated(scheme=SURCHARGE, rate=take_number(element, "EquivalenceSurcharge"))


def _category(scheme: str, rate: Decimal | None) -> str | None:
    if scheme == VAT:
        # Without a rate it may be exempt, outside the scope, or charged to the buyer.
        return "S" if rate else None
    return CATEGORIES.get(scheme)


def _with_event(tax: TaxStated, event: Element) -> TaxStated:
    category = _EVENTS.get(event.peek("SpecialTaxableEventCode"))
    if category is None:
        return tax
    event.take("SpecialTaxableEventCode")
    reason = event.take("SpecialTaxableEventReason")
    return structs.replace(tax, category=category, exemption_reason=reason)
