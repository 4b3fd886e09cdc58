"""What roles are called: those of a contact's people, and those of staff."""

from collections.abc import Mapping
from typing import Final

from portalkit.access.permissions import PersonRole, StaffRole
from portalkit.model import LazyText, lazy_gettext, lazy_pgettext

__all__ = ("ROLE_WORDS", "STAFF_ROLE_WORDS")

ROLE_WORDS: Final[Mapping[PersonRole, LazyText]] = {
    PersonRole.OWNER: lazy_gettext("Owner"),
    PersonRole.BUYER: lazy_gettext("Buyer"),
    PersonRole.ACCOUNTANT: lazy_gettext("Accountant"),
    PersonRole.READER: lazy_gettext("Reader"),
}
"""Roles in the order in which they are offered."""

STAFF_ROLE_WORDS: Final[Mapping[StaffRole, LazyText]] = {
    StaffRole.ADMIN: lazy_pgettext("staff", "Administration"),
    StaffRole.SALES: lazy_pgettext("staff", "Sales"),
    StaffRole.SUPPORT: lazy_pgettext("staff", "Support"),
    StaffRole.READER: lazy_gettext("Reader"),
}
"""Roles of staff in the order in which they are offered."""
