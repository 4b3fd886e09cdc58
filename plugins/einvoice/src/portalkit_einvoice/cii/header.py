"""What invoices and orders state about themselves in the same way."""

import re
from typing import Final

from portalkit.model import DocumentBody, ExchangeRate, Note, Party, PartyRole
from portalkit_einvoice.cii.allowances import take_allowances
from portalkit_einvoice.cii.delivery import take_delivery
from portalkit_einvoice.cii.namespaces import Parts
from portalkit_einvoice.cii.party import take_parties
from portalkit_einvoice.cii.payment import take_means, take_prepayments, take_terms
from portalkit_einvoice.cii.references import stated_number
from portalkit_einvoice.cii.taxes import take_tax_point, take_tax_rows
from portalkit_einvoice.cii.totals import take_totals
from portalkit_einvoice.cii.values import take_day, take_period, take_required_day
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, take_number, take_required

__all__ = ("take_header",)

_CURRENCY: Final = re.compile("[A-Z]{3}")


def take_header(parts: Parts, kind: str, type_code: str | None, amounts: Amounts) -> DocumentBody:
    """Take all but lines and references.

    Raises:
        ImportRefusedError: If number or date are missing, or a figure is no number.
    """
    context, document, _, agreement, delivery, settlement = parts
    tax_currency = _take_currency(settlement, "TaxCurrencyCode")
    terms = take_terms(settlement, amounts)
    valid = take_period(document.first("EffectiveSpecifiedPeriod"))
    arrival = take_delivery(delivery, agreement)
    return DocumentBody(
        kind=kind,
        type_code=type_code,
        number=take_required(document, "ID"),
        issued_on=take_required_day(document, "IssueDateTime"),
        currency=amounts.currency,
        title=joined(*document.take_each("Name")),
        due_on=terms.due_on,
        tax_point_on=take_tax_point(settlement),
        valid_from=valid.start_on if valid else None,
        valid_until=valid.end_on if valid else None,
        period=take_period(settlement.first("BillingSpecifiedPeriod")),
        tax_currency=tax_currency,
        exchange_rates=_take_rates(settlement),
        language=document.take("LanguageID"),
        buyer_reference=agreement.take("BuyerReference"),
        contract_number=stated_number(agreement.first("ContractReferencedDocument")),
        project_number=agreement.take("SpecifiedProcuringProject", "ID"),
        accounting_cost=settlement.take("ReceivableSpecifiedTradeAccountingAccount", "ID"),
        notes=_take_notes(document),
        profile_id=context.take("BusinessProcessSpecifiedDocumentContextParameter", "ID"),
        customization_id=context.take("GuidelineSpecifiedDocumentContextParameter", "ID"),
        parties=_take_parties(parts),
        allowances_charges=take_allowances(settlement, amounts),
        totals=take_totals(settlement, amounts, tax_currency),
        taxes=take_tax_rows(settlement, amounts),
        payment_means=take_means(settlement),
        payment_terms=terms.text,
        instalments=terms.instalments,
        stated_payments=take_prepayments(settlement, amounts),
        deliveries=() if arrival is None else (arrival,),
    )


def _take_parties(parts: Parts) -> tuple[Party, ...]:
    _, _, _, agreement, delivery, settlement = parts
    return take_parties(
        [
            (PartyRole.SELLER, agreement.first("SellerTradeParty")),
            (PartyRole.BUYER, agreement.first("BuyerTradeParty")),
            (PartyRole.TAX_REPRESENTATIVE, agreement.first("SellerTaxRepresentativeTradeParty")),
            (PartyRole.ORIGINATOR, agreement.first("BuyerRequisitionerTradeParty")),
            (PartyRole.INVOICE_TO, settlement.first("InvoiceeTradeParty")),
            (PartyRole.PAYEE, settlement.first("PayeeTradeParty")),
            (PartyRole.PAYER, settlement.first("PayerTradeParty")),
            (PartyRole.SHIP_TO, delivery.first("ShipToTradeParty")),
            (PartyRole.SHIP_FROM, delivery.first("ShipFromTradeParty")),
        ]
    )


def _take_currency(settlement: Element, name: str) -> str | None:
    return settlement.take(name) if _CURRENCY.fullmatch(settlement.peek(name)) else None


def _take_rates(settlement: Element) -> tuple[ExchangeRate, ...]:
    element = settlement.first("TaxApplicableTradeCurrencyExchange")
    source, target = element.peek("SourceCurrencyCode"), element.peek("TargetCurrencyCode")
    rate = take_number(element, "ConversionRate") if source and target else None
    if rate is None:
        return ()
    element.take("SourceCurrencyCode")
    element.take("TargetCurrencyCode")
    on = take_day(element.first("ConversionRateDateTime"))
    return (ExchangeRate(source=source, target=target, rate=rate, on=on),)


def _take_notes(document: Element) -> tuple[Note, ...]:
    found = []
    for element in document.each("IncludedNote"):
        text = joined(*element.take_each("Content"))
        if text is not None:
            found.append(Note(text, element.take("SubjectCode")))
    return tuple(found)
