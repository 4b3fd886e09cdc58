"""Whose paper a mail is on, and where its links lead: worked out without a request."""

from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import (
    BusinessView,
    TenantResolver,
    business_origin,
    list_addresses,
)
from portalkit.config import PortalConfig
from portalkit.mail import Letterhead
from portalkit.storage import storage_key

__all__ = ("letterhead_of", "portal_address")


async def portal_address(
    session: AsyncSession,
    config: PortalConfig,
    resolver: TenantResolver,
    business: BusinessView,
) -> str:
    """Return the address under which a business's portal lies, without a slash at its end.

    A resolver says whose an address is, not which address somebody has; so the two that come
    into question are tried.
    """
    origin = business_origin(config, business.host)
    addresses = await list_addresses(session)
    host = urlsplit(origin).netloc.lower()
    for prefix in ("", f"/{business.slug}"):
        found = resolver(host, f"{prefix}/", addresses)
        if found is not None and (found.business_id, found.prefix) == (business.id, prefix):
            return f"{origin}{config.base_path}{prefix}"
    return f"{origin}{config.base_path}"


def letterhead_of(business: BusinessView, config: PortalConfig, portal_url: str) -> Letterhead:
    """Return how a business looks in its mails."""
    mail = config.mail
    return Letterhead(
        business_id=business.id,
        name=business.name,
        sender=mail.from_addresses.get(business.slug, mail.from_address),
        email=business.email,
        phone=business.phone,
        website=business.website,
        imprint=business.imprint,
        address=tuple((business.address or "").splitlines()),
        colour=business.brand_colour,
        logo=storage_key(business.id, business.logo) if business.logo else None,
        portal_url=f"{portal_url}/",
        zone=business.timezone,
        locale=business.locale,
    )
