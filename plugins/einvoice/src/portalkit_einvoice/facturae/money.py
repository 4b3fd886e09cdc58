"""Totals of an invoice, exactly as the file states them (decision: nothing is inferred)."""

from typing import Final

from portalkit.model import StatedPayment, Totals
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_date

__all__ = ("take_prepayments", "take_stated", "take_totals")

_STATED: Final = {
    "net": "TotalGrossAmountBeforeTaxes",
    "tax": "TotalTaxOutputs",
    "gross": "InvoiceTotal",
    "payable": "TotalExecutableAmount",
}


def take_stated(invoice: Element) -> dict[str, str]:
    """Return the figures of an invoice as it spells them, before they are taken."""
    totals = invoice.first("InvoiceTotals")
    return {key: text for key, name in _STATED.items() if (text := totals.peek(name))}


def take_totals(invoice: Element, amounts: Amounts) -> Totals:
    """Take the totals; subsidies, guarantees, expenses and payment in kind stay.

    ``gross`` is the stated ``InvoiceTotal``. By the schema what is withheld is taken off it
    already, by the habit of some producers it is not: both are what the issuer states.
    """
    totals = invoice.first("InvoiceTotals")
    return Totals(
        line_total=amounts.take(totals, "TotalGrossAmount"),
        allowances=amounts.take(totals, "TotalGeneralDiscounts"),
        charges=amounts.take(totals, "TotalGeneralSurcharges"),
        net=amounts.take(totals, "TotalGrossAmountBeforeTaxes"),
        tax=amounts.take(totals, "TotalTaxOutputs"),
        gross=amounts.take(totals, "InvoiceTotal"),
        withheld=amounts.take(totals, "TotalTaxesWithheld"),
        prepaid=amounts.take(totals, "TotalPaymentsOnAccount"),
        payable=amounts.take(totals, "TotalExecutableAmount"),
    )


def take_prepayments(invoice: Element, amounts: Amounts) -> tuple[StatedPayment, ...]:
    """Take the payments on account."""
    found = []
    for element in invoice.first("InvoiceTotals", "PaymentsOnAccount").each("PaymentOnAccount"):
        amount = amounts.take(element, "PaymentOnAccountAmount")
        if amount is not None:
            paid_on = take_date(element, "PaymentOnAccountDate")
            found.append(StatedPayment(amount=amount, paid_on=paid_on))
    return tuple(found)
