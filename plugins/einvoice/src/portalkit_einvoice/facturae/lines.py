"""Lines of an invoice, with the orders and delivery notes that they mention."""

from collections.abc import Iterator
from typing import Final

from portalkit.model import Delivery, Item, Line, Period, ReferenceStated, Relation
from portalkit_einvoice.facturae.allowances import take_allowances
from portalkit_einvoice.facturae.codes import UNITS
from portalkit_einvoice.facturae.taxes import take_line_taxes
from portalkit_einvoice.facturae.values import take_double
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_date

__all__ = ("take_line_references", "take_lines", "take_period")

_MENTIONED: Final = (
    ("ReceiverTransaction", Relation.INVOICE_OF_ORDER),
    ("IssuerTransaction", Relation.INVOICE_OF_ORDER),
    ("ReceiverContract", Relation.CONTRACT),
    ("IssuerContract", Relation.CONTRACT),
)


def take_lines(invoice: Element, amounts: Amounts) -> tuple[Line, ...]:
    """Take the lines of an invoice, in the order of the file."""
    lines = invoice.first("Items").each("InvoiceLine")
    return tuple(
        _take_line(line, amounts, str(position)) for position, line in enumerate(lines, start=1)
    )


def take_line_references(invoice: Element) -> Iterator[ReferenceStated]:
    """Take what lines mention; to be called before the lines are taken."""
    for line in invoice.first("Items").each("InvoiceLine"):
        for name, relation in _MENTIONED:
            number = line.peek(f"{name}Reference")
            if number:
                # Numbers stay for the line itself, which has a field for one order only.
                day = take_date(line, f"{name}Date")
                yield ReferenceStated(relation=relation, number=number, issued_on=day)
        for position, note in enumerate(line.first("DeliveryNotesReferences").each("DeliveryNote")):
            number = note.peek("DeliveryNoteNumber")
            if number:
                if position:
                    note.take("DeliveryNoteNumber")
                yield ReferenceStated(
                    relation=Relation.INVOICE_OF_DELIVERY,
                    number=number,
                    issued_on=take_date(note, "DeliveryNoteDate"),
                )


def take_period(element: Element) -> Period | None:
    """Take a period of days; ``None`` if it has neither start nor end."""
    period = Period(start_on=take_date(element, "StartDate"), end_on=take_date(element, "EndDate"))
    return None if period == Period() else period


def _take_line(line: Element, amounts: Amounts, position: str) -> Line:
    unit = UNITS.get(line.peek("UnitOfMeasure"))
    if unit is not None:
        line.take("UnitOfMeasure")
    delivered_on = take_date(line, "TransactionDate")
    return Line(
        id=line.take("SequenceNumber") or position,
        item=Item(
            name=line.take("ItemDescription") or line.peek("ArticleCode"),
            seller_id=line.take("ArticleCode"),
        ),
        quantity=take_double(line, "Quantity"),
        unit=unit,
        net_price=amounts.take_price(line, "UnitPriceWithoutTax"),
        allowances_charges=take_allowances(
            line.first("DiscountsAndRebates"), line.first("Charges"), amounts
        ),
        net_amount=amounts.take(line, "GrossAmount"),
        taxes=take_line_taxes(line),
        period=take_period(line.first("LineItemPeriod")),
        delivery=None if delivered_on is None else Delivery(delivered_on=delivered_on),
        order_number=line.take("ReceiverTransactionReference"),
        delivery_note_number=line.take(
            "DeliveryNotesReferences", "DeliveryNote", "DeliveryNoteNumber"
        ),
        note=line.take("AdditionalLineItemInformation"),
    )
