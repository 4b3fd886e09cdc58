"""Which system of the business asks, by the key that it sends."""

from typing import Any, Final

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.api_keys import KnownKey, find_api_key, is_use_due, note_use
from portalkit.access.browser import address_of
from portalkit.access.throttle import Limit, Try, address_key, forget_stale, take
from portalkit.context import ApiContext
from portalkit.web.contexts import asked_locale
from portalkit.web.portal import RunningPortal
from portalkit.web.visit import Visit

__all__ = ("api_locale", "recognize_key")

_SCHEME: Final = "bearer"
_WRONG_KEYS: Final = Limit(name="api", burst=20, every=30, is_by_address=True)


def api_locale(visit: Visit) -> str:
    """Return the language that is asked for, or the business's own; no cookie has a say."""
    if not visit.has_business:
        return visit.portal.config.locales[0]
    return asked_locale(visit)


async def recognize_key(visit: Visit, request: Request[Any, Any, Any]) -> None:
    """Find out which system asks; a key that is none leaves it unknown.

    A wrong key is counted by the address it comes from; one that works is never kept waiting.

    Raises:
        ThrottledError: Too many wrong keys came from there.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != _SCHEME:
        return
    found = await _find(visit, key.strip())
    if found is None:
        await _count_wrong(visit, request)
        return
    business = visit.business
    visit.caller = ApiContext(
        business_id=business.id,
        key_id=found.id,
        name=found.name,
        locale=api_locale(visit),
        zone=business.timezone,
        now=visit.now,
        permissions=found.scopes,
        active_plugins=visit.portal.active_for(business),
    )
    if is_use_due(found, visit.now):
        visit.portal.in_background(_note(visit.portal, found, visit))


async def _find(visit: Visit, key: str) -> KnownKey | None:
    if visit.is_safe:
        return await _find_in(visit.session, visit, key)
    async with visit.portal.reading() as session:
        return await _find_in(session, visit, key)


async def _find_in(session: AsyncSession, visit: Visit, key: str) -> KnownKey | None:
    business = visit.business
    found = await find_api_key(session, key, business_id=business.id, now=visit.now)
    if found is not None:
        fresh = visit.portal.businesses.fresh
        visit.know_better(await fresh(session, business, found.business_version))
    return found


async def _count_wrong(visit: Visit, request: Request[Any, Any, Any]) -> None:
    # Whoever is refused holds one connection, not two.
    await visit.finish(keep=False)
    address = address_of(request, visit.portal.config.trusted_proxies)
    async with visit.portal.writing() as session, session.begin():
        await take(session, (Try(_WRONG_KEYS, address_key(address)),), visit.now)
        await forget_stale(session, visit.now)


async def _note(portal: RunningPortal, key: KnownKey, visit: Visit) -> None:
    async with portal.writing() as session, session.begin():
        await note_use(session, key, visit.now)
