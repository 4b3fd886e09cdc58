"""What documents of every sort state about themselves."""

import re
from datetime import date
from typing import Final

from portalkit.model import DocumentBody, ExchangeRate, Note, PartyRole
from portalkit_einvoice.ubl.allowances import take_allowances
from portalkit_einvoice.ubl.delivery import take_deliveries
from portalkit_einvoice.ubl.lines import take_period
from portalkit_einvoice.ubl.money import take_totals
from portalkit_einvoice.ubl.payment import (
    take_due_date,
    take_instalments,
    take_means,
    take_prepayments,
    take_terms,
)
from portalkit_einvoice.ubl.taxes import take_tax_rows
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import (
    take_date,
    take_number,
    take_required,
    take_required_date,
)

__all__ = ("delivery_parties", "take_header")

# EN 16931 writes the subject code of a note in front of it (BT-21).
_SUBJECT: Final = re.compile(r"#([A-Z]{3})#\s*(.*)", re.DOTALL)
_RATES: Final = ("TaxExchangeRate", "PricingExchangeRate", "PaymentExchangeRate")


def take_header(root: Element, kind: str, amounts: Amounts) -> DocumentBody:
    """Take all that has the same name and meaning in every sort of document.

    Raises:
        ImportRefusedError: If number or date are missing, or a figure is no number.
    """
    tax_currency = _take_currency(root, "TaxCurrencyCode")
    valid_from, valid_until = _take_validity(root)
    return DocumentBody(
        kind=kind,
        number=take_required(root, "ID"),
        issued_on=take_required_date(root, "IssueDate"),
        currency=amounts.currency,
        issue_time=root.take("IssueTime"),
        due_on=take_due_date(root),
        tax_point_on=take_date(root, "TaxPointDate"),
        valid_from=valid_from,
        valid_until=valid_until,
        period=take_period(root.first("InvoicePeriod")),
        tax_currency=tax_currency,
        exchange_rates=_take_rates(root),
        buyer_reference=root.take("BuyerReference") or root.take("CustomerReference"),
        accounting_cost=root.take("AccountingCost"),
        notes=_take_notes(root),
        profile_id=root.take("ProfileID"),
        customization_id=root.take("CustomizationID"),
        allowances_charges=take_allowances(root, amounts),
        totals=take_totals(root, amounts, tax_currency),
        taxes=take_tax_rows(root, amounts),
        payment_means=take_means(root),
        payment_terms=take_terms(root),
        instalments=take_instalments(root, amounts),
        stated_payments=take_prepayments(root, amounts),
        deliveries=take_deliveries(root),
    )


def delivery_parties(root: Element) -> list[tuple[PartyRole, Element]]:
    """Return who receives, sends and carries by the first delivery."""
    delivery = root.first("Delivery")
    return [
        (PartyRole.SHIP_TO, delivery.first("DeliveryParty")),
        (PartyRole.SHIP_FROM, delivery.first("Despatch", "DespatchParty")),
        (PartyRole.CARRIER, delivery.first("CarrierParty")),
    ]


def _take_currency(root: Element, name: str) -> str | None:
    text = root.peek(name)
    return root.take(name) if re.fullmatch("[A-Z]{3}", text) else None


def _take_validity(root: Element) -> tuple[date | None, date | None]:
    period = root.first("ValidityPeriod")
    return take_date(period, "StartDate"), take_date(period, "EndDate")


def _take_rates(root: Element) -> tuple[ExchangeRate, ...]:
    found = (_take_rate(element) for name in _RATES for element in root.each(name))
    return tuple(rate for rate in found if rate is not None)


def _take_rate(element: Element) -> ExchangeRate | None:
    source, target = element.peek("SourceCurrencyCode"), element.peek("TargetCurrencyCode")
    rate = take_number(element, "CalculationRate") if source and target else None
    if rate is None:
        return None
    element.take("SourceCurrencyCode")
    element.take("TargetCurrencyCode")
    return ExchangeRate(
        source=source,
        target=target,
        rate=rate,
        on=take_date(element, "Date"),
    )


def _take_notes(root: Element) -> tuple[Note, ...]:
    found = []
    for text in (*root.take_each("Note"), *root.take_each("RejectionNote")):
        match = _SUBJECT.fullmatch(text)
        found.append(Note(match[2], match[1]) if match and match[2] else Note(text))
    return tuple(found)
