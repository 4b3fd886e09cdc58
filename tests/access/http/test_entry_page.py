"""What somebody finds who opens the portal's address and is not signed in."""

import pytest
from sqlalchemy import update

from portalkit.access.models import Business

pytestmark = pytest.mark.anyio


async def test_the_front_leads_to_how_to_get_in_and_whom_to_ask(town, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Business)
            .where(Business.id == town.mill)
            .values(
                phone="+34 953 555 010",
                email="office@mill.example",
                website="https://mill.example/shop",
                imprint='Mill <b> & "Sons", Jaén 12',
                version=Business.version + 1,
            )
        )
    client = visitor()

    front = await client.get("/")
    page = (await client.get(front.headers["location"])).text

    assert 'href="tel:+34953555010"' in page
    assert 'href="mailto:office@mill.example"' in page
    assert '<a href="https://mill.example/shop">mill.example/shop</a>' in page
    assert "Mill &lt;b&gt; &amp; &#34;Sons&#34;, Jaén 12" in page
    assert "953 555" not in (await client.get("/bees/login")).text


async def test_an_address_of_a_business_is_never_another_scheme(town, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Business)
            .where(Business.id == town.mill)
            .values(website="javascript:alert(1)", version=Business.version + 1)
        )

    page = (await visitor().get("/login")).text

    assert 'href="javascript' not in page
    assert 'href="https://javascript:alert(1)"' in page


async def test_of_two_entries_that_lead_here_the_more_exact_one_is_marked(ana):
    people = (await ana.get("/profile/people")).text
    profile = (await ana.get("/profile")).text

    assert 'href="/profile/people" aria-current="page"' in people
    assert 'href="/profile" aria-current="page"><svg' not in people.partition("pk-tabbar")[0]
    assert 'href="/profile" aria-current="page"' in profile
