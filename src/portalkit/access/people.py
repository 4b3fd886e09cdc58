"""People of a contact: what staff see of them, give them and take from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, and_, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import canonical_email, is_email, is_name
from portalkit.access.links import revoke_links
from portalkit.access.models import Contact, Membership, Person
from portalkit.access.owners import hold_account, hold_contact
from portalkit.access.permissions import PersonRole
from portalkit.access.sessions import close_sessions_of
from portalkit.access.sharing import end_shares_of
from portalkit.audit import Actor, record
from portalkit.errors import ConflictError, ContactClosedError, InputRefusedError, NotFoundError
from portalkit.model.ids import is_id, new_id

__all__ = (
    "PersonEntry",
    "find_person",
    "get_open_contact",
    "get_person",
    "give_access",
    "list_people",
    "restore_access",
    "withdraw_access",
)


class PersonEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts for a contact.

    Attributes:
        may_enter: Neither withdrawn nor behind a contact that is disabled.
        has_password: There is a password to sign in with, be it one for a single time.
    """

    id: str
    contact_id: str
    email: str
    name: str
    role: str
    may_enter: bool
    has_password: bool
    must_change_password: bool
    has_second_factor: bool
    signed_in_at: datetime | None


async def list_people(
    session: AsyncSession, *, business_id: str, contact_id: str
) -> Sequence[PersonEntry]:
    """Return the people of a contact by name."""
    return await _list(session, business_id, contact_id)


async def find_person(
    session: AsyncSession, who: str, *, business_id: str, contact_id: str
) -> PersonEntry | None:
    """Return who of a contact's people has an id or an e-mail address, if anybody has."""
    people = await list_people(session, business_id=business_id, contact_id=contact_id)
    names = {who, canonical_email(who)}
    return next((person for person in people if {person.id, person.email} & names), None)


async def get_person(
    session: AsyncSession, *, business_id: str, contact_id: str, person_id: str
) -> PersonEntry:
    """Return one of the people of a contact.

    Raises:
        NotFoundError: If there is no such person for this contact of this business.
    """
    if is_id(contact_id) and is_id(person_id):
        for person in await _list(session, business_id, contact_id, person_id):
            return person
    raise NotFoundError(f"person {person_id}")


_ENTRY: Final = (
    Person.id.label("id"),
    Membership.contact_id.label("contact_id"),
    Person.email.label("email"),
    Person.name.label("name"),
    Membership.role.label("role"),
    and_(Person.is_enabled, Membership.is_enabled, Contact.is_enabled).label("may_enter"),
    Person.password_hash.is_not(None).label("has_password"),
    Person.must_change_password.label("must_change_password"),
    Person.has_second_factor.label("has_second_factor"),
    Person.signed_in_at.label("signed_in_at"),
)


async def _list(
    session: AsyncSession, business_id: str, contact_id: str, person_id: str | None = None
) -> Sequence[PersonEntry]:
    statement = (
        select(*_ENTRY)
        .join(Membership, Membership.person_id == Person.id)
        .join(Contact, Contact.id == Membership.contact_id)
        .where(
            Membership.business_id == business_id,
            Membership.contact_id == contact_id,
            Contact.business_id == business_id,
        )
        .order_by(Person.name, Person.id)
    )
    if person_id is not None:
        statement = statement.where(Person.id == person_id)
    return [PersonEntry(**row) for row in (await session.execute(statement)).mappings()]


