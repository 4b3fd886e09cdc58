"""``portalkit export-contact`` and ``portalkit erase-contact``."""

import asyncio
from zipfile import ZipFile

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portalkit.access.models import Contact, Person
from portalkit.cli.privacy import erase_contact_command, export_contact_command
from portalkit.db import create_engine_for, session_makers
from portalkit.errors import ConfigError, NotFoundError
from portalkit.testing.factories import make_business, make_contact, make_person


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
def run(portal_config):
    """Run a command against a mill with one customer; return what came of it."""

    async def fill(session):
        business = await make_business(session, "mill")
        contact = await make_contact(session, business, "Tienda Sol", external_id="C-1")
        await make_person(session, business, [contact], "lucia@sol.example")

    in_database(portal_config.database_url, fill)

    def run(command, *arguments, answer=None, **settings):
        config = msgspec.structs.replace(portal_config, **settings)
        return CliRunner().invoke(command, arguments, obj=config, input=answer)

    return run


@pytest.fixture
def people(portal_config):
    async def count(session):
        return await session.scalar(select(func.count()).select_from(Person))

    return lambda: in_database(portal_config.database_url, count)


def test_an_export_is_one_whole_file(run, tmp_path):
    file = tmp_path / "sol.zip"

    result = run(export_contact_command, "C-1", "--out", str(file))

    assert result.exit_code == 0, result.output
    assert "all about Tienda Sol" in result.output
    with ZipFile(file) as archive:
        assert {"README.txt", "contact.json", "people.json"} < set(archive.namelist())
    assert list(tmp_path.glob("tmp*")) == []


def test_one_person_is_exported_without_documents(run, tmp_path):
    file = tmp_path / "lucia.zip"

    result = run(export_contact_command, "C-1", "--person", "Lucia@Sol.example", "--out", str(file))

    assert result.exit_code == 0, result.output
    with ZipFile(file) as archive:
        assert "people.json" in archive.namelist()
        assert "documents.json" not in archive.namelist()


@pytest.mark.parametrize("arguments", [("C-2",), ("C-1", "--person", "ben@ben.example")])
def test_nothing_is_written_about_somebody_who_is_not_there(run, tmp_path, arguments):
    file = tmp_path / "nobody.zip"

    result = run(export_contact_command, *arguments, "--out", str(file))

    assert isinstance(result.exception, NotFoundError)
    assert not file.exists()


def test_a_trial_forgets_nothing(run, people):
    result = run(erase_contact_command, "C-1", "--dry-run")

    assert result.exit_code == 0, result.output
    assert "Tienda Sol: 1 person, 0 mails, words in 0 events" in result.output
    assert people() == 1


def test_it_asks_first_and_takes_no_for_an_answer(run, people):
    assert run(erase_contact_command, "C-1", answer="n\n").exit_code == 1
    assert people() == 1

    assert run(erase_contact_command, "C-1", answer="y\n").exit_code == 0
    assert people() == 0


def test_yes_does_not_ask(run, people, portal_config):
    result = run(erase_contact_command, "C-1", "--yes")

    assert result.exit_code == 0, result.output
    assert people() == 0

    async def names(session):
        return list(await session.scalars(select(Contact.name)))

    (name,) = in_database(portal_config.database_url, names)
    assert name.startswith("#")


def test_a_number_that_was_erased_is_told_from_one_that_never_was_by_the_id(run):
    contact_id = run(erase_contact_command, "C-1", "--yes").output.split()[1].rstrip(":")

    again = run(erase_contact_command, "C-1", "--yes")
    by_id = run(erase_contact_command, contact_id, "--yes")

    assert "use the id that was printed then" in str(again.exception)
    assert by_id.exit_code == 0, by_id.output


def test_safe_mode_erases_nothing(run, people):
    result = run(erase_contact_command, "C-1", "--yes", safe_mode=True)

    assert isinstance(result.exception, ConfigError)
    assert people() == 1
