"""How and when to pay, and the totals."""

from datetime import date
from typing import Final

from portalkit.model import DocumentBody, PaymentMeans
from portalkit_einvoice.en16931.payment import account_in
from portalkit_einvoice.ubl.writing.nodes import (
    Node,
    put,
    put_amount,
    put_day,
    put_in,
    put_parent,
)

__all__ = ("put_payment", "put_totals")

# The schema wants the network of a card, which no document states.
_UNKNOWN_NETWORK: Final = "NA"
# The last digits tell which card it was; more of them must not be passed on (BR-51).
_CARD_DIGITS: Final = 4


def put_payment(root: Node, body: DocumentBody, *, due_on: date | None) -> None:
    """Put the means and the terms of payment.

    Args:
        root: The document.
        body: As ``portalkit_einvoice.en16931.conform`` returns it.
        due_on: The day that stands with the means of payment.
    """
    for means in body.payment_means:
        _put_means(root, means, due_on)
    put_in(root, "PaymentTerms", "Note", body.payment_terms)


def put_totals(root: Node, body: DocumentBody) -> None:
    """Put the totals as they are stated."""
    totals, currency = body.totals, body.currency
    element = put_parent(root, "LegalMonetaryTotal")
    put_amount(element, "LineExtensionAmount", totals.line_total, currency)
    put_amount(element, "TaxExclusiveAmount", totals.net, currency)
    put_amount(element, "TaxInclusiveAmount", totals.gross, currency)
    put_amount(element, "AllowanceTotalAmount", totals.allowances, currency)
    put_amount(element, "ChargeTotalAmount", totals.charges, currency)
    put_amount(element, "PrepaidAmount", totals.prepaid, currency)
    put_amount(element, "PayableRoundingAmount", totals.rounding, currency)
    put_amount(element, "PayableAmount", totals.payable, currency)


def _put_means(root: Node, means: PaymentMeans, due_on: date | None) -> None:
    number = means.iban or account_in(means)
    element = put_parent(root, "PaymentMeans")
    put(element, "PaymentMeansCode", means.code, name=_words(means, number))
    put_day(element, "PaymentDueDate", due_on)
    put(element, "PaymentID", means.reference)
    if means.card:
        card = put_parent(element, "CardAccount")
        put(card, "PrimaryAccountNumberID", means.card[-_CARD_DIGITS:])
        put(card, "NetworkID", _UNKNOWN_NETWORK)
    if number:
        account = put_parent(element, "PayeeFinancialAccount")
        put(account, "ID", number)
        put(account, "Name", means.account_name)
        put_in(account, "FinancialInstitutionBranch", "ID", means.bic)
    put_in(element, "PaymentMandate", "ID", means.mandate)


def _words(means: PaymentMeans, number: str | None) -> str | None:
    """Return the text of a means of payment on one line, less the account in it."""
    lines = [" ".join(line.split()) for line in (means.text or "").splitlines()]
    return " ".join(line for line in lines if line and line != number) or None
