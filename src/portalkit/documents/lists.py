"""A list of documents as a page shows it: at most three statements, whatever its size."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from portalkit.context import PortalContext
from portalkit.documents.busy import MAX_DOCUMENTS
from portalkit.documents.counts import Age, Count, aging_sums, read_counts
from portalkit.documents.cursors import Cursor, KeyValue, write_cursor
from portalkit.documents.exports import list_exporters
from portalkit.documents.filters import count_branches
from portalkit.documents.frames import ListFrame, Place
from portalkit.documents.pages import Reader, page_route
from portalkit.documents.parameters import ListParameters, read_parameters
from portalkit.documents.queries import (
    COUNT_LIMIT,
    SEARCH_COUNT_LIMIT,
    Found,
    ListPage,
    Neighbour,
    count_documents,
    find_neighbours,
    list_documents,
)
from portalkit.documents.rows import list_rows
from portalkit.documents.views import (
    Aging,
    AgingPart,
    ArchiveMenu,
    ListView,
    bar_spans,
)
from portalkit.errors import InputRefusedError, SignInRequiredError
from portalkit.hooks.types import DocumentKind
from portalkit.model import LazyText, lazy_gettext, lazy_pgettext
from portalkit.rendering.ui import Chip, EmptyState, LinkButton, Pager

__all__ = ("find_list_neighbours", "kinds_of_list", "list_view")

_AGES: Final[tuple[tuple[Age, LazyText], ...]] = (
    ("overdue", lazy_pgettext("amount", "Overdue")),
    ("soon", lazy_gettext("Due within 7 days")),
    ("later", lazy_pgettext("amount", "Later")),
)


async def list_view(reader: Reader, kind: DocumentKind, query: Mapping[str, str]) -> ListView:
    """Return the list of a kind, and of those that are listed with it, for a contact.

    Args:
        reader: Who looks, and with what the page is made.
        kind: Whose list.
        query: The address's parameters.

    Raises:
        InputRefusedError: If a parameter has a value it cannot have.
    """
    return await _List(reader, kind, query).view()


async def find_list_neighbours(
    reader: Reader, found: Found, kind: DocumentKind, query: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """Return the addresses of the documents before and after one, in the list it came from.

    The list's sorting, filter and days stand in the document's address; wrong ones count as
    none.
    """
    listed = reader.portal.kinds[kind.listed_with] if kind.listed_with is not None else kind
    wanted = {name: query[name] for name in ("sort", "status", "from", "to") if name in query}
    try:
        shown = _List(reader, listed, wanted)
    except InputRefusedError:
        shown = _List(reader, listed, {})
    return await shown.neighbours(found)


def kinds_of_list(reader: Reader, kind: DocumentKind) -> tuple[DocumentKind, ...]:
    """Return the kinds that stand in a kind's list for a reader, itself first."""
    kinds, hidden = reader.portal.kinds.values(), reader.restrictions.hidden
    return (
        kind,
        *(each for each in kinds if each.listed_with == kind.name and each.name not in hidden),
    )


def _capped(number: int, limit: int, reader: Reader) -> str:
    text = reader.translator.formats.number(min(number, limit))
    return f"{text}+" if number > limit else text


