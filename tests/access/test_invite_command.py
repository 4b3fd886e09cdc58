"""``portalkit invite``: says whom it invites, and leaves the rest to the worker."""

import asyncio
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portalkit.cli.invitations import invite_command
from portalkit.config import PortalConfig, Secret
from portalkit.db import create_engine_for, session_makers
from portalkit.jobs.models import JobRow
from portalkit.mail.models import MailRow
from portalkit.mail.secrecy import open_secrets
from portalkit.testing.factories import make_business, make_contact, make_person

KEYS = (Secret("a-key-for-tests-only-0123456789abcdef"),)


def in_database(url, work):
    async def run():
        engine = create_engine_for(url)
        try:
            _, writing = session_makers(engine)
            async with writing() as session, session.begin():
                return await work(session)
        finally:
            await engine.dispose()

    return asyncio.run(run())


@pytest.fixture
def run(database_url):
    async def fill(session):
        mill = await make_business(session, "mill")
        sol = await make_contact(session, mill, "Sol", external_id="C-1")
        await make_contact(session, mill, "Luna", email="luna@luna.example")
        await make_contact(session, mill, "Mute")
        await make_person(session, mill, [sol], "lucia@sol.example")

    in_database(database_url, fill)
    config = PortalConfig(
        database_url=database_url, secret_keys=KEYS, base_url="https://p.example/portal"
    )
    return lambda *arguments: CliRunner().invoke(invite_command, arguments, obj=config)


def left(url):
    """Return the links of mails that were written, and how many jobs of invitations wait."""

    async def look(session):
        mails = await session.scalars(select(MailRow))
        jobs = select(func.count()).select_from(JobRow).where(JobRow.name == "access.invite")
        return [
            open_secrets(KEYS, each.id, each.sealed)["link"] for each in mails
        ], await session.scalar(jobs)

    return in_database(url, look)


def test_an_address_is_invited_under_the_configured_one(run, database_url):
    result = run("LUCIA@sol.example")

    assert result.output == "invited: lucia@sol.example\n"
    [link], _ = left(database_url)
    assert link.startswith("https://p.example/portal/i/")


def test_all_who_never_were_are_invited_and_told_as_json(run, database_url):
    dry = run("--all", "--dry-run", "--json")
    nothing = left(database_url)
    result = run("--all")

    assert dry.exception is None, repr(dry.exception)
    assert json.loads(dry.output) == {"invited": ["Luna", "Sol"], "dry_run": True}
    assert nothing == ([], 0)
    assert result.output == "invited: Luna\ninvited: Sol\n2 invited\n"
    assert left(database_url) == ([], 1)


def test_one_contact_is_known_by_the_hosts_own_number(run, database_url):
    assert run("--contact", "C-1").output == "invited: Sol\n"
    assert left(database_url) == ([], 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name one"),
        (("--all", "lucia@sol.example"), "name one"),
        (("nobody@sol.example",), "there is no person"),
        (("--contact", "C-2"), "there is no contact C-2"),
        (("--all", "--business", "bees"), "which business?"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(run, database_url, arguments, says):
    result = run(*arguments)

    assert result.exit_code != 0
    assert says in result.output
    assert left(database_url) == ([], 0)
