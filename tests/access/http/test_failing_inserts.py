"""What lets somebody in is told nowhere when the database refuses to keep it (security R69)."""

import logging
import re

import msgspec
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from portalkit.config import MailConfig, Secret
from portalkit.db import configure_engine, session_makers
from portalkit.jobs.models import JobRow
from portalkit.mail.models import MailRow

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
SECRET = re.compile(r"/(?:i|login/reset)/[\w.~-]{20,}|\b\d{6}\b|[\w.]+@ana\.example")


@pytest.fixture
def portal_config(portal_config, office):
    return msgspec.structs.replace(
        portal_config,
        smtp_url=Secret(office.url),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
def break_table(town):
    """Let a table take no row any more; PostgreSQL then says in its message what was in it."""

    async def break_it(table):
        engine = town.app.portal.engine
        statement = (
            f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID"
            if engine.dialect.name == "postgresql"
            else f"CREATE TRIGGER broken BEFORE INSERT ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
        async with engine.begin() as connection:
            await connection.execute(text(statement))

    return break_it


@pytest.fixture
def lost(town):
    """Secrets that stood in statements which failed."""
    found = set()

    def on_error(failure):
        found.update(SECRET.findall(repr(failure.parameters)))

    event.listen(town.app.portal.engine.sync_engine, "handle_error", on_error, insert=True)
    return found


async def ask(client, way):
    page = "/login" if way == "mail" else None
    await client.submit(f"/login/{way}?door=person", {"email": ANA}, page=page)


async def kept_errors(town):
    async with town.app.portal.reading() as session:
        rows = [*await session.scalars(select(JobRow)), *await session.scalars(select(MailRow))]
    return [row.error for row in rows if row.error is not None]


@pytest.mark.parametrize(
    ("table", "way"),
    [
        ("portalkit_mail", "mail"),
        ("portalkit_link", "mail"),
        ("portalkit_job", "mail"),
        ("portalkit_mail", "forgot"),
        ("portalkit_job", "forgot"),
    ],
)
async def test_no_link_code_or_address_is_told(
    *, town, visitor, break_table, lost, caplog, table, way
):
    caplog.set_level(logging.INFO)
    await break_table(table)

    await ask(visitor(), way)
    await town.app.portal.queue.work_off(town.app.portal)

    assert "broken" in caplog.text
    told = " ".join([caplog.text, *await kept_errors(town)])
    assert [secret for secret in {*lost, ANA} if secret in told] == []
    if table != "portalkit_link":  # which has only a hash
        assert lost


async def test_the_error_that_a_job_keeps_names_the_reason(town, visitor, break_table):
    await break_table("portalkit_mail")

    await ask(visitor(), "mail")
    await town.app.portal.queue.work_off(town.app.portal)

    [error] = await kept_errors(town)
    assert error.startswith("IntegrityError: ")
    assert "broken" in error
    assert "INSERT" not in error


async def test_an_engine_of_the_host_tells_no_values_either(town):
    for prepare in (lambda engine: configure_engine(engine.sync_engine), session_makers):
        engine = create_async_engine(town.app.portal.engine.url)
        prepare(engine)
        statement = text("INSERT INTO portalkit_job (id, name) VALUES (:id, :name)")
        with pytest.raises(IntegrityError) as caught:
            async with engine.begin() as connection:
                await connection.execute(statement, {"id": "1", "name": "olive-trees"})
        await engine.dispose()
        assert "olive-trees" not in str(caught.value)
        assert "olive-trees" not in str(caught.value.orig)
