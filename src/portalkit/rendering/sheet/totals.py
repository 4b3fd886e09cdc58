"""Taxes and totals of a sheet: what the issuer stated, never worked out again."""

from collections.abc import Sequence

from portalkit.hooks.types import DocumentKind
from portalkit.model import DocumentBody, TaxRow, Totals
from portalkit.rendering.sheet.columns import VALUE_ADDED, tax_name
from portalkit.rendering.sheet.details import allowance_label
from portalkit.rendering.sheet.labels import kind_words
from portalkit.rendering.sheet.parts import SheetSums, SheetTax, SheetTotal
from portalkit.rendering.sheet.writer import SheetWriter, cleaned

__all__ = ("sheet_sums", "sheet_totals")


def sheet_sums(writer: SheetWriter, body: DocumentBody, kind: DocumentKind) -> SheetSums:
    """Return the tax table and the totals."""
    return SheetSums(
        heads=(
            writer.gettext("Tax"),
            writer.gettext("Taxable amount"),
            writer.gettext("Tax amount"),
        ),
        taxes=_taxes(writer, body.taxes),
        notes=_tax_notes(writer, body),
        totals=sheet_totals(writer, body, kind),
    )


def sheet_totals(
    writer: SheetWriter, body: DocumentBody, kind: DocumentKind
) -> tuple[SheetTotal, ...]:
    """Return the totals from the lines down to what is to be paid, which stands last."""
    totals = body.totals
    last = writer.text(kind_words(kind).payable)
    rows: list[tuple[str, int | None]] = []
    if totals.line_total != totals.net or body.allowances_charges:
        rows.append((writer.gettext("Sum of lines"), totals.line_total))
    rows += _allowances(writer, body)
    rows.append((writer.gettext("Net amount"), totals.net))
    rows.append((_tax_total_label(writer, body), totals.tax))
    withheld, rest = _withheld(writer, body), _after_gross(writer, body)
    whole = writer.gettext("Total with tax")
    if _is_less_withheld(totals):
        rows += withheld
        whole = writer.gettext("Total")
    else:
        rest = [*withheld, *rest]
    if totals.payable is not None:
        if rest or totals.payable != totals.gross:
            rows.append((whole, totals.gross))
        rows += [*rest, (last, totals.payable)]
    elif rest:
        rows += [(whole, totals.gross), *rest]
    else:
        rows.append((last, totals.gross))
    return tuple(
        SheetTotal(label=label, amount=writer.money(amount), is_payable=label == last)
        for label, amount in rows
        if amount is not None
    )


def _taxes(writer: SheetWriter, taxes: Sequence[TaxRow]) -> tuple[SheetTax, ...]:
    # What the buyer withholds is taken off, so it has a minus.
    return tuple(
        SheetTax(
            label=_tax_label(writer, tax),
            base="" if tax.taxable is None else writer.money(tax.taxable),
            amount=writer.money(-tax.amount if tax.is_withheld else tax.amount),
        )
        for tax in taxes
    )


def _tax_notes(writer: SheetWriter, body: DocumentBody) -> tuple[str, ...]:
    found = []
    for tax in body.taxes:
        reason = cleaned(tax.exemption_reason or "") or _category_reason(writer, tax.category)
        if reason or tax.exemption_code:
            code = cleaned(tax.exemption_code or "")
            found.append(
                writer.isolated(f"{reason} ({code})" if reason and code else reason or code)
            )
    if body.prices_include_tax:
        found.append(writer.gettext("Prices include tax."))
    return tuple(dict.fromkeys(found))


def _allowances(writer: SheetWriter, body: DocumentBody) -> list[tuple[str, int | None]]:
    if body.allowances_charges:
        return [
            (allowance_label(writer, item), item.amount if item.is_charge else -item.amount)
            for item in body.allowances_charges
        ]
    totals = body.totals
    return [
        (writer.gettext("Discounts"), -totals.allowances if totals.allowances else None),
        (writer.gettext("Charges"), totals.charges or None),
    ]


def _is_less_withheld(totals: Totals) -> bool:
    """Say whether the total is stated without what is withheld, as Facturae states it."""
    with_tax = (totals.net or 0) + (totals.tax or 0)
    return bool(totals.withheld) and totals.gross == with_tax - (totals.withheld or 0)


def _withheld(writer: SheetWriter, body: DocumentBody) -> list[tuple[str, int | None]]:
    amount = body.totals.withheld
    taxes = [tax for tax in body.taxes if tax.is_withheld]
    label = _tax_label(writer, taxes[0]) if len(taxes) == 1 else writer.gettext("Withheld")
    return [(label, -amount)] if amount else []


def _after_gross(writer: SheetWriter, body: DocumentBody) -> list[tuple[str, int | None]]:
    totals = body.totals
    rows = [
        (writer.gettext("Already paid"), -totals.prepaid if totals.prepaid else None),
        (writer.gettext("Rounding"), totals.rounding or None),
    ]
    return [(label, amount) for label, amount in rows if amount is not None]


def _tax_total_label(writer: SheetWriter, body: DocumentBody) -> str:
    schemes = {tax.scheme for tax in body.taxes if not tax.is_withheld}
    if len(schemes) == 1 and (schemes & VALUE_ADDED):
        return tax_name(writer, schemes.pop())
    return writer.gettext("VAT") if not schemes else writer.gettext("Taxes")


def _tax_label(writer: SheetWriter, tax: TaxRow) -> str:
    name = tax_name(writer, tax.scheme)
    if tax.category == "E" and not tax.rate:
        return writer.joined([name, writer.gettext("exempt")], " ")
    if tax.rate is None:
        return name
    return writer.joined([name, writer.formats.percent(tax.rate)], " ")


def _category_reason(writer: SheetWriter, category: str | None) -> str:
    match category:
        case "AE":
            return writer.gettext("Reverse charge: the customer accounts for the tax.")
        case "K":
            return writer.gettext("Intra-Community supply, exempt from VAT.")
        case "G":
            return writer.gettext("Export outside the European Union, exempt from VAT.")
        case "O":
            return writer.gettext("Outside the scope of VAT.")
        case "E":
            return writer.gettext("Exempt from VAT.")
    return ""
