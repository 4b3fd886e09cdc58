"""What roles of staff may do in the back office."""

from typing import Final

from portalkit.access.permissions import StaffRole
from portalkit.access.viewing import VIEW_AS
from portalkit.hooks.manifest import Permission
from portalkit.model import lazy_gettext

__all__ = (
    "EDIT_MAILS",
    "GIVE_ACCESS",
    "HANDLE_DATA",
    "MANAGE_API_KEYS",
    "MANAGE_STAFF",
    "PERMISSIONS",
    "SEE_AUDIT",
    "SEE_MAILS",
    "SET_SIGN_IN",
    "SHARE_DOCUMENTS",
    "SWITCH_PLUGINS",
    "VIEW",
    "VIEW_AS",
)

VIEW: Final = "backoffice.view"
GIVE_ACCESS: Final = "backoffice.give_access"
SET_SIGN_IN: Final = "backoffice.set_sign_in"
SEE_MAILS: Final = "backoffice.see_mails"
EDIT_MAILS: Final = "backoffice.edit_mails"
MANAGE_API_KEYS: Final = "backoffice.manage_api_keys"
MANAGE_STAFF: Final = "backoffice.manage_staff"
SWITCH_PLUGINS: Final = "backoffice.switch_plugins"
SHARE_DOCUMENTS: Final = "backoffice.share_documents"
HANDLE_DATA: Final = "backoffice.handle_data"
SEE_AUDIT: Final = "backoffice.see_audit"

_NOBODY: Final[frozenset[str]] = frozenset()
_ALL_BUT_READERS: Final = frozenset(
    {StaffRole.ADMIN.value, StaffRole.SALES.value, StaffRole.SUPPORT.value}
)

PERMISSIONS: Final = (
    Permission(
        name=VIEW,
        label=lazy_gettext("Look into the back office"),
        roles=_NOBODY,
        staff_roles=None,
    ),
    Permission(
        name=GIVE_ACCESS,
        label=lazy_gettext("Give and withdraw access to the portal"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value, StaffRole.SALES.value}),
    ),
    Permission(
        name=SET_SIGN_IN,
        label=lazy_gettext("Say what is asked of everybody who signs in"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value}),
    ),
    Permission(
        name=SEE_MAILS,
        label=lazy_gettext("See which mails were sent, and send them again"),
        roles=_NOBODY,
        staff_roles=_ALL_BUT_READERS,
    ),
    Permission(
        name=SHARE_DOCUMENTS,
        label=lazy_gettext("Share documents by link, and end such links"),
        roles=_NOBODY,
        staff_roles=_ALL_BUT_READERS,
    ),
    Permission(
        name=VIEW_AS,
        label=lazy_gettext("See the portal as a contact sees it"),
        roles=_NOBODY,
        staff_roles=_ALL_BUT_READERS,
    ),
    Permission(
        name=SEE_AUDIT,
        label=lazy_gettext("See who did what, and when"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value}),
    ),
    Permission(
        name=HANDLE_DATA,
        label=lazy_gettext("Hand out and erase a contact's personal data"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value}),
    ),
    Permission(
        name=EDIT_MAILS,
        label=lazy_gettext("Change the words of mails"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value}),
    ),
    Permission(
        name=MANAGE_API_KEYS,
        label=lazy_gettext("Make and end keys of the API"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value}),
    ),
    Permission(
        name=MANAGE_STAFF,
        label=lazy_gettext("Let staff in, give them a role and shut them out"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value}),
    ),
    Permission(
        name=SWITCH_PLUGINS,
        label=lazy_gettext("Switch plugins on and off"),
        roles=_NOBODY,
        staff_roles=frozenset({StaffRole.ADMIN.value}),
    ),
)
"""Permissions of the section; contacts' people have none of them."""
