"""A section that is switched off is gone at the next request of whoever is in (case O04)."""

import pytest

from .conftest import PASSWORD

LIST = "/purchases/orders"
ANA, BEN = "ana@ana.example", "ben@ben.example"


@pytest.fixture
async def browsers(town, visitor):
    """Return two browsers of Ana, one of Ben and one of Carmen, all signed in."""
    clients = [visitor() for _ in range(4)]
    for client, email in zip(clients, (ANA, ANA, BEN), strict=False):
        await client.sign_in(email, PASSWORD)
    await clients[-1].sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
    return clients


@pytest.fixture
def switch(town, browsers):
    """Switch the section at its contact's or the business's own switch."""

    async def turn(whose, *, is_on):
        page = f"/backoffice/contacts/{town.ana}" if whose == "contact" else "/backoffice/plugins"
        place = f"{page}/plugins" if whose == "contact" else page
        fields = {"is_enabled": str(is_on).lower()}
        answer = await browsers[-1].submit(f"{place}/purchases", fields, page=page)
        assert answer.status_code == 303

    return turn


async def shown(client, paths):
    """Tell whether the menu leads to the section and its pages are there: all, or none."""
    entries = [f'href="{LIST}"' in (await client.get(path)).text for path in ("/home", "/profile")]
    statuses = {(await client.get(path)).status_code for path in paths}
    assert statuses in ({200}, {404}), statuses
    assert set(entries) == {statuses == {200}}
    return statuses == {200}


@pytest.mark.parametrize("whose", ["contact", "business"])
async def test_a_section_goes_and_comes_at_the_next_request_by_either_switch(
    town, browsers, switch, whose
):
    first, second, ben, _ = browsers
    order = f"{LIST}/{town.documents['purchase_order']}"

    async def seen():
        others = await shown(ben, [LIST])
        return [await shown(first, [LIST, order]), await shown(second, [order, LIST]), others]

    assert await seen() == [True, True, True]
    await switch(whose, is_on=False)
    assert await seen() == [False, False, whose == "contact"]
    # What was open on a page goes nowhere either.
    assert (await first.submit(f"{LIST}/archive", page="/profile")).status_code == 404
    await switch(whose, is_on=True)
    assert await seen() == [True, True, True]


async def test_a_contacts_own_switch_opens_nothing_that_the_business_has_shut(browsers, switch):
    await switch("contact", is_on=True)
    await switch("business", is_on=False)

    assert not await shown(browsers[0], [LIST])
