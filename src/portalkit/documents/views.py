"""What the list and the page of documents show; ``core/documents/*.html`` place it.

Every text is already in the reader's language, every amount and date formatted.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from portalkit.hooks.types import Column
from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import Chip, Choice, EmptyState, MoneyParts, Pager, Pill, SearchBox

__all__ = (
    "ActionButton",
    "Aging",
    "AgingPart",
    "ArchiveMenu",
    "AttachmentLink",
    "Cell",
    "ChainStep",
    "DocumentLink",
    "DocumentView",
    "FormatLink",
    "HistoryItem",
    "ListColumn",
    "ListRow",
    "ListView",
    "PeriodMenu",
    "RefusalView",
    "bar_spans",
    "place_columns",
)

# Where a column goes on the card of a phone, by its format; the first of each format wins.
_CARD_PLACES: Final = {"link": "a", "money": "b", "text": "c", "date": "d", "status": "e"}
_BAR_GAP: Final = 0.4


class ListColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a list.

    Attributes:
        sort_url: Address that sorts by it (the other way if it is current), if it can be.
        direction: How the list is sorted by it now.
        place: Letter of its place on a phone's card (``-`` for none) and its priority: ``b1``;
            see ``place_columns``.
    """

    name: str
    label: str
    place: str
    sort_url: str | None = None
    direction: Literal["ascending", "descending"] | None = None
    align: Literal["start", "end"] = "start"


class Cell(NamedTuple):
    """What stands in one column of one row; a tuple, so that templates take it apart at once.

    Attributes:
        format: How it is set; ``link`` is the row's own link (once a row, the number).
        text: Empty shows a dash.
        place: That of the cell's column.
        machine: ISO 8601 date behind a date.
        pill: For ``status``.
        note: Second line, small: "1.345,67 € left".
    """

    format: Literal["text", "date", "money", "status", "kind", "number", "link"]
    text: str
    place: str
    machine: str | None = None
    pill: Pill | None = None
    note: str | None = None


class ListRow(msgspec.Struct, frozen=True, kw_only=True):
    """A document in a list.

    Attributes:
        id: Of the document, where rows can be chosen.
        number: Names the row in what is read aloud.
        is_quiet: Nothing is expected any more (paid, cancelled): set calmer.
        pdf_url: ``None`` leaves the link out.
    """

    url: str
    number: str
    cells: tuple[Cell, ...]
    id: str = ""
    is_quiet: bool = False
    pdf_url: str | None = None


