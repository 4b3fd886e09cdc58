"""The rows of a list, formatted: what is the same in every row is worked out once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
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
_Address = tuple[str, str, str, str]

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
        self._addresses: dict[str, _Address] = {}
        self._writers = [
            self._writer(column, place)
            for column, place in zip(columns, place_columns(columns), strict=True)
        ]

    def rows(self, headers: Sequence[DocumentHeader]) -> tuple[ListRow, ...]:
        return tuple(self._row(header) for header in headers)

    def _row(self, header: DocumentHeader) -> ListRow:
        before, after, before_pdf, after_pdf = self._address(header.kind)
        return ListRow(
            url=f"{before}{header.id}{after}",
            id=header.id,
            number=header.number,
            cells=tuple([write(header) for write in self._writers]),
            is_quiet=self._pill(header).is_calm,
            pdf_url=f"{before_pdf}{header.id}{after_pdf}",
        )

    def _address(self, kind_name: str) -> _Address:
        """Return what stands around the id in the addresses of a kind's pages and PDFs."""
        known = self._addresses.get(kind_name)
        if known is None:
            kind, url = self._kinds[kind_name], self._page.url
            page = url(page_route(kind), id=_ANY_ID).partition(_ANY_ID)
            pdf = url(page_route(kind, "pdf"), id=_ANY_ID, download="1").partition(_ANY_ID)
            known = (page[0], page[2] + self._query, pdf[0], pdf[2])
            self._addresses[kind_name] = known
        return known

    def _writer(self, column: Column, place: str) -> _Writer:
        """Return what writes the cells of a column; rows that agree share a cell."""
        value: Callable[[DocumentHeader], Any] = column.value
        match column.format:
            case "money":
                return lambda header: self._money(header, value(header), place)
            case "status":
                return _shared(self._state, lambda header: self._status(header, place))
            case "date":
                return _shared(value, lambda header: self._day(value(header), place))
            case "kind":
                return _shared(value, lambda header: self._title(value(header), place))
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

    def _day(self, value: date | None, place: str) -> Cell:
        if value is None:
            return Cell("date", "", place)
        return Cell("date", self._translator.formats.date(value), place, value.isoformat())

    def _title(self, value: str, place: str) -> Cell:
        kind = self._kinds.get(value)
        return Cell("kind", value if kind is None else self._translator.text(kind.title), place)

    def _number(self, value: Decimal | int | None, place: str) -> Cell:
        text = "" if value is None else self._translator.formats.number(value)
        return Cell("number", text, place)

    def _status(self, header: DocumentHeader, place: str) -> Cell:
        pill = self._pill(header)
        return Cell("status", pill.label, place, pill=pill)

    def _state(self, header: DocumentHeader) -> tuple[str, str, bool]:
        is_past = header.due_on is not None and header.due_on < self._today
        return header.kind, header.status, is_past

    def _pill(self, header: DocumentHeader) -> Pill:
        state = self._state(header)
        pill = self._pills.get(state)
        if pill is None:
            pill = state_pill(header, self._kinds[header.kind], self._today, self._translator)
            self._pills[state] = pill
        return pill


def _shared(key: Callable[[DocumentHeader], Any], make: _Writer) -> _Writer:
    """Make a cell only for the first row of each key."""
    cells: dict[Any, Cell] = {}

    def write(header: DocumentHeader) -> Cell:
        wanted = key(header)
        cell = cells.get(wanted)
        if cell is None:
            cell = cells[wanted] = make(header)
        return cell

    return write


def _text(value: object) -> str:
    return "" if value is None else str(value)
