"""Passkeys: made, used and removed; each of them belongs to one account of one business.

What a browser hands in is checked by the library: challenge, origin, name of the host,
presence and verification of who holds the device, signature, counter.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account, get_account
from portalkit.access.models import Passkey
from portalkit.access.owners import delete_owned, hold_account, owned_by, owner_columns
from portalkit.access.passkey_options import RelyingParty
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, InputRefusedError
from portalkit.model.ids import is_id, new_id

__all__ = (
    "MAX_PASSKEY_NAME",
    "KnownPasskey",
    "NewPasskey",
    "PasskeyEntry",
    "add_passkey",
    "check_signature",
    "find_passkey",
    "list_passkeys",
    "read_new_passkey",
    "remove_passkey",
    "rename_passkey",
    "use_passkey",
)

MAX_PASSKEY_NAME: Final = 60
_MAX_PASSKEYS: Final = 20
_MAX_JSON: Final = 20_000
# 1,023 bytes at most (WebAuthn, 5.8.3), in base64url.
_CREDENTIAL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,1364}")


class PasskeyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey, as its owner sees it in a list."""

    id: str
    credential_id: str
    name: str
    created_at: datetime
    used_at: datetime | None


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """What a device has just made."""

    credential_id: str
    public_key: str
    sign_count: int


class KnownPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey that somebody holds, and whose it is."""

    id: str
    public_key: str
    sign_count: int
    account: Account


def read_new_passkey(party: RelyingParty, credential: str, *, challenge: str) -> NewPasskey:
    """Return the passkey that a browser says its device has made.

    Raises:
        InputRefusedError: ``field`` is ``passkey``: it is none, or not for us and this time.
    """
    import webauthn  # noqa: PLC0415 - heavy, and an extra
    from webauthn.helpers import bytes_to_base64url  # noqa: PLC0415

    _check_size(credential)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # boundary: the library parses what anybody may send
        raise InputRefusedError("passkey", f"is refused: {error!r}") from error
    credential_id = bytes_to_base64url(made.credential_id)
    if not _CREDENTIAL_ID.fullmatch(credential_id):
        raise InputRefusedError("passkey", "has an id that is too long")
    return NewPasskey(
        credential_id=credential_id,
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
    )


def _check_size(credential: str) -> None:
    if len(credential) > _MAX_JSON:
        raise InputRefusedError("passkey", "is too long")


async def add_passkey(
    session: AsyncSession, account: Account, made: NewPasskey, *, name: str, now: datetime
) -> None:
    """Keep a passkey.

    Raises:
        ConflictError: If the business knows it already, or there are too many.
    """
    known = select(Passkey.id).where(
        Passkey.business_id == account.business_id, Passkey.credential_id == made.credential_id
    )
    if await session.scalar(known) is not None:
        raise ConflictError("this passkey is known already")
    number = select(func.count()).select_from(Passkey).where(*owned_by(Passkey, account))
    if (await session.scalar(number) or 0) >= _MAX_PASSKEYS:
        raise ConflictError(f"{account.id} has {_MAX_PASSKEYS} passkeys already")
    await session.execute(
        insert(Passkey).values(
            id=new_id(),
            **owner_columns(account),
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=name,
            created_at=now,
        )
    )


async def list_passkeys(session: AsyncSession, account: Account) -> Sequence[PasskeyEntry]:
    """Return the passkeys of an account, oldest first."""
    rows = await session.execute(
        select(
            Passkey.id,
            Passkey.credential_id,
            Passkey.name,
            Passkey.created_at,
            Passkey.used_at,
        )
        .where(*owned_by(Passkey, account))
        .order_by(Passkey.id)
    )
    return [PasskeyEntry(**row) for row in rows.mappings()]


async def rename_passkey(
    session: AsyncSession, account: Account, passkey_id: str, name: str
) -> bool:
    """Call a passkey otherwise and say whether there was such a one of this account."""
    if not is_id(passkey_id):
        return False
    changed = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Passkey)
            .where(*owned_by(Passkey, account), Passkey.id == passkey_id)
            .values(name=name)
            .execution_options(synchronize_session=False)
        ),
    )
    return changed.rowcount == 1


async def remove_passkey(session: AsyncSession, account: Account, passkey_id: str) -> bool:
    """Remove a passkey and say whether there was such a one of this account."""
    if not is_id(passkey_id):
        return False
    return await delete_owned(session, Passkey, account, Passkey.id == passkey_id) == 1


async def find_passkey(
    session: AsyncSession, credential: str, *, business_id: str
) -> KnownPasskey | None:
    """Return the passkey that a browser holds and whose it is, if it may still enter."""
    _check_size(credential)
    row = (
        await session.execute(
            select(
                Passkey.id,
                Passkey.public_key,
                Passkey.sign_count,
                Passkey.person_id,
                Passkey.staff_id,
            ).where(
                Passkey.business_id == business_id,
                Passkey.credential_id == _credential_id(credential),
            )
        )
    ).one_or_none()
    if row is None:
        return None
    account = await get_account(
        session,
        SessionKind.STAFF if row.staff_id is not None else SessionKind.PERSON,
        business_id=business_id,
        account_id=row.staff_id or row.person_id,
    )
    if account is None or not account.is_open:
        return None
    return KnownPasskey(
        id=row.id, public_key=row.public_key, sign_count=row.sign_count, account=account
    )


class _Held(msgspec.Struct, frozen=True):
    id: str


def _credential_id(credential: str) -> str:
    try:
        held = msgspec.json.decode(credential, type=_Held).id
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InputRefusedError("passkey", "is no passkey") from error
    if not _CREDENTIAL_ID.fullmatch(held):
        raise InputRefusedError("passkey", "has no proper id")
    return held


def check_signature(
    party: RelyingParty, known: KnownPasskey, credential: str, *, challenge: str
) -> int:
    """Check what a device has signed and return its counter.

    Raises:
        InputRefusedError: ``field`` is ``passkey``: signed by another key, for another
            challenge or another site, by nobody who was verified, or with a counter that
            does not grow, as after a copy.
    """
    import webauthn  # noqa: PLC0415 - heavy, and an extra
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415

    try:
        held = webauthn.helpers.parse_authentication_credential_json(credential)
        signed = webauthn.verify_authentication_response(
            credential=held,
            expected_challenge=challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(known.public_key),
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # boundary: the library parses what anybody may send
        raise InputRefusedError("passkey", f"is refused: {error!r}") from error
    handle = held.response.user_handle
    if handle is not None and handle != known.account.id.encode():
        raise InputRefusedError("passkey", "is of another account")
    return signed.new_sign_count


async def use_passkey(
    session: AsyncSession, known: KnownPasskey, sign_count: int, now: datetime
) -> bool:
    """Note that a passkey was used; ``False`` if it was removed, or used meanwhile."""
    account = known.account
    await hold_account(session, person_id=account.person_id, staff_id=account.staff_id)
    used = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Passkey)
            .where(Passkey.id == known.id, Passkey.sign_count == known.sign_count)
            .values(sign_count=sign_count, used_at=now)
            .execution_options(synchronize_session=False)
        ),
    )
    return used.rowcount == 1
