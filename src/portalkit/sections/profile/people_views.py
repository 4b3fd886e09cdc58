"""What the page of a contact's people shows; ``profile/people.html`` places it."""

import msgspec

from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import FormState, Pill

__all__ = ("ColleagueView", "PeopleView")


class ColleagueView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts for the contact.

    Attributes:
        id: Makes the ids of form fields unique.
        note: Role, and when they were last here.
        was_invited: Whether they were invited before.
        role_url: Where a POST with ``role`` changes it; ``None`` for the last owner, and for
            whoever was removed.
        invite_url: Where a POST invites them; ``None`` if there is no need.
        remove_url: Where a POST removes them; ``None`` as for ``role_url``.
        restore_url: Where a POST undoes that.
    """

    id: str
    name: str
    email: str
    role: str
    note: str
    exact: str
    state: Pill
    is_self: bool
    was_invited: bool
    role_url: str | None = None
    invite_url: str | None = None
    remove_url: str | None = None
    restore_url: str | None = None


class PeopleView(msgspec.Struct, frozen=True, kw_only=True):
    """The people of a contact, for its owners.

    Attributes:
        invite: Form with ``name``, ``email`` and ``role``.
        roles: Value, label and what it may do, of each role.
        problem: Why something was refused that has no field on the page.
    """

    contact_name: str
    crumbs: tuple[Crumb, ...]
    people: tuple[ColleagueView, ...]
    invite: FormState
    roles: tuple[tuple[str, str, tuple[str, ...]], ...]
    problem: str = ""
