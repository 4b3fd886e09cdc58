"""Which columns a document's lines need, and what stands in them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec
from markupsafe import Markup

from portalkit.hooks.types import DocumentKind
from portalkit.model import Line, LineKind, TaxStated
from portalkit.rendering.sheet.parts import SheetColumn, SheetRow
from portalkit.rendering.sheet.writer import SheetWriter

__all__ = ("VALUE_ADDED", "LineColumn", "line_columns", "only_percent", "tax_name", "with_widths")

VALUE_ADDED: Final = frozenset({"VAT", "IGIC", "IPSI"})
"""Taxes of which a line has one; what comes on top or off stands in the tax table."""

_WITHOUT_RATE: Final = frozenset({"E", "AE", "K", "G", "O"})
# Letters that fit into a column at its usual width.
_FITTING: Final = {"qty": 10, "price": 13, "pct": 7, "amount": 15, "code": 12, "box": 99}


class LineColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column and how its cell is written for an item."""

    column: SheetColumn
    write: Callable[[Line], str]


def line_columns(
    writer: SheetWriter, lines: Sequence[Line], kind: DocumentKind, *, is_paged: bool
) -> tuple[LineColumn, ...]:
    """Return the columns after the item's: only those that some line fills.

    Args:
        writer: Writes the cells.
        lines: All lines that are items, those of bundles too.
        kind: A kind without a total (a delivery note) shows quantities and no prices.
        is_paged: On paper, where a delivery note has a column to write in.
    """
    is_delivery = kind.name == "delivery_note"
    has_amounts = any(line.net_amount is not None for line in lines)
    has_prices = any(_price(line) is not None for line in lines)
    if kind.has_total and (has_amounts or has_prices):
        return _priced(writer, lines, is_delivery=is_delivery)
    return _counted(writer, lines, has_pen=is_paged and is_delivery)


def with_widths(columns: Sequence[LineColumn], rows: Sequence[SheetRow]) -> tuple[SheetColumn, ...]:
    """Return the columns, wider where an amount would not fit."""
    found = []
    for place, item in enumerate(columns):
        longest = max((_width(row.cells[place]) for row in rows if row.cells), default=0)
        is_wide = longest > _FITTING[item.column.key]
        found.append(msgspec.structs.replace(item.column, is_wide=is_wide))
    return tuple(found)


def only_percent(line: Line) -> Decimal | None:
    """Return the rate of a line's discount, if that is all there is to it."""
    match line.allowances_charges:
        case (only,) if not only.is_charge:
            return only.percent
    return None


def tax_name(writer: SheetWriter, scheme: str) -> str:
    """Return how a tax is called: VAT in the reader's language, others by their own name."""
    match scheme:
        case "VAT":
            return writer.gettext("VAT")
        case "surcharge":
            return writer.gettext("Equivalence surcharge")
        case "excise":
            return writer.gettext("Excise duty")
        case "IRPF":
            return writer.gettext("Income tax (IRPF)")
    return writer.value(scheme)


def _width(cell: str) -> int:
    return len(cell.striptags() if isinstance(cell, Markup) else cell)


def _priced(
    writer: SheetWriter, lines: Sequence[Line], *, is_delivery: bool
) -> tuple[LineColumn, ...]:
    found = []
    if is_delivery and any(line.delivered_quantity is not None for line in lines):
        column = SheetColumn(key="qty", label=writer.gettext("Delivered"))
        found.append(LineColumn(column=column, write=lambda line: _delivered(writer, line)))
    elif any(line.quantity is not None for line in lines):
        column = SheetColumn(key="qty", label=writer.gettext("Quantity"))
        found.append(_quantities(writer, column))
    if any(_price(line) is not None for line in lines):
        label = writer.gettext("Price")
        column = SheetColumn(key="price", label=label, short="\N{MULTIPLICATION SIGN}")
        found.append(LineColumn(column=column, write=lambda line: _written_price(writer, line)))
    if any(only_percent(line) is not None for line in lines):
        label = writer.gettext("Disc.")
        column = SheetColumn(key="pct", label=label, short=label)
        found.append(LineColumn(column=column, write=lambda line: _discount(writer, line)))
    if taxes := [tax for line in lines for tax in line.taxes if tax.scheme in VALUE_ADDED]:
        schemes = {tax.scheme for tax in taxes}
        label = tax_name(writer, schemes.pop()) if len(schemes) == 1 else writer.gettext("Tax")
        column = SheetColumn(key="pct", label=label, short=label)
        found.append(LineColumn(column=column, write=lambda line: _tax(writer, line)))
    if any(line.net_amount is not None for line in lines):
        column = SheetColumn(key="amount", label=writer.gettext("Amount"), use="sum")
        found.append(LineColumn(column=column, write=lambda line: _amount(writer, line)))
    return tuple(found)


