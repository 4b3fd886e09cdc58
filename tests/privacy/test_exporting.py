"""What somebody gets who asks for their data: all of it, no secrets, nobody else's."""

import io
import json
from zipfile import ZipFile

import pytest

from portalkit.errors import GuardFailedError
from portalkit.hooks import HOOK_API, DataFile, Manifest, hookimpl
from portalkit.privacy import (
    ExportOrder,
    documents_of_contact,
    get_subject,
    stream_personal_data,
)
from portalkit.testing.factories import NOW
from portalkit.web.portal import RunningPortal

from .conftest import MARK, NAME, SECRET, tables


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
    empty = {name for name, rows in listed.items() if rows == []}
    assert empty == {"payments.json"}
    # One file for each table of the kernel that speaks of people, but the switches of plugins.
    assert len([name for name in listed if "/" not in name]) >= len(tables()) - 1


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
