"""The audit log: who did what, and when; to be read and taken along, never to be changed."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record
from portalkit.audit.words import EventGroup, actor_words, event_words
from portalkit.context import StaffContext
from portalkit.errors import InputRefusedError
from portalkit.i18n import Translator
from portalkit.model import LazyText, is_id, lazy_gettext
from portalkit.rendering.page import Crumb, Page
from portalkit.sections.backoffice.audit_queries import (
    SEARCHED,
    AuditEntry,
    AuditWish,
    find_search_end,
    list_audit,
)
from portalkit.sections.backoffice.permissions import SEE_AUDIT
from portalkit.web.portal import RunningPortal

__all__ = ("AUDIT_ROUTES",)

_OPT: Final = {"permission": SEE_AUDIT}
_PAGE_SIZE: Final = 50
_MOST_ROWS: Final = 10_000
_GROUPS: Final[tuple[tuple[str, LazyText], ...]] = (
    ("", lazy_gettext("Everything")),
    (EventGroup.SIGN_IN.value, lazy_gettext("Sign-ins")),
    (EventGroup.ACCESS.value, lazy_gettext("Access and security")),
    (EventGroup.DOCUMENTS.value, lazy_gettext("Documents")),
    (EventGroup.SETTINGS.value, lazy_gettext("Settings")),
)
# What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event in words, with the ways to what it is about.

    Attributes:
        until: When what it tells of ends at the latest, if it ends by itself.
    """

    text: str
    exact: str
    ago: str
    machine: str
    contact: str = ""
    contact_url: str | None = None
    document: str = ""
    document_url: str | None = None
    until: str = ""


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    """The audit log.

    Attributes:
        groups: Values and labels of what can be asked for.
        newest_url: Back to the newest, if this is not they.
        csv_url: Where a POST gets the file.
        most: How many rows the file holds.
        searched: Among how many events a name was looked for, if there are older ones.
        further_url: Where older ones are looked through.
    """

    crumbs: tuple[Crumb, ...]
    url: str
    rows: tuple[AuditRow, ...]
    groups: tuple[tuple[str, str], ...]
    wish: AuditWish
    csv_url: str
    most: str
    newest_url: str | None = None
    older_url: str | None = None
    searched: str = ""
    further_url: str | None = None


def _read_wish(
    *, group: str, q: str, contact: str, first: str, last: str, before: str = ""
) -> AuditWish:
    """Read which events are asked for.

    Raises:
        InputRefusedError: ``field`` is the parameter that is wrong.
    """
    if group and group not in set(EventGroup):
        raise InputRefusedError("group", "is unknown")
    if contact and not is_id(contact):
        raise InputRefusedError("contact", "is no id")
    if before and not is_id(before):
        raise InputRefusedError("before", "is no place in the log")
    if "\x00" in q:
        raise InputRefusedError("q", "holds a character that nobody's name has")
    return AuditWish(
        group=EventGroup(group) if group else None,
        q=q.strip(),
        contact_id=contact or None,
        first=_day("from", first),
        last=_day("to", last),
        before=before or None,
    )


