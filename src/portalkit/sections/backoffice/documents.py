"""The documents of all contacts, for staff to find."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import StaffContext
from portalkit.documents.statuses import shown_status
from portalkit.documents.views import Cell, ListColumn, ListRow, ListView
from portalkit.hooks import DocumentKind, Tone
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Crumb, Page
from portalkit.rendering.ui import Chip, EmptyState, Pill, SearchBox
from portalkit.sections.backoffice.document_queries import (
    COUNT_LIMIT,
    DocumentEntry,
    DocumentWish,
    count_documents,
    list_documents,
)
from portalkit.sections.backoffice.paging import numbered_pager
from portalkit.web.portal import RunningPortal

__all__ = ("DOCUMENT_LIST_ROUTES",)

_PAGE_SIZE: Final = 50
# Deeper pages are slow on every database; the search finds a document faster.
_MAX_PAGE: Final = 200
# Columns and their places on a phone's card.
_PLACES: Final = ("d1", "a1", "-2", "c1", "e1", "b1")


def _address(page: Page, wish: DocumentWish, **changes: Any) -> str:
    """Return the address of the list with some of it changed; page 1 unless it says so."""
    wish = msgspec.structs.replace(wish, **({"number": 1} | changes))
    return page.url(
        "backoffice:documents",
        q=wish.q or None,
        kind=wish.kind or None,
        contact=wish.contact_id or None,
        sort=None if wish.is_descending else "date",
        page=wish.number if wish.number > 1 else None,
    )


@get("/documents", name="backoffice:documents")
async def show_documents(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    contact: FromQuery[str] = "",
    sort: FromQuery[str] = "-date",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=_MAX_PAGE)] = 1,
) -> Response[Any]:
    """List the documents of the business, newest first."""
    wish = DocumentWish(
        q=q[:200],
        kind=kind if kind in portal.kinds else "",
        contact_id=contact,
        is_descending=sort != "date",
        number=number,
    )
    entries = await list_documents(
        session, staff, wish, offset=(number - 1) * _PAGE_SIZE, limit=_PAGE_SIZE
    )
    total = await count_documents(session, staff, wish)
    view = _list_view(page, portal, translator, wish=wish)
    rows = tuple(
        _row(entry, portal, page=page, staff=staff, translator=translator) for entry in entries
    )
    view = msgspec.structs.replace(
        view,
        rows=rows,
        pager=numbered_pager(
            translator,
            lambda number: _address(page, wish, number=number),
            number=wish.number,
            size=_PAGE_SIZE,
            most=_MAX_PAGE,
            shown=len(rows),
            total=total,
            limit=COUNT_LIMIT,
        ),
        empty=None if rows else _empty(page, translator, wish),
    )
    return await page.render("backoffice/documents.html", list=view)


def _list_view(
    page: Page, portal: RunningPortal, translator: Translator, *, wish: DocumentWish
) -> ListView:
    title = translator.gettext("Documents")
    kinds = sorted(portal.kinds.values(), key=lambda each: (each.order, each.name))
    chips = [("", translator.gettext("All")), *((k.name, translator.text(k.plural)) for k in kinds)]
    return ListView(
        title=title,
        caption=translator.gettext("Documents of all contacts, by date"),
        url=page.url("backoffice:documents"),
        crumbs=(Crumb(label=title),),
        columns=_columns(page, translator, wish),
        rows=(),
        chips=tuple(
            Chip(label=label, url=_address(page, wish, kind=name), is_current=name == wish.kind)
            for name, label in chips
        ),
        search=SearchBox(
            url=page.url("backoffice:documents"),
            label=translator.gettext("Search documents"),
            placeholder=translator.gettext("Number, text or reference"),
            query=wish.q,
            hidden=tuple(
                (name, value)
                for name, value in (("kind", wish.kind), ("contact", wish.contact_id))
                if value
            ),
        ),
    )


def _columns(page: Page, translator: Translator, wish: DocumentWish) -> tuple[ListColumn, ...]:
    labels = (
        lazy_gettext("Date"),
        lazy_gettext("Number"),
        lazy_gettext("Type"),
        lazy_gettext("Contact"),
        lazy_gettext("Status"),
        lazy_gettext("Total"),
    )
    first = ListColumn(
        name="date",
        label=translator.text(labels[0]),
        place=_PLACES[0],
        sort_url=_address(page, wish, is_descending=not wish.is_descending),
        direction="descending" if wish.is_descending else "ascending",
    )
    others = tuple(
        ListColumn(
            name=label.message.lower(),
            label=translator.text(label),
            place=place,
            align="end" if label.message == "Total" else "start",
        )
        for label, place in zip(labels[1:], _PLACES[1:], strict=True)
    )
    return (first, *others)


def _row(
    entry: DocumentEntry,
    portal: RunningPortal,
    *,
    page: Page,
    staff: StaffContext,
    translator: Translator,
) -> ListRow:
    formats, kind = translator.formats, portal.kinds.get(entry.kind)
    amount = "" if entry.total is None else formats.money(entry.total, entry.currency)
    date, number, type_, contact, status, total = _PLACES
    return ListRow(
        url=page.url("backoffice:document", id=entry.id),
        number=entry.number,
        cells=(
            Cell(
                format="date",
                text=formats.date(entry.issued_on),
                machine=entry.issued_on.isoformat(),
                place=date,
            ),
            Cell(format="link", text=entry.number, place=number),
            Cell(
                format="kind",
                text=translator.text(kind.title) if kind is not None else entry.kind,
                place=type_,
            ),
            Cell(format="text", text=entry.contact_name, place=contact),
            Cell(
                format="status",
                text=entry.status,
                pill=_pill(entry, kind, staff, translator),
                place=status,
            ),
            Cell(format="money", text=amount, place=total),
        ),
        pdf_url=page.url("backoffice:document.pdf", id=entry.id, download="1"),
    )


def _pill(
    entry: DocumentEntry, kind: DocumentKind | None, staff: StaffContext, translator: Translator
) -> Pill:
    if entry.status == "draft":
        return Pill(label=translator.gettext("Draft"), icon="pencil", is_calm=True)
    status = shown_status(kind, entry.status, entry.due_on, staff.today) if kind else None
    if status is None:
        return Pill(label=entry.status)
    return Pill(
        label=translator.text(status.label),
        tone=status.tone,
        icon=status.icon,
        is_calm=not status.is_open and status.tone in {Tone.NEUTRAL, Tone.POSITIVE},
    )


def _empty(page: Page, translator: Translator, wish: DocumentWish) -> EmptyState:
    if wish.q or wish.kind or wish.contact_id:
        return EmptyState(
            title=translator.gettext("No document fits"),
            text=translator.gettext("Search for less, or look at all documents."),
            icon="search",
            clear_url=page.url("backoffice:documents"),
        )
    return EmptyState(
        title=translator.gettext("No documents yet"),
        text=translator.gettext("They appear as soon as they are published or imported."),
        icon="file-text",
    )


DOCUMENT_LIST_ROUTES: Final = (show_documents,)
"""Routes of the list, below ``/backoffice``."""
