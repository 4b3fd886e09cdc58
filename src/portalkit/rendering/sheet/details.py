"""The small print below an item: codes, description, what its price is made of."""

from decimal import Decimal
from typing import Final

from portalkit.model import AllowanceCharge, Line
from portalkit.rendering.sheet.columns import only_percent
from portalkit.rendering.sheet.writer import SheetWriter, cleaned, paragraphs

__all__ = ("allowance_label", "line_details")

_ONE: Final = Decimal(1)


def line_details(
    writer: SheetWriter, line: Line, *, has_prices: bool, has_lot_column: bool
) -> tuple[str, ...]:
    """Return the small lines below an item's name; on a delivery note without its prices."""
    found = [_codes(writer, line, has_lot_column=has_lot_column)]
    name = cleaned(line.item.name)
    found += [
        writer.isolated(text) for text in paragraphs(line.item.description or "") if text != name
    ]
    found.append(writer.joined([_attribute(writer, *pair) for pair in line.item.attributes]))
    found.append(_origin(writer, line))
    if has_prices:
        found += _price_details(writer, line)
        found += _allowances(writer, line)
    found += _quantities(writer, line)
    found += writer.lines(line.note)
    return tuple(text for text in found if text)


def allowance_label(writer: SheetWriter, item: AllowanceCharge) -> str:
    """Return how an allowance or charge is called, with its rate."""
    reason = cleaned(item.reason or "")
    if not reason:
        reason = writer.gettext("Charge") if item.is_charge else writer.gettext("Discount")
    if item.percent is None:
        return writer.isolated(reason)
    return writer.joined([writer.isolated(reason), writer.formats.percent(item.percent)], " ")


def _attribute(writer: SheetWriter, name: str, value: str) -> str:
    return writer.isolated(f"{cleaned(name)}: {cleaned(value)}")


def _codes(writer: SheetWriter, line: Line, *, has_lot_column: bool) -> str:
    item = line.item
    parts = [writer.value(item.seller_id)]
    if item.buyer_id and item.buyer_id != item.seller_id:
        parts.append(writer.gettext("Your code %(code)s", code=cleaned(item.buyer_id)))
    if item.lot and not has_lot_column:
        parts.append(writer.gettext("Lot %(lot)s", lot=cleaned(item.lot)))
    if item.serial:
        parts.append(writer.gettext("Serial no. %(number)s", number=cleaned(item.serial)))
    return writer.joined(parts)


def _origin(writer: SheetWriter, line: Line) -> str:
    parts = []
    if line.order_number:
        parts.append(writer.gettext("Order %(number)s", number=cleaned(line.order_number)))
    if line.delivery_note_number:
        number = cleaned(line.delivery_note_number)
        parts.append(writer.gettext("Delivery note %(number)s", number=number))
    if line.period:
        parts.append(writer.period(line.period))
    if line.delivery and line.delivery.promised_on:
        day = writer.formats.date(line.delivery.promised_on, "medium")
        parts.append(writer.gettext("Delivery on %(day)s", day=day))
    if line.item.origin_country:
        country = writer.formats.country(cleaned(line.item.origin_country).upper())
        parts.append(writer.gettext("Origin: %(country)s", country=country))
    return writer.joined(parts)


def _price_details(writer: SheetWriter, line: Line) -> list[str]:
    found = []
    if line.base_quantity is not None and line.base_quantity != _ONE:
        quantity = writer.quantity(line.base_quantity, line.unit, line.unit_label)
        found.append(writer.gettext("Price for %(quantity)s", quantity=quantity))
    if line.gross_price is not None and line.price_discount:
        found.append(
            writer.gettext(
                "List price %(price)s, less %(discount)s",
                price=writer.price(line.gross_price),
                discount=writer.price(line.price_discount),
            )
        )
    if line.is_free_of_charge:
        found.append(writer.gettext("Free of charge"))
    return found


def _allowances(writer: SheetWriter, line: Line) -> list[str]:
    if only_percent(line) is not None:
        reason = cleaned(line.allowances_charges[0].reason or "")
        return [writer.isolated(reason)] if reason else []
    return [
        writer.joined(
            [
                writer.joined([allowance_label(writer, item), ":"], ""),
                writer.money(item.amount if item.is_charge else -item.amount),
            ],
            " ",
        )
        for item in line.allowances_charges
    ]


def _quantities(writer: SheetWriter, line: Line) -> list[str]:
    found = []
    if line.rejected_quantity:
        quantity = writer.quantity(line.rejected_quantity, line.unit, line.unit_label)
        found.append(writer.gettext("Refused: %(quantity)s", quantity=quantity))
    if line.quantity_reason:
        found.append(writer.value(line.quantity_reason))
    return found
