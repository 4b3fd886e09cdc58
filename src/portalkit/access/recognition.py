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
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import (
    Business,
    Contact,
    Link,
    Membership,
    Person,
    PluginSwitch,
    SessionRow,
    Staff,
)
from portalkit.context import SessionKind

__all__ = ("SessionView", "find_session", "find_sessions", "session_hash")

_ID_LENGTH: Final = 43


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is behind a request: session, person or staff, contact and business, in one row.

    Attributes:
        id_hash: SHA-256 of the session's id, in hexadecimal; tells sessions apart in lists.
        business_version: To compare with what the process keeps about the business.
        role: The person's role for the contact, or the role of the member of staff; while these
            look as the contact, the role with which they do.
        locale: Language the person or member of staff chose, if one.
        contact_switches: Plugins switched on or off for this contact alone.
        has_several: The person may act for another contact too.
        must_change_password: Only the page that sets a password is open.
        has_second_factor: There is an app for codes or a passkey.
        is_strong: Two factors were proven when the session was opened.
        signed_in_by: How the first one was: ``password``, ``link`` and so on.
        link_id: The share link behind it; the session ends with the link.
        contact_email: Where the contact itself is written to.
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
    link_id: str | None = None
    contact_name: str
    contact_email: str | None = None
    contact_locale: str | None
    contact_currency: str | None
    contact_switches: Mapping[str, bool]
    has_several: bool = False
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


def _has_several(row: Table) -> ColumnElement[bool]:
    """Say whether a person may act for another contact too."""
    member, contact = _table(Membership).alias(), _table(Contact).alias()
    return (
        exists()
        .where(
            member.c.person_id == row.c.person_id,
            member.c.contact_id != row.c.contact_id,
            member.c.is_enabled,
            contact.c.id == member.c.contact_id,
            contact.c.is_enabled,
        )
        .correlate(row)
    )


def _sources() -> FromClause:
    """Join a session with all that stands behind it, each within the session's business."""
    row, person, staff = _table(SessionRow), _table(Person), _table(Staff)
    contact, member, business = _table(Contact), _table(Membership), _table(Business)
    link, same = _table(Link), row.c.business_id
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
        .outerjoin(link, and_(link.c.id == row.c.link_id, link.c.business_id == same))
    )


def _is_open() -> ColumnElement[bool]:
    """Say whether what stands behind a session is still there; a pending one has no door."""
    row, person, staff = _table(SessionRow), _table(Person), _table(Staff)
    contact, member, link = _table(Contact), _table(Membership), _table(Link)
    is_person = and_(
        row.c.kind == SessionKind.PERSON.value,
        person.c.is_enabled,
        contact.c.is_enabled,
        member.c.is_enabled,
    )
    is_staff = and_(row.c.kind == SessionKind.STAFF.value, staff.c.is_enabled)
    is_share = and_(
        row.c.kind == SessionKind.SHARE.value,
        contact.c.is_enabled,
        link.c.revoked_at.is_(None),
        link.c.expires_at > bindparam("now"),
    )
    is_view = and_(
        row.c.kind == SessionKind.VIEW_AS.value, staff.c.is_enabled, contact.c.is_enabled
    )
    return or_(is_person, is_staff, is_share, is_view)


def _find_statement(which: ColumnElement[bool]) -> Select[Any]:
    row, person, staff = _table(SessionRow), _table(Person), _table(Staff)
    contact, member, business = _table(Contact), _table(Membership), _table(Business)
    return (
        select(
            row.c.id_hash,
            row.c.kind,
            business.c.version,
            row.c.person_id,
            row.c.staff_id,
            row.c.contact_id,
            row.c.document_id,
            func.coalesce(person.c.name, staff.c.name, literal_column("''")),
            func.coalesce(person.c.email, staff.c.email, literal_column("''")),
            func.coalesce(row.c.view_role, member.c.role, staff.c.role, literal_column("''")),
            func.coalesce(person.c.locale, staff.c.locale),
            func.coalesce(person.c.must_change_password, staff.c.must_change_password),
            func.coalesce(person.c.has_second_factor, staff.c.has_second_factor),
            row.c.is_strong,
            row.c.signed_in_by,
            row.c.link_id,
            contact.c.name,
            contact.c.email,
            contact.c.locale,
            contact.c.currency,
            _contact_switches(row),
            _has_several(row),
            row.c.created_at,
            row.c.seen_at,
            row.c.expires_at,
        )
        .select_from(_sources())
        .where(
            which,
            row.c.business_id == bindparam("business_id"),
            row.c.expires_at > bindparam("now"),
            row.c.seen_at > bindparam("idle_since"),
            _is_open(),
        )
    )


# Built once: SQLAlchemy keeps its cache key with it, and the compiled text with the engine.
_FIND: Final = _find_statement(SessionRow.id_hash == bindparam("id_hash"))
_FIND_SEVERAL: Final = _find_statement(
    SessionRow.id_hash.in_(bindparam("id_hashes", expanding=True))
)


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
    if not _is_ours(session_id):
        return None
    parameters = {
        "id_hash": session_hash(session_id),
        "business_id": business_id,
        "now": now,
        "idle_since": now - idle,
    }
    found = (await session.execute(_FIND, parameters)).one_or_none()
    return None if found is None else _view(business_id, found)


async def find_sessions(
    session: AsyncSession,
    session_ids: Sequence[str | None],
    *,
    business_id: str,
    now: datetime,
    idle: timedelta,
) -> Sequence[SessionView | None]:
    """Return who each of several cookies belongs to, in their order; one statement.

    The other parameters are those of :func:`find_session`.
    """
    hashes = [
        session_hash(each) if each is not None and _is_ours(each) else None for each in session_ids
    ]
    parameters = {
        "id_hashes": [each for each in hashes if each is not None],
        "business_id": business_id,
        "now": now,
        "idle_since": now - idle,
    }
    rows = await session.execute(_FIND_SEVERAL, parameters)
    views = {view.id_hash: view for view in (_view(business_id, row) for row in rows)}
    return [None if each is None else views.get(each) for each in hashes]


def _is_ours(session_id: str) -> bool:
    return len(session_id) == _ID_LENGTH and session_id.isascii()


def _view(business_id: str, found: Sequence[Any]) -> SessionView:
    id_hash, kind, version, person_id, staff_id, contact_id, document_id, *rest = found
    name, email, role, locale, must_change, has_second, is_strong, by, link_id, *rest = rest
    contact_name, contact_email, contact_locale, contact_currency, switches, *moments = rest
    has_several, created_at, seen_at, expires_at = moments
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
        link_id=link_id,
        contact_name=contact_name or "",
        contact_email=contact_email,
        contact_locale=contact_locale,
        contact_currency=contact_currency,
        contact_switches=_parse_switches(switches),
        has_several=bool(has_several),
        created_at=created_at,
        seen_at=seen_at,
        expires_at=expires_at,
    )


def _parse_switches(text: str | None) -> Mapping[str, bool]:
    if not text:
        return {}
    return {name: is_on == "1" for name, _, is_on in (p.partition("=") for p in text.split(","))}
