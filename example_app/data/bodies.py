"""Writes what happened as documents: parties, lines, taxes, totals, payments."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from example_app.data.story import Bought, Draft
from example_app.data.values import DemoBusiness, DemoContact, Region
from example_app.data.wares import tax_rate
from portalkit.documents.totals import compute
from portalkit.model import (
    AllowanceCharge,
    ContactPoint,
    Delivery,
    DocumentBody,
    Identifier,
    Item,
    Line,
    LineKind,
    Note,
    Party,
    PartyRole,
    PaymentMeans,
    ReferenceStated,
    TaxStated,
)

__all__ = ("Numbered", "body_of", "type_code")

_TYPE_CODES: Final[Mapping[str, str]] = {
    "invoice": "380",
    "credit_note": "381",
    "quote": "310",
    "proforma": "325",
    "delivery_note": "270",
    "sales_order": "320",
    "purchase_order": "220",
}
_FINEST: Final = Decimal("0.0001")
_HUNDRED: Final = Decimal(100)
_PAID: Final = frozenset({"invoice", "proforma"})

_EXEMPT: Final[Mapping[Region, tuple[str, str, str]]] = {
    Region.UNION: ("K", "VATEX-EU-IC", "Intra-community supply, art. 25 Ley 37/1992"),
    Region.BRITAIN: ("G", "VATEX-EU-G", "Export outside the EU, art. 21 Ley 37/1992"),
}
_TERMS: Final = {"es": "Transferencia a {} días", "en": "Bank transfer within {} days"}
_DEBIT: Final = {"es": "Recibo domiciliado a {} días", "en": "Direct debit after {} days"}
_FREIGHT: Final = {"es": "Portes", "en": "Carriage"}


class Numbered(msgspec.Struct, frozen=True):
    """The number a document got, with what else a reference to it states."""

    number: str
    on: date
    kind: str


def type_code(kind: str) -> str:
    """Return the UNTDID 1001 code of a kind."""
    return _TYPE_CODES[kind]


def body_of(draft: Draft, business: DemoBusiness, numbers: Mapping[str, Numbered]) -> DocumentBody:
    """Return a document with its arithmetic done; a delivery note bears no amounts."""
    contact = draft.contact
    number = numbers[draft.key].number
    body = DocumentBody(
        kind=draft.kind,
        type_code=type_code(draft.kind),
        number=number,
        issued_on=draft.on,
        currency=draft.currency,
        description=draft.description,
        due_on=draft.due_on,
        valid_until=draft.valid_until,
        language=contact.locale,
        buyer_reference=draft.buyer_reference,
        parties=_parties(business, contact, ship=draft.kind == "delivery_note"),
        lines=_lines(draft, numbers),
        allowances_charges=_freight(draft),
        payment_means=_means(business, contact, number) if draft.kind in _PAID else (),
        payment_terms=_terms(contact) if draft.kind in _PAID else None,
        deliveries=_deliveries(draft),
        notes=(Note(draft.note),) if draft.note else (),
        references=tuple(
            ReferenceStated(
                relation=link.relation,
                number=numbers[link.key].number,
                issued_on=numbers[link.key].on,
                type_code=type_code(numbers[link.key].kind),
            )
            for link in draft.links
        ),
    )
    return body if draft.kind == "delivery_note" else compute(body)


def _parties(business: DemoBusiness, contact: DemoContact, *, ship: bool) -> tuple[Party, ...]:
    seller = Party(
        role=PartyRole.SELLER,
        name=business.legal_name,
        tax_ids=(Identifier(business.tax_id, "VAT"),),
        address=business.address,
        contact=ContactPoint(
            name=business.staff[0].name, phone=business.phone, email=business.email
        ),
        website=business.website,
    )
    buyer = Party(
        role=PartyRole.BUYER,
        name=contact.name,
        tax_ids=(contact.tax_id,),
        ids=(Identifier(contact.key),),
        address=contact.address,
        contact=ContactPoint(name=contact.people[0].name, phone=contact.phone, email=contact.email),
        language=contact.locale,
    )
    if not ship:
        return (seller, buyer)
    to = Party(
        role=PartyRole.SHIP_TO, name=contact.name, address=contact.ship_to or contact.address
    )
    return (seller, buyer, to)


def _lines(draft: Draft, numbers: Mapping[str, Numbered]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for place, bought in enumerate(draft.lines, 1):
        if bought.section:
            lines.append(
                Line(id=f"{place}.0", kind=LineKind.SECTION, item=Item(name=bought.section))
            )
        lines.append(_line(draft, str(place), bought, numbers))
    return tuple(lines)


def _line(draft: Draft, place: str, bought: Bought, numbers: Mapping[str, Numbered]) -> Line:
    product = bought.product
    quantity = Decimal(bought.quantity)
    line = Line(
        id=place,
        item=Item(
            name=product.name if draft.contact.locale == "es" else product.english,
            seller_id=product.sku,
            standard_id=Identifier(product.gtin, "0160") if product.gtin else None,
            origin_country="ES" if draft.kind == "delivery_note" else None,
            lot=f"L{draft.on:%y%j}" if draft.kind == "delivery_note" else None,
        ),
        quantity=quantity,
        unit=product.unit,
        order_number=numbers[bought.order].number if bought.order else None,
        delivery_note_number=numbers[bought.note].number if bought.note else None,
        is_optional=bought.is_optional,
    )
    if draft.kind == "delivery_note":
        return msgspec.structs.replace(line, delivered_quantity=quantity)
    discount = (bought.price * bought.discount / _HUNDRED).quantize(_FINEST).normalize()
    return msgspec.structs.replace(
        line,
        gross_price=bought.price if discount else None,
        price_discount=discount or None,
        net_price=bought.price - discount,
        taxes=(_tax(draft, bought),),
    )


def _tax(draft: Draft, bought: Bought) -> TaxStated:
    if exempt := _EXEMPT.get(draft.contact.region):
        category, code, reason = exempt
        return TaxStated(
            category=category, rate=Decimal(0), exemption_code=code, exemption_reason=reason
        )
    rate = tax_rate(draft.on, bought.product.wares)
    return TaxStated(category="S" if rate else "Z", rate=rate)


def _freight(draft: Draft) -> tuple[AllowanceCharge, ...]:
    if not draft.freight:
        return ()
    return (
        AllowanceCharge(
            is_charge=True,
            amount=draft.freight,
            code="FC",
            reason=_FREIGHT[draft.contact.locale],
            tax=TaxStated(category="S", rate=Decimal(21)),
        ),
    )


def _means(business: DemoBusiness, contact: DemoContact, number: str) -> tuple[PaymentMeans, ...]:
    if contact.profile.is_debit:
        return (
            PaymentMeans(
                code="59",
                mandate=f"SEPA-{contact.key}",
                creditor_id=f"ES00ZZZ{business.tax_id}",
                reference=number,
            ),
        )
    return (
        PaymentMeans(
            code="58",
            iban=business.iban,
            bic=business.bic,
            account_name=business.legal_name,
            reference=number,
        ),
    )


def _terms(contact: DemoContact) -> str:
    texts = _DEBIT if contact.profile.is_debit else _TERMS
    return texts[contact.locale].format(contact.profile.terms)


def _deliveries(draft: Draft) -> tuple[Delivery, ...]:
    if draft.kind != "delivery_note":
        return ()
    return (
        Delivery(
            promised_on=draft.shipped_on,
            delivered_on=draft.delivered_on,
            address=draft.contact.ship_to or draft.contact.address,
            carrier="Transportes Guadalén",
            packages=sum(-(-line.quantity // line.product.box) for line in draft.lines),
        ),
    )
