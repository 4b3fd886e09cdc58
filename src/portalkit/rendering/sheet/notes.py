"""Words of a sheet: notes, terms, legal text, the answer with its evidence, the reception."""

from typing import Final
from zoneinfo import ZoneInfo

from portalkit.hooks.types import DocumentKind
from portalkit.model import DocumentBody
from portalkit.rendering.sheet.issuer import Acceptance
from portalkit.rendering.sheet.parts import SheetAnswer, SheetNote, SheetReception
from portalkit.rendering.sheet.payment import states_payment
from portalkit.rendering.sheet.writer import SheetWriter, paragraphs

__all__ = ("sheet_answer", "sheet_notes", "sheet_reception")

# UNTDID 4451: what the law or an authority wants said, which stands small at the end.
_LEGAL: Final = frozenset({"AAJ", "ABL", "ABN", "ABY", "CUS", "REG", "TXD"})
_HASH_GROUP: Final = 8


def sheet_notes(
    writer: SheetWriter, body: DocumentBody, kind: DocumentKind, *, is_legal: bool
) -> tuple[SheetNote, ...]:
    """Return the notes, either what the issuer has to say or the small print.

    Terms stand in the payment box where there is one, else here as points.
    """
    found = []
    terms = () if states_payment(body, kind) else writer.lines(body.payment_terms)
    if terms and not is_legal:
        title = writer.gettext("Terms")
        one = len(terms) == 1
        found.append(
            SheetNote(title=title, paragraphs=terms if one else (), points=() if one else terms)
        )
    for note in body.notes:
        text = tuple(writer.isolated(line) for line in paragraphs(note.text))
        if text and ((note.subject_code or "") in _LEGAL) == is_legal:
            found.append(SheetNote(paragraphs=text, is_legal=is_legal))
    return tuple(found)


def sheet_answer(writer: SheetWriter, acceptance: Acceptance) -> SheetAnswer:
    """Return the block that a signed document carries."""
    local = acceptance.accepted_at.astimezone(ZoneInfo(acceptance.zone))
    moment = f"{writer.formats.date(local.date(), 'medium')}, {local:%H:%M:%S} ({local:%Z})"
    digest = acceptance.sha256
    groups = (digest[at : at + _HASH_GROUP] for at in range(0, len(digest), _HASH_GROUP))
    return SheetAnswer(
        title=writer.gettext("Accepted on %(day)s", day=writer.day(local.date())),
        name=writer.value(acceptance.name),
        role=writer.value(acceptance.role),
        pairs=tuple(
            writer.pairs(
                (writer.gettext("Date and time"), moment),
                (writer.gettext("E-mail address"), writer.value(acceptance.email)),
                (writer.gettext("IP address"), writer.value(acceptance.address)),
                (writer.gettext("SHA-256"), writer.isolated(" ".join(groups))),
            )
        ),
        signature_url=acceptance.signature_url,
        signature_alt=writer.gettext("Signature"),
    )


def sheet_reception(writer: SheetWriter, *, has_column: bool) -> SheetReception:
    """Return the block on which whoever receives the goods signs.

    Args:
        writer: Writes the texts.
        has_column: The lines have a column to write in.
    """
    return SheetReception(
        title=writer.gettext("Reception"),
        text=writer.gettext("Note differences in the column Received.")
        if has_column
        else writer.gettext("Note differences beside the lines."),
        fields=(
            writer.gettext("Full name"),
            writer.gettext("Identity document"),
            writer.gettext("Date and time"),
            writer.gettext("Signature and stamp"),
        ),
    )
