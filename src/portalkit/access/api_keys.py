"""Keys of the API: made, shown once, used by systems of the business, ended.

A key is ``pk_<prefix>_<secret>``: the prefix tells people which one it is, the secret is 256
random bits. The database keeps the SHA-256 of the whole, so a stolen backup opens nothing.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import ApiKey, Business
from portalkit.audit import Actor, record
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.model.ids import is_id, new_id

__all__ = (
    "KEY_MADE",
    "KEY_REVOKED",
    "MAX_DAYS",
    "ApiKeyView",
    "ApiScope",
    "KnownKey",
    "find_api_key",
    "is_use_due",
    "list_api_keys",
    "make_api_key",
    "note_use",
    "revoke_api_key",
)

KEY_MADE: Final = "access.api_key_made"
KEY_REVOKED: Final = "access.api_key_revoked"

MAX_DAYS: Final = 3_650
"""How long a key works at most, if it is to end by itself."""

_SECRET_BYTES: Final = 32
_MAX_NAME: Final = 100
_MAX_KEY: Final = 200
_PREFIX_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_PREFIX_LENGTH: Final = 8
# Last use is written at most this often, or every request would be a write.
_NOTE_EVERY: Final = timedelta(minutes=5)

_columns = ApiKey.__table__.c


class ApiScope(StrEnum):
    """What a key opens."""

    READ_DOCUMENTS = "documents:read"


class ApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret.

    Attributes:
        prefix: How the key begins: ``pk_c3t9kqwm``.
        actor_name: Who made it.
        used_at: Last use, to within five minutes.
    """

    id: str
    name: str
    prefix: str
    scopes: frozenset[str]
    actor_name: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Say whether it opens anything at a moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class KnownKey(ApiKeyView, frozen=True, kw_only=True):
    """A key that was sent and works; ``business_version`` says how new the business is."""

    business_version: int


_SHOWN: Final = select(*(_columns[name] for name in ApiKeyView.__struct_fields__))


_KNOWN: Final = _SHOWN.add_columns(Business.version.label("business_version")).join(
    Business, Business.id == _columns.business_id
)


def _values(row: Any) -> dict[str, Any]:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    return values | {"scopes": frozenset(values["scopes"])}


def _hash(key: str) -> str:
    return hashlib.sha256(key[:_MAX_KEY].encode("utf-8", "surrogatepass")).hexdigest()


async def make_api_key(
    session: AsyncSession,
    *,
    business_id: str,
    name: str,
    actor: Actor,
    now: datetime,
    days: int | None = None,
    scopes: Collection[ApiScope] = (ApiScope.READ_DOCUMENTS,),
) -> str:
    """Make a key and return it, the only time that anybody sees it.

    Args:
        session: A session that writes.
        business_id: Whose documents it opens.
        name: What it is for.
        actor: Who makes it.
        now: The current moment.
        days: After how many days it ends; without an end if left out.
        scopes: What it opens.

    Raises:
        InputRefusedError: ``field`` is ``name`` or ``days``.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        raise InputRefusedError("name", f"must have 1 to {_MAX_NAME} letters")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise InputRefusedError("days", f"must be 1 to {MAX_DAYS}")
    drawn = (secrets.choice(_PREFIX_LETTERS) for _ in range(_PREFIX_LENGTH))
    prefix = f"pk_{''.join(drawn)}"
    key = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    values = {
        "id": new_id(),
        "business_id": business_id,
        "name": name,
        "prefix": prefix,
        "key_hash": _hash(key),
        "scopes": sorted(scope.value for scope in scopes),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name[:200],
        "created_at": now,
        "expires_at": None if days is None else now + timedelta(days=days),
    }
    await session.execute(insert(ApiKey).values(values))
    await record(
        session,
        business_id=business_id,
        name=KEY_MADE,
        actor=actor,
        at=now,
        data={name: values[name] for name in ("id", "name", "prefix", "scopes")},
    )
    return key


async def find_api_key(
    session: AsyncSession, key: str, *, business_id: str, now: datetime
) -> KnownKey | None:
    """Return a key of this business that works now.

    One hash and one statement, whatever was sent. The row is found by the hash of 256 random
    bits, so how long that takes says nothing of use.
    """
    statement = _KNOWN.where(_columns.key_hash == _hash(key), _columns.business_id == business_id)
    row = (await session.execute(statement)).one_or_none()
    known = None if row is None else KnownKey(**_values(row))
    return known if known is not None and known.works(now) else None


async def list_api_keys(session: AsyncSession, *, business_id: str) -> Sequence[ApiKeyView]:
    """Return all keys of a business, the newest first, with those that are over."""
    statement = _SHOWN.where(_columns.business_id == business_id).order_by(_columns.id.desc())
    return [ApiKeyView(**_values(row)) for row in await session.execute(statement)]


async def revoke_api_key(
    session: AsyncSession, key_id: str, *, business_id: str, actor: Actor, now: datetime
) -> None:
    """End a key: it opens nothing from the next request on.

    Raises:
        NotFoundError: If the business has no such key, or it was ended before.
    """
    prefix = None
    if is_id(key_id):
        prefix = await session.scalar(
            update(ApiKey)
            .where(
                ApiKey.id == key_id, ApiKey.business_id == business_id, ApiKey.revoked_at.is_(None)
            )
            .values(revoked_at=now)
            .returning(ApiKey.prefix)
            .execution_options(synchronize_session=False)
        )
    if prefix is None:
        raise NotFoundError(f"key {key_id[:60]!r}")
    await record(
        session,
        business_id=business_id,
        name=KEY_REVOKED,
        actor=actor,
        at=now,
        data={"id": key_id, "prefix": prefix},
    )


def is_use_due(key: ApiKeyView, now: datetime) -> bool:
    """Say whether the key's last use should be written again: every five minutes."""
    return key.used_at is None or now - key.used_at >= _NOTE_EVERY


async def note_use(session: AsyncSession, key: ApiKeyView, now: datetime) -> None:
    """Write the last use."""
    await session.execute(
        update(ApiKey)
        .where(ApiKey.id == key.id)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
