"""What a role may do, and which plugins are switched on for whom."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from portalkit.context import Audience
from portalkit.hooks.manifest import Manifest
from portalkit.hooks.plugins import KERNEL_PLUGINS

__all__ = (
    "PersonRole",
    "RoleTable",
    "StaffRole",
    "active_plugins",
    "permissions_for",
    "role_table",
)


class PersonRole(StrEnum):
    """What somebody is for a contact."""

    OWNER = "owner"
    BUYER = "buyer"
    ACCOUNTANT = "accountant"
    READER = "reader"


class StaffRole(StrEnum):
    """What somebody is for the business."""

    ADMIN = "admin"
    SALES = "sales"
    SUPPORT = "support"
    READER = "reader"


RoleTable = Mapping[tuple[Audience, str], frozenset[str]]
"""Permissions by audience and role; a role that is not in it has none."""


def role_table(manifests: Iterable[Manifest]) -> RoleTable:
    """Work out, once at the start, what each role may do by the plugins' manifests."""
    declared = [permission for manifest in manifests for permission in manifest.permissions]
    table: dict[tuple[Audience, str], frozenset[str]] = {}
    for role in PersonRole:
        table[Audience.CONTACT, role.value] = frozenset(
            p.name for p in declared if p.roles is None or role.value in p.roles
        )
    for staff_role in StaffRole:
        table[Audience.STAFF, staff_role.value] = frozenset(
            p.name for p in declared if p.staff_roles is None or staff_role.value in p.staff_roles
        )
    return table


def permissions_for(
    table: RoleTable,
    audience: Audience,
    role: str,
    *,
    active: Collection[str] | None = None,
    denied: Collection[str] = frozenset(),
) -> frozenset[str]:
    """Return what a role may do.

    Args:
        table: As :func:`role_table` made it.
        audience: Whether a contact's person or staff asks: the word ``reader`` is both.
        role: The role; an unknown one may do nothing.
        active: Plugins that are switched on; permissions of others fall away.
        denied: What plugins take away (``portalkit_deny_permissions``).
    """
    allowed = table.get((audience, role), frozenset()) - frozenset(denied)
    if active is None:
        return allowed
    return frozenset(name for name in allowed if name.partition(".")[0] in active)


def active_plugins(
    manifests: Iterable[Manifest],
    switches: Mapping[str, bool],
    contact_switches: Mapping[str, bool] | None = None,
) -> frozenset[str]:
    """Return the names of the plugins that are switched on.

    Args:
        manifests: Of all plugins that are loaded.
        switches: Of the business, by plugin.
        contact_switches: Of the contact, by plugin; ``None`` where no contact is concerned,
            as in the back office: what may be switched for a contact is then on.
    """
    return frozenset(
        manifest.name for manifest in manifests if _is_active(manifest, switches, contact_switches)
    )


def _is_active(
    manifest: Manifest,
    switches: Mapping[str, bool],
    contact_switches: Mapping[str, bool] | None,
) -> bool:
    name = manifest.name
    if name in KERNEL_PLUGINS or manifest.activation == "site":
        return True
    # The business opens or shuts a plugin for everybody; a contact's own switch decides
    # only where the manifest allows one, and never opens what the business has shut.
    by_business = switches.get(name, True if manifest.activation == "contact" else None)
    if manifest.activation == "business":
        return manifest.enabled_by_default if by_business is None else by_business
    if contact_switches is None:
        return bool(by_business)
    return bool(by_business) and contact_switches.get(name, manifest.enabled_by_default)
