"""Lines of a document, and those below them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit.model import Line, LineKind
from portalkit_einvoice.cii.allowances import take_allowances
from portalkit_einvoice.cii.delivery import take_delivery
from portalkit_einvoice.cii.item import take_item, take_price
from portalkit_einvoice.cii.namespaces import first_of
from portalkit_einvoice.cii.references import number_of
from portalkit_einvoice.cii.taxes import take_taxes
from portalkit_einvoice.cii.values import take_period
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, take_number

__all__ = ("BILLED", "MAX_NESTING", "ORDERED", "take_lines")

BILLED: Final = ("BilledQuantity",)
"""Quantity of the lines of an invoice."""

ORDERED: Final = ("AgreedQuantity", "RequestedQuantity")
"""Quantity of the lines of an order: what the seller has agreed to, else what is wanted."""

MAX_NESTING: Final = 10
"""Deepest lines below lines."""

_HEAD: Final = "AssociatedDocumentLineDocument"
_DELIVERY_NOTES: Final = ("DeliveryNoteReferencedDocument", "DespatchAdviceReferencedDocument")
_NOT_COUNTED: Final = "INFORMATION"


def take_lines(
    transaction: Element, amounts: Amounts, quantities: Sequence[str]
) -> tuple[Line, ...]:
    """Take the lines of a document, in the order of the file; those with a parent below it.

    Args:
        transaction: Where they stand.
        amounts: Takes the amounts.
        quantities: Names of the element with the quantity, the one that counts first.

    Raises:
        ImportRefusedError: If they are nested too deeply, or in a circle.
    """
    elements = transaction.each("IncludedSupplyChainTradeLineItem")
    lines = [
        _take_line(element, amounts, quantities, str(position))
        for position, element in enumerate(elements, start=1)
    ]
    if not any(element.peek(_HEAD, "ParentLineID") for element in elements):
        return tuple(lines)
    return _nested(lines, _take_parents(elements, lines))


def _take_line(line: Element, amounts: Amounts, quantities: Sequence[str], position: str) -> Line:
    head = line.first(_HEAD)
    agreement = first_of(line, "SpecifiedLineTradeAgreement", "SpecifiedSupplyChainTradeAgreement")
    delivery = first_of(line, "SpecifiedLineTradeDelivery", "SpecifiedSupplyChainTradeDelivery")
    settlement = first_of(
        line, "SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement"
    )
    quantity = first_of(delivery, *quantities)
    amount, unit = take_number(quantity), quantity.take_attribute("unitCode")
    price = take_price(agreement, amounts, unit)
    return Line(
        id=head.take("LineID") or position,
        kind=_kind(head),
        item=take_item(line.first("SpecifiedTradeProduct")),
        quantity=amount,
        unit=unit,
        gross_price=price.gross,
        price_discount=price.discount,
        net_price=price.net,
        base_quantity=price.base_quantity,
        allowances_charges=take_allowances(settlement, amounts),
        net_amount=amounts.take(_summation(settlement), "LineTotalAmount"),
        taxes=take_taxes(settlement.each("ApplicableTradeTax")),
        period=take_period(settlement.first("BillingSpecifiedPeriod")),
        delivery=take_delivery(delivery, agreement),
        order_number=number_of(agreement.first("BuyerOrderReferencedDocument")).take(),
        order_line=agreement.take("BuyerOrderReferencedDocument", "LineID"),
        delivery_note_number=number_of(first_of(delivery, *_DELIVERY_NOTES)).take(),
        note=_take_note(head),
        accounting_cost=settlement.take("ReceivableSpecifiedTradeAccountingAccount", "ID"),
    )


def _kind(head: Element) -> LineKind:
    # It explains the lines around it and is part of no total.
    is_aside = head.peek("LineStatusReasonCode") == _NOT_COUNTED and not head.has("ParentLineID")
    return LineKind.TEXT if is_aside else LineKind.ITEM


def _summation(settlement: Element) -> Element:
    return first_of(
        settlement,
        "SpecifiedTradeSettlementLineMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )


def _take_note(head: Element) -> str | None:
    notes = head.each("IncludedNote")
    return joined(*(text for note in notes for text in note.take_each("Content")))


def _take_parents(elements: Sequence[Element], lines: Sequence[Line]) -> list[int | None]:
    """Return the place of each line's parent; a parent that is not there stays as stated."""
    places: dict[str, int] = {}
    for place, line in enumerate(lines):
        places.setdefault(line.id, place)
    parents: list[int | None] = []
    for place, element in enumerate(elements):
        parent = places.get(element.peek(_HEAD, "ParentLineID"))
        is_other = parent is not None and parent != place
        if is_other:
            element.take(_HEAD, "ParentLineID")
        parents.append(parent if is_other else None)
    return parents


def _nested(lines: Sequence[Line], parents: Sequence[int | None]) -> tuple[Line, ...]:
    levels = [_level(place, parents) for place in range(len(lines))]
    done = list(lines)
    below: dict[int, list[Line]] = {}
    deepest_first = sorted(range(len(lines)), key=lambda place: (-levels[place], place))
    for place in deepest_first:
        if place in below:
            done[place] = msgspec.structs.replace(lines[place], lines=tuple(below[place]))
        parent = parents[place]
        if parent is not None:
            below.setdefault(parent, []).append(done[place])
    return tuple(line for line, level in zip(done, levels, strict=True) if level == 0)


def _level(place: int, parents: Sequence[int | None]) -> int:
    level = 0
    parent = parents[place]
    while parent is not None:
        level += 1
        if level > MAX_NESTING:
            raise ImportRefusedError(f"its lines are nested more than {MAX_NESTING} deep")
        parent = parents[parent]
    return level
