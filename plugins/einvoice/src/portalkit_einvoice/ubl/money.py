"""Totals of a document, and its currency."""

from portalkit.model import Totals
from portalkit_einvoice.xml.amounts import Amounts, amounts_in
from portalkit_einvoice.xml.element import Element

__all__ = ("amounts_of", "take_stated", "take_totals")

_TOTALS = ("LegalMonetaryTotal", "AnticipatedMonetaryTotal", "QuotedMonetaryTotal")
_STATED = {"net": "TaxExclusiveAmount", "gross": "TaxInclusiveAmount", "payable": "PayableAmount"}


def amounts_of(root: Element) -> Amounts:
    """Return what takes amounts in the currency of a document.

    Raises:
        ImportRefusedError: If what is stated is no currency.
    """
    stated = root.take("DocumentCurrencyCode")
    return amounts_in(stated, root, _totals(root).first("PayableAmount"))


def _totals(root: Element) -> Element:
    return next((root.first(name) for name in _TOTALS if root.has(name)), root.first(_TOTALS[0]))


def take_stated(root: Element, amounts: Amounts) -> dict[str, str]:
    """Return the figures of a document as it spells them, before they are taken."""
    totals = _totals(root)
    stated = {key: text for key, name in _STATED.items() if (text := totals.peek(name))}
    taxes = _own_taxes(root, amounts)
    if len(taxes) == 1:
        stated["tax"] = taxes[0].peek("TaxAmount")
    return stated


def take_totals(root: Element, amounts: Amounts, tax_currency: str | None) -> Totals:
    """Take the totals of a document; what the file leaves out stays ``None``.

    Several tax totals in the document's currency (one for each scheme) have no sum in the
    file, so there is none here: each stands in the tax summary.
    """
    totals = _totals(root)
    taxes = _own_taxes(root, amounts)
    withheld = root.each("WithholdingTaxTotal")
    return Totals(
        line_total=amounts.take(totals, "LineExtensionAmount"),
        allowances=amounts.take(totals, "AllowanceTotalAmount"),
        charges=amounts.take(totals, "ChargeTotalAmount"),
        net=amounts.take(totals, "TaxExclusiveAmount"),
        tax=amounts.take(taxes[0], "TaxAmount") if len(taxes) == 1 else None,
        tax_in_tax_currency=_tax_in(root, tax_currency, amounts),
        gross=amounts.take(totals, "TaxInclusiveAmount"),
        withheld=amounts.take(withheld[0], "TaxAmount") if len(withheld) == 1 else None,
        prepaid=amounts.take(totals, "PrepaidAmount"),
        rounding=amounts.take(totals, "PayableRoundingAmount"),
        payable=amounts.take(totals, "PayableAmount"),
    )


def _own_taxes(root: Element, amounts: Amounts) -> list[Element]:
    return [
        total
        for total in root.each("TaxTotal")
        if total.peek("TaxAmount") and amounts.is_own(total.first("TaxAmount"))
    ]


def _tax_in(root: Element, tax_currency: str | None, amounts: Amounts) -> int | None:
    if tax_currency is None or tax_currency == amounts.currency:
        return None
    other = Amounts(tax_currency)
    for total in root.each("TaxTotal"):
        if total.first("TaxAmount").attributes.get("currencyID") == tax_currency:
            return other.take(total, "TaxAmount")
    return None
