"""Turns documents that wait for the reader into cards that act."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from portalkit.context import PortalContext
from portalkit.hooks import DocumentKind, Tone
from portalkit.i18n import Translator
from portalkit.model import LazyText, lazy_gettext
from portalkit.rendering.page import Page
from portalkit.rendering.ui import LinkButton, Pill
from portalkit.sections.home.queries import HomeDocument
from portalkit.sections.home.views import TaskCard

__all__ = ("document_url", "task_cards")


class _Words(msgspec.Struct, frozen=True):
    """What is said of a document that waits: what to do, and how long it waits."""

    act: LazyText
    open: LazyText
    today: LazyText
    later: LazyText


# By whether the day means until when an offer is valid, or when money is due.
_WORDS: Final = {
    True: _Words(
        lazy_gettext("Review and answer"),
        lazy_gettext("To answer"),
        lazy_gettext("Expires today"),
        lazy_gettext("Expires in %(days)s"),
    ),
    False: _Words(
        lazy_gettext("See the document"),
        lazy_gettext("To pay"),
        lazy_gettext("Due today"),
        lazy_gettext("Due in %(days)s"),
    ),
}
_OVERDUE: Final = lazy_gettext("Overdue for %(days)s")
_MAX_CARDS: Final = 3
_SOON: Final = 7


def task_cards(
    documents: Sequence[HomeDocument],
    kinds: Mapping[str, DocumentKind],
    context: PortalContext,
    *,
    page: Page,
    translator: Translator,
) -> tuple[TaskCard, ...]:
    """Return at most three cards: what is overdue, then what must be answered, then the rest."""
    ordered = sorted(documents, key=lambda each: _urgency(each, kinds[each.kind], context.today))
    return tuple(
        _card(each, kinds[each.kind], context, page=page, translator=translator)
        for each in ordered[:_MAX_CARDS]
    )


def _urgency(document: HomeDocument, kind: DocumentKind, today: date) -> tuple[int, date]:
    due_on = document.due_on or date.max
    if due_on < today:
        return (0, due_on)
    return (1 if kind.due_means == "validity" else 2, due_on)


def _card(
    document: HomeDocument,
    kind: DocumentKind,
    context: PortalContext,
    *,
    page: Page,
    translator: Translator,
) -> TaskCard:
    title = f"{translator.text(kind.title)} {document.number}"
    amount = document.amount_due if kind.due_means == "payment" else document.total
    formats = translator.formats
    label = translator.text(_WORDS[kind.due_means == "validity"].act)
    return TaskCard(
        title=title,
        pill=_pill(document, kind, context.today, translator),
        reference=document.number,
        text=document.description,
        amount=None if amount is None else formats.money_parts(amount, document.currency),
        links=(
            LinkButton(label=label, url=document_url(page, kind, document.id), is_primary=True),
            LinkButton(
                label=translator.gettext("See all"),
                url=page.url(f"{kind.section}:{kind.path}"),
            ),
        ),
    )


def _pill(document: HomeDocument, kind: DocumentKind, today: date, translator: Translator) -> Pill:
    words = _WORDS[kind.due_means == "validity"]
    if document.due_on is None:
        return Pill(label=translator.text(words.open), tone=Tone.INFO)
    left = (document.due_on - today).days
    days = translator.formats.days(abs(left))
    if left < 0:
        text = translator.text(_OVERDUE) % {"days": days}
        return Pill(label=text, tone=Tone.CRITICAL, icon="alert-triangle")
    text = translator.text(words.later if left else words.today) % {"days": days}
    is_soon = left <= _SOON or kind.due_means == "validity"
    return Pill(label=text, tone=Tone.WARNING if is_soon else Tone.INFO)


def document_url(page: Page, kind: DocumentKind, document_id: str) -> str:
    """Return the address of a document's page."""
    return page.url(f"{kind.section}:{kind.path}.page", id=document_id)
