"""One invoice of a file."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from portalkit.model import (
    DocumentBody,
    Note,
    Party,
    PaymentMeans,
    ReferenceStated,
    Relation,
    is_currency,
)
from portalkit_einvoice.codes import invoice_kind
from portalkit_einvoice.facturae.allowances import take_allowances
from portalkit_einvoice.facturae.lines import take_line_references, take_lines, take_period
from portalkit_einvoice.facturae.money import take_prepayments, take_totals
from portalkit_einvoice.facturae.party import take_parties
from portalkit_einvoice.facturae.payment import take_means, take_payment
from portalkit_einvoice.facturae.taxes import take_tax_rows
from portalkit_einvoice.facturae.values import full_number
from portalkit_einvoice.mentions import without_repetitions
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_date, take_required, take_required_date

__all__ = ("LEGAL", "Shared", "read_invoice", "take_shared")

LEGAL: Final = "REG"
"""UNTDID 4451: a note that a law asks for."""

# By whether the buyer wrote it (AF), and whether it corrects another one (OR, CR).
_TYPES: Final = {False: ("380", "384", "381"), True: ("389", "384", "261")}
_CORRECTIVE: Final = frozenset({"OR", "CR"})
_SELF_BILLED: Final = "AF"


class Shared(NamedTuple):
    """What a file says of all its invoices at once."""

    parties: tuple[Party, ...]
    means: tuple[PaymentMeans, ...]
    notes: tuple[Note, ...]


def take_shared(root: Element) -> Shared:
    """Take what stands in a file once: parties, and who bought the debt and is paid instead.

    Instalments of an assigned debt are those of the whole file and stay.
    """
    assigned = root.first("FileHeader", "FactoringAssignmentData")
    clauses = assigned.take("FactoringAssignmentClauses")
    return Shared(
        parties=take_parties(root),
        means=take_means(assigned.first("PaymentDetails").each("Installment")),
        notes=(Note(clauses, LEGAL),) if clauses else (),
    )


def read_invoice(invoice: Element, amounts: Amounts, shared: Shared) -> DocumentBody:
    """Read an invoice.

    Raises:
        ImportRefusedError: If number or date are missing, or a figure is no number.
    """
    header, issue = invoice.first("InvoiceHeader"), invoice.first("InvoiceIssueData")
    totals = take_totals(invoice, amounts)
    payment = take_payment(invoice, amounts, totals.payable)
    type_code = _type_code(header, totals.gross)
    number = take_required(header, "InvoiceNumber")
    series = header.take("InvoiceSeriesCode")
    references = without_repetitions(_take_references(invoice, type_code))
    totals_parts = invoice.first("InvoiceTotals")
    return DocumentBody(
        kind=invoice_kind(type_code),
        type_code=type_code,
        number=full_number(number, series),
        series=series,
        issued_on=take_required_date(issue, "IssueDate"),
        currency=amounts.currency,
        description=issue.take("InvoiceDescription"),
        due_on=payment.due_on,
        tax_point_on=take_date(issue, "OperationDate"),
        period=take_period(issue.first("InvoicingPeriod")),
        tax_currency=_take_tax_currency(issue),
        language=issue.take("LanguageName"),
        order_number=issue.take("ReceiverTransactionReference"),
        contract_number=issue.take("ReceiverContractReference"),
        notes=(*shared.notes, *_take_notes(invoice)),
        parties=shared.parties,
        lines=take_lines(invoice, amounts),
        allowances_charges=take_allowances(
            totals_parts.first("GeneralDiscounts"),
            totals_parts.first("GeneralSurcharges"),
            amounts,
        ),
        taxes=take_tax_rows(invoice, amounts),
        totals=totals,
        payment_means=shared.means or payment.means,
        payment_terms=payment.terms,
        instalments=payment.instalments,
        stated_payments=take_prepayments(invoice, amounts),
        references=references,
    )


def _type_code(header: Element, gross: int | None) -> str:
    """Return the UNTDID 1001 code; what both parties call the invoice stays in ``extra``.

    A corrective invoice below nothing gives back: it is a credit note. Others ask for more,
    or for all again.
    """
    own, corrective, credit = _TYPES[header.peek("InvoiceDocumentType") == _SELF_BILLED]
    if header.peek("InvoiceClass") not in _CORRECTIVE:
        return own
    return credit if (gross or 0) < 0 else corrective


def _take_tax_currency(issue: Element) -> str | None:
    is_code = is_currency(issue.peek("TaxCurrencyCode"))
    return issue.take("TaxCurrencyCode") if is_code else None


def _take_references(invoice: Element, type_code: str) -> Iterator[ReferenceStated]:
    corrective = invoice.first("InvoiceHeader", "Corrective")
    number = corrective.take("InvoiceNumber")
    if number is not None:
        is_credit = invoice_kind(type_code) == "credit_note"
        yield ReferenceStated(
            relation=Relation.CREDITS if is_credit else Relation.CORRECTS,
            number=full_number(number, corrective.take("InvoiceSeriesCode")),
            issued_on=take_date(corrective, "InvoiceIssueDate"),
            reason=_take_reason(corrective),
        )
    yield from take_line_references(invoice)
    issue = invoice.first("InvoiceIssueData")
    for name, relation in (
        ("ReceiverTransactionReference", Relation.INVOICE_OF_ORDER),
        ("ReceiverContractReference", Relation.CONTRACT),
    ):
        if issue.peek(name):
            yield ReferenceStated(relation=relation, number=issue.peek(name))


def _take_reason(corrective: Element) -> str | None:
    names = ("ReasonDescription", "AdditionalReasonDescription")
    return ": ".join(text for name in names if (text := corrective.take(name))) or None


def _take_notes(invoice: Element) -> Iterator[Note]:
    for text in invoice.first("LegalLiterals").take_each("LegalReference"):
        yield Note(text, LEGAL)
    if information := invoice.take("AdditionalData", "InvoiceAdditionalInformation"):
        yield Note(information)