class AgingPart(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the bar: its share is ``width`` percent from ``start`` percent."""

    age: Literal["overdue", "soon", "later"]
    label: str
    amount: str
    start: float
    width: float


class Aging(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed in one currency, by age; shown above a list of invoices."""

    label: str
    total: MoneyParts
    parts: tuple[AgingPart, ...]


class PeriodMenu(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of dates: ready-made ones, and a form by GET with ``from`` and ``to``.

    Attributes:
        label: What is chosen now.
        is_active: Something else than "all dates" is chosen.
        date_from: ISO date or empty.
        date_to: ISO date or empty.
    """

    label: str
    options: tuple[Choice, ...]
    url: str
    hidden: tuple[tuple[str, str], ...] = ()
    date_from: str = ""
    date_to: str = ""
    error: str | None = None
    is_active: bool = False


class ArchiveMenu(msgspec.Struct, frozen=True, kw_only=True):
    """Documents of a list as one file: the chosen ones, or all.

    Attributes:
        url: Takes ids of documents (``id``) or ``all`` with ``hidden``, and ``format``.
        hidden: Parameters of the list.
        formats: Value and label; PDF is the first.
        all_label: "All 39 documents"; empty where they are too many for one file.
        most: The most that fit into one.
    """

    url: str
    hidden: tuple[tuple[str, str], ...]
    formats: tuple[tuple[str, str], ...]
    all_label: str
    most: str


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """A list of documents.

    Attributes:
        caption: Says what the table shows and in which order; read aloud, not shown.
        aging: One for each currency in which something is owed.
        footer_label: "Total of 39 rows"; empty hides the footer.
        footer_amounts: One for each currency.
        empty: Given when there are no rows.
    """

    title: str
    caption: str
    url: str
    crumbs: tuple[Crumb, ...]
    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    subtitle: str | None = None
    chips: tuple[Chip, ...] = ()
    search: SearchBox | None = None
    period: PeriodMenu | None = None
    aging: tuple[Aging, ...] = ()
    footer_label: str = ""
    footer_amounts: tuple[str, ...] = ()
    pager: Pager | None = None
    archive: ArchiveMenu | None = None
    empty: EmptyState | None = None


class ActionButton(msgspec.Struct, frozen=True, kw_only=True):
    """A button that posts.

    Attributes:
        confirm: Asked before; the button then opens the question.
        template: Template with the fields of the action's form; it gets ``action``.
        values: Typed values by field, after an error.
        errors: Sentences by field, after an error; ``""`` concerns the whole form.
        request_key: Goes along as ``request_key``, so that sending twice acts once.
    """

    name: str
    label: str
    url: str
    icon: str = "check"
    style: Literal["primary", "default", "danger"] = "default"
    confirm: str | None = None
    template: str | None = None
    values: Mapping[str, str] = {}
    errors: Mapping[str, str] = {}
    request_key: str | None = None


class DocumentLink(msgspec.Struct, frozen=True, kw_only=True):
    """A thing to do that is a link: PDF, print, another format.

    Attributes:
        short_label: For the narrow row of a phone; ``label`` when left out.
        note: At the end of the line: "84 KB".
        is_download: The browser saves it and stays on the page.
        is_print: With script the page prints itself; without, ``url`` is the printed view.
    """

    label: str
    url: str
    icon: str
    short_label: str | None = None
    note: str | None = None
    is_download: bool = False
    is_print: bool = False


class FormatLink(msgspec.Struct, frozen=True, kw_only=True):
    """Another format of the document.

    Attributes:
        reasons: Why it cannot be had in it, as far as that is known at a glance.
    """

    label: str
    url: str
    reasons: tuple[str, ...] = ()


class AttachmentLink(msgspec.Struct, frozen=True, kw_only=True):
    """A file that belongs to the document; ``note`` is what it is and its size."""

    filename: str
    url: str
    note: str
    icon: str = "paperclip"


class HistoryItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: "3 days ago", with the exact moment in the title.

    Attributes:
        note: Words of whoever did it.
    """

    icon: str
    text: str
    note: str = ""
    moment: str
    exact: str
    machine: str


class ChainStep(msgspec.Struct, frozen=True, kw_only=True):
    """A linked document, in the order of the trade (quote, order, delivery note, invoice).

    Attributes:
        text: Number of the document, or when it will come ("on acceptance").
        url: ``None`` for the document itself and for what has not arrived.
    """

    label: str
    text: str
    url: str | None = None
    date: str | None = None
    state: Literal["done", "current", "todo"] = "done"


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """A document's page, around the sheet.

    Attributes:
        url: Its own address.
        kind_title: "Quote"; together with ``number`` the heading.
        position: "1 of 2 to answer"; empty if one did not come from a list.
        amount: ``None`` where no money belongs on the document.
        amount_label: What the amount is ("Left to pay"); empty if it is the total.
        amount_note: Second line: "of 1.945,67 €".
        due_text: "Valid until 5 Dec, 11 days left".
        confirm_url: Where whoever came by a link asks for the code that lets them act.
        formats: What else it can be downloaded as, beside the PDF among ``links``.
    """

    url: str
    kind_title: str
    number: str
    crumbs: tuple[Crumb, ...]
    state: Pill
    subtitle: str = ""
    position: str = ""
    previous_url: str | None = None
    next_url: str | None = None
    amount: MoneyParts | None = None
    amount_label: str = ""
    amount_note: str = ""
    due_text: str = ""
    actions: tuple[ActionButton, ...] = ()
    confirm_url: str | None = None
    links: tuple[DocumentLink, ...] = ()
    formats: tuple[FormatLink, ...] = ()
    attachments: tuple[AttachmentLink, ...] = ()
    history: tuple[HistoryItem, ...] = ()
    chain: tuple[ChainStep, ...] = ()


class RefusalView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a document cannot be had in a format.

    Attributes:
        format: Title of the format.
        url: Of the document's page.
    """

    kind_title: str
    number: str
    format: str
    reasons: tuple[str, ...]
    crumbs: tuple[Crumb, ...]
    url: str
    pdf_url: str


def place_columns(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the ``place`` of each column: letter of the phone's card and priority."""
    taken: set[str] = set()
    places = []
    for column in columns:
        letter = _CARD_PLACES.get(column.format, "-")
        if letter in taken or column.priority > 1:
            letter = "-"
        taken.add(letter)
        places.append(f"{letter}{min(column.priority, 4)}")
    return tuple(places)


def bar_spans(amounts: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """Return start and width in percent of each part of a bar, with a hairline between them.

    Amounts that are not positive get no width.
    """
    whole = sum(amount for amount in amounts if amount > 0)
    shown = sum(1 for amount in amounts if amount > 0)
    room = 100 - _BAR_GAP * max(shown - 1, 0)
    start = 0.0
    spans = []
    for amount in amounts:
        width = room * amount / whole if amount > 0 else 0.0
        spans.append((round(start, 2), round(width, 2)))
        start += width + _BAR_GAP if width else 0.0
    return tuple(spans)
