"""Fills the demo once: contacts and people as rows, documents through ``publish``.

Everything happens in one transaction of the host's, so that a seed that was interrupted
leaves nothing behind and the next start makes it anew.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from example_app import harvest
from example_app.data import Demo, DemoContact, DemoPerson, DemoStaff, demo_data
from example_app.data.apiary import APIARY
from example_app.settings import DEMO_PASSWORD
from portalkit.access.accounts import find_account
from portalkit.access.credentials import store_password
from portalkit.access.models import Business, Contact, ContactIdentifier
from portalkit.access.people import give_access
from portalkit.access.staff import add_staff
from portalkit.access.switches import switch_plugin
from portalkit.audit import Actor
from portalkit.context import SessionKind
from portalkit.documents.keys import fold
from portalkit.documents.models import Sequence
from portalkit.documents.sessions import publish_in
from portalkit.hooks import Manifest
from portalkit.model import Address, Publication, new_id
from portalkit.storage import content_key
from portalkit.web.portal import RunningPortal

__all__ = ("is_seeded", "seed")

Told = Callable[[int, int], None]
"""Called after each week with how many documents of how many are stored."""

_HOST: Final = Actor(kind="host", name="example_app")
_LOGOS: Final = Path(__file__).parent / "static"


async def is_seeded(portal: RunningPortal) -> bool:
    """Say whether the demo is there."""
    async with portal.reading() as session:
        return await session.scalar(select(Business.id).limit(1)) is not None


def _nobody(done: int, total: int) -> None:
    """Hear nothing."""


async def seed(portal: RunningPortal, anchor: date, told: Told = _nobody) -> None:
    """Store both businesses with all their customers and documents.

    Args:
        portal: The portal, its database migrated and empty.
        anchor: The day of the demo.
        told: Hears how far it is.

    Raises:
        RuntimeError: If the portal refuses one of the documents.
    """
    demos = demo_data(anchor)
    total = sum(len(demo.publications) for demo in demos)
    password = await portal.passwords.hash(DEMO_PASSWORD)
    done = 0
    async with portal.writing() as session:
        for demo in demos:
            business_id = await _add_business(portal, session, demo, password)
            for week in _weeks(demo.publications):
                await _publish(portal, session, business_id, week)
                done += len(week)
                told(done, total)
            await _continue_numbers(session, business_id, demo)
        await session.commit()


def _moment(day: date) -> datetime:
    """Return the moment of what happened on a day: early, so that none is yet to come."""
    return datetime.combine(day, time(6), UTC)


async def _add_business(
    portal: RunningPortal, session: AsyncSession, demo: Demo, password: str
) -> str:
    business = demo.business
    now = _moment(demo.publications[0].body.issued_on)
    business_id = new_id()
    logo = content_key(business_id, content := (_LOGOS / business.logo).read_bytes())
    await portal.storage.put(logo, content)
    await session.execute(
        insert(Business).values(
            id=business_id,
            slug=business.slug,
            name=business.name,
            legal_name=business.legal_name,
            tax_id=business.tax_id,
            imprint=business.imprint,
            address=_as_text(business.address),
            email=business.email,
            phone=business.phone,
            website=business.website,
            iban=business.iban,
            bic=business.bic,
            currency="EUR",
            timezone="Europe/Madrid",
            locale="es",
            locales=list(portal.config.locales),
            brand_colour=business.brand_colour,
            logo=logo.rpartition("/")[2],
            created_at=now,
        )
    )
    desk = _Desk(session, business_id, password, now)
    for staff in business.staff:
        await desk.add_staff(staff)
    for contact in demo.contacts:
        await desk.add_contact(contact)
    if business is APIARY:
        # The news of the mill are nothing for the apiary's customers.
        await desk.switch_off(harvest.manifest)
    return business_id


def _as_text(address: Address) -> str:
    return "\n".join((*address.lines, f"{address.postcode} {address.city} ({address.region})"))


class _Desk:
    """Adds the people of one business."""

    def __init__(
        self, session: AsyncSession, business_id: str, password: str, now: datetime
    ) -> None:
        self._session = session
        self._business_id = business_id
        self._password = password
        self._now = now

    async def add_staff(self, staff: DemoStaff) -> None:
        await add_staff(
            self._session,
            business_id=self._business_id,
            email=staff.email,
            name=staff.name,
            role=staff.role,
            actor=_HOST,
            now=self._now,
        )
        await self._set_password(SessionKind.STAFF, staff.email)

    async def add_contact(self, contact: DemoContact) -> None:
        contact_id = new_id()
        await self._session.execute(
            insert(Contact).values(
                id=contact_id,
                business_id=self._business_id,
                external_id=contact.key,
                name=contact.name,
                name_key=fold(contact.name),
                email=contact.email,
                tax_id=contact.tax_id.value,
                locale=contact.locale,
                currency=contact.currency,
                created_at=self._now,
            )
        )
        scheme, value = contact.tax_id.key
        await self._session.execute(
            insert(ContactIdentifier).values(
                business_id=self._business_id, scheme=scheme, value=value, contact_id=contact_id
            )
        )
        for person in contact.people:
            await self._add_person(contact_id, person)

    async def _add_person(self, contact_id: str, person: DemoPerson) -> None:
        await give_access(
            self._session,
            business_id=self._business_id,
            contact_id=contact_id,
            email=person.email,
            name=person.name,
            role=person.role,
            actor=_HOST,
            now=self._now,
        )
        if person.can_sign_in:
            await self._set_password(SessionKind.PERSON, person.email)

    async def _set_password(self, kind: SessionKind, email: str) -> None:
        account = await find_account(
            self._session, kind, business_id=self._business_id, email=email
        )
        if account is None:
            raise RuntimeError(f"{email} has just been added and is not there")
        await store_password(self._session, account, self._password, actor=_HOST, now=self._now)

    async def switch_off(self, manifest: Manifest) -> None:
        await switch_plugin(
            self._session,
            manifest,
            business_id=self._business_id,
            is_enabled=False,
            actor=_HOST,
            now=self._now,
        )


def _weeks(publications: Iterable[Publication]) -> Iterable[list[Publication]]:
    """Yield the documents week by week, so that the history bears about the right days."""
    for _, week in groupby(publications, lambda p: p.body.issued_on.isocalendar()[:2]):
        yield list(week)


async def _publish(
    portal: RunningPortal, session: AsyncSession, business_id: str, week: list[Publication]
) -> None:
    results = await publish_in(
        session,
        business_id,
        week,
        kinds=portal.kinds,
        storage=portal.storage,
        now=_moment(week[-1].body.issued_on),
    )
    refused = [f"{result.number}: {result.message}" for result in results if result.error]
    if refused:
        raise RuntimeError("the portal refused " + "; ".join(refused))


async def _continue_numbers(session: AsyncSession, business_id: str, demo: Demo) -> None:
    """Let the portal number the next purchase order after those of the demo."""
    last: dict[int, int] = {}
    for body in (publication.body for publication in demo.publications):
        if body.kind == "purchase_order":
            last[body.issued_on.year] = int(body.number.rpartition("-")[2])
    for year, number in last.items():
        await session.execute(
            insert(Sequence).values(business_id=business_id, series="PC", year=year, last=number)
        )
