"""The rows of a list, formatted: what is the same in every row is worked out once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

from portalkit.documents.pages import page_route, state_pill
from portalkit.documents.statuses import has_ledger
from portalkit.documents.views import Cell, ListRow, place_columns
from portalkit.hooks.types import Column, DocumentKind
from portalkit.i18n import Translator
from portalkit.model import DocumentHeader
from portalkit.rendering.page import Page
from portalkit.rendering.ui import Pill

__all__ = ("list_rows",)

_Writer = Callable[[DocumentHeader], Cell]

# Stands for the id while an address is made that all rows of a kind share.
_ANY_ID: Final = "00000000-0000-7000-8000-000000000000"


def list_rows(
    headers: Sequence[DocumentHeader],
    *,
    columns: Sequence[Column],
    kinds: Mapping[str, DocumentKind],
    today: date,
    page: Page,
    translator: Translator,
    query: str = "",
) -> tuple[ListRow, ...]:
    """Return the rows of a list.

    Args:
        headers: The documents.
        columns: What is shown of them.
        kinds: Registered kinds by name.
        today: Decides what is overdue.
        page: Makes the addresses.
        translator: Of the reader's language.
        query: Put behind the address of each document: the list it came from.
    """
    return _RowWriter(
        columns, kinds, today=today, page=page, translator=translator, query=query
    ).rows(headers)


class _RowWriter:
    """Writes rows in one language on one day."""

    def __init__(
        self,
        columns: Sequence[Column],
        kinds: Mapping[str, DocumentKind],
        *,
        today: date,
        page: Page,
        translator: Translator,
        query: str,
    ) -> None:
        self._kinds = kinds
        self._today = today
        self._page = page
        self._translator = translator
        self._query = query
        self._left = translator.gettext("%(amount)s left")
        self._pills: dict[tuple[str, str, bool], Pill] = {}
        self._addresses = cache(self._make_addresses)
        self._writers = [
            self._writer(column, place)
            for column, place in zip(columns, place_columns(columns), strict=True)
        ]

    def rows(self, headers: Sequence[DocumentHeader]) -> tuple[ListRow, ...]:
        return tuple(self._row(header) for header in headers)

    def _row(self, header: DocumentHeader) -> ListRow:
        (head, tail), (pdf_head, pdf_tail) = self._addresses(header.kind)
        return ListRow(
            url=f"{head}{header.id}{tail}",
            number=header.number,
            cells=tuple([write(header) for write in self._writers]),
            is_quiet=self._pill(header).is_calm,
            pdf_url=f"{pdf_head}{header.id}{pdf_tail}",
        )

    def _make_addresses(self, kind_name: str) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return the addresses of a kind's pages and PDFs, each as what stands around the id."""
        kind = self._kinds[kind_name]
        page = self._page.url(page_route(kind), id=_ANY_ID).partition(_ANY_ID)
        pdf = self._page.url(page_route(kind, "pdf"), id=_ANY_ID, download="1").partition(_ANY_ID)
        return (page[0], page[2] + self._query), (pdf[0], pdf[2])

    def _writer(self, column: Column, place: str) -> _Writer:
        """Return what writes the cells of a column."""
        value: Callable[[DocumentHeader], Any] = column.value
        match column.format:
            case "money":
                return lambda header: self._money(header, value(header), place)
            case "status":
                status = cache(lambda pill: Cell("status", pill.label, place, pill=pill))
                return lambda header: status(self._pill(header))
            case "date":
                day = cache(partial(self._day, place))
                return lambda header: day(value(header))
            case "kind":
                kind = cache(partial(self._kind, place))
                return lambda header: kind(value(header))
            case "number":
                return lambda header: self._number(value(header), place)
            case _:
                return lambda header: Cell(column.format, _text(value(header)), place)

    def _money(self, header: DocumentHeader, value: int | None, place: str) -> Cell:
        if value is None:
            return Cell("money", "", place)
        formats = self._translator.formats
        note = None
        due = header.amount_due
        if due and due != value and has_ledger(self._kinds[header.kind]):
            note = self._left % {"amount": formats.money(due, header.currency)}
        return Cell("money", formats.money(value, header.currency), place, note=note)

    def _day(self, place: str, value: date | None) -> Cell:
        if value is None:
            return Cell("date", "", place)
        return Cell("date", self._translator.formats.date(value), place, value.isoformat())

    def _kind(self, place: str, value: str) -> Cell:
        kind = self._kinds.get(value)
        return Cell("kind", value if kind is None else self._translator.text(kind.title), place)

    def _number(self, value: Decimal | int | None, place: str) -> Cell:
        text = "" if value is None else self._translator.formats.number(value)
        return Cell("number", text, place)

    def _pill(self, header: DocumentHeader) -> Pill:
        is_past = header.due_on is not None and header.due_on < self._today
        key = (header.kind, header.status, is_past)
        pill = self._pills.get(key)
        if pill is None:
            pill = state_pill(header, self._kinds[header.kind], self._today, self._translator)
            self._pills[key] = pill
        return pill


def _text(value: object) -> str:
    return "" if value is None else str(value)
