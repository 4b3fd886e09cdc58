"""Documents that mention each other are linked in whatever order they arrive."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portalkit.context import StaffContext
from portalkit.documents.belongings import list_linked
from portalkit.documents.models import DocumentRow, ReferenceRow
from portalkit.documents.visibility import Restrictions
from portalkit.model import ReferenceStated, Relation, new_id
from portalkit.testing.factories import NOW, make_body, make_publication

CHAIN = {
    "quote": (),
    "purchase_order": (("order_of_quote", "quote"),),
    "sales_order": (("confirmation_of_order", "purchase_order"),),
    "delivery_note": (("delivery_of_order", "purchase_order"),),
    "invoice": (("invoice_of_order", "purchase_order"), ("invoice_of_delivery", "delivery_note")),
    "credit_note": (("credits", "invoice"),),
}
# All of a trade often share one number: only the relation tells them apart.
NUMBER = "2026/17"


def linked(mill, number=NUMBER):
    source, target = DocumentRow.__table__.alias(), DocumentRow.__table__.alias()
    return set(
        mill.rows(
            select(source.c.kind, ReferenceRow.relation, target.c.kind)
            .select_from(ReferenceRow)
            .join(source, source.c.id == ReferenceRow.source_id)
            .outerjoin(target, target.c.id == ReferenceRow.target_id)
            .where(source.c.number == number)
        )
    )


def trade(mill, kind, contact=None, number=NUMBER, **changes):
    references = tuple(
        ReferenceStated(relation=Relation(relation), number=number) for relation, _ in CHAIN[kind]
    )
    body = make_body(kind, number, references=references, **changes)
    return make_publication(contact or mill.sol, body)


def staff_of(mill) -> StaffContext:
    return StaffContext(
        business_id=mill.id,
        staff_id=new_id(),
        name="Carmen",
        role="admin",
        locale="es",
        zone="Europe/Madrid",
        currency="EUR",
        now=NOW,
        permissions=frozenset({"sales.view", "purchases.view"}),
        active_plugins=frozenset({"sales", "purchases"}),
    )


ALL_LINKS = {
    (kind, relation, target) for kind, links in CHAIN.items() for relation, target in links
}


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(list(CHAIN)), ends=st.sets(st.integers(1, len(CHAIN) - 1)))
@example(order=list(CHAIN), ends=set())
@example(order=list(reversed(CHAIN)), ends=set(range(1, len(CHAIN))))
def test_a_chain_is_linked_in_any_order_and_in_any_batches(mill, order, ends):
    number = new_id()
    publications = [trade(mill, kind, number=number) for kind in order]

    for start, end in pairwise([0, *sorted(ends), len(CHAIN)]):
        mill.publish(*publications[start:end])

    assert linked(mill, number) == ALL_LINKS


def test_the_documents_of_other_contacts_are_not_meant(mill):
    mill.publish_one(trade(mill, "quote", mill.luna))

    mill.publish_one(trade(mill, "purchase_order", mill.sol))

    assert linked(mill) == {("purchase_order", "order_of_quote", None)}


def test_a_number_that_means_two_documents_is_left_open(mill):
    for year in (2025, 2026):
        mill.publish_one(trade(mill, "quote", issued_on=date(year, 1, 1)))

    mill.publish_one(trade(mill, "purchase_order"))

    assert linked(mill) == {("purchase_order", "order_of_quote", None)}


def test_the_date_tells_two_documents_apart(mill):
    for year in (2025, 2026):
        mill.publish_one(trade(mill, "quote", issued_on=date(year, 1, 1)))
    stated = ReferenceStated(
        relation=Relation.ORDER_OF_QUOTE, number=NUMBER, issued_on=date(2025, 1, 1)
    )

    mill.publish_one(
        make_publication(mill.sol, make_body("purchase_order", NUMBER, references=(stated,)))
    )

    assert linked(mill) == {("purchase_order", "order_of_quote", "quote")}


def test_a_new_body_forgets_what_the_old_one_mentioned(mill):
    mill.publish_one(trade(mill, "quote"))
    mill.publish_one(trade(mill, "purchase_order"))

    mill.publish_one(make_publication(mill.sol, make_body("purchase_order", NUMBER), replace=True))

    assert linked(mill) == set()


def test_a_draft_is_linked_when_it_is_issued(mill):
    draft = make_publication(mill.sol, make_body("quote", NUMBER), status="draft")
    mill.publish_one(draft)
    mill.publish_one(trade(mill, "purchase_order"))
    while_draft = linked(mill)

    mill.publish_one(make_publication(mill.sol, draft.body, status="pending"))

    assert while_draft == {("purchase_order", "order_of_quote", None)}
    assert linked(mill) == {("purchase_order", "order_of_quote", "quote")}


@pytest.mark.parametrize("kind", CHAIN)
async def test_a_whole_trade_is_seen_from_each_of_its_documents(mill, reading, kind):
    results = {each: mill.publish_one(trade(mill, each)).id for each in CHAIN}
    near = {target for _, target in CHAIN[kind]}
    near |= {other for other, links in CHAIN.items() if kind in {target for _, target in links}}

    for context in (mill.context(), staff_of(mill)):
        linked = await list_linked(reading, context, results[kind])

        assert sorted(each.id for each in linked if each.relation == "") == sorted(
            results[other] for other in set(CHAIN) - near - {kind}
        )
        assert {each.id for each in linked if each.relation} == {results[each] for each in near}


async def test_a_chain_holds_no_other_documents_of_the_same_kind(mill, reading):
    order = mill.publish_one(trade(mill, "purchase_order"))
    first, second = (
        mill.publish_one(trade(mill, "invoice", issued_on=date(2026, 1, day))) for day in (1, 2)
    )
    stated = ReferenceStated(relation=Relation.CREDITS, number=NUMBER, issued_on=date(2026, 1, 2))
    credit = mill.publish_one(
        make_publication(mill.sol, make_body("credit_note", "N-2", references=(stated,)))
    )

    of_first = await list_linked(reading, mill.context(), first.id)
    of_order = await list_linked(reading, mill.context(), order.id)

    assert {each.id for each in of_first} - {None} == {order.id}
    assert {each.id for each in of_order} - {None} == {first.id, second.id, credit.id}


async def test_a_chain_goes_through_nothing_that_the_reader_may_not_see(mill, reading):
    results = {each: mill.publish_one(trade(mill, each)).id for each in CHAIN}

    linked = await list_linked(
        reading,
        mill.context(),
        results["credit_note"],
        restrictions=Restrictions(hidden=frozenset({"invoice"}), conditions={}),
    )

    (only,) = linked
    assert (only.relation, only.kind, only.id) == ("credits", None, None)


async def test_a_chain_ends_somewhere_however_much_is_linked(mill, reading):
    order = mill.publish_one(trade(mill, "purchase_order"))
    mill.publish(
        *(trade(mill, "delivery_note", issued_on=date(2026, 1, day)) for day in range(1, 29))
    )
    invoice = mill.publish_one(
        make_publication(
            mill.sol,
            make_body(
                "invoice",
                "F-1",
                references=(ReferenceStated(relation=Relation.INVOICE_OF_ORDER, number=NUMBER),),
            ),
        )
    )

    linked = await list_linked(reading, mill.context(), invoice.id)

    assert linked[0].id == order.id
    assert 20 < len(linked) < 28
