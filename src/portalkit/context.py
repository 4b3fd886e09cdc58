"""Who is asking: resolved once a request and passed down explicitly."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

__all__ = ("ApiContext", "Audience", "PortalContext", "SessionKind", "StaffContext")


class Audience(StrEnum):
    """Whom a page or an action is for."""

    CONTACT = "contact"
    STAFF = "staff"
    API = "api"


class SessionKind(StrEnum):
    """What a session row lets in; it is refused at every other door.

    ``PENDING`` lets in nowhere: the password was right, the second factor is still asked for.
    """

    PERSON = "person"
    STAFF = "staff"
    PENDING = "pending"
    SHARE = "share"
    VIEW_AS = "view_as"


class PortalContext(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A contact's person looking at the portal of one business.

    Attributes:
        person_id: ``None`` for a share link, where nobody is signed in.
        document_id: The one document a share session may see; ``None`` means all own ones.
        link_id: The link that a share session came by.
        is_read_only: Staff look at the portal as the contact: nothing may be changed.
        must_confirm: Whoever has a share link must type a code before anything is changed.
        currency: The contact's main currency, else the business's.
        zone: Time zone of the business; ``today`` follows it.
        permissions: What the role allows, less what plugins deny.
        active_plugins: Plugins switched on for this business and contact.
        has_several: Whoever is signed in may act for another contact too.
    """

    business_id: str
    contact_id: str
    person_id: str | None
    kind: SessionKind
    name: str
    contact_name: str
    role: str
    locale: str
    zone: str
    currency: str
    now: datetime
    permissions: frozenset[str] = frozenset()
    active_plugins: frozenset[str] = frozenset()
    has_several: bool = False
    document_id: str | None = None
    link_id: str | None = None
    is_read_only: bool = False
    must_confirm: bool = False

    @property
    def today(self) -> date:
        """The current day where the business is."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


class StaffContext(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A member of staff in the back office of one business."""

    business_id: str
    staff_id: str
    name: str
    role: str
    locale: str
    zone: str
    currency: str
    now: datetime
    permissions: frozenset[str] = frozenset()
    active_plugins: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The current day where the business is."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


class ApiContext(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A system of the business at the API.

    Attributes:
        key_id: Of the key that it sent.
        name: How the business calls the key.
        locale: Language of names of files and of what people read.
        permissions: Scopes of the key.
    """

    business_id: str
    key_id: str
    name: str
    locale: str
    zone: str
    now: datetime
    permissions: frozenset[str] = frozenset()
    active_plugins: frozenset[str] = frozenset()
