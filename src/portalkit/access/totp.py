"""Six-digit codes of an app (RFC 6238): SHA-1, 30 seconds, as every app understands them."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

import pyotp
from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.models import Totp
from portalkit.access.owners import delete_owned, hold_account, owned_by, owner_columns
from portalkit.config import Secret
from portalkit.errors import ConflictError
from portalkit.model.ids import new_id
from portalkit.seals import seal, unseal

__all__ = (
    "forget_totp",
    "has_totp",
    "is_totp",
    "matching_step",
    "new_totp_secret",
    "store_totp",
    "totp_uri",
    "use_totp",
)

_PURPOSE: Final = "totp"
_STEP_SECONDS: Final = 30
# Clocks of phones are off by some seconds, and typing takes some more.
_DRIFT: Final = (0, -1, 1)
_CODE: Final = re.compile(r"[0-9]{6}")


def new_totp_secret() -> str:
    """Return 160 random bits as base32, as apps take them in."""
    return pyotp.random_base32(32)


def totp_uri(secret: str, *, email: str, business: str) -> str:
    """Return the address that a QR code hands to the app; it names account and business."""
    # A colon ends the name of the issuer for every app.
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=business.replace(":", " "))


def is_totp(code: str) -> bool:
    """Say whether what was typed can be a code of an app: six digits."""
    return _CODE.fullmatch("".join(code.split())) is not None


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the period of 30 seconds whose code this is: the present one or a neighbour."""
    if not is_totp(code):
        return None
    typed = "".join(code.split())
    present = int(now.timestamp()) // _STEP_SECONDS
    hotp = pyotp.HOTP(secret)
    # All of them are compared, so that the time does not tell which one fits.
    fitting = [
        present + drift
        for drift in _DRIFT
        if hmac.compare_digest(hotp.at(present + drift).encode(), typed.encode())
    ]
    return fitting[0] if fitting else None


async def store_totp(
    session: AsyncSession,
    keys: Sequence[Secret],
    account: Account,
    secret: str,
    *,
    step: int,
    now: datetime,
) -> None:
    """Keep the secret of an app whose code has just been shown; that code is used up.

    Raises:
        ConflictError: If there is an app already.
    """
    if await has_totp(session, account):
        raise ConflictError(f"{account.id} has an app for codes already")
    await session.execute(
        insert(Totp).values(
            id=new_id(),
            **owner_columns(account),
            secret=seal(keys, _PURPOSE, secret, bound_to=account.id),
            last_step=step,
            created_at=now,
        )
    )


async def has_totp(session: AsyncSession, account: Account) -> bool:
    """Say whether there is an app."""
    return await session.scalar(select(Totp.id).where(*owned_by(Totp, account))) is not None


async def use_totp(
    session: AsyncSession, keys: Sequence[Secret], account: Account, code: str, now: datetime
) -> bool:
    """Use a code up and say whether it was right; of several at once exactly one succeeds.

    The statement that notes the period also checks it, so that a code that was looked over
    a shoulder is worth nothing. The secret is sealed anew with the newest key.
    """
    await hold_account(session, person_id=account.person_id, staff_id=account.staff_id)
    stored = (
        await session.execute(select(Totp.id, Totp.secret).where(*owned_by(Totp, account)))
    ).one_or_none()
    if stored is None:
        return False
    secret = unseal(keys, _PURPOSE, stored.secret, bound_to=account.id)
    step = matching_step(secret, code, now) if secret is not None else None
    if secret is None or step is None:
        return False
    used = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Totp)
            .where(Totp.id == stored.id, Totp.last_step < step)
            .values(last_step=step, secret=seal(keys, _PURPOSE, secret, bound_to=account.id))
            .execution_options(synchronize_session=False)
        ),
    )
    return used.rowcount == 1


async def forget_totp(session: AsyncSession, account: Account) -> bool:
    """Remove the app and say whether there was one."""
    return await delete_owned(session, Totp, account) == 1
