"""What a person opens and downloads counts once a day, and costs a transaction once."""

import pytest
from sqlalchemy import func, select

from portalkit.access.businesses import Resolved
from portalkit.app import create_app
from portalkit.audit import Event, OnceKeys
from portalkit.hooks import HOOK_API, DocumentDownloaded, DocumentViewed, Manifest, hookimpl
from portalkit.testing.client import open_portal
from portalkit.testing.factories import NOW


class Ear:
    """A plugin that keeps what it is told."""

    manifest = Manifest(name="ear", title="Ear", api=HOOK_API)

    def __init__(self):
        self.heard = []

    @hookimpl
    async def portalkit_handle_event(self, event):
        self.heard.append(type(event))


@pytest.fixture
def ear():
    return Ear()


@pytest.fixture
async def app(portal_config, ear):
    app = create_app(
        portal_config,
        clock=lambda: NOW,
        plugins={"ear": ear},
        resolver=lambda host, path, businesses: _mill(businesses),
    )
    async with open_portal(app):
        yield app


def _mill(businesses):
    return next((Resolved(b.id) for b in businesses if b.slug == "mill"), None)


async def _count(app, name):
    async with app.portal.reading() as session:
        return await session.scalar(select(func.count()).where(Event.name == name))


async def test_opening_a_document_twice_counts_once_in_every_process(town, visitor, ear):
    app, heard = town.app, ear.heard
    client = visitor()
    await client.sign_in("ana@ana.example", "olive-trees-7")
    path = f"/sales/invoices/{town.documents['invoice']}"

    for _ in range(3):
        assert (await client.get(path)).status_code == 200
        assert (await client.get(f"{path}/pdf")).status_code == 200
        await app.portal.drain()
    # Another process knows nothing of what this one has noted: the database does.
    app.portal.noted = OnceKeys()
    await client.get(path)
    await client.get(f"{path}/pdf")
    await app.portal.drain()

    assert await _count(app, "document.viewed") == 1
    assert await _count(app, "document.downloaded") == 1
    assert heard.count(DocumentViewed) == heard.count(DocumentDownloaded) == 1


def test_only_the_newest_keys_are_kept():
    keys = OnceKeys(most=2)

    assert [keys.add(key) for key in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]
    keys.discard("a")
    assert keys.add("a")
