"""Whose data it is: a contact with all of its people, or one of them."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portalkit.access.accounts import canonical_email
from portalkit.access.models import Contact, Membership, Person
from portalkit.errors import NotFoundError
from portalkit.exchange.owners import find_forced_contact

__all__ = ("Subject", "find_subject", "get_subject", "nameless")

# A name of one letter would be found in every text.
_SHORTEST: Final = 2


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whose data is handed out or forgotten.

    Attributes:
        name: Of the contact, or of the person.
        person_id: The one person whose data it is; ``None`` for the contact as a whole.
        people: Ids of the people concerned.
        leaving: Those of them who act for no other contact.
        emails: Addresses that are theirs alone.
        words: Names, addresses and numbers by which a text speaks of them.
    """

    business_id: str
    contact_id: str
    name: str
    person_id: str | None
    people: tuple[str, ...]
    leaving: tuple[str, ...]
    emails: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Nothing tells who the contact is, and nobody acts for it, as after an erasure."""
        return not self.people and set(self.words) <= {nameless(self.contact_id)}

    def mentions(self) -> re.Pattern[str] | None:
        """Return what finds them in a text; ``None`` if nothing does."""
        words = sorted((re.escape(word) for word in self.words), key=len, reverse=True)
        if not words:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


def nameless(contact_id: str) -> str:
    """Return what a contact is called that was erased."""
    return f"#{contact_id[-6:]}"


async def find_subject(
    session: AsyncSession, business_id: str, contact: str, email: str | None = None
) -> Subject:
    """Find a contact by id or external id, and one of its people by address.

    Raises:
        NotFoundError: If the business has no such contact, or the contact no such person.
    """
    contact_id = await session.run_sync(
        lambda sync: find_forced_contact(sync.connection(), business_id, contact)
    )
    person_id = None
    if email is not None:
        person_id = await session.scalar(
            select(Person.id)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.contact_id == contact_id, Person.email == canonical_email(email))
        )
        if person_id is None:
            raise NotFoundError(f"contact {contact!r} has no person {email!r}")
    return await get_subject(session, business_id, contact_id, person_id)


async def get_subject(
    session: AsyncSession, business_id: str, contact_id: str, person_id: str | None
) -> Subject:
    """Return what is known of a contact, or of one of its people.

    In a session that writes the contact and its people stay locked, so that nobody joins it
    and nobody acts for it meanwhile.

    Raises:
        NotFoundError: If there is no such contact of this business, or no such person of it.
    """
    statement = select(Contact).where(Contact.id == contact_id, Contact.business_id == business_id)
    writes = session.get_bind().get_execution_options().get("portalkit_write", True)
    if writes:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    contact = await session.scalar(statement)
    if contact is None:
        raise NotFoundError(f"contact {contact_id}")
    if writes:
        await session.execute(_locked_people(contact_id))
    people = await _people(session, contact_id, person_id)
    if person_id is not None and not people:
        raise NotFoundError(f"person {person_id} of contact {contact_id}")
    leaving = [person for person in people if not person.stays]
    words = [word for person in leaving for word in (person.name, person.email)]
    emails = {person.email for person in leaving}
    if person_id is None:
        words += [contact.name, contact.email, contact.tax_id, contact.external_id]
        staying = {person.email for person in people if person.stays}
        emails |= {canonical_email(contact.email)} - staying if contact.email else set()
    return Subject(
        business_id=business_id,
        contact_id=contact_id,
        name=contact.name if person_id is None else people[0].name,
        person_id=person_id,
        people=tuple(person.id for person in people),
        leaving=tuple(person.id for person in leaving),
        emails=tuple(sorted(emails)),
        words=_telling(words),
    )


def _locked_people(contact_id: str) -> Select[str]:
    """Select the people in a statement of its own: what is read after it is what stays."""
    return (
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.contact_id == contact_id)
        .order_by(Person.id)
        .with_for_update(of=Person)
    )


async def _people(
    session: AsyncSession, contact_id: str, person_id: str | None
) -> list[Row[*tuple[Any, ...]]]:
    other = aliased(Membership)
    stays = exists().where(other.person_id == Person.id, other.contact_id != contact_id)
    statement = (
        select(Person.id, Person.name, Person.email, stays.label("stays"))
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.contact_id == contact_id)
        .order_by(Person.id)
    )
    if person_id is not None:
        statement = statement.where(Person.id == person_id)
    return list((await session.execute(statement)).all())


def _telling(words: Iterable[str | None]) -> tuple[str, ...]:
    found = {word.strip() for word in words if word is not None}
    return tuple(sorted(word for word in found if len(word) >= _SHORTEST))
