"""The access log: who opened, downloaded, answered and shared what, and one's own sign-ins."""

from collections.abc import Collection
from typing import Any, Final, Literal

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.audit.words import actor_words, event_words
from portalkit.context import PortalContext
from portalkit.documents.pages import page_route
from portalkit.errors import InputRefusedError
from portalkit.i18n import Translator
from portalkit.model import is_id, lazy_gettext
from portalkit.rendering.page import Crumb, Page
from portalkit.sections.profile.log_queries import LogRow, LogWish, list_log, list_names
from portalkit.sections.profile.views import LogItem, LogView
from portalkit.web.portal import RunningPortal

__all__ = ("LOG_ROUTES",)

_ICONS: Final = {
    "document.published": "send",
    "document.viewed": "eye",
    "document.downloaded": "download",
    "document.shared": "share-2",
    "payment.received": "cash",
    "access.signed_in": "lock-open",
    "access.signed_out": "logout",
}
_TOPICS: Final = (
    ("", lazy_gettext("Everything")),
    ("documents", lazy_gettext("Documents")),
    ("access", lazy_gettext("My sign-ins and security")),
)


@get("/log", name="profile:log")
async def show_log(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    context: NamedDependency[PortalContext],
    portal: NamedDependency[RunningPortal],
    business: NamedDependency[BusinessView],
    translator: NamedDependency[Translator],
    what: FromQuery[Literal["", "documents", "access"]] = "",
    person: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[Any]:
    """Show what happened, newest first."""
    people = await list_names(session, context)
    _check(people, person, before)
    wish = LogWish(what=what, person_id=person or None, before=before or None)
    rows, has_more = await list_log(session, context, wish)
    chosen = {"what": what or None, "person": person or None}
    here = page.url("profile:log", **chosen)
    return await page.render(
        "profile/log.html",
        log=LogView(
            crumbs=(
                Crumb(label=translator.gettext("Profile"), url=page.url("profile:profile")),
                Crumb(label=translator.gettext("Access log")),
            ),
            entries=tuple(
                _item(row, page, portal, context, business=business, translator=translator)
                for row in rows
            ),
            topics=tuple((value, translator.text(label)) for value, label in _TOPICS),
            topic=what,
            people=(("", translator.gettext("Everybody")), *people),
            person=person,
            url=page.url("profile:log"),
            newest_url=here if before else None,
            older_url=page.url("profile:log", **chosen, before=rows[-1].id) if has_more else None,
        ),
    )


def _check(people: Collection[tuple[str, str]], person: str, before: str) -> None:
    if person and person not in {each for each, _ in people}:
        raise InputRefusedError("person", "is nobody of this contact")
    if before and not is_id(before):
        raise InputRefusedError("before", "is no place in the log")


def _item(
    row: LogRow,
    page: Page,
    portal: RunningPortal,
    context: PortalContext,
    *,
    business: BusinessView,
    translator: Translator,
) -> LogItem:
    formats = translator.formats
    is_contact = row.actor_kind in {"person", "share"}
    who = actor_words(row.actor_kind, row.actor_name, translator) if is_contact else business.name
    kind = portal.kinds.get(row.kind or "")
    document = url = None
    if kind is not None and row.document_id is not None:
        document = f"{translator.text(kind.title)} {row.number}"
        url = page.url(page_route(kind), id=row.document_id)
    return LogItem(
        icon=_ICONS.get(row.name, "circle-dot"),
        text=event_words(row.name, who=who, translator=translator),
        document=document,
        url=url,
        moment=formats.ago(row.at, context.now),
        exact=formats.moment(row.at, context.zone),
        machine=row.at.isoformat(),
    )


LOG_ROUTES: Final = (show_log,)
"""Routes of the log."""
