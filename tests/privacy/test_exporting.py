"""What somebody gets who asks for their data: all of it, no secrets, nobody else's."""

import io
import json
from zipfile import ZipFile

import pytest
from sqlalchemy import delete, insert

from portalkit.access.models import Link
from portalkit.audit import Actor, record
from portalkit.db import Base
from portalkit.errors import GuardFailedError
from portalkit.hooks import HOOK_API, DataFile, Manifest, hookimpl
from portalkit.mail.models import MailRow
from portalkit.model import new_id
from portalkit.privacy import (
    ExportOrder,
    documents_of_contact,
    get_subject,
    stream_personal_data,
)
from portalkit.testing.factories import NOW
from portalkit.web.portal import RunningPortal

from .conftest import MARK, NAME, SECRET, traces

# Where the rows of a table are found.
FILES = {
    "acme_tickets_ticket": "acme_tickets/tickets",
    "portalkit_allocation": "allocations",
    "portalkit_attachment": "files",
    "portalkit_contact": "contact",
    "portalkit_contact_identifier": "identifiers",
    "portalkit_document": "documents",
    "portalkit_document_version": "versions",
    "portalkit_email_code": "codes",
    "portalkit_event": "history",
    "portalkit_identity": "identities",
    "portalkit_job": "jobs",
    "portalkit_link": "links",
    "portalkit_mail": "mails",
    "portalkit_membership": "roles",
    "portalkit_notification_choice": "notifications",
    "portalkit_passkey": "passkeys",
    "portalkit_payment": "payments",
    "portalkit_person": "people",
    "portalkit_plugin_switch": "plugins",
    "portalkit_recovery_code": "recovery_codes",
    "portalkit_reference": "references",
    "portalkit_remembered_device": "remembered_devices",
    "portalkit_session": "sessions",
    "portalkit_totp": "authenticator_apps",
}
NOT_EXPORTED = {
    "catalog_price": "what is for sale",
    "catalog_product": "what is for sale",
    "portalkit_api_key": "of the business",
    "portalkit_business": "the business itself",
    "portalkit_contact_month": "sums of the documents, which are there",
    "portalkit_document_count": "sums of the documents, which are there",
    "portalkit_mail_template": "words of the business for everybody",
    "portalkit_rendering": "copies of the documents, made anew at any time",
    "portalkit_schedule": "when the clock has struck",
    "portalkit_sequence": "the last number of a series",
    "portalkit_staff": "who works for the business",
    "portalkit_throttle": "hashes, gone after minutes: they open no door and say nothing",
}


async def export(portal, business, contact, person=None):
    async with portal.reading() as session:
        subject = await get_subject(session, business, contact, person)
    order = ExportOrder(
        subject=subject,
        documents=documents_of_contact(subject) if person is None else None,
        translator=portal.translators["en"],
        now=NOW,
    )
    pieces = [piece async for piece in stream_personal_data(portal, order)]
    with ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def test_a_contact_gets_all_tables_that_know_it_and_the_documents(portal, mill):
    files = await export(portal, mill.business, mill.sol)

    listed = {name: json.loads(text) for name, text in files.items() if name.endswith(".json")}
    assert [person["name"] for person in listed["people.json"]] == [NAME, "Ana"]
    assert listed["contact.json"][0]["email"] == f"shop@{MARK}.example"
    folder = f"documents/invoice-F-{mill.sol[-4:]}-{mill.invoice[-8:]}"
    assert listed[f"{folder}/document.json"]["number"] == f"F-{mill.sol[-4:]}"
    assert files[f"{folder}/1-analysis.txt"] == b"acidity 0.2"
    assert listed["acme_tickets/tickets.json"][0]["subject"] == NAME
    assert [event["name"] for event in listed["history.json"]] == ["document.published", "person"]


async def test_what_is_kept_in_any_table_is_in_a_file(portal, mill):
    tables = Base.metadata.tables
    assert FILES.keys() | NOT_EXPORTED.keys() == tables.keys()
    async with portal.writing() as session, session.begin():
        for name in ("payment", "allocation", "document_version", "reference"):
            table = tables[f"portalkit_{name}"]
            await session.execute(insert(table).values(traces(table, mill)))

    files = await export(portal, mill.business, mill.sol)

    empty = {name for name, file in FILES.items() if not json.loads(files[f"{file}.json"])}
    assert empty == set()
    folder = f"documents/invoice-F-{mill.sol[-4:]}-{mill.invoice[-8:]}"
    assert files[f"{folder}/version-1.json"].decode() == NAME


