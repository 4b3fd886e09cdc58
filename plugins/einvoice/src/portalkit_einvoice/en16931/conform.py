"""A document as EN 16931 wants it, ready for either syntax."""

from typing import Final

from msgspec import structs

from portalkit.errors import ExportRefusedError
from portalkit.model import Delivery, DocumentBody, Note
from portalkit_einvoice.en16931.allowances import allowance_of
from portalkit_einvoice.en16931.codes import SUBJECT_CODE
from portalkit_einvoice.en16931.glance import DEFAULT_TYPES, glance, told_once
from portalkit_einvoice.en16931.lines import line_problems, lines_of
from portalkit_einvoice.en16931.parties import parties_of
from portalkit_einvoice.en16931.payment import due_day_of, means_of, terms_of
from portalkit_einvoice.en16931.taxes import vat_rows
from portalkit_einvoice.en16931.texts import without_blanks
from portalkit_einvoice.en16931.totals import completed_totals

__all__ = ("conform",)

_MOST_REASONS: Final = 10


def conform(body: DocumentBody) -> DocumentBody:
    """Return a document with every field that EN 16931 has written as it wants it.

    Stated amounts stay as they are. What follows from a law or from the standard itself is
    filled in (the country of a VAT number, the reason of a category that has only one, sums
    that others define); what would be a guess is a reason to refuse.

    Raises:
        ExportRefusedError: With every reason why the standard cannot express it, at most ten.
    """
    body = without_blanks(body)
    reasons = told_once((*glance(body), *line_problems(body)))
    if reasons:
        raise ExportRefusedError(*reasons[:_MOST_REASONS])
    rows, lines = vat_rows(body), lines_of(body)
    only = rows[0] if len(rows) == 1 else None
    return structs.replace(
        body,
        type_code=body.type_code or DEFAULT_TYPES.get(body.kind),
        tax_currency=_tax_currency(body),
        notes=tuple(_note(note) for note in body.notes),
        parties=parties_of(body),
        lines=lines,
        allowances_charges=tuple(allowance_of(part, only) for part in body.allowances_charges),
        taxes=rows,
        totals=completed_totals(body, sum(line.net_amount or 0 for line in lines)),
        payment_means=means_of(body),
        payment_terms=terms_of(body),
        due_on=due_day_of(body),
        deliveries=_deliveries(body),
    )


def _tax_currency(body: DocumentBody) -> str | None:
    has_other = body.tax_currency != body.currency and body.totals.tax_in_tax_currency is not None
    return body.tax_currency if has_other else None


def _note(note: Note) -> Note:
    return note if SUBJECT_CODE.fullmatch(note.subject_code or "") else Note(note.text)


def _deliveries(body: DocumentBody) -> tuple[Delivery, ...]:
    """Return the day of delivery, which a supply to another member state must state.

    An invoice that states none was issued on that day (Art. 226 (7) of Directive 2006/112/EC).
    """
    stated = next((each.delivered_on for each in body.deliveries if each.delivered_on), None)
    is_supply = any(row.category == "K" for row in vat_rows(body))
    if stated is None and is_supply and body.period is None:
        stated = body.tax_point_on or body.issued_on
    return () if stated is None else (Delivery(delivered_on=stated),)
