"""Taxes of the invoice and of its lines, each surcharge inside the tax it goes with."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from portalkit.model import DocumentBody, Line, TaxRow, TaxStated, Text, lazy_gettext
from portalkit_einvoice.facturae.codes import SURCHARGE, TAXES, VAT, WITHHELD
from portalkit_einvoice.facturae.taxes import CATEGORIES, EXEMPT, OUTSIDE
from portalkit_einvoice.facturae.writing.euros import Euros, put_amount
from portalkit_einvoice.facturae.writing.nodes import Node, put, put_number, put_parent, put_text

__all__ = (
    "charged_on",
    "line_tax_problems",
    "put_line_outputs",
    "put_line_withheld",
    "put_special_event",
    "put_tax_summary",
    "tax_problems",
)

_CODES: Final = {scheme: code for code, scheme in TAXES.items()}
_BY_CATEGORY: Final = {category: scheme for scheme, category in CATEGORIES.items()}
_CENTS: Final = Decimal("0.01")
# Why there is no tax, by the category of UNTDID 5305; the law of what needs no further reason.
_EVENTS: Final = {"E": EXEMPT, "K": EXEMPT, "G": EXEMPT, "O": OUTSIDE}
_LAWS: Final = {
    "K": "Entrega intracomunitaria exenta (art. 25 de la Ley 37/1992)",
    "G": "Exportación exenta (art. 21 de la Ley 37/1992)",
    "O": "Operación no sujeta",
}

_Tax = TaxStated | TaxRow


def tax_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the taxes of a document cannot be expressed."""
    if body.prices_include_tax:
        yield lazy_gettext("Its prices include tax, and Facturae knows net prices only.")
    if not any(_is_charged(row) for row in body.taxes):
        yield lazy_gettext("The tax summary is missing.")
    for row in body.taxes:
        if row.scheme != SURCHARGE and _code(row) is None:
            yield lazy_gettext("Facturae has no code for the tax %(tax)s.", tax=row.scheme)
        if row.taxable is None:
            yield lazy_gettext("A row of the tax summary has no taxable amount.")
    if len([row for row in body.taxes if row.scheme == SURCHARGE]) != len(_surcharges(body.taxes)):
        yield lazy_gettext("The surcharge does not stand on the base of any tax.")


def line_tax_problems(body: DocumentBody, line: Line) -> Iterator[Text]:
    """Yield why the taxes of a line cannot be expressed."""
    charged = charged_on(body, line)
    if not charged:
        yield lazy_gettext("Line %(line)s has no tax.", line=line.id)
    for tax in charged:
        if _code(tax) is None:
            yield lazy_gettext("Facturae has no code for the tax %(tax)s.", tax=tax.scheme)
        elif tax.category == "E" and not _reason(body, tax):
            yield lazy_gettext("The reason of the exemption from VAT is missing.")


def charged_on(body: DocumentBody, line: Line) -> tuple[_Tax, ...]:
    """Return what is charged on a line; one that does not say has the only tax there is."""
    charged: tuple[_Tax, ...] = tuple(tax for tax in line.taxes if _is_charged(tax))
    rows = [row for row in body.taxes if _is_charged(row)]
    return charged or (tuple(rows) if len(rows) == 1 else ())


def put_tax_summary(invoice: Node, body: DocumentBody, euros: Euros) -> None:
    """Put the taxes of the whole invoice: what is charged, then what is withheld."""
    element = put_parent(invoice, "TaxesOutputs")
    surcharges = _surcharges(body.taxes)
    for place, row in enumerate(body.taxes):
        if _is_charged(row):
            tax = _put_tax(element, row, row.taxable or 0, euros)
            put_amount(tax, "TaxAmount", row.amount, euros)
            surcharge = surcharges.get(place)
            if surcharge is not None:
                put(tax, "EquivalenceSurcharge", _cents(surcharge.rate))
                put_amount(tax, "EquivalenceSurchargeAmount", surcharge.amount, euros)
    withheld = [row for row in body.taxes if row.is_withheld]
    if withheld:
        element = put_parent(invoice, "TaxesWithheld")
        for row in withheld:
            tax = _put_tax(element, row, row.taxable or 0, euros)
            put_amount(tax, "TaxAmount", row.amount, euros)


def put_line_outputs(parent: Node, body: DocumentBody, line: Line, euros: Euros) -> None:
    """Put what is charged on a line; the amounts of its taxes are stated nowhere."""
    element = put_parent(parent, "TaxesOutputs")
    surcharge = next((tax for tax in line.taxes if tax.scheme == SURCHARGE), None)
    for tax in charged_on(body, line):
        node = _put_tax(element, tax, line.net_amount or 0, euros)
        if surcharge is not None and tax.scheme == VAT:
            put(node, "EquivalenceSurcharge", _cents(surcharge.rate))
            surcharge = None


def put_line_withheld(parent: Node, line: Line, euros: Euros) -> None:
    """Put what is withheld on a line."""
    withheld = [tax for tax in line.taxes if tax.scheme in WITHHELD]
    if withheld:
        element = put_parent(parent, "TaxesWithheld")
        for tax in withheld:
            _put_tax(element, tax, line.net_amount or 0, euros)


def put_special_event(parent: Node, body: DocumentBody, line: Line) -> None:
    """Put why a line bears no tax."""
    for tax in charged_on(body, line):
        code = _EVENTS.get(tax.category or "")
        if code is not None:
            element = put_parent(parent, "SpecialTaxableEvent")
            put(element, "SpecialTaxableEventCode", code)
            put_text(element, "SpecialTaxableEventReason", _reason(body, tax), 2500)
            return


def _put_tax(parent: Node, tax: _Tax, base: int, euros: Euros) -> Node:
    element = put_parent(parent, "Tax")
    put(element, "TaxTypeCode", _code(tax) or "")
    put_number(element, "TaxRate", tax.rate or Decimal(0))
    put_amount(element, "TaxableBase", base, euros)
    return element


def _reason(body: DocumentBody, tax: _Tax) -> str | None:
    rows = [row for row in body.taxes if row.category == tax.category and not row.is_withheld]
    stated = [
        text for each in (tax, *rows) for text in (each.exemption_reason, each.exemption_code)
    ]
    return next(filter(None, stated), None) or _LAWS.get(tax.category or "")


def _is_charged(tax: _Tax) -> bool:
    if isinstance(tax, TaxRow):
        return not tax.is_withheld and tax.scheme != SURCHARGE
    return tax.scheme not in WITHHELD and tax.scheme != SURCHARGE


def _code(tax: _Tax) -> str | None:
    scheme = tax.scheme
    if scheme == VAT:
        scheme = _BY_CATEGORY.get(tax.category or "", VAT)
    return _CODES.get(scheme)


def _surcharges(rows: Iterable[TaxRow]) -> dict[int, TaxRow]:
    """Return surcharges by the place of the row that they go with: the last one of their base."""
    found: dict[int, TaxRow] = {}
    numbered = list(enumerate(rows))
    for place, row in numbered:
        if row.scheme != SURCHARGE:
            continue
        fitting = [
            at
            for at, other in numbered
            if _is_charged(other) and other.taxable == row.taxable and at not in found
        ]
        before = [at for at in fitting if at < place]
        if fitting:
            found[before[-1] if before else fitting[0]] = row
    return found


def _cents(rate: Decimal | None) -> str:
    return f"{(rate or Decimal(0)).quantize(_CENTS):f}"
