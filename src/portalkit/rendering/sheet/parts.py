"""What stands on a sheet: texts in the reader's language, amounts and dates formatted.

A text is either plain (templates escape it) or a ``Markup`` with nothing but a ``<bdi>``
around the escaped text; only ``SheetWriter.value`` makes those.
"""

from collections.abc import Callable
from typing import Literal

import msgspec
from markupsafe import Markup

__all__ = (
    "SheetAnswer",
    "SheetColumn",
    "SheetFiscal",
    "SheetGroup",
    "SheetHead",
    "SheetLines",
    "SheetNote",
    "SheetPair",
    "SheetParty",
    "SheetPayment",
    "SheetReception",
    "SheetRow",
    "SheetSums",
    "SheetTax",
    "SheetTotal",
    "SheetView",
)


class SheetPair(msgspec.Struct, frozen=True):
    """A label and what stands beside or below it."""

    label: str
    value: str


class SheetParty(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the document: the role is the label, the lines are the address."""

    role: str
    name: str
    lines: tuple[str, ...] = ()


class SheetColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the lines, after the first one, which holds the item.

    Attributes:
        key: Also the suffix of its width class ``sheet-c-<key>``.
        short: Label on a phone, where a row becomes a card; empty for none.
        use: ``sum`` is the amount of the row, ``fill`` is left for a pen.
        is_wide: Some cell needs more than the usual width.
    """

    key: Literal["code", "qty", "price", "pct", "amount", "box"]
    label: str
    short: str = ""
    is_numeric: bool = True
    use: Literal["plain", "sum", "fill"] = "plain"
    is_wide: bool = False


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the lines.

    Attributes:
        kind: ``text`` runs over all columns; ``subtotal`` is set heavier.
        details: Small lines below the name.
        cells: One for each column.
        level: How deep it lies in a bundle, from 0.
        brought: Running subtotal before this row, with its label; empty if there is none.
        carry: Running subtotal after this row, with its label.
    """

    kind: Literal["item", "text", "subtotal"] = "item"
    name: str
    details: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    level: int = 0
    brought: str = ""
    carry: str = ""


class SheetGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under one heading; optional ones are not in the totals."""

    label: str = ""
    is_optional: bool = False
    rows: tuple[SheetRow, ...] = ()


class SheetTax(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the tax table."""

    label: str
    base: str
    amount: str


class SheetTotal(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the totals; the one that counts in the end is set heaviest."""

    label: str
    amount: str
    is_payable: bool = False


class SheetPayment(msgspec.Struct, frozen=True, kw_only=True):
    """How to pay.

    Attributes:
        qr: An SVG element that a bank's app reads, with its own description.
        text: What to do with the QR, or terms in words.
        instalments: When which part is due.
    """

    title: str
    pairs: tuple[SheetPair, ...]
    qr: Markup | None = None
    text: str = ""
    instalments: tuple[SheetPair, ...] = ()


class SheetNote(msgspec.Struct, frozen=True, kw_only=True):
    """Words below the totals; ``points`` are numbered."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    is_legal: bool = False


class SheetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who accepted the document, with the evidence.

    Attributes:
        signature_url: Picture of the drawn signature, if there is one.
    """

    title: str
    name: str
    role: str
    pairs: tuple[SheetPair, ...]
    signature_url: str | None = None
    signature_alt: str = ""


class SheetReception(msgspec.Struct, frozen=True, kw_only=True):
    """Lines on which whoever receives the goods writes by hand."""

    title: str
    text: str
    fields: tuple[str, ...]


class SheetHead(msgspec.Struct, frozen=True, kw_only=True):
    """What the document is, whose it is, and what repeats on every page.

    Attributes:
        kind: Name of the document in the reader's language ("Invoice").
        title: Of the whole document: kind, number and business.
        running: What stands at the head of the second page and the ones after it.
        folio: Words before, between and after the two page numbers.
    """

    kind: str
    number: str
    title: str
    running: str
    folio: tuple[str, str, str]
    business: str
    author: str
    logo_url: str | None
    logo_alt: str
    imprint: str


class SheetFiscal(msgspec.Struct, frozen=True, kw_only=True):
    """The QR of the tax office: an SVG element with its own description, and the texts by law."""

    label: str
    qr: Markup
    note: str


class SheetLines(msgspec.Struct, frozen=True, kw_only=True):
    """The table of lines.

    Attributes:
        caption: Says what the table is, for those who cannot see it.
        has_carry: Running subtotals stand on every row.
        brought_to_totals: What the last page repeats when only the totals are on it.
    """

    caption: str
    item_label: str
    columns: tuple[SheetColumn, ...]
    groups: tuple[SheetGroup, ...]
    has_prices: bool
    has_carry: bool
    brought_to_totals: str


class SheetSums(msgspec.Struct, frozen=True, kw_only=True):
    """Taxes and totals.

    Attributes:
        heads: Labels of the tax table: tax, taxable amount, tax amount.
        notes: Why tax is not charged.
    """

    heads: tuple[str, str, str]
    taxes: tuple[SheetTax, ...]
    notes: tuple[str, ...]
    totals: tuple[SheetTotal, ...]


class SheetView(msgspec.Struct, frozen=True, kw_only=True):
    """A document as the sheet shows it; ``core/documents/sheet_body.html`` places it.

    Attributes:
        level: Of the heading: 1 where the sheet is the whole page, 2 inside a page.
        is_paged: For paper, with running heads and page numbers.
        references: Label and value, in rows of at most four (three beside a fiscal QR).
        sums: ``None`` where no money belongs on the document.
        without_prices: Makes the same sheet as if no money belonged on it, for a template that
            is to show none: ``{% set sheet = sheet.without_prices() %}``.
        facts: What belongs to the goods as a whole (packages, weight).
        notes: Before the answer and the reception; ``closing`` after them.
    """

    language: str
    direction: Literal["ltr", "rtl"]
    level: int
    is_paged: bool
    head: SheetHead
    references: tuple[tuple[SheetPair, ...], ...]
    parties: tuple[tuple[SheetParty, ...], ...]
    about: tuple[str, ...]
    fiscal: SheetFiscal | None
    lines: SheetLines
    sums: SheetSums | None
    facts: tuple[tuple[SheetPair, ...], ...]
    payment: SheetPayment | None
    notes: tuple[SheetNote, ...]
    answer: SheetAnswer | None
    reception: SheetReception | None
    closing: tuple[SheetNote, ...]
    without_prices: Callable[[], "SheetView"]
