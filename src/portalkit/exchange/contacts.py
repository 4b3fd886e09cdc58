"""Contacts as the host keeps them: added and changed by the host's own key."""

import re
from datetime import datetime
from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portalkit.access.accounts import canonical_email, is_email, is_name
from portalkit.access.models import Contact, ContactIdentifier
from portalkit.audit import Actor, record_on
from portalkit.documents.keys import fold
from portalkit.errors import InputRefusedError
from portalkit.model import Identifier, new_id

__all__ = ("upsert_contact",)

_HOST: Final = Actor(kind="host")
_VAT: Final = "VAT"
_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_MAX_LOCALE: Final = 20
_MAX_TAX_ID: Final = 40

Stated = str | None | UnsetType
"""A value, ``None`` to remove it, or left out to keep what is there."""


def upsert_contact(
    connection: Connection,
    business_id: str,
    external_id: str,
    *,
    name: str,
    now: datetime,
    email: Stated = UNSET,
    tax_id: Stated = UNSET,
    locale: Stated = UNSET,
    currency: Stated = UNSET,
    actor: Actor = _HOST,
) -> str:
    """Add a contact, or change the one of this external id, and return its id.

    What is left out stays as it is; the same again writes nothing. It is written with the
    caller's transaction. Imported documents find the contact by its tax id too.

    Args:
        connection: In a transaction that may write; the caller commits.
        business_id: Whose contact.
        external_id: The host's own key, unique in the business.
        name: Name that the portal shows.
        now: The moment that rows and events bear.
        email: Where the first invitation goes.
        tax_id: What it is known by in documents.
        locale: Language of its documents and mails.
        currency: ISO 4217, if it is not the business's own.
        actor: Who does it, in the history.

    Raises:
        InputRefusedError: ``field`` is the name of the argument that cannot be stored.
    """
    if not is_name(external_id):
        raise InputRefusedError("external_id", "must be one line of 1 to 200 characters")
    values = _checked(name=name, email=email, tax_id=tax_id, locale=locale, currency=currency)
    contact_id, changed = _store(connection, business_id, external_id, values, now)
    if "tax_id" in changed:
        _identify(connection, business_id, contact_id, changed["tax_id"], values["tax_id"])
    if changed:
        record_on(
            connection,
            business_id=business_id,
            contact_id=contact_id,
            name="contact.saved",
            actor=actor,
            at=now,
            data={"fields": sorted(changed)},
        )
    return contact_id


def _checked(**stated: Stated) -> dict[str, str | None]:
    values = {field: value for field, value in stated.items() if value is not UNSET}
    cleaned = {
        field: " ".join(value.split()) if isinstance(value, str) else None
        for field, value in values.items()
    }
    if not is_name(cleaned["name"] or ""):
        raise InputRefusedError("name", "must be one line of 1 to 200 characters")
    if (email := cleaned.get("email")) is not None:
        cleaned["email"] = canonical_email(email)
        if not is_email(canonical_email(email)):
            raise InputRefusedError("email", f"{email!r} is no e-mail address")
    if (tax_id := cleaned.get("tax_id")) is not None and not 0 < len(tax_id) <= _MAX_TAX_ID:
        raise InputRefusedError("tax_id", f"must have 1 to {_MAX_TAX_ID} characters")
    if (tag := cleaned.get("locale")) is not None and not (
        len(tag) <= _MAX_LOCALE and _LOCALE.fullmatch(tag)
    ):
        raise InputRefusedError("locale", f"{tag!r} is no language such as 'es' or 'pt-PT'")
    if (code := cleaned.get("currency")) is not None and not _CURRENCY.fullmatch(code):
        raise InputRefusedError("currency", f"{code!r} is no currency such as 'EUR'")
    return cleaned


def _store(
    connection: Connection,
    business_id: str,
    external_id: str,
    values: dict[str, str | None],
    now: datetime,
) -> tuple[str, dict[str, str | None]]:
    """Write what is new, and return the contact's id and what was there before."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    key = {"business_id": business_id, "external_id": external_id}
    row: dict[str, Any] = {**values, **key, "name_key": fold(values["name"] or "")}
    # PostgreSQL waits for whoever is adding the same at this moment.
    added = connection.scalar(
        make(Contact)
        .values(id=new_id(), is_enabled=True, created_at=now, **row)
        .on_conflict_do_nothing(index_elements=[*key])
        .returning(Contact.id)
    )
    if added is not None:
        return added, {field: None for field, value in values.items() if value is not None}
    columns = Contact.__table__.columns
    found = connection.execute(
        select(columns.id, *(columns[field] for field in values))
        .where(columns.business_id == business_id, columns.external_id == external_id)
        .with_for_update()
    ).one()
    known = found._mapping  # noqa: SLF001  # the documented way to a row's names
    changed = {field: known[field] for field in values if known[field] != values[field]}
    if changed:
        changes = {field: row[field] for field in changed} | {"name_key": row["name_key"]}
        connection.execute(update(Contact).where(Contact.id == found.id).values(changes))
    return found.id, changed


def _identify(
    connection: Connection, business_id: str, contact_id: str, old: str | None, new: str | None
) -> None:
    """Let documents find the contact by its tax id, and by the one before no longer."""
    own = (ContactIdentifier.business_id == business_id, ContactIdentifier.scheme == _VAT)
    if old is not None:
        connection.execute(
            delete(ContactIdentifier).where(
                *own,
                ContactIdentifier.value == Identifier(old).key[1],
                ContactIdentifier.contact_id == contact_id,
            )
        )
    if new is None:
        return
    value = Identifier(new).key[1]
    if not value:
        raise InputRefusedError("tax_id", "must have letters or digits")
    owner = connection.scalar(
        select(ContactIdentifier.contact_id).where(*own, ContactIdentifier.value == value)
    )
    if owner not in {None, contact_id}:
        raise InputRefusedError("tax_id", f"{new!r} is that of another contact")
    if owner is None:
        row = {"business_id": business_id, "scheme": _VAT, "value": value}
        connection.execute(insert(ContactIdentifier).values(contact_id=contact_id, **row))
