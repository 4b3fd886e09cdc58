"""Who a plugin is: read before any of the plugin's code is called."""

from typing import Final, Literal

import msgspec

from portalkit.hooks.types import Slot
from portalkit.model import Text

__all__ = ("HOOK_API", "Manifest", "Permission")

HOOK_API: Final = 1
"""Generation of the hook API that this kernel speaks."""


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """Something a role may or may not do.

    Attributes:
        name: ``<plugin>.<verb>``, for example ``sales.view``.
        roles: Roles of a person that have it; ``None`` means every role.
        staff_roles: Roles of staff that have it; no role unless it is said.
    """

    name: str
    label: Text
    roles: frozenset[str] | None = None
    staff_roles: frozenset[str] | None = frozenset()


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's name and needs.

    Attributes:
        name: Equal to the entry point's name; the namespace of all the plugin owns.
        api: Generation of the hook API it is written for.
        requires: Plugins that must be loaded; they load and migrate before this one.
        after: The same, where they are present.
        overrides: Namespaces whose templates it may override.
        settings: Type of its settings in the host's configuration.
        business_settings: Type of its settings for each business, stored in the database.
        activation: Who can switch it: nobody at run time, the business, or each contact.
        hookspecs: Class with the hooks that this plugin offers to others.
        slots: Places of pages that it fills, so that it is asked for no others; ``None`` for
            any.
    """

    name: str
    title: Text
    api: int
    description: Text = ""
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    settings: type[msgspec.Struct] | None = None
    business_settings: type[msgspec.Struct] | None = None
    activation: Literal["site", "business", "contact"] = "business"
    enabled_by_default: bool = True
    hookspecs: type | None = None
    slots: frozenset[Slot] | None = None
