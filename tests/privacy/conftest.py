"""A mill whose customer Sol has left traces in every table that knows contacts or people."""

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from sqlalchemy import JSON, Boolean, Date, Integer, String, insert, select

from portalkit.access.models import Contact
from portalkit.db import Base
from portalkit.db.base import Instant
from portalkit.documents import publish_in
from portalkit.mail.models import MailRow
from portalkit.model import AttachmentRole, FileInput, new_id
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_person,
    make_publication,
)
from portalkit.web.portal import RunningPortal

MARK = "quetzal"
NAME = f"Lucía {MARK}"
SECRET = "s3cr3t"
ID_LENGTH = 36
VALUES = {JSON: {"said": [NAME]}, Boolean: False, Integer: 1, Instant: NOW, Date: NOW.date()}
SECRETS = {"code_hash", "id_hash", "password_hash", "secret", "secret_hash", "landing"}
# Documents and money stay, and who they name with them; the sums have no words.
KEPT = {
    "portalkit_allocation",
    "portalkit_attachment",
    "portalkit_contact_month",
    "portalkit_document",
    "portalkit_document_count",
    "portalkit_document_version",
    "portalkit_payment",
    "portalkit_reference",
    "portalkit_rendering",
}
# Tables in which nothing is planted, and why.
NOT_PLANTED = dict.fromkeys(KEPT, "the law asks for documents and payments") | {
    "catalog_price": "what is for sale",
    "catalog_product": "what is for sale",
    "portalkit_api_key": "staff alone make them",
    "portalkit_business": "the business itself",
    "portalkit_contact": "made by the fixture, with all of its names",
    "portalkit_mail_template": "words of the business for everybody",
    "portalkit_membership": "made by the fixture; it has no words but the role",
    "portalkit_person": "made by the fixture, with name, address and password",
    "portalkit_schedule": "when the clock has struck",
    "portalkit_sequence": "the last number of a series",
    "portalkit_staff": "who works for the business",
    "portalkit_throttle": "hashes: made by requests in tests/web/test_office_privacy.py",
}
# Columns of rows that stay which hold words of the portal's own.
OWN_WORDS = {
    "portalkit_event": {"name", "actor_kind", "once_key"},
    "portalkit_job": {"name", "state"},
}


@pytest.fixture(scope="session")
def portal_plugins():
    return ("home", "profile", "backoffice", "sales", "purchases", "acme_tickets")


@pytest.fixture
async def portal(portal_config) -> AsyncIterator[RunningPortal]:
    portal = RunningPortal.load(portal_config, clock=lambda: NOW)
    yield portal
    await portal.close()


@pytest.fixture
async def mill(portal: RunningPortal) -> SimpleNamespace:
    """Sol has Lucía, who is known there alone, and Ana, who also acts for Luna."""
    async with portal.writing() as session, session.begin():
        business = await make_business(session)
        sol = await make_contact(
            session,
            business,
            f"{MARK} shop",
            external_id=f"{MARK}-7",
            email=f"shop@{MARK}.example",
            tax_id=f"ES-{MARK}",
        )
        luna = await make_contact(session, business, "Bar Luna")
        lucia = await make_person(
            session,
            business,
            [sol],
            f"lucia@{MARK}.example",
            name=NAME,
            password_hash=SECRET,
        )
        ana = await make_person(session, business, [sol, luna], "ana@sol.example")
        documents = []
        for contact in (sol, luna):
            file = FileInput(
                role=AttachmentRole.SUPPORTING,
                filename="analysis.txt",
                media_type="text/plain",
                content=b"acidity 0.2",
            )
            (result,) = await publish_in(
                session,
                business,
                [make_publication(contact, make_body(number=f"F-{contact[-4:]}"), files=(file,))],
                kinds=portal.kinds,
                storage=portal.storage,
                now=NOW,
            )
            documents.append(str(result.id))
        found = SimpleNamespace(
            business=business,
            sol=sol,
            luna=luna,
            lucia=lucia,
            ana=ana,
            invoice=documents[0],
        )
        for table in tables():
            await session.execute(insert(table).values(traces(table, found)))
        await _add_mails(session, found)
    return found


def tables():
    """Tables that may speak of people: all but those that are said not to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in NOT_PLANTED]


def traces(table, found):
    """A row that speaks of Lucía and Sol wherever it can."""
    owners = {
        "portalkit_business": found.business,
        "portalkit_contact": found.sol,
        "portalkit_person": found.lucia,
        "portalkit_document": found.invoice,
    }
    return {column.name: _value(table, column, owners, found) for column in table.c}


def _value(table, column, owners, found):
    for key in column.foreign_keys:
        return owners.get(key.column.table.name)
    if column.name == "actor_id":
        return found.lucia
    if column.name in SECRETS:
        return SECRET
    if column.name == "payload":
        return json.dumps({"to": [{"name": NAME}], "person": found.lucia})
    if isinstance(column.type, String):
        return _text(table, column)
    for kind, value in VALUES.items():
        if isinstance(column.type, kind):
            return value
    raise TypeError(f"{column} has a type that the test cannot fill")


def _text(table, column):
    length = column.type.length or len(NAME)
    if length < len(NAME) or column.name in OWN_WORDS.get(table.name, ()):
        return "person"[: column.type.length]
    return new_id() if length == ID_LENGTH else NAME


async def _add_mails(session, found):
    base = {
        "business_id": found.business,
        "template": "access.sign_in_link",
        "to_name": "Carmen",
        "locale": "es",
        "state": "sent",
        "handovers": 1,
        "tries": 1,
        "created_at": NOW,
    }
    to_her = {"to_email": f"lucia@{MARK}.example", "variables": {"link": SECRET, "until": "x"}}
    to_office = {"to_email": "office@mill.example", "variables": {"who": NAME}}
    to_others = {"to_email": "ben@ben.example", "variables": {"who": "Lucía quetzalcoatl"}}
    for mail in (to_her, to_office, to_others):
        await session.execute(insert(MailRow).values(id=new_id(), **base, **mail))


@pytest.fixture
def look(portal):
    """Return what stands in the database, as text, by table."""

    async def look():
        async with portal.reading() as session:
            return {
                table.name: [
                    str(tuple(row)) for row in (await session.execute(select(table))).all()
                ]
                for table in Base.metadata.sorted_tables
            }

    return look


@pytest.fixture
def contact_of(portal):
    async def contact_of(contact_id):
        async with portal.reading() as session:
            return await session.get_one(Contact, contact_id)

    return contact_of
