"""What the kernel keeps about somebody, table by table, without secrets."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import (
    Contact,
    ContactIdentifier,
    EmailCode,
    Link,
    Membership,
    NotificationChoice,
    Person,
    SessionRow,
)
from portalkit.access.proofs import BoundIdentity, Passkey, RecoveryCode, RememberedDevice, Totp
from portalkit.audit import Event
from portalkit.db import Base
from portalkit.documents.models import AttachmentRow, DocumentRow, Payment
from portalkit.hooks import EmailTemplate
from portalkit.mail.models import MailRow
from portalkit.privacy.subjects import Subject

__all__ = ("Part", "list_parts", "read_part")

_BATCH: Final = 500

# What lets in, what only orders and searches, and what stands elsewhere in the archive.
_LEFT_OUT: Final = frozenset(
    {
        "body",
        "code_hash",
        "id_hash",
        "landing",
        "name_key",
        "number_key",
        "description_key",
        "status_key",
        "total_key",
        "once_key",
        "password_hash",
        "public_key",
        "sealed",
        "search_text",
        "secret",
        "secret_hash",
        "unsubscribe_url",
    }
)

Shown = Callable[[dict[str, Any]], dict[str, Any]]


class Part(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Rows of one table, as a file of the archive.

    Attributes:
        name: Of the file, without ``.json``.
        key: A unique column, to read many rows in batches; ``None`` where they are few.
        shown: Leaves out of a row what is not theirs.
    """

    name: str
    statement: Select[*tuple[Any, ...]]
    key: Any = None
    shown: Shown = dict


def list_parts(
    subject: Subject,
    templates: Mapping[str, EmailTemplate],
    documents: ColumnElement[bool] | None,
) -> tuple[Part, ...]:
    """Return what there is about somebody.

    Args:
        subject: Who.
        templates: The sorts of mail: some of their variables are secrets.
        documents: Which documents belong to it; ``None`` for none.
    """
    parts = [*_access(subject), _mails(subject, templates), _events(subject)]
    if subject.person_id is None:
        own = Payment.contact_id == subject.contact_id
        parts.append(_part("payments", Payment, own, key=Payment.id))
    if documents is not None:
        parts.append(_part("documents", DocumentRow, documents, key=DocumentRow.id))
        files = AttachmentRow.document_id.in_(select(DocumentRow.id).where(documents))
        parts.append(_part("files", AttachmentRow, files, key=AttachmentRow.id))
    return tuple(parts)


def _part(
    name: str,
    model: type[Base],
    condition: ColumnElement[bool],
    *,
    key: Any = None,
    shown: Shown = dict,
) -> Part:
    columns = [column for column in model.__table__.c if column.name not in _LEFT_OUT]
    return Part(name=name, statement=select(*columns).where(condition), key=key, shown=shown)


def _access(subject: Subject) -> list[Part]:
    is_whole = subject.person_id is None
    contact, people = subject.contact_id, subject.people
    parts = [
        _part("people", Person, Person.id.in_(people)),
        _part(
            "roles",
            Membership,
            and_(Membership.person_id.in_(people), Membership.contact_id == contact),
        ),
        _part("notifications", NotificationChoice, NotificationChoice.person_id.in_(people)),
        _part(
            "sessions",
            SessionRow,
            and_(SessionRow.contact_id == contact, SessionRow.person_id.in_(people)),
        ),
        _part(
            "links",
            Link,
            Link.contact_id == contact if is_whole else Link.person_id.in_(people),
        ),
    ]
    for name, model in (
        ("codes", EmailCode),
        ("authenticator_apps", Totp),
        ("recovery_codes", RecoveryCode),
        ("passkeys", Passkey),
        ("remembered_devices", RememberedDevice),
        ("identities", BoundIdentity),
    ):
        parts.append(_part(name, model, model.person_id.in_(people)))
    if is_whole:
        parts.append(_part("contact", Contact, Contact.id == contact))
        parts.append(
            _part("identifiers", ContactIdentifier, ContactIdentifier.contact_id == contact)
        )
    return parts


def _mails(subject: Subject, templates: Mapping[str, EmailTemplate]) -> Part:
    def shown(row: dict[str, Any]) -> dict[str, Any]:
        template = templates.get(row["template"])
        variables = {
            name: value
            for name, value in row["variables"].items()
            if template is not None and name not in template.secrets
        }
        return {**row, "variables": variables}

    condition = and_(
        MailRow.business_id == subject.business_id, MailRow.to_email.in_(subject.emails)
    )
    return _part("mails", MailRow, condition, key=MailRow.id, shown=shown)


def _events(subject: Subject) -> Part:
    condition = (
        Event.contact_id == subject.contact_id
        if subject.person_id is None
        else or_(*(Event.actor_id == person for person in subject.people))
    )
    condition = and_(Event.business_id == subject.business_id, condition)
    return _part("history", Event, condition, key=Event.id, shown=_without_staff)


def _without_staff(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out the names of those who work for the business: they are somebody else's data."""
    return {**row, "actor_name": ""} if row["actor_kind"] == "staff" else row


async def read_part(session: AsyncSession, part: Part) -> AsyncIterator[dict[str, Any]]:
    """Yield the rows of a part."""
    last = ""
    while True:
        statement = part.statement
        if part.key is not None:
            statement = statement.where(part.key > last).order_by(part.key).limit(_BATCH)
        rows = (await session.execute(statement)).mappings().all()
        for row in rows:
            yield part.shown(dict(row))
        if part.key is None or len(rows) < _BATCH:
            return
        last = rows[-1][part.key.key]
