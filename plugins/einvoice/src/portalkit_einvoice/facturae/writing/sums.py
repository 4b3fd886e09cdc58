"""What an invoice comes to, as Facturae adds it up: what is withheld is off the total."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from msgspec import structs

from portalkit.model import AllowanceCharge, DocumentBody, Line, Text, lazy_gettext

__all__ = ("Sums", "negative", "sum_problems", "sums_of")


class Sums(NamedTuple):
    """Amounts in minor units.

    Attributes:
        total: Net amount and taxes, less what is withheld.
        outstanding: The total less what is already paid; there is nothing else to pay.
    """

    lines: int
    discounts: int
    charges: int
    net: int
    tax: int
    withheld: int
    total: int
    prepaid: int

    @property
    def outstanding(self) -> int:
        """What is to be paid."""
        return self.total - self.prepaid


def sums_of(body: DocumentBody) -> Sums:
    """Return the sums of a document; what it does not state follows from its parts."""
    totals, parts = body.totals, body.allowances_charges
    discounts, charges = _sum(parts, is_charge=False), _sum(parts, is_charge=True)
    if totals.allowances is not None:
        discounts = totals.allowances
    if totals.charges is not None:
        charges = totals.charges
    net = totals.net or 0
    lines = totals.line_total if totals.line_total is not None else net + discounts - charges
    rows = body.taxes
    tax = sum(row.amount for row in rows if not row.is_withheld)
    withheld = sum(row.amount for row in rows if row.is_withheld)
    return Sums(
        lines=lines,
        discounts=discounts,
        charges=charges,
        net=net,
        tax=tax if totals.tax is None else totals.tax,
        withheld=withheld if totals.withheld is None else totals.withheld,
        total=net + tax - withheld,
        prepaid=totals.prepaid or 0,
    )


def sum_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the totals of a document cannot be expressed."""
    totals, parts = body.totals, body.allowances_charges
    if totals.net is None:
        yield lazy_gettext("The net amount is missing.")
        return
    sums = sums_of(body)
    if parts and sums.discounts != _sum(parts, is_charge=False):
        yield lazy_gettext("The discounts do not add up to the stated sum.")
    if parts and sums.charges != _sum(parts, is_charge=True):
        yield lazy_gettext("The charges do not add up to the stated sum.")
    if sums.net != sums.lines - sums.discounts + sums.charges:
        yield lazy_gettext("The net amount is not the sum of lines less discounts plus charges.")
    if sums.net + sums.tax - sums.withheld != sums.total:
        yield lazy_gettext("The rows of the tax summary do not add up to the stated tax.")
    # Most state the total with what is withheld, as EN 16931 does, and Facturae without.
    if totals.gross not in {None, sums.total, sums.total + sums.withheld}:
        yield lazy_gettext("The stated total does not follow from the net amount and the taxes.")
    if totals.rounding:
        yield lazy_gettext("It has a rounding amount, for which Facturae has no field.")
    elif totals.payable not in {None, sums.outstanding}:
        yield lazy_gettext("The amount to pay is not the total less what is already paid.")


def negative(body: DocumentBody) -> DocumentBody:
    """Return a credit note with its figures below nothing, as Facturae writes what is given back.

    Prices stay as they are: what is turned round is how much of it.
    """
    totals = body.totals
    if body.kind != "credit_note" or (totals.payable or totals.gross or totals.net or 0) < 0:
        return body
    return structs.replace(
        body,
        lines=tuple(_turned_line(line) for line in body.lines),
        allowances_charges=_turned_parts(body.allowances_charges),
        taxes=tuple(
            structs.replace(row, taxable=_turned(row.taxable), amount=-row.amount)
            for row in body.taxes
        ),
        totals=structs.replace(
            totals,
            **{name: _turned(getattr(totals, name)) for name in totals.__struct_fields__},
        ),
        instalments=tuple(
            structs.replace(part, amount=_turned(part.amount)) for part in body.instalments
        ),
        stated_payments=tuple(
            structs.replace(each, amount=-each.amount) for each in body.stated_payments
        ),
    )


def _turned(amount: int | None) -> int | None:
    return None if amount is None else -amount


def _turned_line(line: Line) -> Line:
    quantity = Decimal(1) if line.quantity is None else line.quantity
    return structs.replace(
        line,
        quantity=-quantity,
        net_amount=_turned(line.net_amount),
        allowances_charges=_turned_parts(line.allowances_charges),
        lines=tuple(_turned_line(each) for each in line.lines),
    )


def _turned_parts(parts: Iterable[AllowanceCharge]) -> tuple[AllowanceCharge, ...]:
    return tuple(
        structs.replace(part, amount=-part.amount, base=_turned(part.base)) for part in parts
    )


def _sum(parts: Iterable[AllowanceCharge], *, is_charge: bool) -> int:
    return sum(part.amount for part in parts if part.is_charge is is_charge)
