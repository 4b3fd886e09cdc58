"""Whoever is signed in gets the own data, after proving who it is, and nobody else's."""

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from portalkit.access.models import SessionRow
from portalkit.audit import Event
from portalkit.documents.models import DocumentRow
from portalkit.testing.factories import NOW

from .conftest import PASSWORD


@pytest.fixture
async def ana(town, visitor):
    client = visitor()
    await client.sign_in("ana@ana.example", PASSWORD)
    return client


async def test_the_file_has_the_own_data_and_the_documents_one_may_see(town, ana):
    async with town.app.portal.writing() as session, session.begin():
        draft = update(DocumentRow).where(DocumentRow.id == town.documents["quote"])
        await session.execute(draft.values(status="draft"))

    answer = await ana.submit("/profile/data/file", page="/profile/data")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert "no-store" in answer.headers["cache-control"]
    with ZipFile(io.BytesIO(answer.content)) as archive:
        people = json.loads(archive.read("people.json"))
        documents = json.loads(archive.read("documents.json"))
        text = b"".join(archive.read(name) for name in archive.namelist())
    assert [person["email"] for person in people] == ["ana@ana.example"]
    assert {each["id"] for each in documents} == set(town.documents.values()) - {
        town.documents["quote"]
    }
    assert town.ana.encode() in text
    for foreign in (b"ben@ben.example", town.ben.encode(), b"argon2"):
        assert foreign not in text
    async with town.app.portal.reading() as session:
        names = await session.scalars(select(Event.name).order_by(Event.id.desc()))
        assert names.first() == "person.exported"


async def test_it_is_asked_first_who_it_is(town, ana):
    token = await ana.token("/profile")
    async with town.app.portal.writing() as session, session.begin():
        long_ago = NOW - timedelta(hours=5)
        await session.execute(update(SessionRow).values(created_at=long_ago, seen_at=long_ago))

    page = await ana.get("/profile/data")
    file = await ana.post(
        "/profile/data/file",
        data={"csrf_token": token},
        headers={"sec-fetch-site": "same-origin"},
    )

    for answer in (page, file):
        assert answer.status_code == 303
        assert answer.headers["location"].endswith("/security/confirm?next=%2Fprofile%2Fdata")
