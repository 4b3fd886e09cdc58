"""What people may do in their profile."""

from typing import Final

from portalkit.access.permissions import PersonRole
from portalkit.hooks.manifest import Permission
from portalkit.model import lazy_gettext

__all__ = ("MANAGE_PEOPLE", "PEOPLE")

PEOPLE: Final = "profile.people"

MANAGE_PEOPLE: Final = Permission(
    name=PEOPLE,
    label=lazy_gettext("Invite and remove people of the contact, and change their roles"),
    roles=frozenset({PersonRole.OWNER.value}),
    staff_roles=frozenset(),
)
"""Whoever may not does not see the page either."""
