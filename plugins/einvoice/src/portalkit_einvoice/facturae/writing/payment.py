"""When and how an invoice is to be paid."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from portalkit.model import DocumentBody, PaymentMeans, Text, exponent, lazy_gettext
from portalkit_einvoice.codes import is_iban
from portalkit_einvoice.facturae.codes import MEANS
from portalkit_einvoice.facturae.writing.nodes import (
    Node,
    put,
    put_day,
    put_fitting,
    put_parent,
    written,
)

__all__ = ("payment_problems", "put_payment")

_CODES: Final = {code: own for own, code in MEANS.items()} | {
    "31": "04",
    "42": "04",
    "58": "04",
    "59": "02",
    "54": "19",
    "55": "19",
}
_SPECIAL: Final = "13"
_TRANSFER: Final = "04"
_DECIMALS: Final = 2
_SHORT_BIC, _LONG_BIC = 8, 11


def payment_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the payment of a document cannot be expressed."""
    finest = 10 ** max(exponent(body.currency) - _DECIMALS, 0)
    if any(amount % finest for _, amount in _instalments(body, body.totals.payable or 0)):
        yield lazy_gettext(
            "An amount to pay has more than the two decimals that Facturae has for it."
        )


def put_payment(invoice: Node, body: DocumentBody, payable: int) -> None:
    """Put the instalments; a document with one day has one of everything."""
    instalments = list(_instalments(body, payable))
    if not instalments:
        return
    element = put_parent(invoice, "PaymentDetails")
    means = _means(body)
    for day, amount in instalments:
        node = put_parent(element, "Installment")
        put_day(node, "InstallmentDueDate", day)
        put(node, "InstallmentAmount", _two_decimals(amount, body.currency))
        put(node, "PaymentMeans", _code(means))
        if is_iban(means.iban or ""):
            _put_account(node, means)
        put_fitting(node, "PaymentReconciliationReference", means.reference, 60)


def _instalments(body: DocumentBody, payable: int) -> Iterator[tuple[date, int]]:
    stated = [
        (part.due_on, part.amount)
        for part in body.instalments
        if part.due_on is not None and part.amount is not None
    ]
    if stated:
        yield from stated
    elif body.due_on is not None:
        yield body.due_on, payable


def _means(body: DocumentBody) -> PaymentMeans:
    means = body.payment_means
    return next((each for each in means if each.iban), means[0] if means else PaymentMeans())


def _code(means: PaymentMeans) -> str:
    if means.code is None and means.iban:
        return _TRANSFER
    return _CODES.get(means.code or "", _SPECIAL)


def _put_account(parent: Node, means: PaymentMeans) -> None:
    account = put_parent(parent, "AccountToBeCredited")
    put_fitting(account, "IBAN", "".join((means.iban or "").split()), 34)
    bic = "".join((means.bic or "").split()).upper()
    if len(bic) == _SHORT_BIC:
        # The head office, which a BIC of eight letters means (ISO 9362).
        bic += "XXX"
    if len(bic) == _LONG_BIC:
        put(account, "BIC", bic)


def _two_decimals(amount: int, currency: str) -> str:
    text = written(amount, currency)
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals[:_DECIMALS]:0<2}"
