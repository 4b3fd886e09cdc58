"""The rows of a list, formatted: what is the same in every row is worked out once."""

from collections.abc import Mapping, Sequence
from datetime import date
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
    writer = _RowWriter(kinds, today=today, page=page, translator=translator, query=query)
    places = place_columns(columns)
    return tuple(writer.row(header, columns, places) for header in headers)


class _RowWriter:
    """Writes rows in one language on one day."""

    def __init__(
        self,
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
        self._addresses: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {}
        self._titles = {name: translator.text(kind.title) for name, kind in kinds.items()}

    def row(
        self, header: DocumentHeader, columns: Sequence[Column], places: Sequence[str]
    ) -> ListRow:
        page, pdf = self._address(header)
        return ListRow(
            url=page,
            number=header.number,
            cells=tuple(
                self._cell(header, column, place)
                for column, place in zip(columns, places, strict=True)
            ),
            is_quiet=self._pill(header).is_calm,
            pdf_url=pdf,
        )

    def _address(self, header: DocumentHeader) -> tuple[str, str]:
        known = self._addresses.get(header.kind)
        if known is None:
            kind = self._kinds[header.kind]
            page = self._page.url(page_route(kind), id=_ANY_ID).partition(_ANY_ID)
            pdf = self._page.url(page_route(kind, "pdf"), id=_ANY_ID, download="1")
            before, _, after = pdf.partition(_ANY_ID)
            known = (page[0], page[2] + self._query), (before, after)
            self._addresses[header.kind] = known
        (head, tail), (pdf_head, pdf_tail) = known
        return f"{head}{header.id}{tail}", f"{pdf_head}{header.id}{pdf_tail}"

    def _cell(self, header: DocumentHeader, column: Column, place: str) -> Cell:
        value: Any = column.value(header)
        match column.format:
            case "money":
                return self._money(header, value, place)
            case "status":
                pill = self._pill(header)
                return Cell(format="status", text=pill.label, place=place, pill=pill)
            case "date" if value is not None:
                text, machine = self._translator.formats.date(value), value.isoformat()
                return Cell(format="date", text=text, place=place, machine=machine)
            case "kind":
                text = self._titles.get(value, value)
            case "number" if value is not None:
                text = self._translator.formats.number(value)
            case _:
                text = "" if value is None else str(value)
        return Cell(format=column.format, text=text, place=place)

    def _money(self, header: DocumentHeader, value: int | None, place: str) -> Cell:
        if value is None:
            return Cell(format="money", text="", place=place)
        formats = self._translator.formats
        note = None
        due = header.amount_due
        if due and due != value and has_ledger(self._kinds[header.kind]):
            note = self._left % {"amount": formats.money(due, header.currency)}
        text = formats.money(value, header.currency)
        return Cell(format="money", text=text, place=place, note=note)

    def _pill(self, header: DocumentHeader) -> Pill:
        is_past = header.due_on is not None and header.due_on < self._today
        key = (header.kind, header.status, is_past)
        pill = self._pills.get(key)
        if pill is None:
            pill = state_pill(header, self._kinds[header.kind], self._today, self._translator)
            self._pills[key] = pill
        return pill
