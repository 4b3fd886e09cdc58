"""The mill's office gets a mail on the day that its customers begin to read a piece of news."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from example_app import harvest
from portalkit.app import create_app
from portalkit.mail.models import MailRow
from portalkit.testing.client import open_portal
from portalkit.testing.factories import make_business


class Clock:
    now = datetime(2026, 11, 15, 5, 0, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def portal_plugins():
    return ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_office_hears_of_news_once_and_on_its_day(portal_config):
    clock = Clock()
    app = create_app(portal_config, plugins={"harvest": harvest}, clock=clock)
    portal = app.portal
    written = []
    async with open_portal(app):
        async with portal.writing() as session, session.begin():
            await make_business(session, email="oficina@mill.example")
        for day in (15, 16, 17):
            for hour in (5, 7, 8):
                clock.now = datetime(2026, 11, day, hour, tzinfo=UTC)
                await portal.queue.work_off(portal)
            async with portal.reading() as session:
                written.append(list(await session.scalars(select(MailRow.variables))))

    assert [len(mails) for mails in written] == [0, 1, 1]
    assert written[1][0]["headline"] == "Cajas de regalo para Navidad."