def _counted(
    writer: SheetWriter, lines: Sequence[Line], *, has_pen: bool
) -> tuple[LineColumn, ...]:
    found = []
    if any(line.item.lot for line in lines):
        label = writer.gettext("Lot")
        column = SheetColumn(key="code", label=label, short=label, is_numeric=False)
        found.append(LineColumn(column=column, write=lambda line: writer.value(line.item.lot)))
    if any(line.delivered_quantity is not None for line in lines):
        if any(line.quantity is not None for line in lines):
            label = writer.gettext("Ordered")
            found.append(_quantities(writer, SheetColumn(key="qty", label=label, short=label)))
        label = writer.gettext("Delivered")
        column = SheetColumn(key="qty", label=label, short=label, use="sum")
        found.append(LineColumn(column=column, write=lambda line: _delivered(writer, line)))
    elif any(line.quantity is not None for line in lines):
        column = SheetColumn(key="qty", label=writer.gettext("Quantity"), use="sum")
        found.append(_quantities(writer, column))
    if any(line.backorder_quantity is not None for line in lines):
        label = writer.gettext("To follow")
        column = SheetColumn(key="qty", label=label, short=label)
        found.append(LineColumn(column=column, write=lambda line: _to_follow(writer, line)))
    if has_pen:
        column = SheetColumn(key="box", label=writer.gettext("Received"), use="fill")
        found.append(LineColumn(column=column, write=lambda _: ""))
    return tuple(found)


def _quantities(writer: SheetWriter, column: SheetColumn) -> LineColumn:
    return LineColumn(column=column, write=lambda line: _counted_as(writer, line, line.quantity))


def _counted_as(writer: SheetWriter, line: Line, quantity: Decimal | None) -> str:
    if quantity is None or line.kind is not LineKind.ITEM:
        return ""
    return writer.quantity(quantity, line.unit, line.unit_label)


def _delivered(writer: SheetWriter, line: Line) -> str:
    return _counted_as(writer, line, line.delivered_quantity)


def _to_follow(writer: SheetWriter, line: Line) -> str:
    return _counted_as(writer, line, line.backorder_quantity)


def _price(line: Line) -> Decimal | None:
    return line.net_price if line.net_price is not None else line.gross_price


def _written_price(writer: SheetWriter, line: Line) -> str:
    price = _price(line)
    return "" if price is None else writer.price(price)


def _discount(writer: SheetWriter, line: Line) -> str:
    percent = only_percent(line)
    return "" if percent is None else writer.formats.percent(percent)


def _tax(writer: SheetWriter, line: Line) -> str:
    rates = [_rate(writer, tax) for tax in line.taxes if tax.scheme in VALUE_ADDED]
    return " + ".join(dict.fromkeys(rate for rate in rates if rate))


def _rate(writer: SheetWriter, tax: TaxStated) -> str:
    if tax.category in _WITHOUT_RATE and not tax.rate:
        return writer.gettext("exempt") if tax.category == "E" else writer.formats.percent(0)
    return "" if tax.rate is None else writer.formats.percent(tax.rate)


def _amount(writer: SheetWriter, line: Line) -> str:
    return "" if line.net_amount is None else writer.money(line.net_amount)
