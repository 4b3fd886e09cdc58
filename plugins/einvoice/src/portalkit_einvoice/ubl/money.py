"""Amounts in minor units of the document's currency, exactly as the file states them."""

from decimal import Decimal

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit.model import MAX_MINOR_UNITS, Totals, is_currency, to_minor_units
from portalkit_einvoice.ubl.element import Element
from portalkit_einvoice.ubl.values import number_of

__all__ = ("NO_CURRENCY", "Amounts", "document_currency", "take_stated", "take_totals")

NO_CURRENCY = "XXX"
"""ISO 4217's code for "no currency": a document without any amount."""

_TOTALS = ("LegalMonetaryTotal", "AnticipatedMonetaryTotal", "QuotedMonetaryTotal")
_STATED = {"net": "TaxExclusiveAmount", "gross": "TaxInclusiveAmount", "payable": "PayableAmount"}


class Amounts(msgspec.Struct, frozen=True):
    """Takes amounts of one currency.

    An amount that is finer than the currency, or of another currency, stays where it is and
    so goes to ``extra`` with its spelling: it is never rounded and never converted.
    """

    currency: str

    def peek(self, element: Element, *path: str) -> int | None:
        """Return an amount in minor units and leave it; ``None`` if it cannot be taken.

        Raises:
            ImportRefusedError: If it is no number, or larger than anything real.
        """
        number = self._number(element.first(*path))
        if number is None:
            return None
        minor_units = to_minor_units(number, self.currency)
        if minor_units is not None and abs(minor_units) >= MAX_MINOR_UNITS:
            raise ImportRefusedError(f"its {element.first(*path).name} {number} is too large")
        return minor_units

    def take(self, element: Element, *path: str) -> int | None:
        """Return an amount in minor units and remove it; ``None`` if it cannot be taken."""
        amount = self.peek(element, *path)
        if amount is not None:
            self._remove(element.first(*path))
        return amount

    def take_price(self, element: Element, *path: str) -> Decimal | None:
        """Take a unit price, which may have more decimal places than the currency."""
        price = self._number(element.first(*path))
        if price is not None:
            self._remove(element.first(*path))
        return price

    def _number(self, element: Element) -> Decimal | None:
        if not element.text:
            return None
        number = number_of(element.text, element.name)
        is_own = element.attributes.get("currencyID", self.currency) == self.currency
        return number if is_own else None

    @staticmethod
    def _remove(element: Element) -> None:
        element.take()
        element.attributes.pop("currencyID", None)


def document_currency(root: Element) -> str:
    """Return the currency of a document: the stated one, else that of its amounts.

    Raises:
        ImportRefusedError: If what is stated is no currency.
    """
    stated = root.take("DocumentCurrencyCode")
    if stated is None:
        stated = _currency_of_amounts(root) or NO_CURRENCY
    if not is_currency(stated):
        raise ImportRefusedError(f"its currency {stated[:20]!r} is no ISO 4217 code")
    return stated


def _currency_of_amounts(root: Element) -> str | None:
    pending = [_totals(root).first("PayableAmount"), root]
    for element in pending:  # grows while it is walked: nearest amounts first
        if currency := element.attributes.get("currencyID"):
            return currency
        for children in element.children.values():
            pending.extend(children)
    return None


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
    own = amounts.currency
    return [
        total
        for total in root.each("TaxTotal")
        if total.peek("TaxAmount")
        and total.first("TaxAmount").attributes.get("currencyID", own) == own
    ]


def _tax_in(root: Element, tax_currency: str | None, amounts: Amounts) -> int | None:
    if tax_currency is None or tax_currency == amounts.currency:
        return None
    other = Amounts(tax_currency)
    for total in root.each("TaxTotal"):
        if total.first("TaxAmount").attributes.get("currencyID") == tax_currency:
            return other.take(total, "TaxAmount")
    return None
