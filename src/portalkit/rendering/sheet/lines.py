"""The lines of a sheet: sections, bundles, optional lines, and running subtotals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from portalkit.hooks.types import DocumentKind
from portalkit.model import DocumentBody, Line, LineKind
from portalkit.rendering.sheet.columns import LineColumn, line_columns, with_widths
from portalkit.rendering.sheet.details import line_details
from portalkit.rendering.sheet.parts import SheetGroup, SheetLines, SheetRow
from portalkit.rendering.sheet.writer import SheetWriter

__all__ = ("sheet_lines",)

_GAP: Final = "\N{NO-BREAK SPACE}" * 3
_MAX_DEPTH: Final = 4
_ROW_KINDS: Final[Mapping[LineKind, Literal["item", "text", "subtotal"]]] = {
    LineKind.ITEM: "item",
    LineKind.SUBTOTAL: "subtotal",
    LineKind.TEXT: "text",
    LineKind.SECTION: "text",
}


def sheet_lines(
    writer: SheetWriter, body: DocumentBody, kind: DocumentKind, *, title: str, is_paged: bool
) -> SheetLines:
    """Return the rows of a document with the columns they fill.

    The running subtotal adds the amounts that the lines state. If one line states none, there
    is no subtotal to carry, since a part of it would be made up.
    """
    items = [line for line in _walk(body.lines) if line.kind is LineKind.ITEM]
    columns = line_columns(writer, items, kind, is_paged=is_paged)
    table = _Table(writer, columns, _summed(body.lines))
    for line in body.lines:
        table.add(line)
    groups = table.finished()
    rows = [row for group in groups for row in group.rows]
    has_prices = any(item.column.key in {"price", "amount"} for item in columns)
    return SheetLines(
        caption=writer.gettext("Lines of %(document)s", document=title),
        item_label=writer.gettext("Description") if has_prices else writer.gettext("Item"),
        has_prices=has_prices,
        columns=with_widths(columns, rows),
        groups=groups,
        has_carry=table.has_carry,
        brought_to_totals=table.brought(table.total) if table.has_carry else "",
    )


def _walk(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from _walk(line.lines)


def _summed(lines: Sequence[Line]) -> frozenset[int]:
    """Return the identities of the lines that make the sum; none if one states no amount."""
    counted = [line for line in _top(lines) if line.kind is LineKind.ITEM and not line.is_optional]
    if any(line.net_amount is None for line in counted):
        return frozenset()
    return frozenset(map(id, counted))


def _top(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines whose amounts make the sum: a bundle's own, a section's content."""
    for line in lines:
        if line.kind is LineKind.SECTION or (line.net_amount is None and line.lines):
            yield from _top(line.lines)
        else:
            yield line


class _Table:
    """Puts rows into groups, one line after the other."""

    def __init__(
        self, writer: SheetWriter, columns: Sequence[LineColumn], counted: frozenset[int]
    ) -> None:
        self._writer = writer
        self._counted = counted
        self._columns = columns
        self._has_prices = any(item.column.key in {"price", "amount"} for item in columns)
        self._has_lots = any(item.column.key == "code" for item in columns)
        has_amounts = any(item.column.key == "amount" for item in columns)
        self.has_carry = bool(counted) and has_amounts
        self.total = 0
        self._groups: list[SheetGroup] = []
        self._rows: list[SheetRow] = []
        self._label = ""
        self._is_optional = False

    def add(self, line: Line, level: int = 0) -> None:
        """Add a line and what lies in it."""
        if line.kind is LineKind.SECTION:
            self._close()
            self._label = self._writer.value(line.item.name)
            self._is_optional = False
            for text in self._writer.lines(line.item.description):
                self._rows.append(SheetRow(kind="text", name=text))
            for inner in line.lines:
                self.add(inner, level)
            return
        if level == 0:
            self._turn(is_optional=line.is_optional)
        self._rows.append(self._row(line, level))
        for inner in line.lines:
            self.add(inner, min(level + 1, _MAX_DEPTH))

    def finished(self) -> tuple[SheetGroup, ...]:
        """Return all groups."""
        self._close()
        return tuple(self._groups)

    def brought(self, amount: int) -> str:
        """Return a running subtotal as the next page begins with it."""
        words = self._writer.gettext("Brought forward")
        return f"{words}{_GAP}{self._writer.money(amount)}"

    def _turn(self, *, is_optional: bool) -> None:
        """Begin another group where lines become optional or stop being so."""
        if is_optional == self._is_optional:
            return
        label = self._label if not self._rows else ""
        if self._rows:
            self._close()
        self._is_optional = is_optional
        if is_optional:
            words = self._writer.gettext("Optional, not included in the total")
            label = self._writer.joined([label, words])
        self._label = label

    def _close(self) -> None:
        if self._rows or self._label:
            self._groups.append(
                SheetGroup(label=self._label, is_optional=self._is_optional, rows=tuple(self._rows))
            )
        self._rows, self._label = [], ""

    def _row(self, line: Line, level: int) -> SheetRow:
        brought = carry = ""
        if self.has_carry:
            brought = self.brought(self.total) if self.total else ""
            if id(line) in self._counted:
                self.total += line.net_amount or 0
            words = self._writer.gettext("Carried forward")
            carry = f"{words}{_GAP}{self._writer.money(self.total)}"
        details: tuple[str, ...] = self._writer.lines(line.item.description)
        if line.kind is LineKind.ITEM:
            details = line_details(
                self._writer, line, has_prices=self._has_prices, has_lot_column=self._has_lots
            )
        return SheetRow(
            kind=_ROW_KINDS[line.kind],
            name=self._writer.value(line.item.name),
            details=details,
            cells=()
            if line.kind is LineKind.TEXT
            else tuple(item.write(line) for item in self._columns),
            level=level,
            brought=brought,
            carry=carry,
        )
