"""From a session to a context: language, time zone, permissions and plugins of whoever asks."""

from collections.abc import Mapping

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.permissions import PersonRole, active_plugins, permissions_for
from portalkit.access.sessions import SessionView
from portalkit.access.sharing import confirmed_email
from portalkit.context import Audience, PortalContext, SessionKind, StaffContext
from portalkit.errors import GuardFailedError
from portalkit.i18n import closest_locale, negotiate
from portalkit.web.visit import Visit

__all__ = ("asked_locale", "locale_of", "recognize")


async def recognize(visit: Visit, session: AsyncSession, seen: SessionView) -> None:
    """Put together who asks, from the row of the session.

    A guarding plugin that fails leaves its error in the visit: most routes answer 503 then,
    sign-out and profile stay open (decision 32).
    """
    visit.know_better(
        await visit.portal.businesses.fresh(session, visit.business, seen.business_version)
    )
    context = _staff(visit, seen) if seen.kind is SessionKind.STAFF else _person(visit, seen)
    if isinstance(context, PortalContext) and visit.portal.denies_permissions:
        try:
            denied = await visit.portal.hooks.deny_permissions(session, context)
        except GuardFailedError as error:
            visit.guard_error = error
        else:
            context = msgspec.structs.replace(context, permissions=context.permissions - denied)
    visit.context = context


def locale_of(visit: Visit, chosen: str | None = None) -> str:
    """Return the reader's language, one of those the business offers.

    What the person or contact chose comes first, then a cookie of the language switch, then
    what the browser asks for.
    """
    offered = visit.portal.offered_locales(visit.business.locales)
    for wish in (chosen, visit.cookies.get("pk-language")):
        if wish and (found := closest_locale(wish, offered)):
            return found
    return asked_locale(visit)


def asked_locale(visit: Visit) -> str:
    """Return the language that browser or program ask for, else the business's own."""
    offered = visit.portal.offered_locales(visit.business.locales)
    preferred = (visit.business.locale, *(tag for tag in offered if tag != visit.business.locale))
    return negotiate(visit.accept_language, [tag for tag in preferred if tag in offered])


def _person(visit: Visit, seen: SessionView) -> PortalContext:
    business = visit.business
    active = _active(visit, seen.contact_switches)
    # Who comes by a link sees what the contact itself sees.
    role = PersonRole.OWNER.value if seen.kind is SessionKind.SHARE else seen.role
    confirmed = confirmed_email(seen, visit.now) if seen.kind is SessionKind.SHARE else None
    return PortalContext(
        business_id=business.id,
        contact_id=seen.contact_id or "",
        person_id=seen.person_id,
        kind=seen.kind,
        name=confirmed or seen.name,
        contact_name=seen.contact_name,
        role=role,
        locale=locale_of(visit, seen.locale or seen.contact_locale),
        zone=business.timezone,
        currency=seen.contact_currency or business.currency,
        now=visit.now,
        permissions=permissions_for(visit.portal.roles, Audience.CONTACT, role, active=active),
        active_plugins=active,
        has_several=seen.has_several,
        document_id=seen.document_id,
        link_id=seen.link_id,
        is_read_only=seen.kind is SessionKind.VIEW_AS,
        must_confirm=seen.kind is SessionKind.SHARE and confirmed is None,
    )


def _staff(visit: Visit, seen: SessionView) -> StaffContext:
    business = visit.business
    active = _active(visit, None)
    return StaffContext(
        business_id=business.id,
        staff_id=seen.staff_id or "",
        name=seen.name,
        role=seen.role,
        locale=locale_of(visit, seen.locale),
        zone=business.timezone,
        currency=business.currency,
        now=visit.now,
        permissions=permissions_for(visit.portal.roles, Audience.STAFF, seen.role, active=active),
        active_plugins=active,
    )


def _active(visit: Visit, contact_switches: Mapping[str, bool] | None) -> frozenset[str]:
    manifests = visit.portal.manifests
    return active_plugins(manifests, visit.business.switches, contact_switches)
