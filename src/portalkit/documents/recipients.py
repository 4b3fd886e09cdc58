"""Whose document: contacts found by id, the host's key, identifiers or e-mail, in one go."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, or_, select

from portalkit.access.models import Contact, ContactIdentifier
from portalkit.documents.rowset import encode_rows, look_up, rowset
from portalkit.errors import DocumentRefusedError
from portalkit.model import ContactRef, Identifier

__all__ = ("Recipients", "find_recipients")

_VAT: Final = "VAT"


class Recipients:
    """The contacts that the publications of one batch name."""

    def __init__(
        self,
        contacts: Iterable[Row[str, str | None, str | None]],
        identifiers: Iterable[Row[*tuple[Any, ...]]],
    ) -> None:
        self._ids: set[str] = set()
        self._by_external_id: dict[str, str] = {}
        self._by_email: dict[str, set[str]] = {}
        self._by_identifier: dict[tuple[str, str], str] = {}
        for contact_id, external_id, email in contacts:
            self._ids.add(contact_id)
            if external_id is not None:
                self._by_external_id[external_id] = contact_id
            if email is not None:
                self._by_email.setdefault(email.casefold(), set()).add(contact_id)
        for scheme, value, contact_id in identifiers:
            # What was not found may come as a row of nulls.
            self._by_identifier[scheme, value] = contact_id

    def get(self, ref: ContactRef) -> str:
        """Return the id of the contact that a reference means.

        Raises:
            DocumentRefusedError: If it means none, or several.
        """
        if ref.id is not None:
            found = {ref.id} & self._ids
        elif ref.external_id is not None and ref.external_id in self._by_external_id:
            found = {self._by_external_id[ref.external_id]}
        else:
            keys = [_key(identifier) for identifier in ref.identifiers]
            found = {self._by_identifier[key] for key in keys if key in self._by_identifier}
            if not found and ref.email is not None:
                found = self._by_email.get(ref.email.casefold(), set())
        match len(found):
            case 1:
                return next(iter(found))
            case 0:
                raise DocumentRefusedError("contact", "no contact of the business is meant")
            case _:
                raise DocumentRefusedError("contact", "several contacts are meant")


def find_recipients(
    connection: Connection, business_id: str, refs: Sequence[ContactRef]
) -> Recipients:
    """Look up the contacts of a batch in at most two statements."""
    keys = sorted({_key(each) for ref in refs for each in ref.identifiers})
    found: Sequence[Row[*tuple[Any, ...]]] = ()
    if keys:
        found = connection.execute(
            _identifiers(connection.dialect.name),
            {"business": business_id}
            | encode_rows({"scheme": scheme, "value": value} for scheme, value in keys),
        ).all()
    statement = _contacts(business_id, refs)
    contacts = connection.execute(statement).all() if statement is not None else ()
    return Recipients(contacts, found)


@cache
def _identifiers(dialect: str) -> Select[*tuple[Any, ...]]:
    wanted = rowset(dialect, "scheme", "value")
    table = ContactIdentifier.__table__.c
    on = (
        (table.business_id == bindparam("business"))
        & (table.scheme == wanted.c.scheme)
        & (table.value == wanted.c.value)
    )
    return look_up(dialect, wanted, (table.scheme, table.value, table.contact_id), on)


def _contacts(
    business_id: str, refs: Sequence[ContactRef]
) -> Select[str, str | None, str | None] | None:
    ids = sorted({ref.id for ref in refs if ref.id is not None})
    external_ids = sorted({ref.external_id for ref in refs if ref.external_id is not None})
    emails = sorted({ref.email.casefold() for ref in refs if ref.email is not None})
    conditions = [
        column.in_(values)
        for column, values in (
            (Contact.id, ids),
            (Contact.external_id, external_ids),
            (Contact.email, emails),
        )
        if values
    ]
    if not conditions:
        return None
    return select(Contact.id, Contact.external_id, Contact.email).where(
        Contact.business_id == business_id, or_(*conditions)
    )


def _key(identifier: Identifier) -> tuple[str, str]:
    scheme, value = identifier.key
    return scheme or _VAT, value