class _List:
    """A list that is being put together for one reader."""

    def __init__(self, reader: Reader, kind: DocumentKind, query: Mapping[str, str]) -> None:
        if not isinstance(reader.context, PortalContext):
            raise SignInRequiredError
        self._reader = reader
        self._context = reader.context
        self._translator = reader.translator
        self._kind = kind
        self._kinds = kinds_of_list(reader, kind)
        self._parameters = read_parameters(query, self._kinds)
        self._listing = self._parameters.listing(self._kinds)
        self._place = Place(
            path=reader.page.url(f"{kind.section}:{kind.path}"),
            home=reader.page.url("home:home"),
            today=self._context.today,
        )

    @cached_property
    def _frame(self) -> ListFrame:
        return self._reader.portal.frames.of(
            self._listing.kinds, self._parameters, self._place, self._translator
        )

    async def view(self) -> ListView:
        counts = await self._read_counts()
        count, is_counted = await self._count(counts)
        page = await self._read_page(count)
        frame = self._frame
        footer = self._footer(counts) if page.headers and is_counted else ("", ())
        return ListView(
            title=frame.title,
            caption=frame.caption,
            url=self._place.path,
            crumbs=frame.crumbs,
            columns=frame.columns,
            rows=list_rows(
                page.headers,
                columns=self._kind.columns,
                kinds=self._reader.portal.kinds,
                today=self._place.today,
                page=self._reader.page,
                translator=self._translator,
                query=frame.query,
            ),
            chips=self._chips(counts),
            search=frame.search,
            period=frame.period,
            aging=self._aging(counts),
            footer_label=footer[0],
            footer_amounts=footer[1],
            pager=self._pager(page, count) if page.headers else None,
            archive=self._archive(count) if page.headers else None,
            empty=None if page.headers else self._empty(),
        )

    async def neighbours(self, found: Found) -> tuple[str | None, str | None]:
        reader = self._reader
        before, after = await find_neighbours(
            reader.session,
            self._context,
            self._listing,
            found.keys,
            restrictions=reader.restrictions,
        )
        return self._address(before), self._address(after)

    def _address(self, neighbour: Neighbour | None) -> str | None:
        if neighbour is None:
            return None
        kind = self._reader.portal.kinds[neighbour.kind]
        path = self._reader.page.url(page_route(kind), id=neighbour.id)
        return self._parameters.address(path, q=None, size=None)

    async def _read_counts(self) -> list[Count]:
        reader = self._reader
        counts = await read_counts(
            reader.session, self._context, reader.restrictions, reader.portal.kinds
        )
        names = set(self._listing.kinds)
        return [count for count in counts if count.kind in names]

    async def _count(self, counts: Sequence[Count]) -> tuple[int, bool]:
        """Return how many rows there are, and whether the kept counts know it."""
        listing = self._listing
        if listing.search is None and listing.first is None and listing.last is None:
            return sum(each.count for each in count_branches(counts, listing.branches)), True
        reader = self._reader
        number = await count_documents(
            reader.session, self._context, listing, restrictions=reader.restrictions
        )
        return number, False

    async def _read_page(self, count: int) -> ListPage:
        if count == 0:
            return ListPage(headers=(), keys=(), has_more=False)
        parameters, reader = self._parameters, self._reader
        return await list_documents(
            reader.session,
            self._context,
            self._listing,
            restrictions=reader.restrictions,
            size=parameters.size,
            cursor=parameters.cursor,
            offset=parameters.offset,
            count=count,
        )

    def _chips(self, counts: Sequence[Count]) -> tuple[Chip, ...]:
        return tuple(
            Chip(
                label=chip.label,
                url=chip.url,
                count=_capped(
                    sum(count.count for count in count_branches(counts, branches)),
                    COUNT_LIMIT,
                    self._reader,
                ),
                is_current=chip.is_current,
            )
            for chip, branches in zip(self._frame.chips, self._frame.branches, strict=True)
        )

    def _aging(self, counts: Sequence[Count]) -> tuple[Aging, ...]:
        formats, text = self._translator.formats, self._translator.text
        shown = []
        for sums in aging_sums(counts, self._reader.portal.kinds, main=self._context.currency):
            amounts = (sums.overdue, sums.soon, sums.later)
            parts = tuple(
                AgingPart(
                    age=age,
                    label=text(label),
                    amount=formats.money(amount, sums.currency),
                    start=start,
                    width=width,
                )
                for (age, label), amount, (start, width) in zip(
                    _AGES, amounts, bar_spans(amounts), strict=True
                )
                if amount
            )
            shown.append(
                Aging(
                    label=text(lazy_gettext("To pay")),
                    total=formats.money_parts(sums.total, sums.currency),
                    parts=parts,
                )
            )
        return tuple(shown)

    def _footer(self, counts: Sequence[Count]) -> tuple[str, tuple[str, ...]]:
        """Return the total of all rows, the main currency first: the kept counts know it."""
        if not self._kind.has_total:
            return "", ()
        totals: dict[str, int] = {}
        number = 0
        for count in count_branches(counts, self._listing.branches):
            totals[count.currency] = totals.get(count.currency, 0) + count.total
            number += count.count
        formats = self._translator.formats
        label = self._translator.ngettext(
            "Total of one document", "Total of %(num)s documents", number
        ) % {"num": formats.number(number)}
        currencies = sorted(totals, key=lambda each: (each != self._context.currency, each))
        return label, tuple(formats.money(totals[each], each) for each in currencies)

    def _pager(self, page: ListPage, count: int) -> Pager:
        parameters = self._parameters
        number, size, cursor = parameters.page, parameters.size, parameters.cursor
        goes_back = cursor is not None and cursor.side == "b"
        has_next = page.has_more or goes_back
        has_previous = number > 1 and (page.has_more if goes_back else True)
        if goes_back and not page.has_more:
            # What was page two may be the first one by now.
            number = 1
        first = (number - 1) * size + 1
        last = first + len(page.headers) - 1
        limit = COUNT_LIMIT if self._listing.search is None else SEARCH_COUNT_LIMIT
        formats = self._translator.formats
        range_text = self._translator.gettext("%(first)s–%(last)s of %(count)s") % {  # noqa: RUF001
            "first": formats.number(first),
            "last": formats.number(last),
            "count": _capped(max(count, last), limit, self._reader),
        }
        return Pager(
            range_text=range_text,
            previous_url=self._step("b", page.keys[0], number - 1) if has_previous else None,
            next_url=self._step("a", page.keys[-1], number + 1) if has_next else None,
            sizes=self._frame.sizes,
        )

    def _archive(self, count: int) -> ArchiveMenu:
        reader, text, formats = self._reader, self._translator.text, self._translator.formats
        exporters = list_exporters(
            reader.portal, {kind.name for kind in self._kinds}, self._context.active_plugins
        )
        label = self._translator.ngettext(
            "The one document of this list as ZIP", "All %(num)s documents as ZIP", count
        ) % {"num": formats.number(count)}
        return ArchiveMenu(
            url=reader.page.url(page_route(self._kind, "archive")),
            hidden=tuple(self._parameters.fields(size=None).items()),
            formats=(
                ("pdf", "PDF"),
                *((exporter.name, text(exporter.title)) for exporter in exporters),
            ),
            all_label=label if count <= MAX_DOCUMENTS else "",
            most=formats.number(MAX_DOCUMENTS),
        )

    def _step(self, side: str, keys: tuple[KeyValue, ...], number: int) -> str:
        parameters = self._parameters
        if number == 1:
            return parameters.address(self._place.path)
        cursor = Cursor("a" if side == "a" else "b", parameters.sort, keys)
        return parameters.address(self._place.path, page=str(number), cursor=write_cursor(cursor))

    def _empty(self) -> EmptyState:
        text = self._translator.text
        if self._parameters.has_filter or self._parameters.page > 1:
            return EmptyState(
                title=text(lazy_gettext("Nothing matches")),
                text=text(lazy_gettext("No document fits what you are looking for.")),
                icon="search",
                clear_url=ListParameters(
                    sort=self._parameters.sort, size=self._parameters.size
                ).address(self._place.path),
            )
        return EmptyState(
            title=text(lazy_gettext("Nothing here yet")),
            text=text(self._kind.empty_text),
            links=(LinkButton(label=text(lazy_gettext("Home")), url=self._place.home),),
        )
