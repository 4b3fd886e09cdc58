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
    PluginSwitch,
    SessionRow,
)
from portalkit.access.proofs import BoundIdentity, Passkey, RecoveryCode, RememberedDevice, Totp
from portalkit.audit import Event
from portalkit.db import Base
from portalkit.documents.models import (
    Allocation,
    AttachmentRow,
    DocumentRow,
    DocumentVersion,
    Payment,
    ReferenceRow,
)
from portalkit.hooks import EmailTemplate
from portalkit.jobs.models import JobRow
from portalkit.mail.models import MailRow
from portalkit.privacy.mentions import mentions_in, speaks
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

Shown = Callable[[dict[str, Any]], dict[str, Any] | None]


class Part(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Rows of one table, as a file of the archive.

    Attributes:
        name: Of the file, without ``.json``.
        key: A unique column, to read many rows in batches; ``None`` where they are few.
        shown: Leaves out of a row what is not theirs, or says ``None`` if none of it is.
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
    parts = [
        *_access(subject),
        _mails(subject, templates),
        _mentions(subject, templates),
        _jobs(subject),
        _events(subject),
    ]
    if subject.person_id is None:
        parts += _of_contact(subject)
    if documents is not None:
        parts += _documents(documents)
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


def _of_contact(subject: Subject) -> list[Part]:
    contact = subject.contact_id
    return [
        _part("contact", Contact, Contact.id == contact),
        _part("identifiers", ContactIdentifier, ContactIdentifier.contact_id == contact),
        _part("plugins", PluginSwitch, PluginSwitch.contact_id == contact),
        _part("payments", Payment, Payment.contact_id == contact, key=Payment.id),
    ]


def _documents(condition: ColumnElement[bool]) -> list[Part]:
    ids = select(DocumentRow.id).where(condition)
    settled = or_(Allocation.document_id.in_(ids), Allocation.credit_id.in_(ids))
    return [
        _part("documents", DocumentRow, condition, key=DocumentRow.id),
        _part("versions", DocumentVersion, DocumentVersion.document_id.in_(ids)),
        _part("references", ReferenceRow, ReferenceRow.source_id.in_(ids), key=ReferenceRow.id),
        _part("files", AttachmentRow, AttachmentRow.document_id.in_(ids), key=AttachmentRow.id),
        _part("allocations", Allocation, settled, key=Allocation.id),
    ]


def _access(subject: Subject) -> list[Part]:
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
        _part("links", Link, _links(subject), shown=_without_staff),
        _part("codes", EmailCode, EmailCode.person_id.in_(people) | _codes_of_links(subject)),
    ]
    for name, model in (
        ("authenticator_apps", Totp),
        ("recovery_codes", RecoveryCode),
        ("passkeys", Passkey),
        ("remembered_devices", RememberedDevice),
        ("identities", BoundIdentity),
    ):
        parts.append(_part(name, model, model.person_id.in_(people)))
    return parts


def _links(subject: Subject) -> ColumnElement[bool]:
    """Those that let somebody in, also without saying for whom, and those that they shared."""
    contact, people = subject.contact_id, subject.people
    if subject.person_id is None:
        return or_(
            Link.contact_id == contact,
            and_(Link.contact_id.is_(None), Link.person_id.in_(people)),
        )
    return or_(
        Link.person_id.in_(people), and_(Link.contact_id == contact, Link.actor_id.in_(people))
    )


def _codes_of_links(subject: Subject) -> ColumnElement[bool]:
    return EmailCode.link_id.in_(select(Link.id).where(_links(subject)))


def _told(row: Mapping[str, Any], templates: Mapping[str, EmailTemplate]) -> dict[str, Any]:
    """Return what a mail says, without what lets in."""
    template = templates.get(row["template"])
    return {
        name: value
        for name, value in row["variables"].items()
        if template is not None and name not in template.secrets
    }


def _to_them(subject: Subject) -> ColumnElement[bool]:
    if subject.person_id is None:
        return MailRow.to_email.in_(subject.emails)
    return MailRow.to_email.in_(select(Person.email).where(Person.id.in_(subject.people)))


def _mails(subject: Subject, templates: Mapping[str, EmailTemplate]) -> Part:
    def shown(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "variables": _told(row, templates)}

    condition = and_(MailRow.business_id == subject.business_id, _to_them(subject))
    return _part("mails", MailRow, condition, key=MailRow.id, shown=shown)


def _mentions(subject: Subject, templates: Mapping[str, EmailTemplate]) -> Part:
    """Mails to others: what speaks of them, and not who got it."""
    pattern = subject.mentions()

    def shown(row: dict[str, Any]) -> dict[str, Any] | None:
        texts = (row["subject"], row["own_words"], row["reply_to"], _told(row, templates))
        words = list(mentions_in(texts, pattern))
        kept = {name: row[name] for name in ("id", "template", "created_at")}
        return kept | {"words": words} if words else None

    condition = and_(MailRow.business_id == subject.business_id, ~_to_them(subject))
    return _part("mentions", MailRow, condition, key=MailRow.id, shown=shown)


def _jobs(subject: Subject) -> Part:
    """Work for them that waits or was given up; what it is told may name others too."""
    pattern = subject.mentions()

    def shown(row: dict[str, Any]) -> dict[str, Any] | None:
        is_theirs = (
            any(person in row["payload"] for person in subject.people)
            or speaks(msgspec.json.decode(row["payload"]), pattern)
            or speaks(row["error"], pattern)
        )
        kept = {name: row[name] for name in ("id", "name", "state", "due_at", "created_at")}
        return kept if is_theirs else None

    statement = select(*JobRow.__table__.c).where(JobRow.business_id == subject.business_id)
    return Part(name="jobs", statement=statement, key=JobRow.id, shown=shown)


def _events(subject: Subject) -> Part:
    """What they did, and what others did to them or their accounts."""
    people = subject.people
    condition = or_(
        Event.actor_id.in_(people),
        *(Event.data[key].as_string().in_(people) for key in ("person", "account")),
    )
    if subject.person_id is None:
        # What somebody does for other contacts is none of this one's business.
        nowhere = and_(Event.contact_id.is_(None), condition)
        condition = or_(Event.contact_id == subject.contact_id, nowhere)
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
            if (shown := part.shown(dict(row))) is not None:
                yield shown
        if part.key is None or len(rows) < _BATCH:
            return
        last = rows[-1][part.key.key]
