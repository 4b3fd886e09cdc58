"""The totals of EN 16931, and what they must add up to (BR-CO-10 to BR-CO-16)."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from portalkit.model import AllowanceCharge, DocumentBody, Text, Totals, exponent, lazy_gettext
from portalkit_einvoice.en16931.taxes import vat_rows

__all__ = ("completed_totals", "has_two_decimals", "total_problems")

_DECIMALS = 2


def completed_totals(body: DocumentBody, line_total: int | None = None) -> Totals:
    """Return the totals, with those that others define where the issuer left them out.

    Args:
        body: The document.
        line_total: Sum of the lines, where the document does not state it.
    """
    totals, parts = body.totals, body.allowances_charges
    allowances = _stated(totals.allowances, [part for part in parts if not part.is_charge])
    charges = _stated(totals.charges, [part for part in parts if part.is_charge])
    on_top = (charges or 0) - (allowances or 0)
    lines = line_total if totals.line_total is None else totals.line_total
    net = totals.net
    if net is None and lines is not None:
        net = lines + on_top
    if lines is None and net is not None:
        lines = net - on_top
    tax = totals.tax
    if tax is None:
        tax = sum(row.amount for row in vat_rows(body))
    return structs.replace(
        totals, line_total=lines, allowances=allowances, charges=charges, net=net, tax=tax
    )


def total_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the totals of a document cannot be expressed."""
    stated, totals = body.totals, completed_totals(body)
    if stated.gross is None:
        yield lazy_gettext("The total with tax is missing.")
    if stated.payable is None:
        yield lazy_gettext("The amount to pay is missing.")
    if totals.net is None:
        yield lazy_gettext("The net amount is missing.")
    if not has_two_decimals(body.currency, _amounts(body)):
        yield lazy_gettext(
            "Amounts in %(currency)s have more than the two decimals that EN 16931 allows.",
            currency=body.currency,
        )
    if body.prices_include_tax:
        yield lazy_gettext("Its prices include tax, and EN 16931 knows net prices only.")
    elif len(vat_rows(body)) == len(body.taxes):
        yield from _sum_problems(body, totals)


def _sum_problems(body: DocumentBody, totals: Totals) -> Iterator[Text]:
    parts, net, tax = body.allowances_charges, totals.net, totals.tax or 0
    allowances, charges = totals.allowances or 0, totals.charges or 0
    if allowances != _sum(part for part in parts if not part.is_charge):
        yield lazy_gettext("The discounts do not add up to the stated sum.")
    if charges != _sum(part for part in parts if part.is_charge):
        yield lazy_gettext("The charges do not add up to the stated sum.")
    if net is not None and net != (totals.line_total or 0) - allowances + charges:
        yield lazy_gettext("The net amount is not the sum of lines less discounts plus charges.")
    if tax != sum(row.amount for row in vat_rows(body)):
        yield lazy_gettext("The rows of the tax summary do not add up to the stated tax.")
    if None not in (net, totals.gross) and totals.gross != (net or 0) + tax:
        yield lazy_gettext("The total with tax is not the net amount plus the tax.")
    due = (totals.gross or 0) - (totals.prepaid or 0) + (totals.rounding or 0)
    is_stated = None not in (totals.gross, totals.payable)
    # What is withheld is a reason of its own already.
    if is_stated and not totals.withheld and totals.payable != due:
        yield lazy_gettext("The amount to pay is not the total with tax less what is already paid.")


def has_two_decimals(currency: str, amounts: Iterable[int | None]) -> bool:
    """Say whether amounts in minor units can be written with two decimals (BR-DEC-01 ff.)."""
    finest = 10 ** max(exponent(currency) - _DECIMALS, 0)
    return all(amount is None or amount % finest == 0 for amount in amounts)


def _amounts(body: DocumentBody) -> Iterator[int | None]:
    yield from structs.astuple(structs.replace(body.totals, tax_in_tax_currency=None))
    for row in body.taxes:
        yield from (row.taxable, row.amount)
    for part in body.allowances_charges:
        yield from (part.amount, part.base)


def _sum(parts: Iterable[AllowanceCharge]) -> int:
    return sum(part.amount for part in parts)


def _stated(total: int | None, parts: Sequence[AllowanceCharge]) -> int | None:
    """Return a stated sum, else that of the parts, if there are any."""
    return _sum(parts) if total is None and parts else total
