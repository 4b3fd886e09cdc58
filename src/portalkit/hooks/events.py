"""What has happened: frozen values of ids, handed to plugins after the commit."""

from datetime import datetime

import msgspec

__all__ = (
    "CommentPosted",
    "ContactInvited",
    "ContactSignedIn",
    "DocumentDownloaded",
    "DocumentPublished",
    "DocumentTransitioned",
    "DocumentViewed",
    "PaymentReceived",
    "PluginSwitched",
    "PortalEvent",
)


class PortalEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all events; a plugin adds its own by subclassing it."""

    business_id: str
    at: datetime


class ContactInvited(PortalEvent, frozen=True, kw_only=True):
    """An invitation was sent to a person of a contact."""

    contact_id: str
    person_id: str


class ContactSignedIn(PortalEvent, frozen=True, kw_only=True):
    """A person signed in."""

    contact_id: str
    person_id: str


class DocumentPublished(PortalEvent, frozen=True, kw_only=True):
    """A document arrived or got a new version."""

    document_id: str
    contact_id: str
    version: int


class DocumentViewed(PortalEvent, frozen=True, kw_only=True):
    """A person opened a document, counted once per person and day.

    Attributes:
        kind: The document's kind.
        locale: Language in which the person reads.
    """

    document_id: str
    person_id: str
    kind: str = ""
    locale: str = ""


class DocumentDownloaded(PortalEvent, frozen=True, kw_only=True):
    """A document's PDF or one of its files was downloaded.

    Attributes:
        person_id: ``None`` for somebody who came by a share link.
    """

    document_id: str
    person_id: str | None


class DocumentTransitioned(PortalEvent, frozen=True, kw_only=True):
    """A document's status changed."""

    document_id: str
    transition: str
    source: str
    target: str


class CommentPosted(PortalEvent, frozen=True, kw_only=True):
    """A comment was written on a document."""

    document_id: str
    comment_id: str


class PaymentReceived(PortalEvent, frozen=True, kw_only=True):
    """A payment reached the ledger."""

    payment_id: str
    document_id: str | None


class PluginSwitched(PortalEvent, frozen=True, kw_only=True):
    """A plugin was switched on or off for a business or a contact."""

    plugin: str
    contact_id: str | None
    is_enabled: bool
