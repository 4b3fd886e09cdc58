"""How and when the issuer wants to be paid."""

from datetime import date

from portalkit.model import Instalment, PaymentMeans, StatedPayment
from portalkit_einvoice.codes import is_bic, is_iban
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, take_date, take_number

__all__ = ("take_due_date", "take_instalments", "take_means", "take_prepayments", "take_terms")


def take_due_date(root: Element) -> date | None:
    """Take the day on which payment is due.

    UBL 2.0 and credit notes state it with the means of payment; the same day stated several
    times is one day, other days stay.
    """
    places = [root.first("DueDate")]
    places += [means.first("PaymentDueDate") for means in root.each("PaymentMeans")]
    due_on = next((day for place in places if (day := take_date(place))), None)
    if due_on is not None:
        for place in places:
            place.take_if(due_on.isoformat())
    return due_on


def take_means(root: Element) -> tuple[PaymentMeans, ...]:
    """Take the means of payment."""
    found = (_take_means(element) for element in root.each("PaymentMeans"))
    return tuple(means for means in found if means != PaymentMeans())


def _take_means(element: Element) -> PaymentMeans:
    code = element.first("PaymentMeansCode")
    account = element.first("PayeeFinancialAccount")
    iban = account.take("ID") if is_iban(account.peek("ID")) else None
    return PaymentMeans(
        code=code.take(),
        # People pay by an account number even where it is no IBAN, so it must be readable.
        text=joined(
            code.take_attribute("name"), element.take("InstructionNote"), account.take("ID")
        ),
        iban=iban,
        bic=_take_bic(account.first("FinancialInstitutionBranch")),
        account_name=account.take("Name"),
        card=element.take("CardAccount", "PrimaryAccountNumberID"),
        mandate=element.take("PaymentMandate", "ID"),
        reference=element.take("PaymentID"),
    )


def _take_bic(branch: Element) -> str | None:
    for path in (("ID",), ("FinancialInstitution", "ID")):
        if is_bic(branch.peek(*path)):
            return branch.take(*path)
    return None


def take_terms(root: Element) -> str | None:
    """Take the terms of payment in words."""
    terms = root.each("PaymentTerms")
    return joined(*(note for each in terms for note in each.take_each("Note")))


def take_instalments(root: Element, amounts: Amounts) -> tuple[Instalment, ...]:
    """Take the parts of what is to be paid: terms that name a day."""
    found = []
    for terms in root.each("PaymentTerms"):
        due_on = take_date(terms, "PaymentDueDate") or take_date(terms, "InstallmentDueDate")
        if due_on is not None:
            part = Instalment(
                due_on=due_on,
                amount=amounts.take(terms, "Amount"),
                percent=take_number(terms, "PaymentPercent"),
            )
            found.append(part)
    return tuple(found)


def take_prepayments(root: Element, amounts: Amounts) -> tuple[StatedPayment, ...]:
    """Take the payments on account that the document mentions."""
    found = []
    for element in root.each("PrepaidPayment"):
        amount = amounts.take(element, "PaidAmount")
        if amount is not None:
            payment = StatedPayment(
                amount=amount,
                paid_on=take_date(element, "PaidDate") or take_date(element, "ReceivedDate"),
                reference=element.take("ID"),
            )
            found.append(payment)
    return tuple(found)
