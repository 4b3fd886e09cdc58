"""What happened to a document, in the reader's words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from portalkit.access.sharing import SHARE_CONFIRMED, SHARE_ENDED, SHARE_OPENED, SHARED
from portalkit.context import PortalContext, StaffContext
from portalkit.documents.belongings import HistoryEntry
from portalkit.documents.services import DOWNLOADED, VIEWED
from portalkit.documents.statuses import find_status
from portalkit.documents.stored import TRANSITIONED
from portalkit.documents.views import HistoryItem
from portalkit.documents.write import PUBLISHED, RECEIVED
from portalkit.hooks import DocumentKind, Status
from portalkit.i18n import Translator
from portalkit.model import LazyText, lazy_gettext

__all__ = ("CONTACT_EVENTS", "history_items")

CONTACT_EVENTS: Final = (
    *(PUBLISHED, TRANSITIONED, RECEIVED, VIEWED, DOWNLOADED),
    *(SHARED, SHARE_ENDED, SHARE_OPENED, SHARE_CONFIRMED),
)
"""Events that a contact may know of; none of them tells what staff did among themselves."""

_ICONS: Final = {
    PUBLISHED: "send",
    RECEIVED: "cash",
    VIEWED: "eye",
    DOWNLOADED: "download",
    SHARED: "share-2",
    SHARE_ENDED: "link-off",
    SHARE_OPENED: "link",
    SHARE_CONFIRMED: "shield-check",
}
_WORDS: Final[dict[str, LazyText]] = {
    PUBLISHED: lazy_gettext("%(who)s sent it"),
    TRANSITIONED: lazy_gettext("Now: %(status)s"),
    RECEIVED: lazy_gettext("%(who)s received a payment"),
    VIEWED: lazy_gettext("%(who)s opened it"),
    DOWNLOADED: lazy_gettext("%(who)s downloaded it"),
    SHARED: lazy_gettext("%(who)s shared it by link"),
    SHARE_ENDED: lazy_gettext("%(who)s ended a link"),
    SHARE_OPENED: lazy_gettext("Opened by link"),
    SHARE_CONFIRMED: lazy_gettext("A code sent to %(who)s was confirmed"),
}
# Whoever acts for the contact; all others act for the business.
_CONTACTS: Final = frozenset({"person", "share"})
_AGAIN: Final = lazy_gettext("%(who)s sent a new version")
_CHANGED_BY: Final = lazy_gettext("Now: %(status)s, by %(who)s")
# Whoever has the link is nobody in particular.
_BY_LINK: Final[dict[str, LazyText]] = {DOWNLOADED: lazy_gettext("Downloaded by link")}
_YOU: Final[dict[str, LazyText]] = {
    TRANSITIONED: lazy_gettext("Now: %(status)s, by you"),
    VIEWED: lazy_gettext("You opened it"),
    DOWNLOADED: lazy_gettext("You downloaded it"),
    SHARED: lazy_gettext("You shared it by link"),
    SHARE_ENDED: lazy_gettext("You ended a link"),
}


def history_items(
    entries: Iterable[HistoryEntry],
    kind: DocumentKind,
    reader: PortalContext | StaffContext,
    *,
    business_name: str,
    translator: Translator,
    now: datetime,
) -> tuple[HistoryItem, ...]:
    """Return the lines of the history, newest first.

    Whoever acts for the business is called by the business's name.
    """
    formats = translator.formats
    return tuple(
        HistoryItem(
            icon=_icon(entry, kind),
            text=_text(entry, kind, reader, business_name, translator),
            note=str(entry.data.get("note", "")),
            moment=formats.ago(entry.at, now),
            exact=formats.moment(entry.at, reader.zone),
            machine=entry.at.isoformat(),
        )
        for entry in entries
    )


def _icon(entry: HistoryEntry, kind: DocumentKind) -> str:
    status = _target(entry, kind)
    return _ICONS.get(entry.name, "circle-dot") if status is None else status.icon


def _target(entry: HistoryEntry, kind: DocumentKind) -> Status | None:
    """Return the status that a document has changed to."""
    return find_status(kind, str(entry.data.get("target", "")))


def _text(
    entry: HistoryEntry,
    kind: DocumentKind,
    reader: PortalContext | StaffContext,
    business_name: str,
    translator: Translator,
) -> str:
    words = _WORDS.get(entry.name)
    if words is None:
        return entry.name
    is_person = entry.actor_kind in _CONTACTS
    if is_person and entry.name == TRANSITIONED:
        words = _CHANGED_BY
    if entry.actor_kind == "share":
        words = _BY_LINK.get(entry.name, words)
    if is_person and isinstance(reader, PortalContext) and entry.actor_name == reader.name:
        words = _YOU.get(entry.name, words)
    if entry.name == PUBLISHED and entry.data.get("version", 1) > 1:
        words = _AGAIN
    status = _target(entry, kind)
    return translator.text(words) % {
        "who": entry.actor_name if is_person else business_name,
        "status": translator.text(status.label) if status is not None else "",
    }
