"""What a plugin or a role keeps from a contact shows nowhere: not in lists, sums or links."""

import re

import pytest

from portalkit.app import create_app
from portalkit.documents import publish_in
from portalkit.documents.models import DocumentRow
from portalkit.hooks import HOOK_API, Manifest, hookimpl
from portalkit.model import ReferenceStated, Relation
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_business,
    make_contact,
    make_person,
    make_publication,
)

PASSWORD = "olive-trees-7"


class Discreet:
    """A plugin that keeps documents whose number ends with an X to itself."""

    manifest = Manifest(name="discreet", title="Discreet", api=HOOK_API)

    @hookimpl
    def portalkit_restrict_documents(self, kind):
        return DocumentRow.number.not_like("%X") if kind != "quote" else None


@pytest.fixture
def portal_plugins():
    return ("home", "profile", "backoffice", "sales", "purchases", "discreet")


@pytest.fixture
async def app(portal_config):
    app = create_app(portal_config, plugins={"discreet": Discreet()}, clock=lambda: NOW)
    async with open_portal(app):
        yield app


@pytest.fixture
async def shop(app):
    async with app.portal.writing() as session:
        mill = await make_business(session)
        ana = await make_contact(session, mill, "Ana")
        password = await app.portal.passwords.hash(PASSWORD)
        await make_person(session, mill, [ana], "ana@ana.example", password_hash=password)
        mentions = (ReferenceStated(relation=Relation.INVOICE_OF_ORDER, number="O-X"),)
        results = await publish_in(
            session,
            mill,
            [
                make_publication(ana, make_body(number="F-1", references=mentions)),
                make_publication(ana, make_body(number="F-X")),
                make_publication(ana, make_body("sales_order", "O-X")),
                make_publication(ana, make_body("quote", "Q-X")),
            ],
            kinds=app.portal.kinds,
            storage=app.portal.storage,
            now=NOW,
        )
        await session.commit()
    async with PortalClient(app) as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        client.ids = {result.number: result.id for result in results}
        yield client


async def test_what_is_restricted_shows_in_no_list_sum_or_search(shop):
    page = await shop.get("/sales/invoices")
    found = await shop.get("/sales/invoices?q=document+f-x")
    days = await shop.get("/sales/invoices?from=2026-01-01")

    for answer in (page, found, days):
        assert answer.status_code == 200
        assert shop.ids["F-X"] not in answer.text
    assert shop.ids["F-1"] in page.text
    assert re.search(r"<span>1</span>", page.text)
    assert "44,00" not in page.text


async def test_what_is_restricted_has_no_page_and_no_link(shop):
    own = await shop.get(f"/sales/invoices/{shop.ids['F-1']}")

    assert own.status_code == 200
    assert shop.ids["O-X"] not in own.text
    for path in (
        f"/sales/invoices/{shop.ids['F-X']}",
        f"/sales/invoices/{shop.ids['F-X']}/pdf",
        f"/sales/invoices/{shop.ids['F-X']}/print",
        f"/sales/orders/{shop.ids['O-X']}",
    ):
        assert (await shop.get(path)).status_code == 404


async def test_a_restriction_concerns_its_kinds_only(shop):
    assert (await shop.get(f"/sales/quotes/{shop.ids['Q-X']}")).status_code == 200
    assert shop.ids["Q-X"] in (await shop.get("/sales/quotes")).text


async def test_home_tells_nothing_of_what_is_restricted(shop):
    home = await shop.get("/home")

    assert home.status_code == 200
    assert shop.ids["F-1"] in home.text
    assert shop.ids["F-X"] not in home.text
