"""Six digits by mail: they prove that whoever asked reads what is sent to an address.

The browser that asks keeps a signed (id, 128-bit secret), and the row keeps one hash over that
secret and the digits. So a code works in the browser that asked and nowhere else, and what
stands in the database alone is worth nothing. Ten minutes, five tries, one use.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

import msgspec
from sqlalchemy import ColumnElement, CursorResult, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Entrance
from portalkit.access.models import EmailCode
from portalkit.access.owners import hold_account
from portalkit.access.throttle import ADDRESS, Limit, Try, address_key, give_back, take_first
from portalkit.access.tokens import read_signed, sign
from portalkit.config import Secret
from portalkit.model.ids import new_id

__all__ = (
    "CODE_FOR",
    "MAX_TRIES",
    "AskedCode",
    "CodePurpose",
    "CodeView",
    "ask_code",
    "assign_code",
    "check_code",
    "end_codes",
    "forget_expired_codes",
    "guess_tries",
)

CODE_FOR: Final = timedelta(minutes=10)
"""How long a code works."""

MAX_TRIES: Final = 5
"""After so many tries a code is dead, the right one too."""

_GUESS: Final = Limit(name="mail_code", burst=10, every=90)
_SECRET_BYTES: Final = 16


class CodePurpose(StrEnum):
    """What a code is for; it is refused at every other door."""

    SIGN_IN = "sign_in"
    SHARE = "share"


class AskedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A new code.

    Attributes:
        digits: What the mail says, and nobody else.
        proof: What the browser keeps: without it the digits are worth nothing.
    """

    id: str
    digits: str
    proof: str
    expires_at: datetime


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """A code that was right and is used up now, and whose it was."""

    id: str
    person_id: str | None
    staff_id: str | None
    link_id: str | None


def _code_hash(code_id: str, secret: str, digits: str) -> str:
    return hashlib.sha256(f"{code_id}:{secret}:{digits}".encode("utf-8", "replace")).hexdigest()


def guess_tries(key: str, address: str) -> tuple[Try, Try]:
    """Return what one try of a code counts against: whoever it was sent to, and the address.

    At most 20 tries in any quarter of an hour, over all codes of one ``key``.
    """
    return Try(_GUESS, key), Try(ADDRESS, address_key(address))


async def ask_code(
    session: AsyncSession,
    keys: Sequence[Secret],
    *,
    purpose: CodePurpose,
    business_id: str,
    now: datetime,
    person_id: str | None = None,
    staff_id: str | None = None,
    link_id: str | None = None,
) -> AskedCode:
    """Make a code; the older ones of the same purpose and person stop working.

    Those of a link go on: several may hold it, and each types the one of its own browser.

    Args:
        session: A session that writes.
        keys: Newest first; the first one signs.
        purpose: The door it is for.
        business_id: Whose portal it is.
        now: The current moment.
        person_id: Whose code it is; nobody's if all three are left out: it is never right.
        staff_id: The same, for a member of staff.
        link_id: The same, for whoever came by a link.
    """
    await end_codes(
        session,
        purpose=purpose,
        business_id=business_id,
        now=now,
        person_id=person_id,
        staff_id=staff_id,
    )
    code_id, secret = new_id(), secrets.token_urlsafe(_SECRET_BYTES)
    digits = f"{secrets.randbelow(1_000_000):06d}"
    await session.execute(
        insert(EmailCode).values(
            id=code_id,
            business_id=business_id,
            purpose=purpose.value,
            person_id=person_id,
            staff_id=staff_id,
            link_id=link_id,
            code_hash=_code_hash(code_id, secret, digits),
            tries=0,
            created_at=now,
            expires_at=now + CODE_FOR,
        )
    )
    return AskedCode(
        id=code_id,
        digits=digits,
        proof=sign(keys, f"code.{purpose.value}", code_id, secret),
        expires_at=now + CODE_FOR,
    )


async def assign_code(
    session: AsyncSession,
    code_id: str,
    *,
    purpose: CodePurpose,
    business_id: str,
    now: datetime,
    person_id: str | None,
    staff_id: str | None,
) -> bool:
    """Make nobody's code somebody's, before its mail is written; ``False`` if it is over.

    The older codes of the same purpose and owner stop working.
    """
    owner = {"person_id": person_id, "staff_id": staff_id}
    await end_codes(session, purpose=purpose, business_id=business_id, now=now, **owner)
    result = cast(
        "CursorResult[Any]",
        await session.execute(
            update(EmailCode)
            .where(
                EmailCode.id == code_id,
                EmailCode.business_id == business_id,
                EmailCode.purpose == purpose.value,
                EmailCode.person_id.is_(None),
                EmailCode.staff_id.is_(None),
                EmailCode.link_id.is_(None),
                EmailCode.expires_at > now,
            )
            .values(**owner)
            .execution_options(synchronize_session=False)
        ),
    )
    return result.rowcount == 1


