"""What the profile page shows; ``profile/profile.html`` places it.

The choice of language is made of ``page.languages``; every other text and date is already
in the reader's language.
"""

import msgspec

from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import FormState

__all__ = ("Device", "LogItem", "LogView", "MailSwitch", "ProfileView")


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser.

    Attributes:
        name: "Firefox on Windows".
        note: When it was last used: "2 hours ago".
        close_url: Where a POST ends this session; ``None`` for the one in use.
    """

    name: str
    note: str
    exact: str
    icon: str = "device-desktop"
    is_current: bool = False
    close_url: str | None = None


class LogItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, and the document that it happened to."""

    icon: str
    text: str
    document: str | None
    url: str | None
    moment: str
    exact: str
    machine: str


class LogView(msgspec.Struct, frozen=True, kw_only=True):
    """The access log.

    Attributes:
        topics: Values and labels of what can be asked for; ``topic`` is chosen.
        people: Ids and names; ``person`` is chosen.
        newest_url: Back to the newest, if this is not they.
    """

    crumbs: tuple[Crumb, ...]
    entries: tuple[LogItem, ...]
    topics: tuple[tuple[str, str], ...]
    topic: str
    people: tuple[tuple[str, str], ...]
    person: str
    url: str
    newest_url: str | None
    older_url: str | None


class MailSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """A sort of mail that can be switched off."""

    kind: str
    label: str
    is_on: bool


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """The profile of whoever is signed in.

    Attributes:
        may_have_password: Passwords let in here.
        has_second: Something is asked for after the password.
        security_url: The page where that is changed.
        password: Form with ``current_password`` (if ``has_password``), ``new_password``.
        min_password: Characters that a password must have at least.
        mails: Sorts of mail that can be switched off; necessary ones have no switch.
        mails_url: Where their form posts: ``on``, once for each that is on.
        close_others_url: Where a POST ends all other sessions; ``None`` if there are none.
    """

    name: str
    email: str
    contact_name: str
    crumbs: tuple[Crumb, ...]
    may_have_password: bool
    has_password: bool
    has_second: bool
    security_url: str
    password: FormState
    min_password: int
    mails: tuple[MailSwitch, ...]
    mails_url: str
    devices: tuple[Device, ...] = ()
    close_others_url: str | None = None
