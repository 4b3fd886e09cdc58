"""How and when the issuer wants to be paid, and what was paid already."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from portalkit.model import Instalment, PaymentMeans, StatedPayment
from portalkit_einvoice.cii.references import number_of
from portalkit_einvoice.cii.values import take_day, take_same_day
from portalkit_einvoice.codes import is_bic, is_iban
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined

__all__ = ("Terms", "take_means", "take_prepayments", "take_terms")


class Terms(NamedTuple):
    """Terms of payment: in words, the day for all of it, or days for parts of it."""

    text: str | None
    due_on: date | None
    instalments: tuple[Instalment, ...]


def take_means(settlement: Element) -> tuple[PaymentMeans, ...]:
    """Take the means of payment.

    What the payer writes on a transfer, the creditor and the mandate are stated once for all.
    """
    found = [_take_means(each) for each in settlement.each("SpecifiedTradeSettlementPaymentMeans")]
    found = [means for means in found if means != PaymentMeans()]
    for_all = PaymentMeans(
        reference=joined(*settlement.take_each("PaymentReference")),
        creditor_id=settlement.take("CreditorReferenceID"),
        mandate=settlement.take("SpecifiedTradePaymentTerms", "DirectDebitMandateID"),
    )
    if for_all == PaymentMeans():
        return tuple(found)
    return tuple(
        msgspec.structs.replace(
            means,
            reference=for_all.reference,
            creditor_id=for_all.creditor_id,
            mandate=for_all.mandate,
        )
        for means in found or [PaymentMeans()]
    )


def take_terms(settlement: Element, amounts: Amounts) -> Terms:
    """Take the terms of payment: those with an amount are instalments.

    The day of an early payment, which earns a discount, is not the day that counts.
    """
    terms = settlement.each("SpecifiedTradePaymentTerms")
    text = joined(*(text for each in terms for text in each.take_each("Description")))
    instalments = [_take_instalment(each, amounts) for each in terms]
    return Terms(
        text=text,
        due_on=_take_due_on(terms),
        instalments=tuple(part for part in instalments if part is not None),
    )


def take_prepayments(settlement: Element, amounts: Amounts) -> tuple[StatedPayment, ...]:
    """Take the payments on account that the document mentions."""
    found = []
    for element in settlement.each("SpecifiedAdvancePayment"):
        amount = amounts.take(element, "PaidAmount")
        if amount is not None:
            payment = StatedPayment(
                amount=amount,
                paid_on=take_day(element.first("FormattedReceivedDateTime")),
                reference=number_of(element.first("InvoiceSpecifiedReferencedDocument")).take(),
            )
            found.append(payment)
    return tuple(found)


def _take_means(element: Element) -> PaymentMeans:
    account = element.first("PayeePartyCreditorFinancialAccount")
    iban = account.take("IBANID") if is_iban(account.peek("IBANID")) else None
    bank = element.first("PayeeSpecifiedCreditorFinancialInstitution")
    return PaymentMeans(
        code=element.take("TypeCode"),
        # People pay by an account number even where it is no IBAN, so it must be readable.
        text=joined(
            *element.take_each("Information"), account.take("IBANID"), account.take("ProprietaryID")
        ),
        iban=iban,
        bic=bank.take("BICID") if is_bic(bank.peek("BICID")) else None,
        account_name=account.take("AccountName"),
        card=element.take("ApplicableTradeSettlementFinancialCard", "ID"),
    )


def _take_instalment(terms: Element, amounts: Amounts) -> Instalment | None:
    amount = amounts.take(terms, "PartialPaymentAmount")
    if amount is None:
        return None
    return Instalment(due_on=take_day(terms.first("DueDateDateTime")), amount=amount)


def _take_due_on(terms: Sequence[Element]) -> date | None:
    places = [
        each.first("DueDateDateTime")
        for each in terms
        if not each.has("ApplicableTradePaymentDiscountTerms")
    ]
    day = next((day for place in places if (day := take_day(place))), None)
    if day is not None:
        for place in places:
            take_same_day(place, day)
    return day
