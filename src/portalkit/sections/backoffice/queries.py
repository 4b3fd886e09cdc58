"""What the back office reads of contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.invitations import InvitationState, contact_state
from portalkit.access.models import Business, Contact, Membership, Person
from portalkit.documents.keys import fold
from portalkit.documents.models import DocumentCount
from portalkit.documents.statuses import NOT_ISSUED
from portalkit.errors import NotFoundError
from portalkit.model.ids import is_id

__all__ = (
    "AccessFilter",
    "ContactEntry",
    "ContactFigures",
    "count_contacts",
    "get_contact",
    "list_contacts",
    "list_figures",
)

AccessFilter = Literal["", "active", "opened", "invited", "expired", "waiting", "none"]
"""All contacts, those somebody signed in for, those whose invitation was opened, waits or has
expired, those nobody was invited for, those nobody can sign in for."""

_MAX_QUERY: Final = 100


class ContactEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as staff see it.

    Attributes:
        has_access: Somebody can sign in for it.
        signed_in_at: When somebody last did.
        invitation: How far its invitations have come; known in lists only.
    """

    id: str
    name: str
    email: str | None
    tax_id: str | None
    locale: str | None
    external_id: str | None
    is_enabled: bool
    has_access: bool
    signed_in_at: datetime | None
    invitation: InvitationState = InvitationState.NOT_INVITED


class ContactFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents a contact has, and what is to be paid, its main currency first."""

    documents: int = 0
    due: Mapping[str, int] = {}


def _has_access() -> ColumnElement[bool]:
    return and_(
        Contact.is_enabled,
        exists()
        .where(
            Membership.contact_id == Contact.id,
            Membership.is_enabled,
            Person.id == Membership.person_id,
            Person.is_enabled,
        )
        .correlate(Contact),
    )


def _signed_in_at() -> ColumnElement[datetime | None]:
    return (
        select(func.max(Person.signed_in_at))
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.contact_id == Contact.id)
        .correlate(Contact)
        .scalar_subquery()
    )


def _entries(business_id: str) -> Select[*tuple[object, ...]]:
    return select(
        Contact.id,
        Contact.name,
        Contact.email,
        Contact.tax_id,
        Contact.locale,
        Contact.external_id,
        Contact.is_enabled,
        _has_access(),
        _signed_in_at(),
    ).where(Contact.business_id == business_id)


def _matches(query: str) -> ColumnElement[bool] | None:
    """Return the condition of a search by name, e-mail or tax id, if there is one."""
    text = "".join(char for char in query if char.isprintable()).strip()[:_MAX_QUERY]
    if not text:
        return None
    return or_(
        Contact.name_key.contains(fold(text), autoescape=True),
        func.lower(Contact.email).contains(text.lower(), autoescape=True),
        func.upper(Contact.tax_id).contains(text.upper(), autoescape=True),
    )


_STATES: Final[Mapping[AccessFilter, InvitationState]] = {
    "active": InvitationState.ACCEPTED,
    "opened": InvitationState.OPENED,
    "invited": InvitationState.INVITED,
    "expired": InvitationState.EXPIRED,
    "waiting": InvitationState.NOT_INVITED,
}


def _is_in(access: AccessFilter, now: datetime) -> ColumnElement[bool] | None:
    match access:
        case "":
            return None
        case "none":
            return ~_has_access()
        case _:
            return and_(_has_access(), contact_state(now) == _STATES[access].value)


def _entry(row: Sequence[object]) -> ContactEntry:
    return msgspec.convert(
        dict(zip(ContactEntry.__struct_fields__[: len(row)], row, strict=True)), ContactEntry
    )


async def list_contacts(
    session: AsyncSession,
    *,
    business_id: str,
    query: str,
    access: AccessFilter,
    is_descending: bool,
    offset: int,
    limit: int,
    now: datetime,
) -> Sequence[ContactEntry]:
    """Return a page of contacts by name."""
    conditions = [found for found in (_matches(query), _is_in(access, now)) if found is not None]
    order = (Contact.name_key, Contact.id)
    rows = await session.execute(
        _entries(business_id)
        .add_columns(contact_state(now))
        .where(*conditions)
        .order_by(*(column.desc() if is_descending else column for column in order))
        .offset(offset)
        .limit(limit)
    )
    return [_entry(tuple(row)) for row in rows]


async def count_contacts(
    session: AsyncSession, *, business_id: str, query: str, now: datetime
) -> Mapping[AccessFilter, int]:
    """Return how many contacts stand behind each filter, in one statement."""
    found = _matches(query)
    rows = await session.execute(
        select(_has_access().label("has_access"), contact_state(now).label("state"), func.count())
        .where(Contact.business_id == business_id, *([] if found is None else [found]))
        .group_by("has_access", "state")
    )
    counts: dict[AccessFilter, int] = dict.fromkeys(("", *_STATES, "none"), 0)
    filters = {state: name for name, state in _STATES.items()}
    for has_access, state, number in rows:
        counts[""] += number
        counts[filters[InvitationState(state)] if has_access else "none"] += number
    return counts


async def get_contact(session: AsyncSession, *, business_id: str, contact_id: str) -> ContactEntry:
    """Return one contact.

    Raises:
        NotFoundError: If the business has no such contact.
    """
    if is_id(contact_id):
        rows = await session.execute(_entries(business_id).where(Contact.id == contact_id))
        row = rows.one_or_none()
        if row is not None:
            return _entry(tuple(row))
    raise NotFoundError(f"contact {contact_id}")


async def list_figures(
    session: AsyncSession,
    contact_ids: Sequence[str],
    *,
    business_id: str,
    owed_kinds: Sequence[str],
) -> Mapping[str, ContactFigures]:
    """Return the figures of contacts, from the sums that are kept.

    Args:
        session: Any session.
        contact_ids: Whose figures.
        business_id: The business they belong to.
        owed_kinds: Kinds of documents that are there to be paid.
    """
    if not contact_ids:
        return {}
    owed = case((DocumentCount.kind.in_(owed_kinds), DocumentCount.amount_due), else_=0)
    main = func.coalesce(Contact.currency, Business.currency)
    rows = await session.execute(
        select(
            DocumentCount.contact_id,
            DocumentCount.currency,
            func.sum(DocumentCount.count),
            func.sum(owed),
        )
        .join(Contact, Contact.id == DocumentCount.contact_id)
        .join(Business, Business.id == Contact.business_id)
        .where(
            DocumentCount.business_id == business_id,
            DocumentCount.contact_id.in_(contact_ids),
            DocumentCount.status.not_in(NOT_ISSUED),
        )
        .group_by(DocumentCount.contact_id, DocumentCount.currency, main)
        .order_by(DocumentCount.contact_id, DocumentCount.currency != main, DocumentCount.currency)
    )
    counts: dict[str, int] = {}
    dues: dict[str, dict[str, int]] = {}
    for contact_id, currency, count, due in rows:
        counts[contact_id] = counts.get(contact_id, 0) + int(count)
        if due:
            dues.setdefault(contact_id, {})[currency] = int(due)
    return {
        contact_id: ContactFigures(documents=count, due=dues.get(contact_id, {}))
        for contact_id, count in counts.items()
    }
