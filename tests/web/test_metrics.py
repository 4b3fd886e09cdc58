"""What watches over the portal reads counts and ages; nobody else does."""

from datetime import timedelta

import httpx
import msgspec
import pytest
from sqlalchemy import insert, update

from portalkit.app import create_app
from portalkit.config import PortalConfig, Secret
from portalkit.errors import ConfigError
from portalkit.jobs import enqueue
from portalkit.jobs.models import JobRow
from portalkit.mail.models import MailRow
from portalkit.model import new_id
from portalkit.testing.client import open_portal
from portalkit.testing.factories import NOW, make_business

pytestmark = pytest.mark.anyio

TOKEN = "a-token-of-the-watch"


@pytest.fixture
async def app(portal_config):
    config = msgspec.structs.replace(
        portal_config, jobs=msgspec.structs.replace(portal_config.jobs, embedded=False)
    )
    app = create_app(config, clock=lambda: NOW)
    async with open_portal(app):
        yield app


def client_at(app, peer="127.0.0.1"):
    transport = httpx.ASGITransport(app=app, client=(peer, 40_000))
    return httpx.AsyncClient(transport=transport, base_url=app.portal.config.origin)


def figures(answer):
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def write_mails(app, states):
    """Write mails that are one, two, three minutes old, in the states that are named."""
    async with app.portal.writing() as session, session.begin():
        business = await make_business(session)
        for minutes, state in enumerate(states, 1):
            values = {
                "id": new_id(),
                "business_id": business,
                "template": "access.password_set",
                "to_email": "ana@sol.example",
                "to_name": "Ana",
                "locale": "es",
                "variables": {},
                "state": state,
                "created_at": NOW - timedelta(minutes=minutes),
            }
            await session.execute(insert(MailRow).values(values))


async def test_nothing_waits_at_first(app):
    async with client_at(app) as client:
        answer = await client.get("/-/metrics")

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert figures(answer) == {
        'portalkit_mails{state="waiting"}': 0,
        'portalkit_mails{state="failed"}': 0,
        "portalkit_mail_oldest_seconds": 0,
        'portalkit_jobs{state="waiting"}': 0,
        'portalkit_jobs{state="running"}': 0,
        'portalkit_jobs{state="dead"}': 0,
        "portalkit_job_late_seconds": 0,
    }


async def test_mails_that_wait_or_failed_are_counted_and_the_oldest_tells_its_age(app):
    await write_mails(app, ["waiting", "waiting", "failed", "sent"])

    async with client_at(app) as client:
        found = figures(await client.get("/-/metrics"))

    assert found['portalkit_mails{state="waiting"}'] == 2
    assert found['portalkit_mails{state="failed"}'] == 1
    assert found["portalkit_mail_oldest_seconds"] == 120


async def test_a_job_that_nobody_begins_tells_since_when_it_is_due(app):
    async with app.portal.writing() as session, session.begin():
        for minutes in (5, 7, -9):
            run_at = NOW - timedelta(minutes=minutes)
            await enqueue(session, "mail.tidy", now=NOW, run_at=run_at)
        await enqueue(session, "mail.tidy", now=NOW, run_at=NOW - timedelta(hours=1))
        await session.execute(
            update(JobRow)
            .where(JobRow.due_at < NOW - timedelta(minutes=30))
            .values(state="dead", due_at=None)
        )

    async with client_at(app) as client:
        found = figures(await client.get("/-/metrics"))

    assert found['portalkit_jobs{state="waiting"}'] == 3
    assert found['portalkit_jobs{state="dead"}'] == 1
    assert found["portalkit_job_late_seconds"] == 420


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip", "via"])
async def test_who_comes_through_a_proxy_finds_nothing(app, header):
    async with client_at(app) as client:
        answer = await client.get("/-/metrics", headers={header: "127.0.0.1"})

    assert answer.status_code == 404


@pytest.mark.parametrize("peer", ["203.0.113.9", "10.0.0.4", "2001:db8::1", "testclient"])
async def test_who_is_elsewhere_finds_nothing(app, peer):
    async with client_at(app, peer) as client:
        answer = await client.get("/-/metrics")

    assert answer.status_code == 404


async def test_a_token_opens_it_from_anywhere_and_nothing_else_does(portal_config):
    config = msgspec.structs.replace(portal_config, metrics_token=Secret(TOKEN))
    app = create_app(config, clock=lambda: NOW)
    async with open_portal(app), client_at(app, "203.0.113.9") as client:
        given = [None, "", "Bearer ", f"Bearer {TOKEN}x", "Bearer \xf1", f"Basic {TOKEN}"]
        refused = [
            (await client.get("/-/metrics", headers=_bearing(each))).status_code for each in given
        ]
        answer = await client.get("/-/metrics", headers=_bearing(f"Bearer {TOKEN}"))

    assert refused == [404] * len(given)
    assert answer.status_code == 200


def _bearing(text):
    return {} if text is None else {"authorization": text.encode("latin-1")}


def test_a_short_token_stops_the_start():
    with pytest.raises(ConfigError, match="metrics_token"):
        PortalConfig(metrics_token=Secret("short"))


def test_the_token_may_stand_in_the_environment_and_is_never_shown():
    config = PortalConfig.load(environ={"PORTALKIT_METRICS_TOKEN": TOKEN})

    assert config.metrics_token.value == TOKEN
    assert TOKEN not in repr(config)
