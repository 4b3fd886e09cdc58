"""The second factor of an account: which there are, how often one may try, how all are lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.browser import Browser, Entrance
from portalkit.access.known import known_now, own_first
from portalkit.access.models import Passkey, Person, RecoveryCode, Staff, Totp
from portalkit.access.owners import delete_owned, owned_by
from portalkit.access.recovery import count_recovery_codes, make_recovery_codes
from portalkit.access.remembered import forget_devices
from portalkit.access.sessions import close_sessions_of
from portalkit.access.telling import tell_sign_in_changed
from portalkit.access.throttle import ADDRESS, Limit, Try, address_key
from portalkit.access.totp import has_totp
from portalkit.audit import Actor, record

__all__ = (
    "CODE",
    "RECOVERY",
    "FactorState",
    "code_tries",
    "factor_added",
    "factor_state",
    "factors_changed",
    "remove_factors",
)

_REMOVED: Final = "access.second_factor_removed"

CODE: Final = Limit(name="code", burst=5, every=180)
"""Codes of the app, by account. They have six digits, and three of them fit at any moment: the
480 tries of a day find one with odds of 1 to 700, and together with the 288 of known browsers,
which whoever tries has to steal first, of 1 to 430.

Whoever tries has the password already. Who never stops leaves nothing to the owner here; a
browser that is known has tries of its own, and codes on paper are not counted by account.
"""

RECOVERY: Final = Limit(name="recovery", burst=10, every=60, is_by_address=True)
"""Codes on paper have 80 bits: they cannot be guessed, so that nobody can use up their tries."""


class FactorState(msgspec.Struct, frozen=True, kw_only=True):
    """What there is beside the password, in numbers."""

    has_totp: bool
    passkeys: int
    recovery_codes: int


def code_tries(
    entrance: Entrance, browser: Browser, account: Account, *, is_recovery: bool
) -> Sequence[Sequence[Try]]:
    """Return what one try of a code of the app, or of the paper, counts against."""
    key = address_key(browser.address)
    if is_recovery:
        return ((Try(RECOVERY, key),),)
    known = known_now(entrance.config.secret_keys, account, browser)
    return own_first(known, Try(CODE, account.id), Try(ADDRESS, key))


async def factor_state(session: AsyncSession, account: Account) -> FactorState:
    """Return what there is beside the password."""
    passkeys = await session.scalar(
        select(func.count()).select_from(Passkey).where(*owned_by(Passkey, account))
    )
    return FactorState(
        has_totp=await has_totp(session, account),
        passkeys=passkeys or 0,
        recovery_codes=await count_recovery_codes(session, account),
    )


async def factors_changed(session: AsyncSession, account: Account) -> bool:
    """Note at the account whether it has a second factor, and return it.

    Called after every change of a factor, in its transaction. Remembered browsers stand on
    the factors as they were, and codes on paper are worth nothing without any.
    """
    table = Staff if account.staff_id is not None else Person
    factor = or_(
        exists().where(*owned_by(Totp, account)), exists().where(*owned_by(Passkey, account))
    )
    await session.execute(
        update(table)
        .where(table.id == account.id)
        .values(has_second_factor=factor)
        .execution_options(synchronize_session=False)
    )
    has_one = await session.scalar(select(table.has_second_factor).where(table.id == account.id))
    await forget_devices(session, account)
    if not has_one:
        await delete_owned(session, RecoveryCode, account)
    return bool(has_one)


async def factor_added(
    session: AsyncSession, account: Account, *, keep: str, now: datetime
) -> tuple[str, ...]:
    """Note that there is one more factor; all sessions end but the one whose hash is ``keep``.

    Returns:
        New recovery codes if there were none left; they are shown once.
    """
    # First of all: whoever signs in meanwhile waits for this row, and is shut out below.
    await factors_changed(session, account)
    await close_sessions_of(
        session,
        business_id=account.business_id,
        person_id=account.person_id,
        staff_id=account.staff_id,
        keep=keep,
    )
    if await count_recovery_codes(session, account):
        return ()
    return await make_recovery_codes(session, account, now)


async def remove_factors(
    session: AsyncSession, account: Account, *, actor: Actor, now: datetime
) -> None:
    """Take everything away that is asked for after the password, for whoever has lost it.

    All sessions end; whoever comes next needs the password or a link, and no more.
    """
    for table in (Totp, Passkey, RecoveryCode):
        await delete_owned(session, table, account)
    await factors_changed(session, account)
    await close_sessions_of(
        session,
        business_id=account.business_id,
        person_id=account.person_id,
        staff_id=account.staff_id,
    )
    await tell_sign_in_changed(session, account, _REMOVED, now)
    await record(
        session,
        business_id=account.business_id,
        contact_id=account.contact_id,
        name=_REMOVED,
        actor=actor,
        at=now,
        data={"kind": account.kind.value, "account": account.id},
    )