def _day(field: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputRefusedError(field, "is no day") from error
    # Days near the ends of the calendar cannot be moved to another time zone.
    if day is not None and not 1900 <= day.year <= 2999:  # noqa: PLR2004  # plain years
        raise InputRefusedError(field, "is no day")
    return day


def _url(page: Page, route: str, wish: AuditWish, before: str | None = None) -> str:
    return page.url(
        route,
        group=wish.group.value if wish.group else None,
        q=wish.q or None,
        contact=wish.contact_id,
        to=wish.last.isoformat() if wish.last else None,
        before=before,
        **({"from": wish.first.isoformat()} if wish.first else {}),
    )


@get("/audit", name="backoffice:audit", opt=_OPT)
async def show_audit(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
    group: FromQuery[str] = "",
    q: FromQuery[str] = "",
    contact: FromQuery[str] = "",
    first: Annotated[str, QueryParameter(name="from")] = "",
    last: Annotated[str, QueryParameter(name="to")] = "",
    before: FromQuery[str] = "",
) -> Response[Any]:
    """Show what happened, newest first."""
    wish = _read_wish(group=group, q=q, contact=contact, first=first, last=last, before=before)
    end = await find_search_end(session, staff, wish)
    searched = msgspec.structs.replace(wish, since=end)
    entries = await list_audit(session, staff, searched, limit=_PAGE_SIZE + 1)
    shown = entries[:_PAGE_SIZE]
    has_older = len(entries) > _PAGE_SIZE
    is_cut = end is not None and not has_older
    view = AuditView(
        crumbs=(Crumb(label=translator.gettext("Audit log")),),
        url=page.url("backoffice:audit"),
        rows=tuple(_row(entry, page, portal, staff, translator) for entry in shown),
        groups=tuple((value, translator.text(label)) for value, label in _GROUPS),
        wish=wish,
        csv_url=_url(page, "backoffice:audit.csv", wish),
        most=translator.formats.number(_MOST_ROWS),
        newest_url=_url(page, "backoffice:audit", wish) if wish.before else None,
        older_url=_url(page, "backoffice:audit", wish, shown[-1].id) if has_older else None,
        searched=translator.formats.number(SEARCHED) if is_cut else "",
        further_url=_url(page, "backoffice:audit", wish, end) if is_cut else None,
    )
    return await page.render("backoffice/audit.html", audit=view)


def _text(entry: AuditEntry, translator: Translator) -> str:
    who = actor_words(entry.actor_kind, entry.actor_name, translator)
    return event_words(entry.name, who=who, translator=translator)


def _document(entry: AuditEntry, portal: RunningPortal, translator: Translator) -> str:
    kind = portal.kinds.get(entry.document_kind or "")
    return f"{translator.text(kind.title) if kind else ''} {entry.document_number or ''}".strip()


def _until(entry: AuditEntry, staff: StaffContext, translator: Translator) -> str:
    """Say when it ends by itself: nobody is there then to note it."""
    try:
        until = datetime.fromisoformat(str(entry.data.get("until", "")))
    except ValueError:
        return ""
    moment = translator.formats.moment(until, staff.zone)
    return translator.gettext("Until %(moment)s at the latest") % {"moment": moment}


def _row(
    entry: AuditEntry,
    page: Page,
    portal: RunningPortal,
    staff: StaffContext,
    translator: Translator,
) -> AuditRow:
    formats = translator.formats
    row = AuditRow(
        text=_text(entry, translator),
        exact=formats.moment(entry.at, staff.zone),
        ago=formats.ago(entry.at, staff.now),
        machine=entry.at.isoformat(),
        contact=entry.contact_name or "",
        document=_document(entry, portal, translator),
        until=_until(entry, staff, translator),
    )
    if entry.contact_id is not None:
        url = page.url("backoffice:contact", contact=entry.contact_id)
        row = msgspec.structs.replace(row, contact_url=url)
    if entry.document_id is not None:
        url = page.url("backoffice:document", id=entry.document_id)
        row = msgspec.structs.replace(row, document_url=url)
    return row


@post("/audit/csv", name="backoffice:audit.csv", opt=_OPT)
async def send_csv(
    *,
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
    group: FromQuery[str] = "",
    q: FromQuery[str] = "",
    contact: FromQuery[str] = "",
    first: Annotated[str, QueryParameter(name="from")] = "",
    last: Annotated[str, QueryParameter(name="to")] = "",
) -> Response[bytes]:
    """Hand out what is asked for as a file, the newest ten thousand at most, and note it."""
    wish = _read_wish(group=group, q=q, contact=contact, first=first, last=last)
    # A session that writes keeps others from writing on SQLite, and this takes a while.
    async with portal.reading() as reading:
        end = await find_search_end(reading, staff, wish)
        wish = msgspec.structs.replace(wish, since=end)
        entries = await list_audit(reading, staff, wish, limit=_MOST_ROWS)
    await record(
        session,
        business_id=staff.business_id,
        name="audit.exported",
        actor=Actor.of(staff),
        at=staff.now,
        data={"rows": len(entries)},
    )
    name = f"audit-{staff.today.isoformat()}.csv"
    return Response(
        # The mark tells spreadsheets that it is UTF-8.
        _csv(entries, portal, translator).encode("utf-8-sig"),
        status_code=HTTP_200_OK,
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _csv(entries: Sequence[AuditEntry], portal: RunningPortal, translator: Translator) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(
        ("at", "event", "text", "actor_kind", "actor", "contact", "document", "details")
    )
    for entry in entries:
        cells = (
            entry.at.isoformat(),
            entry.name,
            _text(entry, translator),
            entry.actor_kind,
            entry.actor_name,
            entry.contact_name or "",
            _document(entry, portal, translator),
            msgspec.json.encode(entry.data).decode() if entry.data else "",
        )
        writer.writerow([_cell(cell) for cell in cells])
    return file.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


AUDIT_ROUTES: Final = (show_audit, send_csv)
"""Routes of the audit log, below ``/backoffice``."""
