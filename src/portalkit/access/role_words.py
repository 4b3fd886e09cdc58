"""What the roles of a contact's people are called."""

from collections.abc import Mapping
from typing import Final

from portalkit.access.permissions import PersonRole
from portalkit.model import LazyText, lazy_gettext

__all__ = ("ROLE_WORDS",)

ROLE_WORDS: Final[Mapping[PersonRole, LazyText]] = {
    PersonRole.OWNER: lazy_gettext("Owner"),
    PersonRole.BUYER: lazy_gettext("Buyer"),
    PersonRole.ACCOUNTANT: lazy_gettext("Accountant"),
    PersonRole.READER: lazy_gettext("Reader"),
}
"""Roles in the order in which they are offered."""
