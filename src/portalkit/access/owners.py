"""Rows that belong to a person or to a member of staff: what they carry, how they are found."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.models import Contact, Person, Staff
from portalkit.errors import NotFoundError

__all__ = ("delete_owned", "hold_account", "hold_contact", "owned_by", "owner_columns")


async def hold_account(
    session: AsyncSession, *, person_id: str | None = None, staff_id: str | None = None
) -> None:
    """Hold an account's row until the transaction ends; SQLite has one writer anyway.

    Whoever lets an account in, or changes what lets it in, holds it before anything else of
    it: so one comes after the other, sees what the other did, and no two wait in a circle.
    """
    row = Person.id == person_id if staff_id is None else Staff.id == staff_id
    # No more than an update would: what refers to the row can be inserted meanwhile.
    held = select(Person.id if staff_id is None else Staff.id).where(row)
    await session.execute(held.with_for_update(key_share=True))


async def hold_contact(session: AsyncSession, contact_id: str, *, business_id: str) -> None:
    """Hold a contact's row until the transaction ends: who acts for it, and as what, stays.

    Whoever needs an account too takes the contact first.

    Raises:
        NotFoundError: If the business has no such contact any more.
    """
    held = await session.scalar(
        select(Contact.id)
        .where(Contact.id == contact_id, Contact.business_id == business_id)
        # Sessions and links that name the contact can be inserted meanwhile.
        .with_for_update(key_share=True)
    )
    if held is None:
        raise NotFoundError(f"contact {contact_id}")


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
    await hold_account(session, person_id=account.person_id, staff_id=account.staff_id)
    gone = cast(
        "CursorResult[Any]",
        await session.execute(
            delete(table)
            .where(*owned_by(table, account), *which)
            .execution_options(synchronize_session=False)
        ),
    )
    return gone.rowcount