async def give_access(
    session: AsyncSession,
    *,
    business_id: str,
    contact_id: str,
    email: str,
    name: str,
    role: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Let somebody act for a contact and return the person's id.

    A person who is known to the business by this address gets one more contact, and keeps
    the password; nobody else's credentials move (decision 14). Of two who give the same
    access at once, the second is refused as if it had come a moment later.

    Raises:
        InputRefusedError: ``field`` is ``email``, ``name`` or ``role``.
        NotFoundError: If the contact is not of this business.
        ContactClosedError: If it is disabled, as after an erasure.
        ConflictError: If the person acts for this contact already.
    """
    email, name = canonical_email(email), " ".join(name.split())
    _check(email, name, role)
    await get_open_contact(session, business_id, contact_id)
    person = {"business_id": business_id, "email": email, "name": name, "created_at": now}
    await _insert_new(session, Person, id=new_id(), **person)
    known = select(Person.id).where(Person.business_id == business_id, Person.email == email)
    person_id = (await session.scalars(known)).one()
    member = {"person_id": person_id, "contact_id": contact_id, "business_id": business_id}
    if not await _insert_new(session, Membership, role=role, **member):
        raise ConflictError(f"person {person_id} acts for contact {contact_id} already")
    await record(
        session,
        business_id=business_id,
        contact_id=contact_id,
        name="access.given",
        actor=actor,
        at=now,
        data={"person": person_id, "role": role},
    )
    return person_id


def _check(email: str, name: str, role: str) -> None:
    if not is_email(email):
        raise InputRefusedError("email", "not_an_address")
    if not is_name(name):
        raise InputRefusedError("name", "no_name")
    if role not in set(PersonRole):
        raise InputRefusedError("role", "unknown")


async def get_open_contact(session: AsyncSession, business_id: str, contact_id: str) -> Contact:
    """Return a contact that people may be let in for, and hold it against an erasure.

    Whoever comes while it is erased waits, and is refused afterwards.

    Raises:
        NotFoundError: If the contact is not of this business.
        ContactClosedError: If it is disabled, as after an erasure.
    """
    found = None
    if is_id(contact_id):
        found = await session.scalar(
            select(Contact)
            .where(Contact.id == contact_id, Contact.business_id == business_id)
            .with_for_update(read=True, key_share=True)
            .execution_options(populate_existing=True)
        )
    if found is None:
        raise NotFoundError(f"contact {contact_id}")
    if not found.is_enabled:
        raise ContactClosedError(contact_id)
    return found


async def _insert_new(
    session: AsyncSession, table: type[Person | Membership], **values: Any
) -> bool:
    """Insert a row unless there is one like it, and say whether it was inserted.

    PostgreSQL waits for whoever is inserting the same at this moment.
    """
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(table).values(**values).on_conflict_do_nothing()
    return await session.scalar(statement.returning(table.business_id)) is not None


async def withdraw_access(
    session: AsyncSession, person: PersonEntry, *, business_id: str, actor: Actor, now: datetime
) -> None:
    """Shut somebody out of a contact at once: sessions and links come to an end.

    So do the links that they have made to documents of the contact.

    The person stays in the list, so that access can be given back. The password goes with
    the last contact.

    Raises:
        ConflictError: If access was withdrawn meanwhile.
    """
    await hold_contact(session, person.contact_id, business_id=business_id)
    # Whoever signs in meanwhile is done, and shut out below, or finds the access gone.
    await hold_account(session, person_id=person.id)
    await _set_enabled(session, person, business_id, is_enabled=False)
    await close_sessions_of(
        session, business_id=business_id, person_id=person.id, contact_id=person.contact_id
    )
    await revoke_links(
        session,
        business_id=business_id,
        now=now,
        person_id=person.id,
        contact_id=person.contact_id,
    )
    await end_shares_of(
        session,
        person.id,
        business_id=business_id,
        contact_id=person.contact_id,
        actor=actor,
        now=now,
    )
    remaining = exists().where(Membership.person_id == person.id, Membership.is_enabled)
    await session.execute(
        update(Person)
        .where(Person.id == person.id, Person.business_id == business_id, ~remaining)
        .values(password_hash=None, must_change_password=False)
        .execution_options(synchronize_session=False)
    )
    await _note(session, person, business_id, name="access.withdrawn", actor=actor, now=now)


async def restore_access(
    session: AsyncSession, person: PersonEntry, *, business_id: str, actor: Actor, now: datetime
) -> None:
    """Let somebody in again who was shut out; without a password they need a link.

    Raises:
        ConflictError: If access was given back meanwhile.
    """
    await _set_enabled(session, person, business_id, is_enabled=True)
    await _note(session, person, business_id, name="access.restored", actor=actor, now=now)


async def _set_enabled(
    session: AsyncSession, person: PersonEntry, business_id: str, *, is_enabled: bool
) -> None:
    changed = cast(
        "CursorResult[Any]",
        await session.execute(
            update(Membership)
            .where(
                Membership.person_id == person.id,
                Membership.contact_id == person.contact_id,
                Membership.business_id == business_id,
                Membership.is_enabled.is_not(is_enabled),
            )
            .values(is_enabled=is_enabled)
            .execution_options(synchronize_session=False)
        ),
    )
    if changed.rowcount != 1:
        raise ConflictError(f"access of {person.id} has changed meanwhile")


async def _note(
    session: AsyncSession,
    person: PersonEntry,
    business_id: str,
    *,
    name: str,
    actor: Actor,
    now: datetime,
) -> None:
    await record(
        session,
        business_id=business_id,
        contact_id=person.contact_id,
        name=name,
        actor=actor,
        at=now,
        data={"person": person.id},
    )