async def end_codes(
    session: AsyncSession,
    *,
    purpose: CodePurpose,
    business_id: str,
    now: datetime,
    person_id: str | None = None,
    staff_id: str | None = None,
) -> None:
    """Stop the codes of an owner, who is held: of a person, or of a member of staff."""
    owners: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (EmailCode.person_id, person_id),
            (EmailCode.staff_id, staff_id),
        )
        if value is not None
    ]
    if not owners:
        return
    await hold_account(session, person_id=person_id, staff_id=staff_id)
    await session.execute(
        update(EmailCode)
        .where(
            EmailCode.business_id == business_id,
            EmailCode.purpose == purpose.value,
            EmailCode.expires_at > now,
            *owners,
        )
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )


def _is_usable(business_id: str, purpose: CodePurpose, now: datetime) -> tuple[Any, ...]:
    return (
        EmailCode.business_id == business_id,
        EmailCode.purpose == purpose.value,
        EmailCode.used_at.is_(None),
        EmailCode.expires_at > now,
        or_(
            EmailCode.person_id.is_not(None),
            EmailCode.staff_id.is_not(None),
            EmailCode.link_id.is_not(None),
        ),
    )


async def check_code(
    entrance: Entrance,
    session: AsyncSession,
    *,
    purpose: CodePurpose,
    business_id: str,
    proof: str,
    digits: str,
    choices: Sequence[Sequence[Try]],
    now: datetime,
) -> CodeView | None:
    """Use a code up and return whose it was; ``None`` if it is wrong or works no longer.

    A try counts even if what follows fails; of several right ones at once exactly one succeeds.

    Args:
        entrance: The portal's.
        session: The request's own, not yet in a transaction.
        purpose: The door.
        business_id: Whose portal it is.
        proof: What the browser keeps, as :func:`ask_code` made it.
        digits: As they were typed; spaces do not count.
        choices: What the try counts against, as :func:`.throttle.take_first` takes it (see
            :func:`guess_tries`); given back if it is right.
        now: The current moment.

    Raises:
        ThrottledError: If a limit is used up.
    """
    code_id, secret = read_signed(entrance.config.secret_keys, f"code.{purpose.value}", proof) or (
        "",
        "",
    )
    is_usable = (EmailCode.id == code_id, *_is_usable(business_id, purpose, now))
    async with entrance.make_session() as own, own.begin():
        # The code's row before the limits, as below, or two tries would wait for each other.
        wanted = await _count(own, is_usable)
        tries = await take_first(own, choices, now)
    typed = _code_hash(code_id, secret, "".join(digits.split()))
    if wanted is None or not hmac.compare_digest(wanted, typed):
        return None
    found = await _use(session, is_usable, now)
    if found is not None:
        await give_back(session, tries)
    return found


async def _count(session: AsyncSession, is_usable: Sequence[ColumnElement[bool]]) -> str | None:
    """Count a try of a code, and return the hash to compare with; ``None`` if it is dead."""
    wanted = await session.scalar(
        update(EmailCode)
        .where(*is_usable, EmailCode.tries < MAX_TRIES)
        .values(tries=EmailCode.tries + 1)
        .returning(EmailCode.code_hash)
        .execution_options(synchronize_session=False)
    )
    return None if wanted is None else str(wanted)


async def _use(
    session: AsyncSession, is_usable: Sequence[ColumnElement[bool]], now: datetime
) -> CodeView | None:
    """Use a code up, unless another did, or a newer one was asked for meanwhile."""
    owner = select(EmailCode.person_id, EmailCode.staff_id).where(*is_usable)
    for person_id, staff_id in await session.execute(owner):
        await hold_account(session, person_id=person_id, staff_id=staff_id)
    row = (
        await session.execute(
            update(EmailCode)
            .where(*is_usable)
            .values(used_at=now)
            .returning(EmailCode.id, EmailCode.person_id, EmailCode.staff_id, EmailCode.link_id)
            .execution_options(synchronize_session=False)
        )
    ).one_or_none()
    if row is None:
        return None
    code_id, person_id, staff_id, link_id = row
    return CodeView(id=code_id, person_id=person_id, staff_id=staff_id, link_id=link_id)


async def forget_expired_codes(
    session: AsyncSession, before: datetime, *, at_most: int = 500
) -> int:
    """Remove codes that ended before a moment, and return how many."""
    stale = select(EmailCode.id).where(EmailCode.expires_at < before).limit(at_most)
    result = cast(
        "CursorResult[Any]",
        await session.execute(
            delete(EmailCode)
            .where(EmailCode.id.in_(stale.scalar_subquery()))
            .execution_options(synchronize_session=False)
        ),
    )
    return result.rowcount
