"""Sessions: a row for each signed-in browser, checked at every request.

The browser holds 256 random bits, the database their SHA-256. A row names its business and
its kind; it is refused at every other door, and it ends by itself when the person, the
contact or the membership behind it does.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import (
    Business,
    Contact,
    Membership,
    Person,
    PluginSwitch,
    SessionRow,
    Staff,
)
from portalkit.context import SessionKind

__all__ = (
    "SessionView",
    "close_session",
    "close_sessions_of",
    "cookie_name",
    "find_session",
    "is_touch_due",
    "open_session",
    "session_hash",
    "touch_session",
)

_ID_BYTES: Final = 32
_ID_LENGTH: Final = 43
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_MAX_USER_AGENT: Final = 200
# Last use is written at most this often, or every view of a page would be a write.
_TOUCH_EVERY: Final = timedelta(minutes=5)


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is behind a request: session, person or staff, contact and business, in one row.

    Attributes:
        id_hash: SHA-256 of the session's id, in hexadecimal; tells sessions apart in lists.
        business_version: To compare with what the process keeps about the business.
        role: The person's role for the contact, or the role of the member of staff.
        locale: Language the person or member of staff chose, if one.
        contact_switches: Plugins switched on or off for this contact alone.
        must_change_password: Only the page that sets a password is open.
    """

    id_hash: str
    kind: SessionKind
    business_id: str
    business_version: int
    person_id: str | None
    staff_id: str | None
    contact_id: str | None
    document_id: str | None
    name: str
    email: str
    role: str
    locale: str | None
    must_change_password: bool
    contact_name: str
    contact_locale: str | None
    contact_currency: str | None
    contact_switches: Mapping[str, bool]
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def cookie_name(*, is_secure: bool, slug: str = "") -> str:
    """Return the name of the session's cookie.

    Args:
        is_secure: Whether the portal is reached by https; ``__Host-`` needs it.
        slug: The business's, where several share a host name and differ by path prefix.
    """
    name = "__Host-pk" if is_secure else "pk"
    return f"{name}-{slug}" if slug else name


