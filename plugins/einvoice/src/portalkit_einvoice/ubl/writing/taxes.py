"""Taxes, and what is allowed or charged: on a line or on the document."""

from portalkit.model import AllowanceCharge, DocumentBody, TaxRow, TaxStated
from portalkit_einvoice.ubl.writing.nodes import (
    Node,
    put,
    put_amount,
    put_in,
    put_number,
    put_parent,
)

__all__ = ("put_allowance", "put_category", "put_tax_totals")


def put_category(parent: Node, name: str, tax: TaxStated | TaxRow, *, reasons: bool) -> None:
    """Put a category of VAT.

    Args:
        parent: The element around it.
        name: ``TaxCategory`` or ``ClassifiedTaxCategory``.
        tax: Which category.
        reasons: Whether the reason of an exemption stands here too.
    """
    element = put_parent(parent, name)
    put(element, "ID", tax.category)
    put_number(element, "Percent", tax.rate)
    if reasons:
        put(element, "TaxExemptionReasonCode", tax.exemption_code)
        put(element, "TaxExemptionReason", tax.exemption_reason)
    put_in(element, "TaxScheme", "ID", tax.scheme)


def put_allowance(parent: Node, part: AllowanceCharge, currency: str) -> None:
    """Put an allowance or charge; those of a document say which VAT applies."""
    element = put_parent(parent, "AllowanceCharge")
    put(element, "ChargeIndicator", "true" if part.is_charge else "false")
    put(element, "AllowanceChargeReasonCode", part.code)
    put(element, "AllowanceChargeReason", part.reason)
    put_number(element, "MultiplierFactorNumeric", part.percent)
    put_amount(element, "Amount", part.amount, currency)
    put_amount(element, "BaseAmount", part.base, currency)
    if part.tax is not None:
        put_category(element, "TaxCategory", part.tax, reasons=False)


def put_tax_totals(parent: Node, body: DocumentBody) -> None:
    """Put the tax summary, and the tax in the currency of the tax office if that is another."""
    element = put_parent(parent, "TaxTotal")
    put_amount(element, "TaxAmount", body.totals.tax, body.currency)
    for row in body.taxes:
        subtotal = put_parent(element, "TaxSubtotal")
        put_amount(subtotal, "TaxableAmount", row.taxable, body.currency)
        put_amount(subtotal, "TaxAmount", row.amount, body.currency)
        put_category(subtotal, "TaxCategory", row, reasons=True)
    if body.tax_currency is not None:
        other = put_parent(parent, "TaxTotal")
        put_amount(other, "TaxAmount", body.totals.tax_in_tax_currency, body.tax_currency)
