"""Home: the first page of a contact."""

from collections.abc import Iterable

from portalkit.hooks import HOOK_API, Manifest, NavItem, Section, hookimpl
from portalkit.model import lazy_gettext
from portalkit.sections.home.controllers import HOME_ROUTES

__all__ = ("manifest", "portalkit_register_sections")

manifest = Manifest(
    name="home",
    title=lazy_gettext("Home"),
    description=lazy_gettext("What waits for the contact, and what came last."),
    api=HOOK_API,
    activation="site",
)


@hookimpl
def portalkit_register_sections() -> Iterable[Section]:
    """Register the home page as the first section."""
    return (
        Section(
            name="home",
            title=manifest.title,
            routes=HOME_ROUTES,
            nav=(NavItem(label=manifest.title, icon="home", route="home:home"),),
            home="home:home",
            order=100,
        ),
    )
