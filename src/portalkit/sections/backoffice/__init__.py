"""The back office: what staff of the business see and do."""

from collections.abc import Iterable
from typing import Final

from portalkit.context import Audience
from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.hooks.markers import hookimpl
from portalkit.hooks.types import NavItem, Section
from portalkit.model import lazy_gettext
from portalkit.sections.backoffice.acts import ACT_ROUTES
from portalkit.sections.backoffice.api_keys import API_KEY_ROUTES
from portalkit.sections.backoffice.audit import AUDIT_ROUTES
from portalkit.sections.backoffice.contact import CONTACT_ROUTES
from portalkit.sections.backoffice.contacts import CONTACT_LIST_ROUTES
from portalkit.sections.backoffice.document import DOCUMENT_ROUTES
from portalkit.sections.backoffice.documents import DOCUMENT_LIST_ROUTES
from portalkit.sections.backoffice.door import DOOR_ROUTES
from portalkit.sections.backoffice.invite import INVITE_ROUTES
from portalkit.sections.backoffice.link_mail import LINK_MAIL_ROUTES
from portalkit.sections.backoffice.mail_previews import MAIL_PREVIEW_ROUTES
from portalkit.sections.backoffice.mail_templates import MAIL_TEMPLATE_ROUTES
from portalkit.sections.backoffice.mails import MAIL_ROUTES
from portalkit.sections.backoffice.permissions import (
    MANAGE_API_KEYS,
    MANAGE_STAFF,
    PERMISSIONS,
    SEE_AUDIT,
    SEE_MAILS,
    SET_SIGN_IN,
    SWITCH_PLUGINS,
    VIEW,
)
from portalkit.sections.backoffice.plugins import PLUGIN_ROUTES
from portalkit.sections.backoffice.privacy import PRIVACY_ROUTES
from portalkit.sections.backoffice.share import SHARE_ROUTES
from portalkit.sections.backoffice.sign_in import SIGN_IN_ROUTES
from portalkit.sections.backoffice.staff import STAFF_ROUTES
from portalkit.sections.backoffice.view_as import VIEW_AS_ROUTES

__all__ = ("manifest", "portalkit_register_sections")

manifest = Manifest(
    name="backoffice",
    title=lazy_gettext("Back office"),
    description=lazy_gettext("Contacts, their access and their documents, for staff."),
    api=HOOK_API,
    activation="site",
    permissions=PERMISSIONS,
)


_NAV: Final = (
    NavItem(
        label=lazy_gettext("Contacts"),
        icon="users",
        order=100,
        route="backoffice:contacts",
    ),
    NavItem(
        label=lazy_gettext("Documents"),
        icon="file-text",
        order=200,
        route="backoffice:documents",
    ),
    NavItem(
        label=lazy_gettext("Staff"),
        icon="user-circle",
        order=810,
        route="backoffice:staff",
        permission=MANAGE_STAFF,
    ),
    NavItem(
        label=lazy_gettext("Sign-in"),
        icon="shield-check",
        order=800,
        route="backoffice:sign_in",
        permission=SET_SIGN_IN,
    ),
    NavItem(
        label=lazy_gettext("API keys"),
        icon="key",
        order=820,
        route="backoffice:api_keys",
        permission=MANAGE_API_KEYS,
    ),
    NavItem(
        label=lazy_gettext("Mail"),
        icon="mail",
        order=600,
        route="backoffice:mails",
        permission=SEE_MAILS,
    ),
    NavItem(
        label=lazy_gettext("Audit log"),
        icon="history",
        order=850,
        route="backoffice:audit",
        permission=SEE_AUDIT,
    ),
    NavItem(
        label=lazy_gettext("Plugins"),
        icon="plug",
        order=900,
        route="backoffice:plugins",
        permission=SWITCH_PLUGINS,
    ),
)


@hookimpl
def portalkit_register_sections() -> Iterable[Section]:
    """Register the pages of staff."""
    return (
        Section(
            name="backoffice",
            title=manifest.title,
            routes=(
                *DOOR_ROUTES,
                *CONTACT_LIST_ROUTES,
                *CONTACT_ROUTES,
                *PRIVACY_ROUTES,
                *DOCUMENT_LIST_ROUTES,
                *DOCUMENT_ROUTES,
                *SHARE_ROUTES,
                *VIEW_AS_ROUTES,
                *AUDIT_ROUTES,
                *ACT_ROUTES,
                *LINK_MAIL_ROUTES,
                *INVITE_ROUTES,
                *MAIL_ROUTES,
                *MAIL_TEMPLATE_ROUTES,
                *MAIL_PREVIEW_ROUTES,
                *PLUGIN_ROUTES,
                *SIGN_IN_ROUTES,
                *API_KEY_ROUTES,
                *STAFF_ROUTES,
            ),
            nav=_NAV,
            permission=VIEW,
            home="backoffice:home",
            order=100,
            audience=Audience.STAFF,
        ),
    )
