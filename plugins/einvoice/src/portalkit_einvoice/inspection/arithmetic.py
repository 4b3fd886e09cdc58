"""Whether the figures of a document are those that EN 16931 computes."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import msgspec

from portalkit.documents import compute
from portalkit.errors import DocumentRefusedError
from portalkit.model import DocumentBody, LineKind, Money, TaxRow, Totals

__all__ = ("Agreement", "Difference", "check_figures")

_BEFORE_TAX: Final = ("line_total", "allowances", "charges", "net")
_AFTER_TAX: Final = ("tax", "gross", "withheld", "payable")

_TaxKey = tuple[str, str | None, Decimal]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that is not what the others come to; both in the document's currency."""

    what: str
    stated: str
    computed: str


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of the arithmetic came to.

    Attributes:
        agrees: ``None`` if nothing can be computed.
        note: Why it cannot, or not all of it.
    """

    agrees: bool | None
    differences: tuple[Difference, ...] = ()
    note: str | None = None


def check_figures(body: DocumentBody) -> Agreement:
    """Compute a document from its lines and compare what it states."""
    items = [line for line in body.lines if line.kind is LineKind.ITEM]
    if not any(line.net_amount is not None for line in items):
        return Agreement(agrees=None, note="no line has an amount")
    if body.totals == Totals():
        return Agreement(agrees=None, note="it states no totals")
    try:
        computed = compute(body)
    except DocumentRefusedError as error:
        return Agreement(agrees=None, note=str(error))
    note = None
    found = [*_lines(body, computed), *_totals(body, computed, _BEFORE_TAX)]
    if all(line.taxes for line in items):
        found += [*_taxes(body, computed), *_totals(body, computed, _AFTER_TAX)]
    else:
        note = "tax is not computed: a line does not state its own"
    return Agreement(agrees=not found, differences=tuple(found), note=note)


def _lines(body: DocumentBody, computed: DocumentBody) -> Iterator[Difference]:
    for ours, theirs in zip(body.lines, computed.lines, strict=True):
        if ours.net_amount is not None:
            what = f"line {ours.id}"
            yield from _difference(what, ours.net_amount, theirs.net_amount, body.currency)


def _totals(
    body: DocumentBody, computed: DocumentBody, names: Iterable[str]
) -> Iterator[Difference]:
    for name in names:
        stated = getattr(body.totals, name)
        if stated is not None:
            found = getattr(computed.totals, name)
            yield from _difference(name.replace("_", " "), stated, found, body.currency)


def _taxes(body: DocumentBody, computed: DocumentBody) -> Iterator[Difference]:
    ours = {_key(row): row for row in computed.taxes}
    for row in body.taxes:
        found = ours.get(_key(row))
        rate = "" if row.rate is None else f"{row.rate.normalize():f} %"
        what = " ".join(part for part in (row.scheme, row.category, rate) if part)
        taxable = None if found is None else found.taxable
        if row.taxable is not None:
            yield from _difference(f"{what}, taxable", row.taxable, taxable, body.currency)
        amount = None if found is None else found.amount
        yield from _difference(f"{what}, tax", row.amount, amount, body.currency)


def _key(row: TaxRow) -> _TaxKey:
    # Where no tax is charged, some state a rate of 0 and some none.
    return row.scheme, row.category, (row.rate or Decimal()).normalize()


def _difference(
    what: str, stated: int, computed: int | None, currency: str
) -> Iterator[Difference]:
    # What is not there comes to nothing.
    if stated != (computed or 0):
        yield Difference(
            what=what,
            stated=str(Money(stated, currency).decimal),
            computed=str(Money(computed or 0, currency).decimal),
        )
