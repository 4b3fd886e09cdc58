"""``portalkit link`` and ``portalkit staff add``: they print the link and nothing else."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from portalkit.access.api_keys import find_api_key
from portalkit.access.links import find_link
from portalkit.access.models import Business, Staff
from portalkit.audit import Event
from portalkit.cli.access import link_command
from portalkit.cli.api_keys import api_key_group
from portalkit.cli.staff import staff_group
from portalkit.config import BusinessConfig, PortalConfig, Secret
from portalkit.db import create_engine_for, session_makers
from portalkit.errors import ConflictError, NotFoundError
from portalkit.model import new_id
from portalkit.testing.factories import NOW, make_business, make_contact, make_person

KEYS = (Secret("a-key-for-tests-only-0123456789abcdef"),)


def in_database(url, work):
    """Do something in one transaction, outside of any loop, as the command does."""

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
    """Run a command against a business with one person; return what came of it."""

    async def fill(session):
        business = await make_business(session, "mill")
        contact = await make_contact(session, business)
        await make_person(session, business, [contact], "lucia@sol.example")
        await make_person(session, business, [], "nobody@sol.example")
        return business

    in_database(database_url, fill)

    def run_it(command, *arguments, **settings):
        config = PortalConfig(
            database_url=database_url, secret_keys=KEYS, base_url="https://p.example/portal"
        )
        for name, value in settings.items():
            config = PortalConfig(
                **{name: getattr(config, name) for name in config.__struct_fields__} | {name: value}
            )
        return CliRunner().invoke(command, arguments, obj=config)

    return run_it


def test_a_link_is_printed_and_nothing_else(run, database_url):
    result = run(link_command, "LUCIA@Sol.Example")

    assert result.exit_code == 0
    start = "https://p.example/portal/i/"
    assert result.output.startswith(start)
    assert result.output.count("\n") == 1
    token = result.output.strip().removeprefix(start)

    async def look(session):
        business = await session.scalar(select(Business.id))
        link = await find_link(session, KEYS, token, business_id=business, now=datetime.now(UTC))
        return link, list(await session.scalars(select(Event.name)))

    link, events = in_database(database_url, look)
    assert link.person_id is not None
    assert events == ["access.link_made"]


def test_staff_are_added_and_get_a_link(run, database_url):
    result = run(staff_group, "add", "Rosa@mill.example", "--name", "Rosa", "--role", "sales")

    assert result.exit_code == 0
    assert result.output.startswith("https://p.example/portal/i/")

    async def look(session):
        return await session.scalar(select(Staff))

    rosa = in_database(database_url, look)
    assert (rosa.email, rosa.name, rosa.role) == ("rosa@mill.example", "Rosa", "sales")
    assert run(link_command, "rosa@mill.example", "--staff").exit_code == 0


@pytest.mark.parametrize(
    ("command", "arguments", "settings", "words"),
    [
        (link_command, ("unknown@sol.example",), {}, "no person with access"),
        (link_command, ("nobody@sol.example",), {}, "no person with access"),
        (link_command, ("lucia@sol.example", "--staff"), {}, "no member of staff"),
        (link_command, ("lucia@sol.example", "--business", "x"), {}, "--business one of mill"),
        (staff_group, ("add", "nonsense"), {}, "email"),
        (link_command, ("lucia@sol.example",), {"secret_keys": ()}, "secret_keys"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(command, arguments, settings, words, run):
    result = run(command, *arguments, **settings)

    assert result.exit_code != 0
    assert words in f"{result.output}{result.exception}"
    assert "Traceback" not in result.output


def test_staff_who_have_lost_their_second_factor_are_let_in_without(run, database_url):
    run(staff_group, "add", "carmen@mill.example")
    in_database(database_url, lambda s: s.execute(update(Staff).values(has_second_factor=True)))

    result = run(staff_group, "remove-second-factor", " CARMEN@mill.example")
    unknown = run(staff_group, "remove-second-factor", "nobody@mill.example")

    assert result.output.startswith("carmen@mill.example gets in without a second step")
    assert not in_database(database_url, lambda s: s.scalar(select(Staff.has_second_factor)))
    names = in_database(database_url, lambda s: s.scalars(select(Event.name)))
    assert "access.second_factor_removed" in list(names)
    assert (unknown.exit_code, "no member of staff" in unknown.output) == (1, True)


def test_staff_are_listed_given_a_role_shut_out_let_in_and_erased(run, database_url):
    run(staff_group, "add", "carmen@mill.example")
    run(staff_group, "add", "rosa@mill.example", "--name", "Rosa")

    assert (
        "rosa@mill.example has the role sales"
        in run(staff_group, "set-role", "Rosa@mill.example", "sales").output
    )
    assert isinstance(run(staff_group, "disable", "carmen@mill.example").exception, ConflictError)
    assert isinstance(
        run(staff_group, "erase", "rosa@mill.example", "--yes").exception, ConflictError
    )
    assert run(staff_group, "disable", "rosa@mill.example").exit_code == 0
    assert "shut out" in run(staff_group, "list").output
    again = run(staff_group, "enable", "rosa@mill.example")
    assert again.output.startswith("https://p.example/portal/i/")

    listed = run(staff_group, "list", "--json").output.splitlines()
    shown = [msgspec.json.decode(line) for line in listed]
    assert [(each["email"], each["role"], each["is_enabled"]) for each in shown] == [
        ("rosa@mill.example", "sales", True),
        ("carmen@mill.example", "admin", True),
    ]
    run(staff_group, "disable", "rosa@mill.example")
    assert run(staff_group, "erase", "rosa@mill.example").exit_code == 1
    assert "forgotten" in run(staff_group, "erase", "rosa@mill.example", "--yes").output
    assert "rosa" not in run(staff_group, "list").output
    assert "no member of staff" in run(staff_group, "enable", "rosa@mill.example").output


def test_with_several_businesses_one_must_be_named(run, database_url):
    in_database(database_url, lambda session: make_business(session, "forge"))

    assert "--business one of" in run(link_command, "lucia@sol.example").output
    result = run(link_command, "lucia@sol.example", "--business", "mill")
    assert result.output.startswith("https://p.example/portal/mill/i/")


def test_a_business_with_its_own_host_is_linked_to_there(run, database_url):
    in_database(
        database_url,
        lambda session: make_business(session, "forge", host="forge.example", created_at=NOW),
    )

    result = run(staff_group, "add", "vul@forge.example", "--business", "forge")

    assert result.output.startswith("https://forge.example/portal/i/")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_command_makes_the_business_of_the_configuration(database_url):
    config = PortalConfig(
        database_url=database_url,
        secret_keys=KEYS,
        business=(BusinessConfig(slug="bakery", name="Bakery"),),
    )

    result = CliRunner().invoke(staff_group, ["add", "ana@bakery.example"], obj=config)

    assert result.exit_code == 0
    assert result.output.startswith("http://127.0.0.1:8000/i/")


def test_a_database_that_is_not_ready_is_said_in_one_line(tmp_path):
    config = PortalConfig(database_url=f"sqlite:///{tmp_path / new_id()}.db", secret_keys=KEYS)

    result = CliRunner().invoke(link_command, ["lucia@sol.example"], obj=config)

    assert result.exit_code == 1
    assert "portalkit db upgrade" in result.output
    assert result.output.count("\n") == 1


def test_without_a_business_the_command_says_what_to_do(tmp_path, database_url):
    config = PortalConfig(database_url=database_url, secret_keys=KEYS)

    result = CliRunner().invoke(link_command, ["lucia@sol.example"], obj=config)

    assert "[[business]]" in result.output


def test_a_key_of_the_api_is_printed_once_listed_and_ended(run, database_url):
    made = run(api_key_group, "create", "--name", "ERP [1]", "--days", "30")
    listed = run(api_key_group, "list", "--json")

    key, shown = made.output.strip(), msgspec.json.decode(listed.output)
    assert made.exit_code == listed.exit_code == 0
    assert key.startswith(shown["prefix"])
    assert key not in listed.output
    assert (shown["name"], shown["scopes"]) == ("ERP [1]", ["documents:read"])
    assert "works" in run(api_key_group, "list").output

    assert run(api_key_group, "revoke", shown["id"]).exit_code == 0

    assert "revoked" in run(api_key_group, "list").output
    again = run(api_key_group, "revoke", shown["id"])
    assert isinstance(again.exception, NotFoundError)
    assert run(api_key_group, "create", "--name", "x", "--days", "0").exit_code == 2

    async def find(session):
        business = await session.scalar(select(Business.id))
        return await find_api_key(session, key, business_id=business, now=datetime.now(UTC))

    assert in_database(database_url, find) is None
