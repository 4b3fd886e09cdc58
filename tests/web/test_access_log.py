"""The access log tells a contact what happened to its documents, and nothing of anybody else."""

import pytest
from sqlalchemy import select

from portalkit.access.models import Person
from portalkit.audit import Actor, record
from portalkit.testing.factories import NOW, make_person

from .conftest import PASSWORD


@pytest.fixture
async def ana(town, visitor):
    client = visitor()
    client.headers["accept-language"] = "en"
    await client.sign_in("ana@ana.example", PASSWORD)
    return client


@pytest.fixture
async def bert(town):
    """Another person of Ana's contact, without a password."""
    async with town.app.portal.writing() as session, session.begin():
        return await make_person(session, town.mill, [town.ana], "bert@ana.example", name="Bert")


@pytest.fixture
def happen(town):
    async def happen(name, *, contact=None, document=None, who=None, kind="person", actor="Bert"):
        async with town.app.portal.writing() as session, session.begin():
            await record(
                session,
                business_id=town.mill,
                contact_id=contact or town.ana,
                document_id=document,
                name=name,
                actor=Actor(kind=kind, id=who, name=actor),
                at=NOW,
            )

    return happen


async def test_who_did_what_with_which_document_is_told(town, ana, bert, happen):
    invoice = town.documents["invoice"]
    await happen("document.downloaded", document=invoice, who=bert)
    await happen("document.viewed", document=invoice, kind="staff", actor="Carmen")

    page = (await ana.get("/profile/log")).text

    assert "Bert downloaded a document" in page
    assert f'/sales/invoices/{invoice}">Invoice invoice-' in page
    assert "Ana signed in" in page
    # Whoever works for the business is called by the business's name.
    assert ("Mill opened a document" in page, "Carmen" in page) == (True, False)


async def test_nothing_of_others_and_nothing_that_staff_do_is_told(town, ana, bert, happen):
    invoice = town.documents["invoice"]
    await happen("access.signed_in", who=bert)
    await happen("access.password_changed", who=bert)
    await happen("document.downloaded", contact=town.ben, document=invoice, actor="Stranger")
    await happen("document.viewed", document=None, actor="Nowhere")
    await happen("document.noted", document=invoice, kind="staff", actor="Internal")

    page = (await ana.get("/profile/log")).text

    assert "Bert" not in page.partition("<ol")[2].partition("</ol>")[0]
    for word in ("Stranger", "Nowhere", "Internal"):
        assert word not in page


async def test_what_and_who_can_be_asked_for(town, ana, bert, happen):
    await happen("document.downloaded", document=town.documents["invoice"], who=bert)
    async with town.app.portal.reading() as session:
        own = await session.scalar(select(Person.id).where(Person.email == "ana@ana.example"))

    documents = (await ana.get("/profile/log?what=documents")).text
    access = (await ana.get("/profile/log?what=access")).text
    of_bert = (await ana.get(f"/profile/log?person={bert}")).text
    of_ana = (await ana.get(f"/profile/log?person={own}")).text

    told, signed_in = "Bert downloaded a document", "Ana signed in"
    found = [(told in page, signed_in in page) for page in (documents, access, of_bert, of_ana)]
    assert found == [(True, False), (False, True), (True, False), (False, True)]


async def test_older_pages_follow_without_gap_or_repetition(town, ana, bert, happen):
    for number in range(65):
        await happen(
            "document.downloaded",
            document=town.documents["invoice"],
            who=bert,
            actor=f"No {number:02}",
        )
    seen, address = [], "/profile/log?what=documents"
    while address:
        page = (await ana.get(address)).text
        seen += [number for number in range(65) if f"No {number:02} downloaded" in page]
        address = next(
            (
                part.partition('"')[0].replace("&amp;", "&")
                for part in page.split('href="')[1:]
                if "before=" in part.partition('"')[0]
            ),
            None,
        )

    assert sorted(seen) == list(range(65))


@pytest.mark.parametrize(
    "query", ["what=everything", "person=x", "before=x", "before=%00", "person={ben}"]
)
async def test_wrong_questions_are_refused(town, ana, query):
    async with town.app.portal.reading() as session:
        ben = await session.scalar(select(Person.id).where(Person.email == "ben@ben.example"))

    answer = await ana.get(f"/profile/log?{query.format(ben=ben)}")

    assert answer.status_code == 400
