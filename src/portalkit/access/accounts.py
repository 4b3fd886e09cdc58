"""Who can sign in: a person of a contact, or a member of staff, looked up in one statement."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, false, func, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portalkit.access.models import Contact, Membership, Person, Staff
from portalkit.context import SessionKind
from portalkit.model import is_mailbox

__all__ = ("Account", "canonical_email", "find_account", "get_account", "is_email", "is_name")

_MAX_NAME: Final = 200
_ONE_TIME_FOR: Final = timedelta(days=7)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an e-mail address at this business, and what signing in needs of them.

    Attributes:
        kind: ``SessionKind.PERSON`` or ``SessionKind.STAFF``.
        contact_id: Contact a person acts for; of several the first by name.
        has_second_factor: An app for codes or a passkey is asked for after the password.
        has_several: A person acts for more than one contact.
        is_open: Not disabled, and a person has a contact that is not disabled either.
    """

    kind: SessionKind
    id: str
    business_id: str
    email: str
    name: str
    locale: str | None
    password_hash: str | None
    password_set_at: datetime | None
    must_change_password: bool
    has_second_factor: bool
    contact_id: str | None
    is_open: bool
    has_several: bool = False

    @property
    def person_id(self) -> str | None:
        """The id, if it is a person."""
        return self.id if self.kind is SessionKind.PERSON else None

    @property
    def staff_id(self) -> str | None:
        """The id, if it is a member of staff."""
        return self.id if self.kind is SessionKind.STAFF else None

    def hash_at(self, now: datetime) -> str | None:
        """Return the hash to compare a password with, if one lets in at this moment.

        A password that the business set lets in once, and only for seven days.
        """
        if not self.is_open or self.password_hash is None:
            return None
        if self.must_change_password and (
            self.password_set_at is None or now - self.password_set_at > _ONE_TIME_FOR
        ):
            return None
        return self.password_hash


def canonical_email(text: str) -> str:
    """Return an address as it is stored and compared: trimmed and in lower case (R23)."""
    return text.strip().lower()


def is_email(text: str) -> bool:
    """Say whether a canonical address can be one; only a mail proves that it is."""
    return is_mailbox(text)


def is_name(text: str) -> bool:
    """Say whether a text can be somebody's name: visible, on one line, not too long."""
    return 1 <= len(text) <= _MAX_NAME and text.isprintable() and not text.isspace()


def _has_several() -> ColumnElement[bool]:
    member, contact = aliased(Membership), aliased(Contact)
    number = (
        select(func.count())
        .select_from(member)
        .join(contact, contact.id == member.contact_id)
        .where(member.person_id == Person.id, member.is_enabled, contact.is_enabled)
        .correlate(Person)
        .scalar_subquery()
    )
    return number > 1


def _person_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Person.id,
            Person.email,
            Person.name,
            Person.locale,
            Person.password_hash,
            Person.password_set_at,
            Person.must_change_password,
            Person.has_second_factor,
            Person.is_enabled,
            _has_several(),
            Contact.id,
        )
        .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.is_enabled))
        .outerjoin(Contact, and_(Contact.id == Membership.contact_id, Contact.is_enabled))
        # An absent contact sorts last on both databases.
        .order_by(Contact.id.is_(None), Contact.name_key, Contact.id)
        .limit(1)
    )


def _staff_statement() -> Select[*tuple[Any, ...]]:
    return select(
        Staff.id,
        Staff.email,
        Staff.name,
        Staff.locale,
        Staff.password_hash,
        Staff.password_set_at,
        Staff.must_change_password,
        Staff.has_second_factor,
        Staff.is_enabled,
        false(),
        null(),
    )


async def find_account(
    session: AsyncSession, kind: SessionKind, *, business_id: str, email: str
) -> Account | None:
    """Return the account of an e-mail address, in canonical spelling, or ``None``."""
    if kind is SessionKind.STAFF:
        return await _first(
            session, kind, business_id, Staff.business_id == business_id, Staff.email == email
        )
    return await _first(
        session, kind, business_id, Person.business_id == business_id, Person.email == email
    )


async def get_account(
    session: AsyncSession,
    kind: SessionKind,
    *,
    business_id: str,
    account_id: str,
    contact_id: str | None = None,
) -> Account | None:
    """Return an account by its id, or ``None``; a person as acting for ``contact_id`` if given."""
    if kind is SessionKind.STAFF:
        return await _first(
            session, kind, business_id, Staff.business_id == business_id, Staff.id == account_id
        )
    wanted = [Person.business_id == business_id, Person.id == account_id]
    if contact_id is not None:
        wanted.append(Membership.contact_id == contact_id)
    return await _first(session, kind, business_id, *wanted)


async def _first(
    session: AsyncSession, kind: SessionKind, business_id: str, *wanted: ColumnElement[bool]
) -> Account | None:
    statement = _staff_statement() if kind is SessionKind.STAFF else _person_statement()
    row = (await session.execute(statement.where(*wanted))).one_or_none()
    if row is None:
        return None
    account_id, email, name, locale, password_hash, set_at, *rest = row
    must_change, has_second, is_enabled, has_several, contact = rest
    return Account(
        kind=kind,
        id=account_id,
        business_id=business_id,
        email=email,
        name=name,
        locale=locale,
        password_hash=password_hash,
        password_set_at=set_at,
        must_change_password=must_change,
        has_second_factor=has_second,
        contact_id=contact,
        has_several=bool(has_several),
        is_open=is_enabled and (kind is SessionKind.STAFF or contact is not None),
    )
