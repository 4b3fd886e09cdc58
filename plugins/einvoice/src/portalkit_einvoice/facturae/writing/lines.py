"""Lines: what it is, how much of it, what it costs, and its taxes."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from portalkit.model import AllowanceCharge, DocumentBody, Line, Money, Relation, Text, lazy_gettext
from portalkit_einvoice.en16931.lines import counted_lines
from portalkit_einvoice.en16931.texts import cleaned
from portalkit_einvoice.facturae.codes import UNITS
from portalkit_einvoice.facturae.writing.euros import Euros
from portalkit_einvoice.facturae.writing.nodes import (
    Node,
    put,
    put_day,
    put_fitting,
    put_number,
    put_parent,
    put_period,
    put_text,
    written,
)
from portalkit_einvoice.facturae.writing.taxes import (
    line_tax_problems,
    put_line_outputs,
    put_line_withheld,
    put_special_event,
)

__all__ = ("line_problems", "put_lines", "put_parts")

_CODES: Final = {unit: code for code, unit in UNITS.items()} | dict.fromkeys(
    ("EA", "H87", "NAR", "PCE", "XPP"), "01"
)
_OTHER_UNIT: Final = "05"
_WORDS: Final = {False: "Descuento", True: "Cargo"}


def line_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the lines of a document cannot be expressed."""
    lines = tuple(counted_lines(body.lines))
    if not lines:
        yield lazy_gettext("It has no lines with an amount.")
    for line in lines:
        if _amount(line) is None:
            yield lazy_gettext("Line %(line)s has no amount.", line=line.id)
            continue
        if not _name(line):
            yield lazy_gettext("Line %(line)s does not say what it is for.", line=line.id)
        if not _comes_to_its_cost(line, body.currency):
            yield lazy_gettext(
                "Quantity and price of line %(line)s do not come to its amount.", line=line.id
            )
        yield from line_tax_problems(body, line)
    stated = body.totals.line_total
    if stated is not None and stated != sum(_amount(line) or 0 for line in lines):
        yield lazy_gettext("The lines do not add up to the stated sum.")


def put_lines(invoice: Node, body: DocumentBody, euros: Euros) -> None:
    """Put the lines that count."""
    items = put_parent(invoice, "Items")
    for position, line in enumerate(counted_lines(body.lines), start=1):
        element = put_parent(items, "InvoiceLine")
        put_fitting(element, "ReceiverTransactionReference", line.order_number, 20)
        is_number = line.id.isascii() and line.id.isdecimal()
        put(element, "SequenceNumber", line.id if is_number else str(position))
        _put_delivery_notes(element, body, line)
        put_text(element, "ItemDescription", _name(line), 2500)
        put(element, "Quantity", f"{_quantity(line):f}")
        put(element, "UnitOfMeasure", _CODES.get(line.unit or "C62", _OTHER_UNIT))
        put_number(element, "UnitPriceWithoutTax", _price(line, body.currency))
        put(element, "TotalCost", written(_cost(line), body.currency))
        put_parts(element, line.allowances_charges, body.currency, "DiscountsAndRebates", "Charges")
        put(element, "GrossAmount", written(_amount(line) or 0, body.currency))
        put_line_withheld(element, line, euros)
        put_line_outputs(element, body, line, euros)
        put_period(element, "LineItemPeriod", line.period)
        put_day(element, "TransactionDate", line.delivery.delivered_on if line.delivery else None)
        put_text(element, "AdditionalLineItemInformation", _more(line), 2500)
        put_special_event(element, body, line)
        put_fitting(element, "ArticleCode", line.item.seller_id, 20)


def put_parts(
    parent: Node, parts: Iterable[AllowanceCharge], currency: str, less: str, more: str
) -> None:
    """Put discounts and charges, each sort below an element of its own."""
    for name, is_charge in ((less, False), (more, True)):
        own = [part for part in parts if part.is_charge is is_charge]
        if own:
            element = put_parent(parent, name)
            for part in own:
                _put_part(element, part, currency, "Charge" if is_charge else "Discount")


def _put_part(parent: Node, part: AllowanceCharge, currency: str, name: str) -> None:
    element = put_parent(parent, name)
    put_text(element, f"{name}Reason", cleaned(part.reason) or _WORDS[part.is_charge], 2500)
    put_number(element, f"{name}Rate", part.percent)
    put(element, f"{name}Amount", written(part.amount, currency))


def _put_delivery_notes(parent: Node, body: DocumentBody, line: Line) -> None:
    """Put the delivery note of a line; where a document mentions only one it is that of all."""
    mentioned = {
        each.number: each.issued_on
        for each in body.references
        if each.relation is Relation.INVOICE_OF_DELIVERY
    }
    number = line.delivery_note_number
    if number is None and len(mentioned) == 1:
        (number,) = mentioned
    if number is not None and len(number) <= 30:  # noqa: PLR2004 - of the schema
        note = put_parent(put_parent(parent, "DeliveryNotesReferences"), "DeliveryNote")
        put(note, "DeliveryNoteNumber", number)
        put_day(note, "DeliveryNoteDate", mentioned.get(number))


def _name(line: Line) -> str | None:
    item = line.item
    texts = (item.name, item.description, item.seller_id)
    return next(filter(None, map(cleaned, texts)), None)


def _more(line: Line) -> str | None:
    texts = (line.note, line.item.description if line.item.name else None)
    return "\n".join(text for text in texts if text) or None


def _amount(line: Line) -> int | None:
    return 0 if line.is_free_of_charge else line.net_amount


def _cost(line: Line) -> int:
    """Return what a line costs before its discounts and charges."""
    parts = line.allowances_charges
    return (_amount(line) or 0) - sum(
        part.amount if part.is_charge else -part.amount for part in parts
    )


def _quantity(line: Line) -> Decimal:
    return Decimal(1) if line.quantity is None else line.quantity


def _price(line: Line, currency: str) -> Decimal:
    """Return the price of one unit; without a price, the line is one of what it costs."""
    if line.is_free_of_charge:
        return Decimal(0)
    price = line.net_price
    if price is None and line.gross_price is not None:
        price = line.gross_price - (line.price_discount or 0)
    if price is None:
        return Money(_cost(line), currency).decimal / (_quantity(line) or 1)
    return price / (line.base_quantity or 1)


def _comes_to_its_cost(line: Line, currency: str) -> bool:
    cost = Money(_cost(line), currency).decimal
    # A cent for the rounding of the line, which Facturae has no rule for.
    return abs(_quantity(line) * _price(line, currency) - cost) <= Money(1, currency).decimal