def session_hash(session_id: str) -> str:
    """Return what the database knows of a session's id."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def _table(model: type[Any]) -> Table:
    return cast("Table", model.__table__)


def _contact_switches(row: Table) -> ColumnElement[str | None]:
    """Switches of the contact as ``catalog=1,sales=0``: no second statement, never stale."""
    switch = _table(PluginSwitch)
    on: ColumnElement[str] = literal_column("'=1'")
    off: ColumnElement[str] = literal_column("'=0'")
    pair = case((switch.c.is_enabled, switch.c.plugin + on), else_=switch.c.plugin + off)
    # A plain text as separator would be put into the statement anew at every execution.
    comma: Any = literal_column("','")
    return (
        select(func.aggregate_strings(pair, comma))
        .where(switch.c.contact_id == row.c.contact_id)
        .correlate(row)
        .scalar_subquery()
    )


def _find_statement() -> Select[Any]:
    row, person, staff = _table(SessionRow), _table(Person), _table(Staff)
    contact, member, business = _table(Contact), _table(Membership), _table(Business)
    sources = (
        row.join(business, business.c.id == row.c.business_id)
        .outerjoin(
            person,
            and_(person.c.id == row.c.person_id, person.c.business_id == row.c.business_id),
        )
        .outerjoin(
            member,
            and_(member.c.person_id == row.c.person_id, member.c.contact_id == row.c.contact_id),
        )
        .outerjoin(
            contact,
            and_(contact.c.id == row.c.contact_id, contact.c.business_id == row.c.business_id),
        )
        .outerjoin(
            staff,
            and_(staff.c.id == row.c.staff_id, staff.c.business_id == row.c.business_id),
        )
    )
    is_person = and_(
        row.c.kind == SessionKind.PERSON.value,
        person.c.is_enabled,
        contact.c.is_enabled,
        member.c.is_enabled,
    )
    is_staff = and_(row.c.kind == SessionKind.STAFF.value, staff.c.is_enabled)
    return (
        select(
            row.c.kind,
            business.c.version,
            row.c.person_id,
            row.c.staff_id,
            row.c.contact_id,
            row.c.document_id,
            func.coalesce(person.c.name, staff.c.name),
            func.coalesce(person.c.email, staff.c.email),
            func.coalesce(member.c.role, staff.c.role),
            func.coalesce(person.c.locale, staff.c.locale),
            func.coalesce(person.c.must_change_password, staff.c.must_change_password),
            contact.c.name,
            contact.c.locale,
            contact.c.currency,
            _contact_switches(row),
            row.c.created_at,
            row.c.seen_at,
            row.c.expires_at,
        )
        .select_from(sources)
        .where(
            row.c.id_hash == bindparam("id_hash"),
            row.c.business_id == bindparam("business_id"),
            row.c.expires_at > bindparam("now"),
            row.c.seen_at > bindparam("idle_since"),
            # Kinds that have no door yet are refused here.
            or_(is_person, is_staff),
        )
    )


# Built once: SQLAlchemy keeps its cache key with it, and the compiled text with the engine.
_FIND: Final = _find_statement()


async def find_session(
    session: AsyncSession,
    session_id: str,
    *,
    business_id: str,
    now: datetime,
    idle: timedelta,
) -> SessionView | None:
    """Return who a cookie belongs to, or ``None``; always one statement.

    Args:
        session: Any session of the portal's database.
        session_id: What the cookie says; whatever we did not make ourselves is unknown.
        business_id: The business whose door was knocked at.
        now: The current moment.
        idle: A session ends when it was not used for this long.
    """
    if len(session_id) != _ID_LENGTH or not session_id.isascii():
        return None
    id_hash = session_hash(session_id)
    parameters = {
        "id_hash": id_hash,
        "business_id": business_id,
        "now": now,
        "idle_since": now - idle,
    }
    found = (await session.execute(_FIND, parameters)).one_or_none()
    if found is None:
        return None
    kind, version, person_id, staff_id, contact_id, document_id, *rest = found
    name, email, role, locale, must_change, *rest = rest
    contact_name, contact_locale, contact_currency, switches, *moments = rest
    created_at, seen_at, expires_at = moments
    return SessionView(
        id_hash=id_hash,
        kind=SessionKind(kind),
        business_id=business_id,
        business_version=version,
        person_id=person_id,
        staff_id=staff_id,
        contact_id=contact_id,
        document_id=document_id,
        name=name,
        email=email,
        role=role,
        locale=locale,
        must_change_password=bool(must_change),
        contact_name=contact_name or "",
        contact_locale=contact_locale,
        contact_currency=contact_currency,
        contact_switches=_parse_switches(switches),
        created_at=created_at,
        seen_at=seen_at,
        expires_at=expires_at,
    )


def _parse_switches(text: str | None) -> Mapping[str, bool]:
    if not text:
        return {}
    return {name: is_on == "1" for name, _, is_on in (p.partition("=") for p in text.split(","))}


async def open_session(
    session: AsyncSession,
    *,
    business_id: str,
    kind: SessionKind,
    now: datetime,
    lifetime: timedelta,
    person_id: str | None = None,
    staff_id: str | None = None,
    contact_id: str | None = None,
    document_id: str | None = None,
    user_agent: str | None = None,
    replaces: str | None = None,
) -> str:
    """Start a session and return its id, the only time that anybody sees it.

    A new id is made at every rise of rights; what the browser brought along is ended, so
    that an id planted before the sign-in is worth nothing afterwards (security R24):
    ``replaces`` is the id it held until now. The session ends after ``lifetime`` at the
    latest.
    """
    session_id = secrets.token_urlsafe(_ID_BYTES)
    if replaces:
        await close_session(session, session_hash(replaces), business_id=business_id)
    await _sweep(session, now)
    await session.execute(
        insert(SessionRow).values(
            id_hash=session_hash(session_id),
            business_id=business_id,
            kind=kind.value,
            person_id=person_id,
            staff_id=staff_id,
            contact_id=contact_id,
            document_id=document_id,
            user_agent=_printable(user_agent),
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
        )
    )
    return session_id


async def _sweep(session: AsyncSession, now: datetime) -> None:
    """Remove some sessions that are over, without waiting for who does the same."""
    over = (
        select(SessionRow.id_hash)
        .where(SessionRow.expires_at <= now)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        delete(SessionRow)
        .where(SessionRow.id_hash.in_(over.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )


def _printable(user_agent: str | None) -> str | None:
    """Return what is kept of what a browser calls itself: nothing a database refuses."""
    if not user_agent:
        return None
    return "".join(char for char in user_agent[:_MAX_USER_AGENT] if char.isprintable())


def is_touch_due(view: SessionView, now: datetime) -> bool:
    """Say whether the session's last use should be written again: every five minutes."""
    return now - view.seen_at >= _TOUCH_EVERY


async def touch_session(session: AsyncSession, view: SessionView, now: datetime) -> None:
    """Write the last use; a session that was ended meanwhile stays ended."""
    await session.execute(
        update(SessionRow).where(SessionRow.id_hash == view.id_hash).values(seen_at=now)
    )


async def close_session(
    session: AsyncSession,
    id_hash: str,
    *,
    business_id: str,
    person_id: str | None = None,
    staff_id: str | None = None,
) -> bool:
    """End one session; say whether there was one.

    With ``person_id`` or ``staff_id`` it is ended only if it is theirs.
    """
    if not _HASH.fullmatch(id_hash):
        return False
    statement = delete(SessionRow).where(
        SessionRow.id_hash == id_hash, SessionRow.business_id == business_id
    )
    if person_id is not None:
        statement = statement.where(SessionRow.person_id == person_id)
    if staff_id is not None:
        statement = statement.where(SessionRow.staff_id == staff_id)
    return await _deleted(session, statement) > 0


async def close_sessions_of(
    session: AsyncSession,
    *,
    business_id: str,
    person_id: str | None = None,
    staff_id: str | None = None,
    contact_id: str | None = None,
    keep: str | None = None,
) -> int:
    """End all sessions of a person, a member of staff or a contact; return how many.

    At least one of the three is given, and all that are given must fit. ``keep`` is the
    ``id_hash`` of the one session that goes on.
    """
    owners = {
        SessionRow.person_id: person_id,
        SessionRow.staff_id: staff_id,
        SessionRow.contact_id: contact_id,
    }
    wanted = [column == value for column, value in owners.items() if value is not None]
    if not wanted:
        raise ValueError("whose sessions?")
    statement = delete(SessionRow).where(SessionRow.business_id == business_id, *wanted)
    if keep is not None:
        statement = statement.where(SessionRow.id_hash != keep)
    return await _deleted(session, statement)


async def _deleted(session: AsyncSession, statement: Any) -> int:
    result = cast("CursorResult[Any]", await session.execute(statement))
    return result.rowcount
