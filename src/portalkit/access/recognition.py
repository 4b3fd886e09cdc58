"""Who is behind a request: found by the session's id in one statement, at every request.

A session row names its business and its kind; it is refused at every other door, and it
ends by itself when the person, the contact or the membership behind it does.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
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

__all__ = ("SessionView", "find_session", "session_hash")

_ID_LENGTH: Final = 43


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is behind a request: session, person or staff, contact and business, in one row.

    Attributes:
        id_hash: SHA-256 of the session's id, in hexadecimal; tells sessions apart in lists.
        business_version: To compare with what the process keeps about the business.
        role: The person's role for the contact, or the role of the member of staff.
        locale: Language the person or member of staff chose, if one.
        contact_switches: Plugins switched on or off for this contact alone.
        must_change_password: Only the page that sets a password is open.
        has_second_factor: There is an app for codes or a passkey.
        is_strong: Two factors were proven when the session was opened.
        signed_in_by: How the first one was: ``password``, ``link`` and so on.
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
    has_second_factor: bool
    is_strong: bool
    signed_in_by: str
    contact_name: str
    contact_locale: str | None
    contact_currency: str | None
    contact_switches: Mapping[str, bool]
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


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


def _sources() -> FromClause:
    """Join a session with all that stands behind it, each within the session's business."""
    row, person, staff = _table(SessionRow), _table(Person), _table(Staff)
    contact, member, business = _table(Contact), _table(Membership), _table(Business)
    same = row.c.business_id
    is_person = and_(person.c.id == row.c.person_id, person.c.business_id == same)
    is_contact = and_(contact.c.id == row.c.contact_id, contact.c.business_id == same)
    is_staff = and_(staff.c.id == row.c.staff_id, staff.c.business_id == same)
    is_member = and_(member.c.person_id == row.c.person_id, member.c.contact_id == row.c.contact_id)
    return (
        row.join(business, business.c.id == same)
        .outerjoin(person, is_person)
        .outerjoin(member, is_member)
        .outerjoin(contact, is_contact)
        .outerjoin(staff, is_staff)
    )


def _is_open() -> ColumnElement[bool]:
    """Say whether what stands behind a session is still there; other kinds have no door yet."""
    row, person, staff = _table(SessionRow), _table(Person), _table(Staff)
    contact, member = _table(Contact), _table(Membership)
    is_person = and_(
        row.c.kind == SessionKind.PERSON.value,
        person.c.is_enabled,
        contact.c.is_enabled,
        member.c.is_enabled,
    )
    is_staff = and_(row.c.kind == SessionKind.STAFF.value, staff.c.is_enabled)
    return or_(is_person, is_staff)


def _find_statement() -> Select[Any]:
    row, person, staff = _table(SessionRow), _table(Person), _table(Staff)
    contact, member, business = _table(Contact), _table(Membership), _table(Business)
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
            func.coalesce(person.c.has_second_factor, staff.c.has_second_factor),
            row.c.is_strong,
            row.c.signed_in_by,
            contact.c.name,
            contact.c.locale,
            contact.c.currency,
            _contact_switches(row),
            row.c.created_at,
            row.c.seen_at,
            row.c.expires_at,
        )
        .select_from(_sources())
        .where(
            row.c.id_hash == bindparam("id_hash"),
            row.c.business_id == bindparam("business_id"),
            row.c.expires_at > bindparam("now"),
            row.c.seen_at > bindparam("idle_since"),
            _is_open(),
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
    return None if found is None else _view(id_hash, business_id, found)


def _view(id_hash: str, business_id: str, found: Sequence[Any]) -> SessionView:
    kind, version, person_id, staff_id, contact_id, document_id, *rest = found
    name, email, role, locale, must_change, has_second, is_strong, by, *rest = rest
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
        has_second_factor=bool(has_second),
        is_strong=is_strong,
        signed_in_by=by,
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
