"""From looking to acting on a shared document: a code to the contact's own address."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.codes import CodePurpose, ask_code, check_code, guess_tries
from portalkit.access.sessions import SessionView
from portalkit.access.share_mails import SHARE_CODE, ShareCode
from portalkit.access.sharing import confirm_share
from portalkit.access.throttle import ADDRESS, Limit, Try, address_key, take
from portalkit.mail.services import Recipient, send_mail

__all__ = ("check_share_code", "masked", "send_share_code")

# One holder of a link, however often it is opened, must neither fill the contact's letter box
# nor use up what the others have: each of these gives half as much as the one below it.
_BY_HOLDER: Final = Limit(name="share_holder", burst=3, every=900)
_BY_LINK: Final = Limit(name="share_link", burst=6, every=450)
_BY_CONTACT: Final = Limit(name="share_contact", burst=12, every=225)


def _ask_tries(browser: Browser, seen: SessionView) -> Sequence[Try]:
    """Return what a mail counts against: who asks, their link and address, whom it is sent to."""
    address = address_key(browser.address)
    return (
        Try(_BY_HOLDER, seen.id_hash),
        Try(_BY_LINK, f"{seen.link_id}:{address}"),
        Try(_BY_CONTACT, seen.contact_id or ""),
        Try(ADDRESS, address),
    )


def masked(email: str) -> str:
    """Return an address that its owner recognizes and nobody else can write to."""
    name, _, host = email.partition("@")
    return f"{name[:1]}…@{host}"


async def send_share_code(
    entrance: Entrance, browser: Browser, seen: SessionView, *, document: str, locale: str
) -> str:
    """Send a code to the contact's own address and return what the browser keeps for it.

    Args:
        entrance: The portal's.
        browser: Who asks.
        seen: The share session; its contact has an address.
        document: Number of the document, for the mail.
        locale: Language of the mail.

    Raises:
        ThrottledError: If the tries of the session, the link, the contact or the address are
            used up.
    """
    now, email = browser.now, seen.contact_email or ""
    async with entrance.make_session() as own, own.begin():
        await take(own, _ask_tries(browser, seen), now)
        asked = await ask_code(
            own,
            entrance.config.secret_keys,
            purpose=CodePurpose.SHARE,
            business_id=seen.business_id,
            now=now,
            link_id=seen.link_id,
        )
        await send_mail(
            own,
            SHARE_CODE,
            business_id=seen.business_id,
            to=Recipient(email=email, name=seen.contact_name, locale=locale),
            variables=ShareCode(code=asked.digits, document=document, until=asked.expires_at),
            now=now,
            valid_until=asked.expires_at,
            keys=entrance.config.secret_keys,
        )
    return asked.proof


async def check_share_code(
    entrance: Entrance,
    session: AsyncSession,
    browser: Browser,
    seen: SessionView,
    *,
    session_id: str,
    proof: str,
    digits: str,
) -> str | None:
    """Let a share session act if the code is right, and return its new id.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction.
        browser: Who types.
        seen: The share session; its contact has an address.
        session_id: What its cookie says.
        proof: What the browser keeps, as :func:`send_share_code` returned it.
        digits: As they were typed.

    Raises:
        ThrottledError: If a limit is used up.
    """
    code = await check_code(
        entrance,
        session,
        purpose=CodePurpose.SHARE,
        business_id=seen.business_id,
        proof=proof,
        digits=digits,
        choices=(guess_tries(seen.id_hash, browser.address),),
        now=browser.now,
    )
    if code is None or code.link_id != seen.link_id or seen.contact_email is None:
        return None
    return await confirm_share(
        session, seen, session_id=session_id, email=seen.contact_email, now=browser.now
    )
