"""What the page about the second factor shows; ``access/security.html`` places it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from portalkit.access.device_names import device_name
from portalkit.access.identities import IdentityEntry
from portalkit.access.passkeys import PasskeyEntry
from portalkit.access.remembered import DeviceEntry
from portalkit.hooks import AuthProvider, Declared
from portalkit.i18n import Translator
from portalkit.rendering.page import Page

__all__ = (
    "PasskeyRow",
    "ProviderRow",
    "RememberedRow",
    "passkey_rows",
    "provider_rows",
    "remembered_rows",
)


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


class ProviderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An auth provider: how one is known there, or the way to connect it.

    Attributes:
        email: As the provider knows it; empty if it said none.
        connect_url: A page; ``None`` if it is connected.
        remove_url: Where a POST disconnects it; ``None`` if it is not connected.
    """

    title: str
    email: str = ""
    connect_url: str | None = None
    remove_url: str | None = None


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


def provider_rows(
    providers: Sequence[Declared[AuthProvider]],
    entries: Sequence[IdentityEntry],
    page: Page,
    translator: Translator,
) -> tuple[ProviderRow, ...]:
    """Return the providers that are offered, each connected identity on a line of its own."""
    rows: list[ProviderRow] = []
    for provider in (declared.value for declared in providers):
        title = translator.text(provider.title)
        own = [entry for entry in entries if entry.provider == provider.name]
        rows += [
            ProviderRow(
                title=title,
                email=entry.email,
                remove_url=page.url("access:identity.remove", identity=entry.id),
            )
            for entry in own
        ]
        if not own:
            url = page.url("access:provider.connect", provider=provider.name)
            rows.append(ProviderRow(title=title, connect_url=url))
    return tuple(rows)
