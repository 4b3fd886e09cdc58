"""The profile: language, password, devices and the way out of whoever is signed in."""

from collections.abc import Iterable

from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.hooks.markers import hookimpl
from portalkit.hooks.types import NavItem, Section
from portalkit.model import lazy_gettext
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
            routes=(*PROFILE_ROUTES, *PEOPLE_ROUTES),
            nav=(
                NavItem(
                    label=lazy_gettext("People"),
                    icon="users",
                    order=50,
                    route="profile:people",
                    permission=PEOPLE,
                ),
                NavItem(label=manifest.title, icon="user-circle", route="profile:profile"),
            ),
            home="profile:profile",
            order=900,
        ),
    )
