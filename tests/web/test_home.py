"""What the home page reads of documents: one statement, and only what the reader may see."""

import re

import msgspec
import pytest

from portalkit.access.permissions import active_plugins, permissions_for
from portalkit.context import Audience, PortalContext, SessionKind
from portalkit.documents.counts import counts_in
from portalkit.sections.home.queries import read_home
from portalkit.testing.factories import NOW

from .conftest import PASSWORD


@pytest.fixture
def ana(town):
    active = active_plugins(town.app.portal.manifests, {})
    return PortalContext(
        business_id=town.mill,
        contact_id=town.ana,
        person_id=None,
        kind=SessionKind.PERSON,
        name="Ana",
        contact_name="Ana",
        role="owner",
        locale="en",
        zone="Europe/Madrid",
        currency="EUR",
        now=NOW,
        permissions=permissions_for(
            town.app.portal.roles, Audience.CONTACT, "owner", active=active
        ),
        active_plugins=active,
    )


async def test_what_waits_and_what_came_last_are_the_readers_own(town, ana):
    portal = town.app.portal
    async with portal.reading() as session:
        found = await read_home(session, ana, portal.kinds)
        counts = await counts_in(session, ana)
    own = set(town.documents.values())
    assert {each.kind for each in found.waiting} == {"invoice", "quote"}
    assert len(found.latest) == min(5, sum(each.count for each in counts))
    assert {each.id for each in (*found.waiting, *found.latest)} <= own
    days = [each.issued_on for each in found.latest]
    assert days == sorted(days, reverse=True)


async def test_a_reader_of_one_document_sees_no_other_one(town, ana):
    portal = town.app.portal
    quote = town.documents["quote"]
    async with portal.reading() as session:
        one = msgspec.structs.replace(ana, document_id=quote)
        found = await read_home(session, one, portal.kinds)
    assert [each.id for each in found.waiting] == [quote]
    assert [each.id for each in found.latest] == [quote]


async def test_nothing_is_read_where_no_plugin_with_documents_is_on(town, ana):
    async with town.app.portal.reading() as session:
        found = await read_home(session, ana, {})
    assert not found.waiting
    assert not found.latest


async def test_the_page_links_what_waits(town, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        page = await client.get("/home")
    assert re.search(f'href="[^"]*/quotes/{town.documents["quote"]}"', page.text)
