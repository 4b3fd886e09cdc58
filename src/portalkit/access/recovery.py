"""Recovery codes: on paper, for whoever has lost the second factor; each of them works once."""

import hashlib
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.models import RecoveryCode
from portalkit.access.owners import delete_owned, hold_account, owned_by, owner_columns
from portalkit.access.passwords import new_one_time_password
from portalkit.model.ids import new_id

__all__ = ("RECOVERY_CODES", "count_recovery_codes", "make_recovery_codes", "use_recovery_code")

RECOVERY_CODES: Final = 10
"""How many there are after they were made."""

_MAX_TYPED: Final = 60


def _hash(account: Account, code: str) -> str:
    # 80 random bits need no slow hash; the account keeps equal codes of two people apart.
    return hashlib.sha256(f"{account.id}:{code}".encode("utf-8", "surrogatepass")).hexdigest()


def _plain(typed: str) -> str:
    """Return a code without what people put between its groups."""
    kept = "".join(char for char in typed[:_MAX_TYPED].lower() if char not in " -\t\r\n")
    return "-".join(kept[start : start + 4] for start in range(0, len(kept), 4))


async def make_recovery_codes(
    session: AsyncSession, account: Account, now: datetime
) -> tuple[str, ...]:
    """Make new codes in place of all older ones; this is the only time that they are seen."""
    codes = tuple(new_one_time_password() for _ in range(RECOVERY_CODES))
    await delete_owned(session, RecoveryCode, account)
    for code in codes:
        await session.execute(
            insert(RecoveryCode).values(
                id=new_id(),
                **owner_columns(account),
                code_hash=_hash(account, code),
                created_at=now,
            )
        )
    return codes


async def use_recovery_code(
    session: AsyncSession, account: Account, typed: str, now: datetime
) -> bool:
    """Use a code up and say whether it was right; of several at once exactly one succeeds."""
    await hold_account(session, person_id=account.person_id, staff_id=account.staff_id)
    used = cast(
        "CursorResult[Any]",
        await session.execute(
            update(RecoveryCode)
            .where(
                *owned_by(RecoveryCode, account),
                RecoveryCode.code_hash == _hash(account, _plain(typed)),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        ),
    )
    return used.rowcount == 1


async def count_recovery_codes(session: AsyncSession, account: Account) -> int:
    """Return how many codes have not been used."""
    number = await session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(*owned_by(RecoveryCode, account), RecoveryCode.used_at.is_(None))
    )
    return number or 0
