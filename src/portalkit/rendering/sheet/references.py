"""The quiet grid of a sheet: dates, numbers of orders, related documents, what was packed."""

from collections.abc import Sequence
from typing import Final

from portalkit.hooks.types import DocumentKind
from portalkit.model import Delivery, DocumentBody, PartyRole, ReferenceStated, Relation
from portalkit.rendering.sheet.labels import kind_words, relation_label
from portalkit.rendering.sheet.parts import SheetPair
from portalkit.rendering.sheet.writer import SheetWriter, cleaned

__all__ = ("fact_rows", "in_rows", "reference_rows")

_MAX_NUMBERS: Final = 6


def reference_rows(
    writer: SheetWriter, body: DocumentBody, kind: DocumentKind, width: int
) -> tuple[tuple[SheetPair, ...], ...]:
    """Return dates, references and related numbers, in rows of ``width``."""
    found = _dates(writer, body, kind)
    found += writer.pairs(
        (writer.gettext("Your order"), _order_number(writer, body)),
        (writer.gettext("Your reference"), writer.value(body.buyer_reference)),
        (writer.gettext("Contract"), writer.value(body.contract_number)),
        (writer.gettext("Project"), writer.value(body.project_number)),
        (writer.gettext("Cost account"), writer.value(body.accounting_cost)),
    )
    found += _related(writer, body)
    found += _delivery(writer, body)
    return in_rows(found, width)


def fact_rows(writer: SheetWriter, body: DocumentBody) -> tuple[tuple[SheetPair, ...], ...]:
    """Return what is said of the goods as a whole: packages, weight, tracking."""
    found: list[SheetPair] = []
    for delivery in body.deliveries:
        weight = ""
        if delivery.weight is not None:
            weight = writer.quantity(delivery.weight, delivery.weight_unit or "KGM", None)
        packages = None if delivery.packages is None else writer.formats.number(delivery.packages)
        found += writer.pairs(
            (writer.gettext("Packages"), packages),
            (writer.gettext("Gross weight"), weight),
            (writer.gettext("Tracking"), writer.value(delivery.tracking_id)),
        )
    return in_rows(found, 4)


def in_rows(pairs: Sequence[SheetPair], width: int) -> tuple[tuple[SheetPair, ...], ...]:
    """Cut pairs into rows."""
    return tuple(tuple(pairs[at : at + width]) for at in range(0, len(pairs), width))


def _dates(writer: SheetWriter, body: DocumentBody, kind: DocumentKind) -> list[SheetPair]:
    due = writer.day(body.due_on) if body.due_on else None
    valid = body.valid_until or (body.due_on if kind.due_means == "validity" else None)
    tax_point = body.tax_point_on if body.tax_point_on != body.issued_on else None
    return writer.pairs(
        (writer.text(kind_words(kind).date), writer.day(body.issued_on)),
        (writer.gettext("Tax point"), writer.day(tax_point) if tax_point else None),
        (writer.gettext("Due date"), due if kind.due_means == "payment" else None),
        (writer.gettext("Valid from"), writer.day(body.valid_from) if body.valid_from else None),
        (writer.gettext("Valid until"), writer.day(valid) if valid else None),
        (writer.gettext("Period"), writer.period(body.period) if body.period else None),
    )


def _order_number(writer: SheetWriter, body: DocumentBody) -> str | None:
    if body.order_number == body.number:
        return None
    return writer.value(body.order_number)


def _related(writer: SheetWriter, body: DocumentBody) -> list[SheetPair]:
    by_label: dict[str, list[str]] = {}
    reasons = []
    for reference in body.references:
        if reference.number in {body.order_number, body.contract_number}:
            continue
        label = writer.text(relation_label(reference.relation))
        by_label.setdefault(label, []).append(_named(writer, reference))
        if reference.reason and reference.relation in {Relation.CREDITS, Relation.CORRECTS}:
            reasons.append(cleaned(reference.reason))
    pairs = [SheetPair(label, _listed(writer, names)) for label, names in by_label.items()]
    if reasons:
        reason = writer.isolated(", ".join(dict.fromkeys(reasons)))
        pairs.append(SheetPair(writer.gettext("Reason"), reason))
    return pairs


def _named(writer: SheetWriter, reference: ReferenceStated) -> str:
    number = writer.value(reference.number)
    if reference.issued_on is None:
        return number
    day = writer.formats.date(reference.issued_on, "medium")
    return writer.joined([number, writer.gettext("of %(day)s", day=day)], " ")


def _listed(writer: SheetWriter, names: list[str]) -> str:
    shown = names[:_MAX_NUMBERS]
    if len(names) > _MAX_NUMBERS:
        shown.append(writer.gettext("and %(number)s more", number=len(names) - _MAX_NUMBERS))
    return writer.joined(shown, ", ")


def _delivery(writer: SheetWriter, body: DocumentBody) -> list[SheetPair]:
    found: list[SheetPair] = []
    for delivery in body.deliveries[:1]:
        found += writer.pairs(
            *_delivery_dates(writer, delivery),
            (writer.gettext("Delivery terms"), writer.value(delivery.terms)),
        )
    carrier = body.party(PartyRole.CARRIER)
    name = carrier.name if carrier else next((d.carrier for d in body.deliveries if d.carrier), "")
    found += writer.pairs((writer.gettext("Carrier"), writer.value(name)))
    return found


def _delivery_dates(writer: SheetWriter, delivery: Delivery) -> tuple[tuple[str, str | None], ...]:
    wanted, promised, arrived = (
        writer.day(day) if day else None
        for day in (delivery.requested_on, delivery.promised_on, delivery.delivered_on)
    )
    return (
        (writer.gettext("Wanted by"), wanted),
        (writer.gettext("Promised for"), promised),
        (writer.gettext("Delivered"), arrived),
    )