async def test_what_others_were_told_is_there_without_saying_whom(portal, mill):
    files = await export(portal, mill.business, mill.sol)

    said = [mention["words"] for mention in json.loads(files["mentions.json"])]
    assert [NAME] in said
    assert b"office@mill.example" not in b"".join(files.values())


async def test_a_person_gets_what_others_did_to_them_and_the_links_they_shared(portal, mill):
    carmen = Actor(kind="staff", id=mill.business, name="Carmen")
    async with portal.writing() as session, session.begin():
        for name, data in (
            ("access.role_changed", {"person": mill.ana}),
            ("access.code_sent", {"account": mill.ana}),
            ("access.withdrawn", {"person": mill.lucia}),
        ):
            await record(
                session,
                business_id=mill.business,
                contact_id=mill.sol if "person" in data else None,
                name=name,
                actor=carmen,
                at=NOW,
                data=data,
            )
        await session.execute(delete(Link))
        link = {"purpose": "share", "secret_hash": SECRET, "created_at": NOW, "expires_at": NOW}
        link |= {"business_id": mill.business, "contact_id": mill.sol}
        for actor, kind in ((mill.ana, "person"), (mill.lucia, "person"), (None, "staff")):
            made = {"id": new_id(), "actor_kind": kind, "actor_id": actor, "actor_name": "Carmen"}
            await session.execute(insert(Link).values(link | made))
        mail = {"template": "portalkit.link", "to_email": "ana@sol.example", "to_name": "Ana"}
        mail |= {"business_id": mill.business, "locale": "es", "created_at": NOW}
        await session.execute(insert(MailRow).values(id=new_id(), variables={}, **mail))

    files = await export(portal, mill.business, mill.sol, mill.ana)
    of_all = await export(portal, mill.business, mill.sol)

    history = json.loads(files["history.json"])
    assert [each["name"] for each in history] == ["access.role_changed", "access.code_sent"]
    assert [each["actor_id"] for each in json.loads(files["links.json"])] == [mill.ana]
    assert [each["to_email"] for each in json.loads(files["mails.json"])] == ["ana@sol.example"]
    assert b"Carmen" not in files["history.json"]
    assert "access.code_sent" in {each["name"] for each in json.loads(of_all["history.json"])}
    assert {each["actor_name"] for each in json.loads(of_all["links.json"])} == {"Carmen", ""}


async def test_no_secret_leaves_and_nothing_of_others(portal, mill):
    text = b"".join((await export(portal, mill.business, mill.sol)).values())

    assert SECRET.encode() not in text
    assert b"Bar Luna" not in text
    assert mill.luna.encode() not in text
    assert b"ben@ben.example" not in text


async def test_a_person_gets_the_own_data_and_not_that_of_the_others(portal, mill):
    files = await export(portal, mill.business, mill.sol, mill.ana)

    text = b"".join(files.values())
    assert [person["name"] for person in json.loads(files["people.json"])] == ["Ana"]
    assert NAME.encode() not in text
    assert "documents.json" not in files
    assert json.loads(files["sessions.json"]) == []


class Broken:
    manifest = Manifest(name="broken", title="Broken", api=HOOK_API)

    @hookimpl
    async def portalkit_export_personal_data(self):
        raise RuntimeError("the disk is full")


class Wandering:
    manifest = Manifest(name="wandering", title="Wandering", api=HOOK_API)

    @hookimpl
    async def portalkit_export_personal_data(self):
        return [DataFile(name="../../etc/passwd", content=b"")]


@pytest.mark.parametrize("plugin", [Broken(), Wandering()])
async def test_there_is_no_export_rather_than_half_of_one(portal_config, mill, plugin):
    name = plugin.manifest.name
    portal = RunningPortal.load(portal_config, extra={name: plugin}, clock=lambda: NOW)

    with pytest.raises(GuardFailedError, match=f"plugin {name} failed"):
        await export(portal, mill.business, mill.sol)
    await portal.close()
