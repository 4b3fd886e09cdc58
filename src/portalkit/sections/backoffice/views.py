"""What the back office shows; ``backoffice/*.html`` place it.

Every text is already in the reader's language, every amount and date formatted. The list
and page of documents are those of ``portalkit.documents.views``.
"""

import msgspec

from portalkit.documents.views import DocumentView
from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import (
    Chip,
    Choice,
    EmptyState,
    FormState,
    Pager,
    Pill,
    SearchBox,
    SortHeader,
)

__all__ = (
    "ContactRow",
    "ContactView",
    "ContactsView",
    "Figure",
    "OfficeDocumentView",
    "OfficeHomeView",
    "OfficeTask",
    "PersonView",
    "PluginsView",
    "SwitchView",
)


class ContactRow(msgspec.Struct, frozen=True, kw_only=True):
    """A contact in the list.

    Attributes:
        access: Whether somebody can sign in for it.
        access_note: When somebody last did, or why nobody can.
        due: Open amounts, one for each currency.
    """

    id: str
    name: str
    url: str
    email: str
    access: Pill
    access_note: str = ""
    access_exact: str = ""
    documents: str = ""
    due: tuple[str, ...] = ()


class ContactsView(msgspec.Struct, frozen=True, kw_only=True):
    """The list of contacts.

    Attributes:
        columns: Contact, access, documents, due: four, in this order.
        invite_url: Page on which chosen contacts, or all that never were, are invited;
            ``None`` if staff may not.
        empty: Given when there are no rows.
    """

    subtitle: str
    caption: str
    url: str
    crumbs: tuple[Crumb, ...]
    columns: tuple[SortHeader, SortHeader, SortHeader, SortHeader]
    rows: tuple[ContactRow, ...]
    invite_url: str | None = None
    chips: tuple[Chip, ...] = ()
    search: SearchBox | None = None
    pager: Pager | None = None
    empty: EmptyState | None = None


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in, or could, for a contact.

    Attributes:
        id: Makes the ids of form fields unique.
        note: Role and last sign-in.
        view_url: Where a POST begins to look with their role; ``None`` if staff may not.
        set_password: Form with ``password``; ``None`` if staff may not.
        role_url: Where a POST with ``role`` changes it; ``None`` if staff may not.
        link_url: Where a POST makes a link that signs in once; ``None`` if staff may not.
        invite_url: Page on which an invitation is sent; ``None`` if it signed in already.
        revoke_url: Where a POST ends an invitation; ``None`` if none stands.
        mail_link_url: Page on which such a link is sent by mail; ``None`` if staff may not.
        forget_url: Where a POST takes the second factor away; ``None`` if there is none.
        withdraw_url: Where a POST takes access away; ``None`` if there is none.
        restore_url: Where a POST gives withdrawn access back; ``None`` if it has access.
    """

    id: str
    name: str
    initials: str
    email: str
    note: str
    exact: str
    access: Pill
    role: str = ""
    view_url: str | None = None
    set_password: FormState | None = None
    role_url: str | None = None
    link_url: str | None = None
    invite_url: str | None = None
    revoke_url: str | None = None
    mail_link_url: str | None = None
    forget_url: str | None = None
    withdraw_url: str | None = None
    restore_url: str | None = None


class SwitchView(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that can be switched on and off; a POST to ``url`` does the opposite."""

    name: str
    title: str
    description: str
    is_on: bool
    url: str | None = None


class PluginsView(msgspec.Struct, frozen=True, kw_only=True):
    """The plugins of the portal; those without ``url`` cannot be switched here."""

    crumbs: tuple[Crumb, ...]
    switches: tuple[SwitchView, ...]


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """A contact's page.

    Attributes:
        facts: Label and value: tax id, e-mail, language, customer number.
        due: Open amounts, one for each currency.
        is_closed: Nobody is let in for it: it is disabled, or was erased.
        give_access: Form with ``name``, ``email``, ``role``, ``password``; ``None`` if staff
            may not.
        roles: Value and label of each role.
        new_link: Name of a person and the link made for them just now; never shown again.
        switches: Plugins that can be switched for this contact alone.
        own_address: The contact's e-mail address and where a POST lets it act for the contact;
            ``None`` if one of its people has it.
        view_url: Where a POST begins to look as its owner would; ``None`` if staff may not.
        privacy_url: Page of the contact's personal data; ``None`` if staff may not.
    """

    name: str
    initials: str
    crumbs: tuple[Crumb, ...]
    access: Pill
    min_password: int
    has_passwords: bool
    subtitle: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    due: tuple[str, ...] = ()
    is_closed: bool = False
    people: tuple[PersonView, ...] = ()
    give_access: FormState | None = None
    roles: tuple[tuple[str, str], ...] = ()
    new_link: tuple[str, str] | None = None
    switches: tuple[SwitchView, ...] = ()
    own_address: tuple[str, str] | None = None
    view_url: str | None = None
    privacy_url: str | None = None
    documents_url: str | None = None
    documents_count: str = ""


class OfficeDocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """A document as staff see it: to read, with what belongs to the contact beside it.

    Attributes:
        facts: Label and value: external id, version, origin.
    """

    document: DocumentView
    contact_name: str
    contact_initials: str
    contact_url: str
    contact_email: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class OfficeTask(msgspec.Struct, frozen=True, kw_only=True):
    """A line of what waits for staff."""

    title: str
    url: str
    icon: str
    note: str
    exact: str = ""
    amount: str = ""
    pill: Pill | None = None


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number that leads to the rows behind it."""

    label: str
    value: str
    url: str | None = None
    note: str = ""


class OfficeHomeView(msgspec.Struct, frozen=True, kw_only=True):
    """The first page of the back office.

    Attributes:
        tasks: Heading and lines of each group of what waits.
        empty: Given when there is neither figure nor task.
    """

    greeting: str
    date_text: str
    lead: str
    figures: tuple[Figure, ...] = ()
    tasks: tuple[tuple[str, tuple[OfficeTask, ...]], ...] = ()
    shortcuts: tuple[Choice, ...] = ()
    empty: EmptyState | None = None
