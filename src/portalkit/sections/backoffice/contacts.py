"""The list of contacts: search, access, figures."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.invitation_pills import INVITATION_WORDS, invitation_pill
from portalkit.access.invitations import InvitationState
from portalkit.context import StaffContext
from portalkit.i18n import Translator
from portalkit.model import LazyText, lazy_gettext
from portalkit.rendering.page import Crumb, Page
from portalkit.rendering.ui import Chip, EmptyState, Pill, SearchBox, SortHeader
from portalkit.sections.backoffice.paging import numbered_pager
from portalkit.sections.backoffice.permissions import GIVE_ACCESS
from portalkit.sections.backoffice.queries import (
    AccessFilter,
    ContactEntry,
    ContactFigures,
    count_contacts,
    list_contacts,
    list_figures,
)
from portalkit.sections.backoffice.views import ContactRow, ContactsView
from portalkit.web.portal import RunningPortal

__all__ = ("CONTACT_LIST_ROUTES", "access_pill", "owed_kinds")

_PAGE_SIZE: Final = 25
# Deeper pages are slow on every database; the search finds a contact faster.
_MAX_PAGE: Final = 400

_FILTERS: Final[Mapping[AccessFilter, LazyText]] = {
    "": lazy_gettext("All"),
    "active": lazy_gettext("In use"),
    "opened": INVITATION_WORDS[InvitationState.OPENED],
    "invited": INVITATION_WORDS[InvitationState.INVITED],
    "expired": INVITATION_WORDS[InvitationState.EXPIRED],
    "waiting": INVITATION_WORDS[InvitationState.NOT_INVITED],
    "none": lazy_gettext("Without access"),
}


def owed_kinds(portal: RunningPortal) -> list[str]:
    """Return the kinds of documents that are there to be paid."""
    return [
        name
        for name, kind in portal.kinds.items()
        if kind.due_means == "payment" and not kind.is_credit
    ]


# Offered only where there are some.
_RARE: Final[frozenset[AccessFilter]] = frozenset({"opened", "invited", "expired"})


def access_pill(contact: ContactEntry, state: InvitationState, translator: Translator) -> Pill:
    """Return whether somebody can sign in for a contact, and has."""
    if contact.has_access:
        return invitation_pill(state, translator)
    label = lazy_gettext("No access")
    return Pill(label=translator.text(label), icon="circle-minus", is_calm=True)


class _Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is asked for."""

    q: str
    access: AccessFilter
    is_descending: bool
    number: int

    def url(self, page: Page, **changes: Any) -> str:
        """Return the address of the list with some of it changed; page 1 unless it says so."""
        wish = msgspec.structs.replace(self, **({"number": 1} | changes))
        return page.url(
            "backoffice:contacts",
            q=wish.q or None,
            access=wish.access or None,
            sort="-name" if wish.is_descending else None,
            page=wish.number if wish.number > 1 else None,
        )


@get("/contacts", name="backoffice:contacts")
async def show_contacts(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
    q: FromQuery[str] = "",
    access: FromQuery[AccessFilter] = "",
    sort: FromQuery[str] = "name",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=_MAX_PAGE)] = 1,
) -> Response[Any]:
    """List the contacts of the business by name."""
    wish = _Wish(q=q, access=access, is_descending=sort == "-name", number=number)
    counts = await count_contacts(session, business_id=staff.business_id, query=q, now=staff.now)
    entries = await list_contacts(
        session,
        business_id=staff.business_id,
        query=q,
        access=access,
        is_descending=wish.is_descending,
        offset=(number - 1) * _PAGE_SIZE,
        limit=_PAGE_SIZE,
        now=staff.now,
    )
    figures = await list_figures(
        session,
        [entry.id for entry in entries],
        business_id=staff.business_id,
        owed_kinds=owed_kinds(portal),
    )
    rows = tuple(
        _row(entry, figures.get(entry.id), page=page, staff=staff, translator=translator)
        for entry in entries
    )
    view = _view(page, translator, wish=wish, counts=counts, rows=rows)
    return await page.render("backoffice/contacts.html", contacts=view)


def _row(
    entry: ContactEntry,
    figures: ContactFigures | None,
    *,
    page: Page,
    staff: StaffContext,
    translator: Translator,
) -> ContactRow:
    formats, seen_at = translator.formats, entry.signed_in_at
    figures = figures or ContactFigures()
    return ContactRow(
        id=entry.id,
        name=entry.name,
        url=page.url("backoffice:contact", contact=entry.id),
        email=entry.email or "",
        access=access_pill(entry, entry.invitation, translator),
        access_note=formats.ago(seen_at, staff.now) if seen_at is not None else "",
        access_exact=formats.moment(seen_at, page.zone) if seen_at is not None else "",
        documents=formats.number(figures.documents) if figures.documents else "",
        due=tuple(formats.money(amount, currency) for currency, amount in figures.due.items()),
    )


def _view(
    page: Page,
    translator: Translator,
    *,
    wish: _Wish,
    counts: Mapping[AccessFilter, int],
    rows: tuple[ContactRow, ...],
) -> ContactsView:
    total = translator.formats.number(counts[""])
    return ContactsView(
        subtitle=translator.ngettext("%(num)s contact", "%(num)s contacts", counts[""])
        % {"num": total},
        caption=translator.gettext("Contacts by name, with access, documents and what is due"),
        url=page.url("backoffice:contacts"),
        invite_url=page.url("backoffice:contacts.invite") if page.may(GIVE_ACCESS) else None,
        crumbs=(Crumb(label=translator.gettext("Contacts")),),
        columns=_columns(page, translator, wish),
        rows=rows,
        chips=tuple(
            Chip(
                label=translator.text(label),
                url=wish.url(page, access=name),
                count=translator.formats.number(counts[name]),
                is_current=name == wish.access,
            )
            for name, label in _FILTERS.items()
            if counts[name] or name == wish.access or name not in _RARE
        ),
        search=SearchBox(
            url=page.url("backoffice:contacts"),
            label=translator.gettext("Search contacts"),
            placeholder=translator.gettext("Name, e-mail or tax id"),
            query=wish.q,
            hidden=(("access", wish.access),) if wish.access else (),
        ),
        pager=numbered_pager(
            translator,
            lambda number: wish.url(page, number=number),
            number=wish.number,
            size=_PAGE_SIZE,
            most=_MAX_PAGE,
            shown=len(rows),
            total=counts[wish.access],
        ),
        empty=None if rows else _empty(page, translator, wish),
    )


def _columns(
    page: Page, translator: Translator, wish: _Wish
) -> tuple[SortHeader, SortHeader, SortHeader, SortHeader]:
    return (
        SortHeader(
            label=translator.gettext("Contact"),
            sort_url=wish.url(page, is_descending=not wish.is_descending),
            direction="descending" if wish.is_descending else "ascending",
        ),
        SortHeader(label=translator.gettext("Access")),
        SortHeader(label=translator.gettext("Documents"), align="end"),
        SortHeader(label=translator.gettext("To be paid"), align="end"),
    )


def _empty(page: Page, translator: Translator, wish: _Wish) -> EmptyState:
    if wish.q or wish.access:
        return EmptyState(
            title=translator.gettext("No contact fits"),
            text=translator.gettext("Search for less, or look at all contacts."),
            icon="search",
            clear_url=page.url("backoffice:contacts"),
        )
    return EmptyState(
        title=translator.gettext("No contacts yet"),
        text=translator.gettext("They come with the documents that are published or imported."),
        icon="users",
    )


CONTACT_LIST_ROUTES: Final = (show_contacts,)
"""Routes of the list, below ``/backoffice``."""
