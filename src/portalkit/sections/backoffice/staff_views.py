"""What the page of the staff shows; ``backoffice/staff.html`` places it."""

import msgspec

from portalkit.rendering.page import Crumb
from portalkit.rendering.ui import FormState, Pill

__all__ = ("MemberView", "StaffRoleView", "StaffView")


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff.

    Attributes:
        id: Makes the ids of form fields unique.
        note: Role, second step and last sign-in.
        access: Whether they can get in, and have.
        is_self: It is whoever looks, who changes nothing of their own here.
        role_url: Where a POST with ``role`` changes it.
        link_url: Where a POST sends them a link, or shows one.
        factors_url: Where a POST takes the second step away; ``None`` if there is none.
        disable_url: Where a POST shuts them out.
        enable_url: Where a POST lets them in again; ``None`` if they are not shut out.
    """

    id: str
    name: str
    email: str
    role: str
    note: str
    exact: str
    access: Pill
    is_self: bool
    role_url: str | None = None
    link_url: str | None = None
    factors_url: str | None = None
    disable_url: str | None = None
    enable_url: str | None = None


class StaffRoleView(msgspec.Struct, frozen=True, kw_only=True):
    """A role, and what it may do."""

    value: str
    label: str
    allows: tuple[str, ...]


class StaffView(msgspec.Struct, frozen=True, kw_only=True):
    """The staff of the business.

    Attributes:
        add: Form with ``name``, ``email``, ``role``, ``password``.
        new_link: Name of a member and the link made for them just now; never shown again.
        sends_mail: Links are sent by mail; otherwise they are shown, to be handed over.
    """

    crumbs: tuple[Crumb, ...]
    members: tuple[MemberView, ...]
    roles: tuple[StaffRoleView, ...]
    add: FormState
    min_password: int
    has_passwords: bool
    sends_mail: bool
    new_link: tuple[str, str] | None = None

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Value and label of each role."""
        return tuple((role.value, role.label) for role in self.roles)
