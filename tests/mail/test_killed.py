"""Workers are killed while they send: no mail is lost, and none arrives more than twice."""

import asyncio
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portalkit.access.mails import PASSWORD_SET, PasswordSet
from portalkit.mail import Recipient, send_mail
from portalkit.testing.factories import make_business
from portalkit.web.portal import RunningPortal

MAILS, KILLED_AT = 40, (5, 15, 25)


@pytest.fixture
async def start(portal_config, office, tmp_path):
    """Start a worker as an operator does, whose lease ends soon."""
    environ = os.environ | {
        "PORTALKIT_DATABASE_URL": portal_config.database_url,
        "PORTALKIT_SECRET_KEYS": portal_config.secret_keys[0].value,
        "PORTALKIT_STORAGE_URL": portal_config.storage_url,
        "PORTALKIT_PLUGINS": "sales",
        "PORTALKIT_SMTP_URL": office.url,
        "PORTALKIT_MAIL__FROM_ADDRESS": "portal@mill.example",
        "PORTALKIT_JOBS__LEASE_SECONDS": "2",
        "PORTALKIT_JOBS__POLL_SECONDS": "0.2",
    }
    begun = []

    async def start():
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("portalkit"),
            "worker",
            cwd=tmp_path,
            env=environ,
            stderr=asyncio.subprocess.DEVNULL,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def write(portal, number):
    async with portal.writing() as session, session.begin():
        business = await make_business(session)
        now = datetime.now(UTC)
        for place in range(number):
            await send_mail(
                session,
                PASSWORD_SET,
                business_id=business,
                to=Recipient(email=f"person{place}@sol.example", name="Ana", locale="es"),
                variables=PasswordSet(at=now),
                now=now,
            )


async def test_mails_survive_workers_that_are_killed_when_the_server_has_taken_one(
    portal_config, office, start
):
    """At the worst moment: the server has the mail, and nobody has heard of it yet."""
    portal = RunningPortal.load(portal_config)
    await write(portal, MAILS)
    killed, all_came = asyncio.Event(), asyncio.Event()
    workers = [await start(), await start()]

    def taken():
        if len(office.mails) in KILLED_AT:
            workers[0].kill()
            killed.set()
        if len(set(office.recipients)) == MAILS:
            all_came.set()

    office.taken = taken
    for _ in KILLED_AT:
        await asyncio.wait_for(killed.wait(), 60)
        killed.clear()
        await workers.pop(0).wait()
        workers.append(await start())
    await asyncio.wait_for(all_came.wait(), 90)
    await portal.close()

    copies = Counter(office.recipients)
    assert len(copies) == MAILS
    assert max(copies.values()) <= 2
    ids = {
        (to, mail["Message-ID"]) for to, mail in zip(office.recipients, office.mails, strict=True)
    }
    assert len(ids) == MAILS
