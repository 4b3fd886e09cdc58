"""Asking for a mail that lets in: known or not, everybody costs the same and reads the same.

The request looks nobody up: it counts the try, writes a code that is nobody's and leaves a
job. Whose the address is, and whether anybody gets a mail, is found out by the job, when the
page has long been answered (security R20).
"""

from datetime import timedelta
from typing import Final, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, canonical_email, find_account, is_email
from portalkit.access.browser import Browser, Entrance
from portalkit.access.codes import (
    AskedCode,
    CodePurpose,
    ask_code,
    assign_code,
    forget_expired_codes,
)
from portalkit.access.known import email_key, known_before, own_first
from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.mails import SIGN_IN_CODE, SignInCode, locale_for, mail_account
from portalkit.access.throttle import ADDRESS, Limit, Try, address_key, forget_stale, take_first
from portalkit.audit import Actor, record
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.hooks import Job, JobContext
from portalkit.jobs import enqueue
from portalkit.mail.portal import MailPortal
from portalkit.seals import seal, unseal

__all__ = (
    "ASK_JOBS",
    "LINK_FOR",
    "ask_sign_in",
    "asked_address",
    "count_ask",
    "require_mail",
)

LINK_FOR: Final = timedelta(hours=1)
"""How long the link of such a mail works: mails may be late."""

_ASK: Final = Limit(name="ask", burst=5, every=600)
_NAME: Final = "access.send_code"
_BATCH: Final = 500
_BATCHES: Final = 40
_DIGITS: Final = "code.digits"


class CodeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the job is told.

    Attributes:
        kind: At which door it was asked.
        email: As it was typed, in canonical spelling.
        digits: Sealed, for this code alone.
    """

    kind: SessionKind
    email: str
    code_id: str
    digits: str


def require_mail(config: PortalConfig) -> None:
    """Refuse what needs a mail where none can be sent.

    Raises:
        NotFoundError: If there is no mail server.
    """
    if config.smtp_url is None:
        raise NotFoundError("there is no mail server")


def asked_address(typed: str) -> str:
    """Return an address in canonical spelling.

    Raises:
        InputRefusedError: ``field`` is ``email``, if it can be none.
    """
    email = canonical_email(typed)
    if not is_email(email):
        raise InputRefusedError("email", "not_an_address")
    return email


async def count_ask(
    session: AsyncSession,
    entrance: Entrance,
    browser: Browser,
    *,
    kind: SessionKind,
    business_id: str,
    email: str,
) -> None:
    """Count that a mail was asked for: five at once, and one more every ten minutes.

    Whoever asks without end for somebody else fills their letter box with links that let
    *them* in, and keeps nobody out: a browser that was let in before has tries of its own.

    Raises:
        ThrottledError: If the account's or the address's tries are used up.
    """
    key = email_key(kind, business_id, email)
    known = known_before(entrance.config.secret_keys, key, browser.known)
    of_address = Try(ADDRESS, address_key(browser.address))
    await take_first(session, own_first(known, Try(_ASK, key), of_address), browser.now)


async def ask_sign_in(
    entrance: Entrance, browser: Browser, *, kind: SessionKind, business_id: str, email: str
) -> AskedCode:
    """Take an order for a mail with a code and a link, and return the code.

    Args:
        entrance: The portal's.
        browser: Who asks.
        kind: At which door.
        business_id: Whose portal it is.
        email: As :func:`asked_address` returned it.

    Raises:
        ThrottledError: If the account's or the address's tries are used up.
    """
    keys, now = entrance.config.secret_keys, browser.now
    async with entrance.make_session() as own, own.begin():
        await count_ask(own, entrance, browser, kind=kind, business_id=business_id, email=email)
        asked = await ask_code(
            own, keys, purpose=CodePurpose.SIGN_IN, business_id=business_id, now=now
        )
        await enqueue(
            own,
            _NAME,
            CodeOrder(
                kind=kind,
                email=email,
                code_id=asked.id,
                digits=seal(keys, _DIGITS, asked.digits, bound_to=asked.id),
            ),
            now=now,
            business_id=business_id,
        )
    return asked


async def _send_code(context: JobContext, order: CodeOrder) -> None:
    session, keys = context.session, context.portal.config.secret_keys
    business_id, now = context.business_id or "", context.now
    account = await find_account(session, order.kind, business_id=business_id, email=order.email)
    if account is None or not account.is_open:
        return
    is_alive = await assign_code(
        session,
        order.code_id,
        purpose=CodePurpose.SIGN_IN,
        business_id=business_id,
        now=now,
        person_id=account.person_id,
        staff_id=account.staff_id,
    )
    digits = unseal(keys, _DIGITS, order.digits, bound_to=order.code_id)
    if not is_alive or digits is None:
        return
    await _mail(context, account, digits)
    await record(
        session,
        business_id=business_id,
        contact_id=account.contact_id,
        name="access.code_sent",
        actor=Actor(kind="unknown"),
        at=now,
        data={"kind": account.kind.value, "account": account.id},
    )


async def _mail(context: JobContext, account: Account, digits: str) -> None:
    session, portal = context.session, cast("MailPortal", context.portal)
    letterhead = await portal.letterhead(session, account.business_id)
    token = await make_link(
        session,
        portal.config.secret_keys,
        business_id=account.business_id,
        now=context.now,
        purpose=LinkPurpose.SIGN_IN,
        person_id=account.person_id,
        staff_id=account.staff_id,
        valid=LINK_FOR,
    )
    link, until = f"{letterhead.portal_url}i/{token}", context.now + LINK_FOR
    await mail_account(
        session,
        account,
        SIGN_IN_CODE,
        SignInCode(code=digits, link=link, until=until),
        locale=await locale_for(session, account, account.contact_id, letterhead.locale),
        now=context.now,
        valid_until=until,
        keys=portal.config.secret_keys,
    )


async def _tidy(context: JobContext, _: None) -> None:
    before = context.now - timedelta(days=1)
    for _batch in range(_BATCHES):
        codes = await forget_expired_codes(context.session, before, at_most=_BATCH)
        tries = await forget_stale(context.session, context.now, at_most=_BATCH)
        if max(codes, tries) < _BATCH:
            return


ASK_JOBS: Final = (
    Job(name=_NAME, run=_send_code, payload=CodeOrder, retry_for=timedelta(minutes=10)),
    Job(name="access.tidy_codes", run=_tidy, cron="*/10 * * * *"),
)
"""Write the mails, if there is somebody to write to, and forget what is over."""
