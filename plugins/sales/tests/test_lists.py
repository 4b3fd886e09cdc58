"""The lists of Sales as a contact sees them in a browser."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import event

from portalkit.app import create_app
from portalkit.documents import publish_in
from portalkit.model import PaymentInput, ReferenceStated, Relation
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
ROW = re.compile(r'<a class="pk-row" href="([^"]+)">([^<]+)</a>')


# Lists are only looked at here: everything is built once for each database.


@pytest.fixture(scope="module")
def portal_plugins():
    return ("home", "profile", "backoffice", "sales", "purchases")


@pytest.fixture(scope="module")
async def app(shared_portal_config):
    app = create_app(shared_portal_config, clock=lambda: NOW)
    async with open_portal(app):
        yield app


@pytest.fixture(scope="module")
async def shop(app):
    """Two contacts with invoices; a browser in which Ana is signed in."""
    async with app.portal.writing() as session:
        mill = await make_business(session)
        ana = await make_contact(session, mill, "Ana")
        ben = await make_contact(session, mill, "Ben")
        password = await app.portal.passwords.hash(PASSWORD)
        await make_person(session, mill, [ana], "ana@ana.example", password_hash=password)
        publications = [
            *(_invoice(ana, number) for number in range(60)),
            make_publication(ben, make_body(number="BEN-1")),
            make_publication(ana, make_body(number="DRAFT-1"), status="draft"),
            make_publication(ana, make_body("quote", "Q-1", valid_until=date(2026, 12, 1))),
            make_publication(
                ana,
                make_body(
                    "credit_note",
                    "C-1",
                    references=(ReferenceStated(relation=Relation.CREDITS, number="F-59"),),
                ),
            ),
        ]
        results = await publish_in(
            session,
            mill,
            publications,
            kinds=app.portal.kinds,
            storage=app.portal.storage,
            now=NOW,
        )
        await session.commit()
    async with PortalClient(app) as client:
        await client.sign_in("ana@ana.example", PASSWORD)
        client.ids = {result.number: result.id for result in results}
        yield client


def _invoice(contact, number):
    issued_on = date(2026, 8, 1) + timedelta(days=number)
    payment = PaymentInput(external_id=f"P-{number}", amount=2200, paid_on=issued_on)
    return make_publication(
        contact,
        make_body(number=f"F-{number}", issued_on=issued_on, due_on=issued_on + timedelta(days=60)),
        payments=(payment,) if number % 2 else (),
    )


def numbers(page):
    return [unescape(number) for _, number in ROW.findall(page.text)]


def link(page, rel):
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page.text)
    return unescape(found[1]) if found else None


async def test_the_list_shows_own_issued_invoices_newest_first(shop):
    page = await shop.get("/sales/invoices")

    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert numbers(page)[:3] == ["C-1", "F-59", "F-58"]
    assert len(numbers(page)) == 25
    assert "BEN-1" not in page.text
    assert "DRAFT-1" not in page.text


async def test_pages_lead_to_each_other_and_back(shop):
    page, seen, texts = await shop.get("/sales/invoices?sort=number"), [], []
    while True:
        seen.append(numbers(page))
        texts.append(re.search(r"data-say>([^<]+)<", page.text)[1])
        following = link(page, "next")
        if following is None:
            break
        page = await shop.get(following)
    back = [numbers(page)]
    while (before := link(page, "prev")) is not None:
        page = await shop.get(before)
        back.insert(0, numbers(page))

    assert [len(each) for each in seen] == [25, 25, 11]
    assert sum(seen, []) == ["C-1", *(f"F-{number}" for number in range(60))]  # noqa: RUF017
    assert back == seen
    assert [text.partition(" ")[0] for text in texts] == ["1–25", "26–50", "51–61"]  # noqa: RUF001


async def test_a_chip_says_how_many_it_will_show(shop):
    page = await shop.get("/sales/invoices?size=100")
    chips = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>[^<]*<span[^>]*>\D*(\d+)', page.text)
    counted = {}
    for url, count in chips:
        if "status=" in url:
            shown = await shop.get(unescape(url))
            counted[unescape(url).partition("status=")[2].partition("&")[0]] = (
                int(count),
                len(numbers(shown)),
            )

    assert set(counted) == {"to-pay", "overdue", "paid", "credit-notes"}
    assert all(said == seen for said, seen in counted.values()), counted


async def test_words_and_days_find_documents(shop):
    words = await shop.get("/sales/invoices?q=f-5")
    several = await shop.get("/sales/invoices?q=document+f-57")
    days = await shop.get("/sales/invoices?from=2026-08-03&to=2026-08-05")
    nothing = await shop.get("/sales/invoices?q=zzz")

    # The credit note mentions one of them.
    assert numbers(words) == ["C-1", *(f"F-{number}" for number in range(59, 49, -1)), "F-5"]
    assert numbers(several) == ["F-57"]
    assert numbers(days) == ["F-4", "F-3", "F-2"]
    assert numbers(nothing) == []
    assert 'href="/sales/invoices"' in nothing.text


@pytest.mark.parametrize(
    "query",
    [
        "sort=body",
        "sort=due",
        "sort=--date",
        "status=secret",
        "from=yesterday",
        "from=0001-01-01",
        "page=0",
        "page=-1",
        "page=99999999",
        "page=x",
        "size=1000",
        "size=24",
        "cursor=abc",
        "cursor=%F0%9F%98%80",
    ],
)
async def test_a_wrong_parameter_is_refused(shop, query):
    assert (await shop.get(f"/sales/invoices?{query}")).status_code == 400


async def test_unknown_parameters_mean_nothing(shop):
    page = await shop.get("/sales/invoices?utm_source=mail&sort=&q=")

    assert numbers(page)[0] == "C-1"


async def test_a_list_and_a_page_take_few_statements(app, shop):
    ran = []
    engine = app.portal.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: ran.append(call[2]))
    taken = {}
    for url in (
        "/sales/invoices",
        "/sales/invoices?size=100",
        "/sales/invoices?status=overdue&sort=total",
        "/sales/invoices?q=document&from=2026-08-01",
        f"/sales/invoices/{shop.ids['F-30']}",
    ):
        await shop.get(url)
        await app.portal.drain()
        ran.clear()
        await shop.get(url, headers={"sec-purpose": "prefetch"})
        taken[url] = len([each for each in ran if not each.startswith("BEGIN")])

    *lists, page = taken.values()
    assert max(lists) <= 4, taken
    assert lists[0] == lists[1], taken
    assert page <= 8, taken


async def test_what_is_owed_is_told_by_age(shop):
    page = await shop.get("/sales/invoices")

    assert page.text.count('class="pk-overdue"') == 2
    assert "pk-aging" in page.text


async def test_a_document_leads_to_its_neighbours_in_the_list_it_came_from(shop):
    filtered = await shop.get("/sales/invoices?status=paid&sort=number")
    url, number = ROW.findall(filtered.text)[1]

    page = await shop.get(unescape(url))
    following = await shop.get(link(page, "next"))
    before = await shop.get(link(page, "prev"))

    assert number == "F-3"
    assert "F-5" in re.search(r"<h1>(.*?)</h1>", following.text)[1]
    assert "F-1" in re.search(r"<h1>(.*?)</h1>", before.text)[1]


async def test_an_empty_list_says_what_will_appear(shop):
    page = await shop.get("/sales/proformas")

    assert page.status_code == 200
    assert numbers(page) == []
    assert "pk-empty" in page.text
