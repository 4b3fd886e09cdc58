"""Rows that belong to a person or to a member of staff: what they carry, how they are found."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account

__all__ = ("delete_owned", "owned_by", "owner_columns")


def owner_columns(account: Account) -> dict[str, str | None]:
    """Return what a row of this account says of its owner."""
    return {
        "business_id": account.business_id,
        "person_id": account.person_id,
        "staff_id": account.staff_id,
    }


def owned_by(table: Any, account: Account) -> Sequence[ColumnElement[bool]]:
    """Return the conditions on rows of this account, and of nobody else."""
    owner = table.person_id if account.staff_id is None else table.staff_id
    return (table.business_id == account.business_id, owner == account.id)


async def delete_owned(
    session: AsyncSession, table: Any, account: Account, *which: ColumnElement[bool]
) -> int:
    """Delete the rows of this account that fit, all of them without a condition."""
    gone = cast(
        "CursorResult[Any]",
        await session.execute(
            delete(table)
            .where(*owned_by(table, account), *which)
            .execution_options(synchronize_session=False)
        ),
    )
    return gone.rowcount
