"""Lines as EN 16931 knows them: all of them items, each with a quantity and a net price."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from msgspec import structs

from portalkit.model import (
    AllowanceCharge,
    DocumentBody,
    Identifier,
    Item,
    Line,
    LineKind,
    Money,
    TaxStated,
    Text,
    lazy_gettext,
)
from portalkit_einvoice.en16931.allowances import allowance_of
from portalkit_einvoice.en16931.codes import CLASSIFICATION_SCHEME, PARTY_SCHEME, UNIT
from portalkit_einvoice.en16931.taxes import key_of, vat_of, vat_rows
from portalkit_einvoice.en16931.totals import has_two_decimals

__all__ = ("counted_lines", "line_problems", "lines_of")

_ONE: Final = Decimal(1)
_PIECE: Final = "C62"
_GTIN: Final = "0160"


def lines_of(body: DocumentBody) -> tuple[Line, ...]:
    """Return the lines that count, written as EN 16931 wants them.

    Headings, texts, subtotals and what is optional bear no amount of the invoice and are
    left out. Lines below a line with an amount are part of that amount; below one without,
    they stand for themselves. A price below nothing becomes a quantity below nothing
    (BR-27); a line without a quantity is one of what it costs.
    """
    return tuple(
        _conformed(line, body.currency, str(place))
        for place, line in enumerate(counted_lines(body.lines), start=1)
    )


def line_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the lines of a document cannot be expressed."""
    lines = tuple(counted_lines(body.lines))
    if not lines:
        yield lazy_gettext("It has no lines with an amount.")
    for line in lines:
        yield from _problems(line, body.currency)
    total = sum(_amount(line) for line in lines)
    if body.totals.line_total is not None and total != body.totals.line_total:
        yield lazy_gettext("The lines do not add up to the stated sum.")
    if not body.prices_include_tax:
        yield from _base_problems(body, lines)


def counted_lines(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines that count: neither words nor what is optional, nor parts of an amount."""
    for line in lines:
        if line.is_optional:
            continue
        if line.net_amount is None and line.lines:
            yield from counted_lines(line.lines)
        elif line.kind is LineKind.ITEM:
            yield line


def _problems(line: Line, currency: str) -> Iterator[Text]:
    if line.net_amount is None and not line.is_free_of_charge:
        yield lazy_gettext("Line %(line)s has no amount.", line=line.id)
        return
    if not line.item.name:
        yield lazy_gettext("Line %(line)s does not say what it is for.", line=line.id)
    if _vat(line) is None:
        yield lazy_gettext("Line %(line)s has no category of VAT, or several.", line=line.id)
    if line.unit and not UNIT.fullmatch(line.unit):
        yield lazy_gettext(
            "The unit %(unit)s of line %(line)s is no code of UNECE Recommendation 20.",
            unit=line.unit,
            line=line.id,
        )
    if _price(line, currency) is None:
        yield lazy_gettext("Line %(line)s has no price.", line=line.id)
    parts = [amount for part in line.allowances_charges for amount in (part.amount, part.base)]
    if not has_two_decimals(currency, (line.net_amount, *parts)):
        yield lazy_gettext("The amount of line %(line)s has more than two decimals.", line=line.id)


def _base_problems(body: DocumentBody, lines: Iterable[Line]) -> Iterator[Text]:
    """Compare the tax summary with what it sums up (BR-S-08 and its like)."""
    rows = vat_rows(body)
    bases = {key_of(row): -(row.taxable or 0) for row in rows}
    amounts = [(_vat(line), _amount(line)) for line in lines]
    for part in body.allowances_charges:
        only = rows[0] if len(rows) == 1 else None
        tax = allowance_of(part, only).tax
        amounts.append((tax, part.amount if part.is_charge else -part.amount))
        if tax is None:
            yield lazy_gettext("A discount or charge has no category of VAT.")
    for tax, amount in amounts:
        if tax is not None:
            bases[key_of(tax)] = bases.get(key_of(tax), 0) + amount
    # Half a unit for each rounding would do; less than one whole is what BR-S-08 leaves.
    unit = Money(1, body.currency).decimal
    for (_, rate), difference in bases.items():
        if abs(difference * unit) >= (1 if rate else unit):
            yield lazy_gettext("The tax summary does not fit the lines.")
            return


def _conformed(line: Line, currency: str, place: str) -> Line:
    quantity = _ONE if line.quantity is None else line.quantity
    price = _price(line, currency) or Decimal(0)
    gross, discount = line.gross_price, line.price_discount
    if gross is None and discount:
        gross = price + discount
    if price < 0:
        quantity, price, gross, discount = -quantity, -price, None, None
    if gross is not None and gross < 0:
        gross, discount = None, None
    tax = _vat(line)
    return structs.replace(
        line,
        id=line.id or place,
        item=_item(line.item),
        quantity=quantity,
        unit=line.unit or _PIECE,
        net_price=price,
        gross_price=gross,
        price_discount=discount if gross is not None else None,
        base_quantity=line.base_quantity or None,
        net_amount=_amount(line),
        allowances_charges=_parts(line),
        taxes=() if tax is None else (tax,),
        lines=(),
    )


def _parts(line: Line) -> tuple[AllowanceCharge, ...]:
    if line.is_free_of_charge:
        return ()
    return tuple(allowance_of(part) for part in line.allowances_charges)


def _amount(line: Line) -> int:
    return 0 if line.is_free_of_charge else line.net_amount or 0


def _vat(line: Line) -> TaxStated | None:
    found = {key_of(tax): tax for stated in line.taxes if (tax := vat_of(stated)) is not None}
    return next(iter(found.values())) if len(found) == 1 else None


def _price(line: Line, currency: str) -> Decimal | None:
    if line.is_free_of_charge:
        return Decimal(0)
    if line.net_price is not None:
        return line.net_price
    if line.gross_price is not None:
        return line.gross_price - (line.price_discount or 0)
    if line.quantity not in {None, _ONE} or line.base_quantity not in {None, _ONE}:
        return None
    parts = sum(part.amount if part.is_charge else -part.amount for part in _parts(line))
    return Money((line.net_amount or 0) - parts, currency).decimal


def _item(item: Item) -> Item:
    standard = item.standard_id
    if standard is not None and not PARTY_SCHEME.fullmatch(standard.scheme or ""):
        is_gtin = standard.value.isdecimal() and len(standard.value) in {8, 12, 13, 14}
        standard = Identifier(standard.value, _GTIN) if is_gtin else None
    return structs.replace(
        item,
        standard_id=standard,
        classifications=tuple(
            each
            for each in item.classifications
            if CLASSIFICATION_SCHEME.fullmatch(each.scheme or "")
        ),
    )
