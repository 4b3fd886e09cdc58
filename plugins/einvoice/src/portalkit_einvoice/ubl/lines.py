"""Lines of a document, whatever their element is called."""

from typing import Final

import msgspec

from portalkit.model import Line, Period
from portalkit_einvoice.ubl.allowances import take_allowances
from portalkit_einvoice.ubl.delivery import take_delivery
from portalkit_einvoice.ubl.item import take_item, take_line_taxes, take_price
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import joined, take_date, take_indicator, take_number

__all__ = (
    "CREDIT_NOTE_LINE",
    "DESPATCH_LINE",
    "INVOICE_LINE",
    "ORDER_LINE",
    "QUOTATION_LINE",
    "LineShape",
    "take_lines",
    "take_period",
)


class LineShape(msgspec.Struct, frozen=True, kw_only=True):
    """What the elements of a sort of line are called.

    Attributes:
        name: The line.
        quantity: Its quantity.
        inner: The element inside that holds the figures; ``None`` for the line itself.
        sub_line: Lines below it.
    """

    name: str
    quantity: str = "Quantity"
    inner: str | None = None
    sub_line: str | None = None


INVOICE_LINE: Final = LineShape(
    name="InvoiceLine", quantity="InvoicedQuantity", sub_line="SubInvoiceLine"
)
CREDIT_NOTE_LINE: Final = LineShape(
    name="CreditNoteLine", quantity="CreditedQuantity", sub_line="SubCreditNoteLine"
)
ORDER_LINE: Final = LineShape(name="OrderLine", inner="LineItem", sub_line="SubLineItem")
QUOTATION_LINE: Final = LineShape(name="QuotationLine", inner="LineItem", sub_line="SubLineItem")
DESPATCH_LINE: Final = LineShape(name="DespatchLine", quantity="DeliveredQuantity")


def take_lines(element: Element, shape: LineShape, amounts: Amounts) -> tuple[Line, ...]:
    """Take the lines below an element, in the order of the file."""
    return tuple(
        _take_line(line, shape, amounts, str(position))
        for position, line in enumerate(element.each(shape.name), start=1)
    )


def take_period(element: Element) -> Period | None:
    """Take a period of days; ``None`` if it has neither start nor end."""
    if not element.children:
        return None
    period = Period(
        start_on=take_date(element, "StartDate"),
        end_on=take_date(element, "EndDate"),
        code=element.take("DescriptionCode"),
    )
    return None if period == Period() else period


def _take_line(outer: Element, shape: LineShape, amounts: Amounts, position: str) -> Line:
    line = outer.first(shape.inner) if shape.inner else outer
    line_id = line.take("ID") or outer.take("ID") or position
    outer.take_if(line_id, "ID")
    item = line.first("Item")
    quantity = line.first(shape.quantity)
    amount, unit = take_number(quantity), quantity.take_attribute("unitCode")
    price = take_price(line.first("Price"), amounts, unit)
    orders = outer.first("OrderLineReference")
    backorder = take_number(line, "BackorderQuantity")
    return Line(
        id=line_id,
        item=take_item(item),
        # A despatch advice counts what was sent; what was ordered it does not say.
        quantity=None if shape is DESPATCH_LINE else amount,
        unit=unit,
        delivered_quantity=amount if shape is DESPATCH_LINE else None,
        backorder_quantity=backorder,
        quantity_reason=None if backorder is None else line.take("BackorderReason"),
        gross_price=price.gross,
        price_discount=price.discount,
        net_price=price.net,
        base_quantity=price.base_quantity,
        allowances_charges=take_allowances(line, amounts),
        net_amount=amounts.take(line, "LineExtensionAmount"),
        taxes=take_line_taxes(line, item),
        period=take_period(line.first("InvoicePeriod")),
        delivery=take_delivery(line.first("Delivery")),
        order_number=orders.take("OrderReference", "ID"),
        order_line=orders.take("LineID"),
        delivery_note_number=outer.take("DespatchLineReference", "DocumentReference", "ID"),
        note=joined(*outer.take_each("Note"), *line.take_each("Note")),
        is_free_of_charge=take_indicator(line, "FreeOfChargeIndicator") or False,
        accounting_cost=line.take("AccountingCost"),
        lines=_take_sub_lines(line, shape, amounts),
    )


def _take_sub_lines(line: Element, shape: LineShape, amounts: Amounts) -> tuple[Line, ...]:
    if shape.sub_line is None or not line.has(shape.sub_line):
        return ()
    below = msgspec.structs.replace(shape, name=shape.sub_line, inner=None)
    return take_lines(line, below, amounts)
