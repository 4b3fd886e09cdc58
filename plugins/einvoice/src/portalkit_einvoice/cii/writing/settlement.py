"""How a document is settled: accounts, taxes, terms and totals."""

from collections.abc import Iterable
from typing import Final

from portalkit.model import DocumentBody, PartyRole, PaymentMeans, Relation, TaxRow
from portalkit_einvoice.cii.writing.allowances import put_allowance
from portalkit_einvoice.cii.writing.nodes import (
    Node,
    put,
    put_amount,
    put_day,
    put_in,
    put_number,
    put_parent,
    put_period,
)
from portalkit_einvoice.cii.writing.parties import put_party
from portalkit_einvoice.en16931.payment import account_in

__all__ = ("put_settlement",)

_PRECEDING: Final = frozenset(
    {Relation.CREDITS, Relation.CORRECTS, Relation.REPLACES, Relation.PREPAYMENT_OF}
)
# When tax becomes due (BT-8): UBL's codes (UNTDID 2005) as CII writes them (UNTDID 2475).
_DUE_CODES: Final = {"3": "5", "35": "29", "432": "72", "5": "5", "29": "29", "72": "72"}


def put_settlement(parent: Node, body: DocumentBody) -> None:
    """Put what EN 16931 knows of payment, taxes and totals."""
    element = put_parent(parent, "ram:ApplicableHeaderTradeSettlement")
    means = body.payment_means
    put(element, "ram:CreditorReferenceID", _first(each.creditor_id for each in body.payment_means))
    put(element, "ram:PaymentReference", _first(each.reference for each in body.payment_means))
    put(element, "ram:TaxCurrencyCode", body.tax_currency)
    put(element, "ram:InvoiceCurrencyCode", body.currency)
    put_party(element, body.party(PartyRole.PAYEE))
    text = _text(means[0]) if means else None
    for each in means:
        _put_means(element, each, text)
    for row in body.taxes:
        _put_tax(element, row, body)
    put_period(element, body.period)
    for part in body.allowances_charges:
        put_allowance(element, part, body.currency, with_tax=True)
    _put_terms(element, body)
    _put_totals(element, body)
    _put_preceding(element, body)
    put_in(element, "ram:ReceivableSpecifiedTradeAccountingAccount", "ram:ID", body.accounting_cost)


def _put_means(parent: Node, means: PaymentMeans, text: str | None) -> None:
    """Put a way to pay; all of a document have one text (CII-SR-468)."""
    element = put_parent(parent, "ram:SpecifiedTradeSettlementPaymentMeans")
    put(element, "ram:TypeCode", means.code)
    put(element, "ram:Information", text)
    put_in(element, "ram:ApplicableTradeSettlementFinancialCard", "ram:ID", means.card)
    number = None if means.iban else account_in(means)
    if means.iban or number:
        account = put_parent(element, "ram:PayeePartyCreditorFinancialAccount")
        put(account, "ram:IBANID", means.iban)
        put(account, "ram:AccountName", means.account_name)
        put(account, "ram:ProprietaryID", number)
        put_in(element, "ram:PayeeSpecifiedCreditorFinancialInstitution", "ram:BICID", means.bic)


def _text(means: PaymentMeans) -> str | None:
    number = None if means.iban else account_in(means)
    lines = [line.strip() for line in (means.text or "").splitlines()]
    return "\n".join(line for line in lines if line != number) or None


def _put_tax(parent: Node, row: TaxRow, body: DocumentBody) -> None:
    element = put_parent(parent, "ram:ApplicableTradeTax")
    put_amount(element, "ram:CalculatedAmount", row.amount, body.currency)
    put(element, "ram:TypeCode", row.scheme)
    put(element, "ram:ExemptionReason", row.exemption_reason)
    put_amount(element, "ram:BasisAmount", row.taxable, body.currency)
    put(element, "ram:CategoryCode", row.category)
    put(element, "ram:ExemptionReasonCode", row.exemption_code)
    put_day(element, "ram:TaxPointDate", body.tax_point_on, inner="udt:DateString")
    if body.tax_point_on is None and body.period is not None:
        put(element, "ram:DueDateTypeCode", _DUE_CODES.get(body.period.code or ""))
    put_number(element, "ram:RateApplicablePercent", row.rate)


def _put_terms(parent: Node, body: DocumentBody) -> None:
    mandate = _first(means.mandate for means in body.payment_means)
    if not (body.payment_terms or body.due_on or mandate):
        return
    element = put_parent(parent, "ram:SpecifiedTradePaymentTerms")
    put(element, "ram:Description", body.payment_terms)
    put_day(element, "ram:DueDateDateTime", body.due_on)
    put(element, "ram:DirectDebitMandateID", mandate)


def _put_totals(parent: Node, body: DocumentBody) -> None:
    totals, currency = body.totals, body.currency
    element = put_parent(parent, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    put_amount(element, "ram:LineTotalAmount", totals.line_total, currency)
    put_amount(element, "ram:ChargeTotalAmount", totals.charges, currency)
    put_amount(element, "ram:AllowanceTotalAmount", totals.allowances, currency)
    put_amount(element, "ram:TaxBasisTotalAmount", totals.net, currency)
    put_amount(element, "ram:TaxTotalAmount", totals.tax, currency, named=True)
    if body.tax_currency is not None:
        amount = totals.tax_in_tax_currency
        put_amount(element, "ram:TaxTotalAmount", amount, body.tax_currency, named=True)
    put_amount(element, "ram:RoundingAmount", totals.rounding, currency)
    put_amount(element, "ram:GrandTotalAmount", totals.gross, currency)
    put_amount(element, "ram:TotalPrepaidAmount", totals.prepaid, currency)
    put_amount(element, "ram:DuePayableAmount", totals.payable, currency)


def _put_preceding(parent: Node, body: DocumentBody) -> None:
    for reference in body.references:
        if reference.relation in _PRECEDING:
            element = put_parent(parent, "ram:InvoiceReferencedDocument")
            put(element, "ram:IssuerAssignedID", reference.number)
            put_day(
                element,
                "ram:FormattedIssueDateTime",
                reference.issued_on,
                inner="qdt:DateTimeString",
            )


def _first(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text), None)
