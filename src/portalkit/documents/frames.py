"""What stands around the rows of a list: heads, filters, search, days, sizes.

None of it depends on documents, so it is made once for each address, language and day, and
kept: most readers look at the same few addresses.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Final, Literal

import msgspec

from portalkit.documents.filters import EVERYTHING, Branch, branches_of
from portalkit.documents.parameters import SIZES, ListParameters
from portalkit.documents.periods import period_menu
from portalkit.documents.views import ListColumn, PeriodMenu, place_columns
from portalkit.hooks.types import DocumentKind
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext, lazy_pgettext
from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import Chip, Choice, SearchBox

__all__ = ("ListFrame", "ListFrames", "Place")

_KEPT: Final = 512
_ASCENDING: Final = lazy_gettext("%(list)s, sorted by %(column)s, ascending")
_DESCENDING: Final = lazy_gettext("%(list)s, sorted by %(column)s, descending")
# Columns whose large values are looked for first are sorted that way by the first click.
_FALLING: Final = frozenset({"issued_on", "total"})


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a list is looked at: its address, the home page's, and the day."""

    path: str
    home: str
    today: date


class ListFrame(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What is the same for all who ask for a list by one address.

    Attributes:
        chips: Without the number of rows behind each, which ``branches`` tell.
        branches: What each chip filters by.
        query: Behind the address of each document, so that it knows its list.
    """

    title: str
    caption: str
    crumbs: tuple[Crumb, ...]
    columns: tuple[ListColumn, ...]
    chips: tuple[Chip, ...]
    branches: tuple[tuple[Branch, ...], ...]
    search: SearchBox
    period: PeriodMenu
    sizes: tuple[Choice, ...]
    query: str


class ListFrames:
    """The frames of a portal's lists."""

    def __init__(self, kinds: Mapping[str, DocumentKind]) -> None:
        """Keep frames of lists of these kinds."""
        self._frame = lru_cache(_KEPT)(partial(_frame, kinds))

    def of(
        self,
        names: tuple[str, ...],
        parameters: ListParameters,
        place: Place,
        translator: Translator,
    ) -> ListFrame:
        """Return the frame of a list.

        Args:
            names: Of the kinds in it; it is called after the first one.
            parameters: What the address asks for.
            place: Where and when.
            translator: Of the reader's language.
        """
        return self._frame(names, parameters, place, translator)


def _frame(
    kinds: Mapping[str, DocumentKind],
    names: tuple[str, ...],
    parameters: ListParameters,
    place: Place,
    translator: Translator,
) -> ListFrame:
    listed = [kinds[name] for name in names]
    kind, path, text = listed[0], place.path, translator.text
    title = text(kind.plural)
    return ListFrame(
        title=title,
        caption=_caption(kind, parameters, translator),
        crumbs=(Crumb(label=text(lazy_gettext("Home")), url=place.home), Crumb(label=title)),
        columns=_columns(kind, parameters, path, translator),
        chips=_chips(kind, parameters, path, translator),
        branches=(EVERYTHING, *(branches_of(each, listed) for each in kind.filters)),
        search=_search_box(title, parameters, path, translator),
        period=period_menu(parameters, path, place.today, translator),
        sizes=_sizes(parameters, path, translator),
        query=parameters.address("", q=None, size=None),
    )


def _caption(kind: DocumentKind, parameters: ListParameters, translator: Translator) -> str:
    text = translator.text
    column = next(each for each in kind.columns if each.name == parameters.column)
    message = text(_DESCENDING if parameters.is_descending else _ASCENDING)
    return message % {"list": text(kind.plural), "column": text(column.label)}


def _columns(
    kind: DocumentKind, parameters: ListParameters, path: str, translator: Translator
) -> tuple[ListColumn, ...]:
    shown = []
    direction: Literal["ascending", "descending"] = (
        "descending" if parameters.is_descending else "ascending"
    )
    for column, place in zip(kind.columns, place_columns(kind.columns), strict=True):
        is_current = column.name == parameters.column
        sign = "-" if column.sort in _FALLING else ""
        if is_current:
            sign = "" if parameters.is_descending else "-"
        sort_url = parameters.address(path, sort=f"{sign}{column.name}")
        shown.append(
            ListColumn(
                name=column.name,
                label=translator.text(column.label),
                place=place,
                sort_url=None if column.sort is None else sort_url,
                direction=direction if is_current else None,
                align=column.align,
            )
        )
    return tuple(shown)


def _chips(
    kind: DocumentKind, parameters: ListParameters, path: str, translator: Translator
) -> tuple[Chip, ...]:
    named = [("", lazy_pgettext("filter", "All")), *((f.name, f.label) for f in kind.filters)]
    return tuple(
        Chip(
            label=translator.text(label),
            url=parameters.address(path, status=name),
            is_current=name == parameters.status,
        )
        for name, label in named
    )


def _search_box(
    title: str, parameters: ListParameters, path: str, translator: Translator
) -> SearchBox:
    text = translator.text
    return SearchBox(
        url=path,
        label=text(lazy_gettext("Search in %(list)s")) % {"list": title.lower()},
        placeholder=text(lazy_gettext("Number or description")),
        query=parameters.query,
        hidden=tuple(parameters.fields(q=None).items()),
    )


def _sizes(parameters: ListParameters, path: str, translator: Translator) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            label=translator.formats.number(size),
            url=parameters.address(path, size=str(size)),
            is_current=size == parameters.size,
        )
        for size in SIZES
    )
