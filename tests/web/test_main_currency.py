"""The main currency comes first: the contact's, else the business's (decision 10)."""

import re
from decimal import Decimal

import pytest

from portalkit.documents import publish_in
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_line,
    make_person,
    make_publication,
    make_staff,
)

from .conftest import PASSWORD

# The one that is owed most, and the one that is first by its name, are not the main one.
OWED = (("CHF", "900.00"), ("EUR", "50.00"), ("USD", "10.00"))


@pytest.fixture
async def trader(app, request):
    """A contact with invoices in three currencies, whose own one is the parameter."""
    async with app.portal.writing() as session:
        password = await app.portal.passwords.hash(PASSWORD)
        mill = await make_business(session, "mill", currency="EUR")
        ana = await make_contact(session, mill, "Ana", currency=request.param)
        await make_person(session, mill, [ana], "ana@ana.example", password_hash=password)
        await make_staff(session, mill, "carmen@mill.example", password_hash=password)
        await publish_in(
            session,
            mill,
            [
                make_publication(
                    ana,
                    make_body(
                        number=f"F-{currency}",
                        currency=currency,
                        lines=(make_line(net_price=Decimal(price), quantity=Decimal(1), rate="0"),),
                    ),
                )
                for currency, price in OWED
            ],
            kinds=app.portal.kinds,
            storage=app.portal.storage,
            now=NOW,
        )
        await session.commit()
    return ana


def currencies(html):
    """Return the currencies of a piece of a page, in the order in which they stand there."""
    text = re.sub(r"<[^>]*>", "", html)
    return re.findall(r"€|US\$|CHF", text)


def part(page, start, end):
    found = re.search(f"{start}(.*?){end}", page.text, re.DOTALL)
    assert found, start
    return found[1]


@pytest.mark.parametrize(
    ("trader", "first"),
    [("USD", ["US$", "CHF", "€"]), (None, ["€", "CHF", "US$"])],
    indirect=["trader"],
)
async def test_a_list_says_first_what_is_owed_in_the_main_currency(trader, first, visitor):
    async with visitor() as client:
        await client.sign_in("ana@ana.example", PASSWORD)

        page = await client.get("/sales/invoices", headers={"accept-language": "es"})

    assert currencies(part(page, "<tfoot", "</tfoot>")) == first
    assert list(dict.fromkeys(currencies(part(page, "pk-aging", "<table")))) == first


@pytest.mark.parametrize(
    ("trader", "first"),
    [("USD", ["US$", "CHF", "€"]), (None, ["€", "CHF", "US$"])],
    indirect=["trader"],
)
async def test_staff_see_first_what_is_owed_in_the_main_currency(trader, first, visitor):
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")

        contacts = await client.get("/backoffice/contacts")
        contact = await client.get(f"/backoffice/contacts/{trader}")

    assert currencies(part(contacts, ">Ana<", "</tr>")) == first
    assert currencies(contact.text)[:3] == first
