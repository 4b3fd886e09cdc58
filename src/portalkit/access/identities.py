"""Whom people are known as by auth providers, and whom a provider's word lets in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, canonical_email, find_account, get_account, is_email
from portalkit.access.models import BoundIdentity
from portalkit.access.owners import delete_owned, hold_account, owned_by, owner_columns
from portalkit.access.telling import tell_sign_in_changed
from portalkit.context import SessionKind
from portalkit.hooks import Identity
from portalkit.model.ids import is_id, new_id

__all__ = (
    "IdentityEntry",
    "bind_identity",
    "find_by_identity",
    "is_identity",
    "list_identities",
    "remove_identity",
)

_MAX: Final = 255


class IdentityEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An identity that is bound to an account, as its owner sees it in a list."""

    id: str
    provider: str
    email: str


def is_identity(identity: Identity) -> bool:
    """Say whether a provider's word can be kept: both names are there, visible, not too long."""
    return all(
        1 <= len(name) <= _MAX and name.isprintable()
        for name in (identity.issuer, identity.subject)
    )


async def find_by_identity(
    session: AsyncSession,
    identity: Identity,
    *,
    business_id: str,
    kind: SessionKind,
    provider: str,
    by_email: bool,
    now: datetime,
) -> Account | None:
    """Return the account that a provider's word lets in, or ``None``; nobody is ever added.

    An identity that was bound before counts, whatever its address is now. Else an address
    that the provider has verified does, if ``by_email``, and is bound from then on; but not
    where somebody else of that provider is bound already: addresses are given to others.

    Args:
        session: A session that writes.
        identity: The provider's word.
        business_id: Whose portal it is.
        kind: At which door.
        provider: Name of the provider.
        by_email: Whether the business recognizes people by verified addresses.
        now: The current moment.
    """
    bound = await _find_bound(session, identity, business_id, kind, provider)
    if bound is not None:
        account = await get_account(session, kind, business_id=business_id, account_id=bound)
        return account if account is not None and account.is_open else None
    email = _address(identity)
    if not by_email or not identity.is_email_verified or not email:
        return None
    account = await find_account(session, kind, business_id=business_id, email=email)
    if account is None or not account.is_open or await _has_other(session, account, provider):
        return None
    if not await bind_identity(session, account, identity, provider=provider, now=now):
        return None
    await tell_sign_in_changed(session, account, "access.identity_bound", now)
    return account


def _address(identity: Identity) -> str:
    """Return the address in canonical spelling; empty if it can be none, whatever was sent."""
    email = canonical_email(identity.email)
    return email if is_email(email) and email.isprintable() else ""


def _is_it(identity: Identity, business_id: str, kind: SessionKind, provider: str) -> Sequence[Any]:
    return (
        BoundIdentity.business_id == business_id,
        BoundIdentity.kind == kind.value,
        BoundIdentity.provider == provider,
        BoundIdentity.issuer == identity.issuer,
        BoundIdentity.subject == identity.subject,
    )


async def _find_bound(
    session: AsyncSession, identity: Identity, business_id: str, kind: SessionKind, provider: str
) -> str | None:
    row = (
        await session.execute(
            select(BoundIdentity.person_id, BoundIdentity.staff_id).where(
                *_is_it(identity, business_id, kind, provider)
            )
        )
    ).one_or_none()
    return None if row is None else row.staff_id or row.person_id


async def _has_other(session: AsyncSession, account: Account, provider: str) -> bool:
    found = select(BoundIdentity.id).where(
        *owned_by(BoundIdentity, account), BoundIdentity.provider == provider
    )
    return await session.scalar(found.limit(1)) is not None


async def bind_identity(
    session: AsyncSession, account: Account, identity: Identity, *, provider: str, now: datetime
) -> bool:
    """Bind an identity to an account; ``False`` if it is bound to another one.

    Of two at once both find it bound afterwards, to the one that came first.
    """
    await hold_account(session, person_id=account.person_id, staff_id=account.staff_id)
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(
        make(BoundIdentity)
        .values(
            id=new_id(),
            **owner_columns(account),
            kind=account.kind.value,
            provider=provider,
            issuer=identity.issuer,
            subject=identity.subject,
            email=_address(identity),
            used_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    which = _is_it(identity, account.business_id, account.kind, provider)
    await session.execute(
        update(BoundIdentity)
        .where(*which)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    bound = await _find_bound(session, identity, account.business_id, account.kind, provider)
    return bound == account.id


async def list_identities(session: AsyncSession, account: Account) -> Sequence[IdentityEntry]:
    """Return the identities that are bound to an account, oldest first."""
    rows = await session.execute(
        select(BoundIdentity.id, BoundIdentity.provider, BoundIdentity.email)
        .where(*owned_by(BoundIdentity, account))
        .order_by(BoundIdentity.id)
    )
    return [IdentityEntry(**row) for row in rows.mappings()]


async def remove_identity(session: AsyncSession, account: Account, identity_id: str) -> bool:
    """Unbind an identity and say whether there was such a one of this account."""
    if not is_id(identity_id):
        return False
    which = BoundIdentity.id == identity_id
    return await delete_owned(session, BoundIdentity, account, which) == 1
