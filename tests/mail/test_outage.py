"""The server refuses, then stalls, then works: every mail arrives, and pages wait for nobody."""
# ruff: noqa: PLR0917  # what a test needs are its arguments

import asyncio

import pytest
from sqlalchemy import func, select

from portalkit.mail.models import MailRow
from portalkit.testing.client import PortalClient

COMMENTS, INVITATIONS = 20, 5
"""A few of each; ``make soak`` sends 500 and 50."""


@pytest.fixture
def mail_settings():
    return {"timeout": 0.2, "data_timeout": 0.2}


async def test_every_mail_of_bad_times_arrives_once_and_pages_are_answered_meanwhile(
    app, portal, write, work, office, clock
):
    await office.close()
    for number in range(COMMENTS + INVITATIONS):
        await write(f"person{number}@sol.example")

    async def pass_time(rounds):
        for _ in range(rounds):
            await work()
            clock.move(minutes=2)

    async with PortalClient(app) as client:
        await pass_time(3)
        await office.open()
        office.mood = {"RCPT": "stall"}
        answers, _ = await asyncio.gather(_ask(client, 5), pass_time(3))
        assert office.mails == []
        office.mood = {}
        await pass_time(3)

    async with portal.reading() as session:
        states = dict(
            tuple(row)
            for row in await session.execute(
                select(MailRow.state, func.count()).group_by(MailRow.state)
            )
        )
    assert answers == [200] * 5
    assert states == {"sent": COMMENTS + INVITATIONS}
    assert sorted(office.recipients) == sorted(
        f"person{number}@sol.example" for number in range(COMMENTS + INVITATIONS)
    )
    assert len({mail["Message-ID"] for mail in office.mails}) == COMMENTS + INVITATIONS


async def _ask(client, times):
    return [(await client.get("/login")).status_code for _ in range(times)]
