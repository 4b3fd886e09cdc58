"""The history stays as it is, whoever writes to the database, but for what an erasure takes."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from portalkit.access.models import Contact
from portalkit.audit import Actor, Event, event_values
from portalkit.audit.guard_ddl import create_guard, drop_guard
from portalkit.db import configure_engine, create_engine_for, session_makers, sync_url
from portalkit.testing.factories import NOW, make_business, make_contact

ANA = Actor(kind="person", id="somebody", name="Ana")
CHANGED = {
    "id": "another",
    "business_id": "another",
    "contact_id": None,
    "document_id": "another",
    "name": "document.viewed",
    "actor_kind": "staff",
    "actor_id": None,
    "actor_name": "Ben",
    "once_key": "again",
    "at": NOW + timedelta(days=1),
}


async def write_one(url):
    engine = create_engine_for(url)
    _, writing = session_makers(engine)
    async with writing() as session, session.begin():
        business = await make_business(session)
        contact = await make_contact(session, business)
        values = event_values(
            business_id=business,
            contact_id=contact,
            name="access.signed_in",
            actor=ANA,
            at=NOW,
            data={"by": "password"},
        )
        await session.execute(insert(Event).values(values))
    await engine.dispose()
    return values


@pytest.fixture
def event(database_url):
    return asyncio.run(write_one(database_url))


@pytest.fixture
def connection(database_url, event):
    engine = configure_engine(create_engine(sync_url(database_url), poolclass=NullPool))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def kept(connection):
    return dict(connection.execute(select(Event.__table__)).mappings().one())


def test_every_column_but_the_data_is_changed_below(event):
    assert CHANGED.keys() == event.keys() - {"data"}


@pytest.mark.parametrize("name", CHANGED)
def test_no_column_of_an_event_is_changed(connection, event, name):
    with pytest.raises(IntegrityError, match="neither changed nor removed"), connection.begin():
        connection.execute(update(Event).values({name: CHANGED[name]}))

    assert kept(connection) == event


def test_no_event_is_removed(connection, event):
    statements = [delete(Event), delete(Contact)]
    if connection.dialect.name == "postgresql":
        statements.append(text("TRUNCATE portalkit_event"))
    for statement in statements:
        with pytest.raises(IntegrityError), connection.begin():
            connection.execute(statement)

    assert kept(connection) == event


def test_an_erasure_takes_a_name_and_words_out(connection, event):
    with connection.begin():
        connection.execute(update(Event).values(actor_name="", data={"by": ""}))

    assert kept(connection) == event | {"actor_name": "", "data": {"by": ""}}


def test_without_the_guard_all_of_it_would_be_done(connection):
    """The control: it is the triggers that refuse, and they can be made again."""
    with connection.begin() as transaction:
        drop_guard(connection)
        for name, value in {"actor_name": "Ben", "name": "document.viewed"}.items():
            connection.execute(update(Event).values({name: value}))
        connection.execute(delete(Event))
        assert connection.execute(select(Event.id)).all() == []
        transaction.rollback()
    with connection.begin():
        drop_guard(connection)
        create_guard(connection)

    with pytest.raises(IntegrityError), connection.begin():
        connection.execute(delete(Event))
