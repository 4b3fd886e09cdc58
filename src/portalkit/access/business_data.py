"""What a business says of itself: name, address, bank account, look."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import canonical_email, is_email, is_name
from portalkit.access.models import Business
from portalkit.access.switches import bump_business
from portalkit.audit import Actor, record
from portalkit.errors import InputRefusedError
from portalkit.rendering.brand import normalized_colour
from portalkit.rendering.sheet.qr import is_iban

__all__ = ("BusinessChanges", "update_business")


class BusinessChanges(TypedDict, total=False):
    """What can be changed of a business; ``None`` removes what need not be there."""

    name: str
    legal_name: str | None
    tax_id: str | None
    imprint: str | None
    address: str | None
    email: str | None
    phone: str | None
    website: str | None
    iban: str | None
    bic: str | None
    brand_colour: str
    logo: str | None


async def update_business(
    session: AsyncSession,
    business_id: str,
    changes: BusinessChanges,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change what a business says of itself; every process shows it from the next page on.

    Documents that were published keep the issuer that they state.

    Args:
        session: A session that writes.
        business_id: Which business.
        changes: What is to change; the logo as the hash of a stored file.
        actor: Who does it, in the history.
        now: The moment that the event bears.

    Raises:
        InputRefusedError: ``field`` is what cannot be stored.
        NotFoundError: If there is no such business.
    """
    values = {field: _checked(field, value) for field, value in _stated(changes).items()}
    if not values:
        return
    await bump_business(session, business_id)
    await session.execute(
        update(Business)
        .where(Business.id == business_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    await record(
        session,
        business_id=business_id,
        name="business.changed",
        actor=actor,
        at=now,
        data={"fields": sorted(values)},
    )


def _stated(changes: BusinessChanges) -> Mapping[str, str | None]:
    unknown = sorted(changes.keys() - BusinessChanges.__annotations__.keys())
    if unknown:
        raise InputRefusedError(unknown[0], "cannot be changed here")
    return {field: value for field, value in changes.items() if isinstance(value, str | None)}


def _checked(field: str, value: str | None) -> str | None:
    if value is None:
        if field in {"name", "brand_colour"}:
            raise InputRefusedError(field, "cannot be removed")
        return None
    value = value.strip()
    if field == "brand_colour":
        return normalized_colour(value)
    if field == "name" and not is_name(value):
        raise InputRefusedError(field, "must be one line of 1 to 200 characters")
    if field == "email" and not is_email(value := canonical_email(value)):
        raise InputRefusedError(field, f"{value!r} is no e-mail address")
    if field == "iban":
        value = re.sub(r"\s", "", value).upper()
        if not is_iban(value):
            raise InputRefusedError(field, f"{value!r} is no IBAN")
    longest = Business.__table__.columns[field].type.length  # type: ignore[attr-defined]
    if len(value) > longest:
        raise InputRefusedError(field, f"must not have more than {longest} characters")
    return value or None
