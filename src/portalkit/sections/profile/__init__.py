"""The profile: language, password, devices and the way out of whoever is signed in."""

from collections.abc import Iterable

from portalkit.access.permissions import PersonRole
from portalkit.access.sharing import SHARE
from portalkit.hooks.manifest import HOOK_API, Manifest, Permission
from portalkit.hooks.markers import hookimpl
from portalkit.hooks.types import NavItem, Section
from portalkit.model import lazy_gettext
from portalkit.sections.profile.contacts import CONTACT_CHOICE_ROUTES
from portalkit.sections.profile.controllers import PROFILE_ROUTES
from portalkit.sections.profile.people import PEOPLE_ROUTES
from portalkit.sections.profile.permissions import MANAGE_PEOPLE, PEOPLE

__all__ = ("manifest", "portalkit_register_sections")

manifest = Manifest(
    name="profile",
    title=lazy_gettext("Profile"),
    description=lazy_gettext("Language, password and devices of whoever is signed in."),
    api=HOOK_API,
    activation="site",
    permissions=(
        Permission(
            name=SHARE,
            label=lazy_gettext("Share documents by link"),
            roles=frozenset({PersonRole.OWNER, PersonRole.BUYER, PersonRole.ACCOUNTANT}),
        ),
        MANAGE_PEOPLE,
    ),
)


@hookimpl
def portalkit_register_sections() -> Iterable[Section]:
    """Register the profile as the last section."""
    return (
        Section(
            name="profile",
            title=manifest.title,
            routes=(*PROFILE_ROUTES, *PEOPLE_ROUTES, *CONTACT_CHOICE_ROUTES),
            nav=(
                NavItem(
                    label=lazy_gettext("People"),
                    icon="users",
                    order=200,
                    route="profile:people",
                    permission=PEOPLE,
                ),
                NavItem(label=manifest.title, icon="user-circle", route="profile:profile"),
            ),
            home="profile:profile",
            order=900,
        ),
    )
