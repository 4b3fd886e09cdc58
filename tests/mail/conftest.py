"""A portal whose mails go to a post office, and a clock that a test moves."""

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from portalkit.access.mails import PASSWORD_SET, SIGN_IN_CODE, PasswordSet, SignInCode
from portalkit.app import PortalApp, create_app
from portalkit.config import MailConfig, Secret
from portalkit.mail import Recipient, send_mail
from portalkit.mail.models import MailRow
from portalkit.testing.client import open_portal
from portalkit.testing.factories import NOW, make_business
from portalkit.testing.post_office import PostOffice, open_post_office


@pytest.fixture
def portal_plugins():
    return ()


CODE, LINK = "904417", "https://portal.example/i/let-me-in"


class Clock:
    """Stands still until it is moved."""

    now = NOW

    def __call__(self):
        return self.now

    def move(self, **by) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as office:
        yield office


@pytest.fixture
def mail_settings():
    """Settings of mail; tests of slow servers have little patience."""
    return {"timeout": 10.0, "data_timeout": 10.0}


@pytest.fixture
async def app(portal_config, office, clock, mail_settings) -> AsyncIterator[PortalApp]:
    config = msgspec.structs.replace(
        portal_config,
        smtp_url=Secret(office.url),
        base_url="https://portal.example",
        mail=MailConfig(from_address="portal@mill.example", **mail_settings),
    )
    app = create_app(config, clock=clock)
    async with open_portal(app):
        yield app


@pytest.fixture
def portal(app):
    return app.portal


@pytest.fixture
async def mill(portal) -> str:
    async with portal.writing() as session, session.begin():
        return await make_business(
            session,
            "mill",
            name="Almazara del Río",
            email="oficina@mill.example",
            address="Camino del Río, 1\n23400 Úbeda",
        )


@pytest.fixture
def write(portal, mill, clock):
    """Write a mail in a transaction of its own and return its id."""

    async def write(email="lucia@sol.example", name="Lucía", locale="es", **options) -> str:
        async with portal.writing() as session, session.begin():
            return await send_mail(
                session,
                PASSWORD_SET,
                business_id=mill,
                to=Recipient(email=email, name=name, locale=locale),
                variables=PasswordSet(at=clock.now),
                now=clock.now,
                **options,
            )

    return write


@pytest.fixture
def write_code(portal, mill, clock):
    """Write a mail with a code and a link in it, which end in an hour."""

    async def write_code(email="lucia@sol.example") -> str:
        until = clock.now + timedelta(hours=1)
        async with portal.writing() as session, session.begin():
            return await send_mail(
                session,
                SIGN_IN_CODE,
                business_id=mill,
                to=Recipient(email=email, name="Lucía", locale="es"),
                variables=SignInCode(code=CODE, link=LINK, until=until),
                now=clock.now,
                valid_until=until,
                keys=portal.config.secret_keys,
            )

    return write_code


@pytest.fixture
def row(portal):
    """Return a mail as it is stored."""

    async def row(mail_id) -> MailRow:
        async with portal.reading() as session:
            return await session.scalar(select(MailRow).where(MailRow.id == mail_id))

    return row


@pytest.fixture
def work(portal):
    """Do all that is due now."""

    async def work() -> int:
        return await portal.queue.work_off(portal)

    return work
