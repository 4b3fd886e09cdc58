"""The head of an invoice: its numbers, its days, and what it corrects."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from portalkit.model import DocumentBody, Period, ReferenceStated, Relation, Text, lazy_gettext
from portalkit_einvoice.facturae.codes import LANGUAGES, METHODS, REASONS
from portalkit_einvoice.facturae.writing.euros import EURO, Euros, put_rate
from portalkit_einvoice.facturae.writing.limits import too_long
from portalkit_einvoice.facturae.writing.nodes import (
    Node,
    put,
    put_day,
    put_fitting,
    put_parent,
    put_period,
    put_text,
)

__all__ = ("SELF_BILLED", "heading_problems", "put_heading", "put_issue", "split_number")

SELF_BILLED: Final = frozenset({"261", "389"})
"""UNTDID 1001 codes of what the buyer wrote."""

_CORRECTED: Final = "384"
_HEADER: Final = "Invoices/Invoice/InvoiceHeader"
_NUMBER_LENGTH: Final = 20
# What is given back always changes the taxable base.
_TAXABLE_BASE: Final = "16"
_FULL, _BY_DIFFERENCE = "01", "02"


def heading_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the head of a document cannot be expressed."""
    if body.kind not in {"invoice", "credit_note"}:
        yield lazy_gettext("Facturae has invoices and what corrects them, and nothing else.")
    yield from too_long(
        *((part, _NUMBER_LENGTH) for part in split_number(body.number, body.series))
    )
    if not _corrects(body):
        return
    if _reason(body)[0] not in REASONS:
        yield lazy_gettext(
            "It does not say for which of Facturae's reasons it corrects an invoice."
        )
    if _tax_period(body) is None:
        yield lazy_gettext("The date of the invoice that it corrects is missing.")


def split_number(number: str, series: str | None) -> tuple[str, str]:
    """Return the number of an invoice without its series, and the series."""
    head = f"{series}/"
    if series and number.startswith(head) and len(number) > len(head):
        return number[len(head) :], series
    return number, ""


def put_heading(invoice: Node, body: DocumentBody) -> None:
    """Put number, sort of document, and what it corrects."""
    element = put_parent(invoice, "InvoiceHeader")
    number, series = split_number(body.number, body.series)
    put(element, "InvoiceNumber", number)
    if series:
        put(element, "InvoiceSeriesCode", series)
    put(element, "InvoiceDocumentType", _document_type(body))
    put(element, "InvoiceClass", "OR" if _corrects(body) else "OO")
    if _corrects(body):
        _put_corrective(element, body)


def put_issue(invoice: Node, body: DocumentBody, euros: Euros) -> None:
    """Put the days, the currencies, and what the buyer calls it."""
    element = put_parent(invoice, "InvoiceIssueData")
    delivered = (each.delivered_on for each in body.deliveries if each.delivered_on)
    put_day(element, "IssueDate", body.issued_on)
    put_day(element, "OperationDate", body.tax_point_on or next(delivered, None))
    put_period(element, "InvoicingPeriod", body.period)
    put(element, "InvoiceCurrencyCode", body.currency)
    put_rate(element, euros)
    put(element, "TaxCurrencyCode", EURO)
    language = (body.language or "")[:2].lower()
    put(element, "LanguageName", language if language in LANGUAGES else "es")
    put_text(element, "InvoiceDescription", body.description or body.title, 2500)
    put_fitting(element, "ReceiverTransactionReference", body.order_number, _NUMBER_LENGTH)
    put_fitting(element, "ReceiverContractReference", body.contract_number, _NUMBER_LENGTH)


def _document_type(body: DocumentBody) -> str:
    if body.type_code in SELF_BILLED:
        return "AF"
    # Facturae's own word for it: no other syntax has one.
    return "FA" if body.extra.get(f"{_HEADER}/InvoiceDocumentType") == "FA" else "FC"


def _corrects(body: DocumentBody) -> bool:
    return body.kind == "credit_note" or body.type_code == _CORRECTED


def _corrected(body: DocumentBody) -> ReferenceStated | None:
    relations = {Relation.CREDITS, Relation.CORRECTS}
    return next((each for each in body.references if each.relation in relations), None)


def _put_corrective(parent: Node, body: DocumentBody) -> None:
    element = put_parent(parent, "Corrective")
    corrected = _corrected(body)
    if corrected is not None:
        number, series = split_number(corrected.number, body.series)
        put_fitting(element, "InvoiceNumber", number, _NUMBER_LENGTH)
        put_fitting(element, "InvoiceSeriesCode", series, _NUMBER_LENGTH)
    code, more = _reason(body)
    put(element, "ReasonCode", code)
    put(element, "ReasonDescription", REASONS[code])
    put_period(element, "TaxPeriod", _tax_period(body))
    method = _method(body)
    put(element, "CorrectionMethod", method)
    put(element, "CorrectionMethodDescription", METHODS[method])
    put_text(element, "AdditionalReasonDescription", more, 2500)
    put_day(element, "InvoiceIssueDate", corrected.issued_on if corrected else None)


def _reason(body: DocumentBody) -> tuple[str, str | None]:
    """Return the code of the reason and the words behind it."""
    corrected = _corrected(body)
    stated = (corrected.reason if corrected else None) or ""
    for code, words in REASONS.items():
        if stated == words or stated.startswith(f"{words}: "):
            return code, stated[len(words) + 2 :] or None
    return _TAXABLE_BASE if body.kind == "credit_note" else "", stated or None


def _tax_period(body: DocumentBody) -> Period | None:
    """Return when the corrected invoice took effect: what a file said, its day, or the period."""
    extra: Mapping[str, str] = body.extra
    start, end = (_day(extra, f"{name}Date") for name in ("Start", "End"))
    if start and end:
        return Period(start_on=start, end_on=end)
    corrected = _corrected(body)
    if corrected is not None and corrected.issued_on is not None:
        return Period(start_on=corrected.issued_on, end_on=corrected.issued_on)
    period = body.period
    return period if period and period.start_on and period.end_on else None


def _day(extra: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(extra.get(f"{_HEADER}/Corrective/TaxPeriod/{name}", ""))
    except ValueError:
        return None


def _method(body: DocumentBody) -> str:
    stated = body.extra.get(f"{_HEADER}/Corrective/CorrectionMethod", "")
    if stated in METHODS:
        return stated
    return _BY_DIFFERENCE if body.kind == "credit_note" else _FULL
