"""What the page about the second factor shows; ``access/security.html`` places it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from portalkit.access.device_names import device_name
from portalkit.access.passkeys import PasskeyEntry
from portalkit.access.remembered import DeviceEntry
from portalkit.i18n import Translator
from portalkit.rendering.page import Page

__all__ = ("PasskeyRow", "RememberedRow", "passkey_rows", "remembered_rows")


class RememberedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is not asked for the second factor.

    Attributes:
        name: "Firefox on Windows".
        note: When it was last used: "2 hours ago".
        exact: The same to the minute.
        forget_url: Where a POST makes it be asked again.
    """

    name: str
    icon: str
    note: str
    exact: str
    until: str
    forget_url: str


class PasskeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey, as its owner sees it; the two addresses are those of a page and of a form."""

    id: str
    name: str
    note: str
    rename_url: str
    remove_url: str


def remembered_rows(
    entries: Sequence[DeviceEntry], page: Page, translator: Translator, now: datetime
) -> tuple[RememberedRow, ...]:
    """Return the remembered browsers in the reader's language."""
    return tuple(_remembered(entry, page, translator, now) for entry in entries)


def _remembered(
    entry: DeviceEntry, page: Page, translator: Translator, now: datetime
) -> RememberedRow:
    name = device_name(entry.user_agent)
    return RememberedRow(
        name=translator.text(name.text),
        icon=name.icon,
        note=translator.formats.ago(entry.used_at, now),
        exact=translator.formats.moment(entry.used_at, page.zone),
        until=translator.formats.date(entry.expires_at.date()),
        forget_url=page.url("access:device.forget", device=entry.id),
    )


def passkey_rows(
    entries: Sequence[PasskeyEntry], page: Page, translator: Translator, now: datetime
) -> tuple[PasskeyRow, ...]:
    """Return the passkeys in the reader's language."""
    return tuple(_passkey(entry, page, translator, now) for entry in entries)


def _passkey(entry: PasskeyEntry, page: Page, translator: Translator, now: datetime) -> PasskeyRow:
    formats = translator.formats
    if entry.used_at is None:
        note = translator.gettext("added %(ago)s") % {"ago": formats.ago(entry.created_at, now)}
    else:
        note = translator.gettext("last used %(ago)s") % {"ago": formats.ago(entry.used_at, now)}
    return PasskeyRow(
        id=entry.id,
        name=entry.name,
        note=note,
        rename_url=page.url("access:passkey.rename", passkey=entry.id),
        remove_url=page.url("access:passkey.remove", passkey=entry.id),
    )
