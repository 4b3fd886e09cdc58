"""From a document to what its sheet shows."""

from typing import Final

import msgspec

from portalkit.hooks.types import DocumentKind, Purpose
from portalkit.i18n import Formats, Translator
from portalkit.model import Document, DocumentBody, PartyRole
from portalkit.rendering.sheet.issuer import Acceptance, Issuer
from portalkit.rendering.sheet.labels import document_label
from portalkit.rendering.sheet.lines import sheet_lines
from portalkit.rendering.sheet.notes import sheet_answer, sheet_notes, sheet_reception
from portalkit.rendering.sheet.parties import party_rows
from portalkit.rendering.sheet.parts import SheetFiscal, SheetHead, SheetView
from portalkit.rendering.sheet.payment import sheet_payment
from portalkit.rendering.sheet.qr import FISCAL_URL, fiscal_qr, is_verifiable
from portalkit.rendering.sheet.references import fact_rows, reference_rows
from portalkit.rendering.sheet.totals import sheet_sums
from portalkit.rendering.sheet.writer import SheetWriter, cleaned, paragraphs

__all__ = ("FISCAL_URL", "sheet_view")

_GAP: Final = "\N{EN SPACE}·\N{EN SPACE}"


def sheet_view(
    document: Document,
    kind: DocumentKind,
    *,
    business: Issuer,
    translator: Translator,
    formats: Formats,
    purpose: Purpose = Purpose.PAGE,
    acceptance: Acceptance | None = None,
) -> SheetView:
    """Return everything a document's sheet shows, formatted for one language.

    Totals are those that the issuer stated and are never worked out again. Nothing of the
    portal's own state (paid, accepted) is on it but the ``acceptance`` of a signed document.

    Args:
        document: What the issuer stated.
        kind: What sort of document it is: which labels, whether prices belong on it.
        business: Whose portal it is.
        translator: Texts of the reader's language.
        formats: Amounts and dates of the same language.
        purpose: ``PAGE`` is part of a page; ``PDF`` is paper, with heads and page numbers.
        acceptance: Evidence to put on a signed quote.
    """
    body = document.body
    writer = SheetWriter(translator, formats, body.currency)
    head = _head(writer, body, kind, business)
    is_paged = purpose is Purpose.PDF
    title = f"{head.kind} {cleaned(body.number)}"
    lines = sheet_lines(writer, body, kind, title=title, is_paged=is_paged)
    fiscal = _fiscal(writer, body, is_paper=is_paged)
    shows_money = kind.has_total or lines.has_prices
    return SheetView(
        language=translator.locale,
        direction=writer.direction,
        level=1 if is_paged else 2,
        is_paged=is_paged,
        head=head,
        references=reference_rows(writer, body, kind, 3 if fiscal else 4),
        parties=party_rows(writer, document, kind, business),
        about=_about(writer, body),
        fiscal=fiscal,
        lines=lines,
        sums=sheet_sums(writer, body, kind) if shows_money else None,
        facts=fact_rows(writer, body),
        payment=sheet_payment(writer, body, kind, business, is_paper=is_paged)
        if shows_money
        else None,
        notes=sheet_notes(writer, body, kind, is_legal=False),
        answer=sheet_answer(writer, acceptance) if acceptance else None,
        reception=sheet_reception(writer, has_column=not lines.has_prices)
        if is_paged and kind.name == "delivery_note"
        else None,
        closing=sheet_notes(writer, body, kind, is_legal=True),
        without_prices=lambda: sheet_view(
            document,
            msgspec.structs.replace(kind, has_total=False),
            business=business,
            translator=translator,
            formats=formats,
            purpose=purpose,
            acceptance=acceptance,
        ),
    )


def _head(
    writer: SheetWriter, body: DocumentBody, kind: DocumentKind, business: Issuer
) -> SheetHead:
    label = writer.text(document_label(body, kind))
    number = cleaned(body.number)
    title = f"{label} {number}".strip()
    name = cleaned(business.name)
    return SheetHead(
        kind=label,
        number=writer.isolated(number),
        title=f"{title} · {name}",
        running=_running(writer, body, business, title),
        folio=_folio(writer),
        business=writer.isolated(name),
        author=cleaned(business.legal_name or business.name),
        logo_url=business.logo_url,
        logo_alt=writer.gettext("Logo of %(name)s", name=name),
        imprint=_imprint(writer, business),
    )


def _fiscal(writer: SheetWriter, body: DocumentBody, *, is_paper: bool) -> SheetFiscal | None:
    url = body.extra.get(FISCAL_URL, "")
    title = writer.gettext("Tax QR code: checks the invoice with the tax office")
    code = fiscal_qr(url, title, is_paper=is_paper)
    if code is None:
        return None
    # The words are prescribed in Spanish (AEAT, "Detalle de las especificaciones ... QR").
    note = writer.isolated("VERI*FACTU") if is_verifiable(url) else ""
    return SheetFiscal(label=writer.isolated("QR tributario:"), qr=code, note=note)


def _running(writer: SheetWriter, body: DocumentBody, business: Issuer, title: str) -> str:
    seller = body.party(PartyRole.SELLER)
    name = seller.name if seller else business.legal_name or business.name
    parts = (writer.value(name), writer.isolated(title), writer.day(body.issued_on))
    return writer.joined(parts, _GAP)


def _folio(writer: SheetWriter) -> tuple[str, str, str]:
    # The numbers are counters of the style sheet, so a translation may order them freely
    # only as long as the page comes before the number of pages.
    words = writer.gettext("Page %(page)s of %(pages)s", page="\0", pages="\0")
    before, between, after = words.split("\0")
    return before, between, after


def _imprint(writer: SheetWriter, business: Issuer) -> str:
    if business.imprint and (text := cleaned(business.imprint)):
        return writer.isolated(text)
    parts = [writer.value(business.legal_name or business.name)]
    if business.tax_id:
        parts.append(writer.joined([writer.gettext("VAT no."), writer.value(business.tax_id)], " "))
    return writer.joined(parts)


def _about(writer: SheetWriter, body: DocumentBody) -> tuple[str, ...]:
    found = [*paragraphs(body.title or ""), *paragraphs(body.description or "")]
    return tuple(writer.isolated(text) for text in dict.fromkeys(found))
