"""Rows and documents for tests: sensible by default, anything changed by keyword."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.models import Business, Contact, Membership, Person, Staff
from portalkit.documents.keys import fold
from portalkit.documents.totals import compute
from portalkit.model import (
    ContactRef,
    DocumentBody,
    Item,
    Line,
    Party,
    PartyRole,
    Publication,
    TaxStated,
    new_id,
)

__all__ = (
    "NOW",
    "make_body",
    "make_business",
    "make_contact",
    "make_line",
    "make_person",
    "make_publication",
    "make_staff",
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The moment at which tests happen unless they say otherwise."""


async def make_business(session: AsyncSession, slug: str = "mill", **changes: Any) -> str:
    """Add a business and return its id."""
    values: dict[str, Any] = {
        "id": new_id(),
        "slug": slug,
        "name": slug.title(),
        "currency": "EUR",
        "timezone": "Europe/Madrid",
        "locale": "es",
        "locales": ["es", "en"],
        "brand_colour": "#4a671d",
        "settings": {},
        "version": 1,
        "created_at": NOW,
    } | changes
    await session.execute(insert(Business).values(values))
    return str(values["id"])


async def make_contact(
    session: AsyncSession, business_id: str, name: str = "Tienda Sol", **changes: Any
) -> str:
    """Add a contact and return its id."""
    values: dict[str, Any] = {
        "id": new_id(),
        "business_id": business_id,
        "name": name,
        "name_key": fold(name),
        "is_enabled": True,
        "created_at": NOW,
    } | changes
    await session.execute(insert(Contact).values(values))
    return str(values["id"])


async def make_person(
    session: AsyncSession,
    business_id: str,
    contact_ids: Sequence[str],
    email: str = "lucia@sol.example",
    *,
    role: str = "owner",
    **changes: Any,
) -> str:
    """Add a person of one or several contacts and return its id."""
    values: dict[str, Any] = {
        "id": new_id(),
        "business_id": business_id,
        "email": email,
        "name": email.partition("@")[0].title(),
        "is_enabled": True,
        "must_change_password": False,
        "created_at": NOW,
    } | changes
    await session.execute(insert(Person).values(values))
    for contact_id in contact_ids:
        await session.execute(
            insert(Membership).values(
                person_id=values["id"], contact_id=contact_id, business_id=business_id, role=role
            )
        )
    return str(values["id"])


async def make_staff(
    session: AsyncSession, business_id: str, email: str = "carmen@mill.example", **changes: Any
) -> str:
    """Add a member of staff and return its id."""
    values: dict[str, Any] = {
        "id": new_id(),
        "business_id": business_id,
        "email": email,
        "name": email.partition("@")[0].title(),
        "role": "admin",
        "is_enabled": True,
        "must_change_password": False,
        "created_at": NOW,
    } | changes
    await session.execute(insert(Staff).values(values))
    return str(values["id"])


def make_line(
    name: str = "Olive oil, 500 ml",
    *,
    line_id: str = "1",
    rate: str = "10",
    **changes: Any,
) -> Line:
    """Return a line of two pieces at 10.00."""
    line = Line(
        id=line_id,
        item=Item(name=name),
        quantity=Decimal(2),
        unit="C62",
        net_price=Decimal("10.00"),
        taxes=(TaxStated(category="S", rate=Decimal(rate)),),
    )
    return msgspec.structs.replace(line, **changes)


def make_body(kind: str = "invoice", number: str = "F-1", **changes: Any) -> DocumentBody:
    """Return a document with one line, its totals worked out."""
    body = DocumentBody(
        kind=kind,
        number=number,
        issued_on=date(2026, 11, 10),
        due_on=date(2026, 12, 10),
        currency="EUR",
        description=f"Document {number}",
        parties=(
            Party(role=PartyRole.SELLER, name="Mill"),
            Party(role=PartyRole.BUYER, name="Tienda Sol"),
        ),
        lines=(make_line(),),
    )
    return compute(msgspec.structs.replace(body, **changes))


def make_publication(
    contact_id: str, body: DocumentBody | None = None, **changes: Any
) -> Publication:
    """Return a document to publish for a contact."""
    publication = Publication(body=body or make_body(), contact=ContactRef(id=contact_id))
    return msgspec.structs.replace(publication, **changes)
