"""How and when the issuer wants to be paid."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from portalkit.model import Instalment, PaymentMeans
from portalkit_einvoice.codes import is_bic, is_iban
from portalkit_einvoice.facturae.codes import MEANS, OTHER_MEANS
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, take_date

__all__ = ("Payment", "take_means", "take_payment")


class Payment(NamedTuple):
    """What the payment details of an invoice come to."""

    means: tuple[PaymentMeans, ...]
    instalments: tuple[Instalment, ...]
    due_on: date | None
    terms: str | None


def take_payment(invoice: Element, amounts: Amounts, payable: int | None) -> Payment:
    """Take instalments with their means.

    A single instalment of all that is to be paid is the day on which that is due.
    """
    elements = invoice.first("PaymentDetails").each("Installment")
    instalments = tuple(_take_instalment(each, amounts) for each in elements)
    due_on = instalments[0].due_on if len(instalments) == 1 else None
    if due_on is not None and instalments[0].amount == payable:
        instalments = ()
    return Payment(
        means=take_means(elements),
        instalments=instalments,
        due_on=due_on,
        terms=joined(*(each.take("CollectionAdditionalInformation") for each in elements)),
    )


def take_means(instalments: Iterable[Element]) -> tuple[PaymentMeans, ...]:
    """Take the means of payment of some instalments, each once."""
    return tuple(dict.fromkeys(_take_means(each) for each in instalments))


def _take_instalment(element: Element, amounts: Amounts) -> Instalment:
    return Instalment(
        due_on=take_date(element, "InstallmentDueDate"),
        amount=amounts.take(element, "InstallmentAmount"),
    )


def _take_means(instalment: Element) -> PaymentMeans:
    code = MEANS.get(instalment.peek("PaymentMeans"))
    if code is not None:
        instalment.take("PaymentMeans")
    account = instalment.first("AccountToBeCredited")
    iban = account.take("IBAN") if is_iban(account.peek("IBAN")) else None
    return PaymentMeans(
        code=code or OTHER_MEANS,
        # People pay by an account number even where it is no IBAN, so it must be readable.
        text=joined(account.take("IBAN"), account.take("AccountNumber")),
        iban=iban,
        bic=account.take("BIC") if is_bic(account.peek("BIC")) else None,
        reference=instalment.take("PaymentReconciliationReference"),
    )
