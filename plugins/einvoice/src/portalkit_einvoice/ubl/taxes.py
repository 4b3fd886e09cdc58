"""Taxes: which one, at what rate, on what, and how much."""

from decimal import Decimal

from portalkit.model import TaxRow, TaxStated
from portalkit_einvoice.codes import VAT
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_number

__all__ = ("take_category", "take_scheme", "take_tax_rows")


def take_scheme(element: Element) -> str:
    """Take the name of a tax: ``VAT``, else its own name, else the code of the scheme.

    OIOUBL writes the code 63 and the name Moms: people know the name.
    """
    if element.peek("ID").upper() == VAT:
        element.take("ID")
        return VAT
    return element.take("Name") or element.take("ID") or VAT


def take_category(element: Element, rate: Decimal | None = None) -> TaxStated | None:
    """Take a tax category; ``None`` if there is nothing in it.

    Args:
        element: ``TaxCategory`` or ``ClassifiedTaxCategory``.
        rate: The rate where the category itself states none (UBL 2.0 puts it beside).
    """
    if not element.children:
        return None
    own_rate = take_number(element, "Percent")
    return TaxStated(
        category=element.take("ID"),
        rate=rate if own_rate is None else own_rate,
        scheme=take_scheme(element.first("TaxScheme")),
        exemption_code=element.take("TaxExemptionReasonCode"),
        exemption_reason=element.take("TaxExemptionReason"),
    )


def take_tax_rows(root: Element, amounts: Amounts) -> tuple[TaxRow, ...]:
    """Take the tax summary of a document, withheld taxes last."""
    rows = [
        _take_row(subtotal, amounts, is_withheld=is_withheld)
        for name, is_withheld in (("TaxTotal", False), ("WithholdingTaxTotal", True))
        for total in root.each(name)
        for subtotal in total.each("TaxSubtotal")
    ]
    return tuple(row for row in rows if row is not None)


def _take_row(element: Element, amounts: Amounts, *, is_withheld: bool) -> TaxRow | None:
    amount = amounts.take(element, "TaxAmount")
    if amount is None:
        return None
    tax = take_category(element.first("TaxCategory"), take_number(element, "Percent"))
    tax = tax or TaxStated()
    return TaxRow(
        taxable=amounts.take(element, "TaxableAmount"),
        amount=amount,
        scheme=tax.scheme,
        category=tax.category,
        rate=tax.rate,
        is_withheld=is_withheld,
        exemption_code=tax.exemption_code,
        exemption_reason=tax.exemption_reason,
    )
