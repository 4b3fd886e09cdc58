"""Browsers that are not asked for the second factor: for thirty days, or until revoked.

The browser keeps a signed (id, 128-bit secret), the row the secret's hash; end and revocation
stand in the row only.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.browser import Browser
from portalkit.access.models import RememberedDevice
from portalkit.access.owners import delete_owned, owned_by, owner_columns
from portalkit.access.sessions import printable
from portalkit.access.tokens import read_signed, sign
from portalkit.config import Secret
from portalkit.model.ids import is_id, new_id

__all__ = (
    "REMEMBERED_FOR",
    "DeviceEntry",
    "forget_device",
    "forget_devices",
    "is_remembered",
    "list_devices",
    "remember_device",
)

REMEMBERED_FOR: Final = timedelta(days=30)
"""After this long a browser is asked again."""

_PURPOSE: Final = "device"
_SECRET_BYTES: Final = 16


class DeviceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One remembered browser, as its owner sees it in a list."""

    id: str
    user_agent: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime


def _hash(device_id: str, secret: str) -> str:
    return hashlib.sha256(f"{device_id}:{secret}".encode()).hexdigest()


async def remember_device(
    session: AsyncSession, keys: Sequence[Secret], account: Account, browser: Browser
) -> str:
    """Remember a browser and return what it keeps, the only time that anybody sees it."""
    device_id, secret = new_id(), secrets.token_urlsafe(_SECRET_BYTES)
    now = browser.now
    await session.execute(
        insert(RememberedDevice).values(
            id=device_id,
            **owner_columns(account),
            secret_hash=_hash(device_id, secret),
            user_agent=printable(browser.user_agent),
            created_at=now,
            used_at=now,
            expires_at=now + REMEMBERED_FOR,
        )
    )
    return sign(keys, _PURPOSE, device_id, secret)


async def is_remembered(
    session: AsyncSession, keys: Sequence[Secret], account: Account, browser: Browser
) -> bool:
    """Say whether this browser is remembered for this account, and note that it was used."""
    read = read_signed(keys, _PURPOSE, browser.device or "")
    if read is None:
        return False
    device_id, secret = read
    known = await session.scalar(
        select(RememberedDevice.secret_hash).where(
            RememberedDevice.id == device_id,
            *owned_by(RememberedDevice, account),
            RememberedDevice.expires_at > browser.now,
        )
    )
    if known is None or not hmac.compare_digest(known, _hash(device_id, secret)):
        return False
    await session.execute(
        update(RememberedDevice)
        .where(RememberedDevice.id == device_id)
        .values(used_at=browser.now)
        .execution_options(synchronize_session=False)
    )
    return True


async def list_devices(
    session: AsyncSession, account: Account, now: datetime
) -> Sequence[DeviceEntry]:
    """Return the browsers that are remembered, last used first."""
    rows = await session.execute(
        select(
            RememberedDevice.id,
            RememberedDevice.user_agent,
            RememberedDevice.created_at,
            RememberedDevice.used_at,
            RememberedDevice.expires_at,
        )
        .where(*owned_by(RememberedDevice, account), RememberedDevice.expires_at > now)
        .order_by(RememberedDevice.used_at.desc(), RememberedDevice.id)
    )
    return [
        DeviceEntry(
            id=device_id, user_agent=agent or "", created_at=made, used_at=used, expires_at=until
        )
        for device_id, agent, made, used, until in rows
    ]


async def forget_device(session: AsyncSession, account: Account, device_id: str) -> bool:
    """Forget one browser and say whether there was such a one of this account."""
    if not is_id(device_id):
        return False
    return (
        await delete_owned(session, RememberedDevice, account, RememberedDevice.id == device_id)
        == 1
    )


async def forget_devices(session: AsyncSession, account: Account) -> None:
    """Forget all browsers of an account: after a change of password or of a factor."""
    await delete_owned(session, RememberedDevice, account)
