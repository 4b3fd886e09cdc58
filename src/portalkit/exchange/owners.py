"""Whose document it is: the other party, found by its identifiers, or made a contact."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from portalkit.access.accounts import canonical_email, is_email
from portalkit.access.models import Business, Contact, ContactIdentifier
from portalkit.audit import Actor, record_on
from portalkit.documents.keys import fold
from portalkit.documents.rowset import encode_rows, rowset
from portalkit.errors import ImportRefusedError, NotFoundError
from portalkit.model import (
    CUSTOMER_NUMBER,
    SUPPLIER_NUMBER,
    DocumentBody,
    Identifier,
    Party,
    PartyRole,
    is_id,
    new_id,
)

__all__ = ("Owners", "find_forced_contact", "other_party", "read_own_numbers")

_VAT: Final = "VAT"
# An electronic address that is an e-mail address identifies only where that was asked for.
_EMAIL_SCHEME: Final = "EM"
_MAX_SCHEME: Final = 40
_MAX_VALUE: Final = 200
_MAX_NAME: Final = 200
_MAX_TAX_ID: Final = 40

Key = tuple[str, str]


def read_own_numbers(connection: Connection, business_id: str) -> frozenset[str]:
    """Return what a business is known by in documents: its tax id, with and without country.

    Raises:
        NotFoundError: If there is no such business.
    """
    statement = select(Business.tax_id).where(Business.id == business_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no business {business_id!r}")
    return _variants(row.tax_id) if row.tax_id else frozenset()


def find_forced_contact(connection: Connection, business_id: str, wanted: str) -> str:
    """Return the id of the contact that has an id or an external id.

    Raises:
        NotFoundError: If the business has no such contact.
    """
    column = Contact.id if is_id(wanted) else Contact.external_id
    statement = select(Contact.id).where(Contact.business_id == business_id, column == wanted)
    # PostgreSQL keeps no text with this character, and looks for none.
    contact_id = None if "\0" in wanted else connection.execute(statement).scalar_one_or_none()
    if contact_id is None:
        raise NotFoundError(f"there is no contact {wanted!r}")
    return contact_id


def other_party(body: DocumentBody, own: frozenset[str]) -> Party:
    """Return the party that is not the business.

    The business is the seller, unless its own numbers are those of the buyer (decision 4).

    Args:
        body: The document.
        own: What ``read_own_numbers`` gave.

    Raises:
        ImportRefusedError: If the document names no such party.
    """
    seller, buyer = body.party(PartyRole.SELLER), body.party(PartyRole.BUYER)
    is_buyer = _is_own(buyer, own) and not _is_own(seller, own)
    party = seller if is_buyer else buyer or body.party(PartyRole.SHIP_TO)
    if party is None:
        missing = "seller" if is_buyer else "buyer"
        raise ImportRefusedError(f"it names no {missing}: say whose it is (--contact)")
    return party


class Owners:
    """Finds the contacts of a batch of documents in few statements, and makes new ones.

    Args:
        connection: In the transaction in which the documents are stored.
        business_id: Contacts of no other business are ever found.
        match_email: Also find contacts by the e-mail address of the party.
    """

    def __init__(self, connection: Connection, business_id: str, *, match_email: bool) -> None:
        self._connection = connection
        self._business_id = business_id
        self._match_email = match_email
        self._by_key: dict[Key, str] = {}
        self._by_email: dict[str, set[str]] = {}
        self._made: list[str] = []

    def look_up(self, parties: Iterable[Party]) -> None:
        """Read all contacts that some parties may be, before they are asked for."""
        wanted = [_wanted(party) for party in parties]
        if keys := sorted({key for each in wanted for key in each.keys}):
            rows = self._connection.execute(
                _by_identifier(self._connection.dialect.name),
                {"business": self._business_id}
                | encode_rows({"scheme": scheme, "value": value} for scheme, value in keys),
            )
            self._by_key |= {(row.scheme, row.value): row.contact_id for row in rows if row.scheme}
        emails = sorted({each.email for each in wanted if each.email is not None})
        if self._match_email and emails:
            statement = select(Contact.email, Contact.id).where(
                Contact.business_id == self._business_id, Contact.email.in_(emails)
            )
            for email, contact_id in self._connection.execute(statement):
                self._by_email.setdefault(str(email), set()).add(contact_id)

    def find(self, party: Party) -> str | None:
        """Return the contact that a party is; ``None`` if there is none yet.

        Raises:
            ImportRefusedError: If its identifiers, or its e-mail, are those of several.
        """
        wanted = _wanted(party)
        found = {self._by_key[key] for key in wanted.keys if key in self._by_key}
        what = "identifiers"
        if not found and self._match_email and wanted.email is not None:
            found, what = self._by_email.get(wanted.email, set()), "e-mail address"
        if len(found) > 1:
            raise ImportRefusedError(
                f"the {what} of {party.name!r} belong to several contacts: say which (--contact)"
            )
        return next(iter(found), None)

    def make(self, party: Party, now: datetime) -> str:
        """Make a contact of a party, known by its identifiers; nobody may sign in for it."""
        wanted = _wanted(party)
        contact_id = new_id()
        vat = next((each.value for each in party.tax_ids if _key(each)[0] == _VAT), "")
        self._connection.execute(
            insert(Contact).values(
                id=contact_id,
                business_id=self._business_id,
                name=party.name[:_MAX_NAME],
                name_key=fold(party.name)[:_MAX_NAME],
                email=wanted.email,
                tax_id=vat[:_MAX_TAX_ID] or None,
                is_enabled=True,
                created_at=now,
            )
        )
        self._made.append(contact_id)
        self._add_identifiers(contact_id, wanted.keys)
        if wanted.email is not None:
            self._by_email.setdefault(wanted.email, set()).add(contact_id)
        return contact_id

    def settle(self, used: Iterable[str], *, actor: Actor, now: datetime) -> None:
        """Write down which contacts were made, and take back those that nothing was stored for."""
        kept = set(used)
        unused = [contact_id for contact_id in self._made if contact_id not in kept]
        if unused:
            self._connection.execute(delete(Contact).where(Contact.id.in_(unused)))
        for contact_id in self._made:
            if contact_id in kept:
                record_on(
                    self._connection,
                    business_id=self._business_id,
                    contact_id=contact_id,
                    name="contact.imported",
                    actor=actor,
                    at=now,
                )

    def _add_identifiers(self, contact_id: str, keys: Sequence[Key]) -> None:
        rows = [
            {
                "business_id": self._business_id,
                "scheme": scheme,
                "value": value,
                "contact_id": contact_id,
            }
            for scheme, value in keys
        ]
        if rows:
            self._connection.execute(insert(ContactIdentifier), rows)
        self._by_key |= dict.fromkeys(keys, contact_id)


@cache
def _by_identifier(dialect: str) -> Select[*tuple[Any, ...]]:
    wanted = rowset(dialect, "scheme", "value")
    # The outer join keeps SQLite from turning the order round and reading the whole table.
    return (
        select(ContactIdentifier.scheme, ContactIdentifier.value, ContactIdentifier.contact_id)
        .select_from(wanted)
        .outerjoin(
            ContactIdentifier,
            (ContactIdentifier.business_id == bindparam("business"))
            & (ContactIdentifier.scheme == wanted.c.scheme)
            & (ContactIdentifier.value == wanted.c.value),
        )
    )


class _Wanted(msgspec.Struct, frozen=True):
    """What a party is looked for by."""

    keys: tuple[Key, ...]
    email: str | None


def _wanted(party: Party) -> _Wanted:
    identifiers = [*party.tax_ids, *(_with_scheme(each, party.role) for each in party.ids)]
    # Without a scheme a company's number says nothing: every register counts from one.
    others = (party.registration, party.endpoint)
    identifiers += [each for each in others if each is not None and each.scheme]
    keys = dict.fromkeys(_key(each) for each in identifiers)
    emails = [value for scheme, value in _stated(identifiers) if scheme == _EMAIL_SCHEME]
    if party.contact is not None and party.contact.email:
        emails.insert(0, party.contact.email)
    return _Wanted(
        tuple(key for key in keys if key[0] != _EMAIL_SCHEME and _fits(key)),
        next((canonical_email(each) for each in emails if is_email(each.strip())), None),
    )


def _fits(key: Key) -> bool:
    scheme, value = key
    return len(scheme) <= _MAX_SCHEME and 0 < len(value) <= _MAX_VALUE


def _stated(identifiers: Iterable[Identifier]) -> Iterable[Key]:
    return ((identifier.key[0], identifier.value) for identifier in identifiers)


def _with_scheme(identifier: Identifier, role: PartyRole) -> Identifier:
    """Return an identifier of a party; one without a scheme is a number both sides know.

    EN 16931 says so of BT-46: it is then as a rule the one that the other side has assigned.
    """
    if identifier.scheme:
        return identifier
    scheme = SUPPLIER_NUMBER if role is PartyRole.SELLER else CUSTOMER_NUMBER
    return Identifier(identifier.value, scheme)


def _key(identifier: Identifier) -> Key:
    scheme, value = identifier.key
    return scheme or _VAT, value


def _is_own(party: Party | None, own: frozenset[str]) -> bool:
    if party is None:
        return False
    numbers = (*party.tax_ids, party.registration, *party.ids, party.endpoint)
    return any(number is not None and _variants(number.value) & own for number in numbers)


def _variants(number: str) -> frozenset[str]:
    value = Identifier(number).key[1]
    return frozenset({value, value[2:]} if value[:2].isalpha() else {value})
