"""Documents that mention each other are linked in whatever order they arrive."""

from datetime import date
from itertools import permutations

import pytest
from sqlalchemy import select

from portalkit.documents.models import DocumentRow, ReferenceRow
from portalkit.model import ReferenceStated, Relation
from portalkit.testing.factories import make_body, make_publication

CHAIN = {
    "quote": (),
    "sales_order": (("order_of_quote", "quote"),),
    "delivery_note": (("delivery_of_order", "sales_order"),),
    "invoice": (("invoice_of_order", "sales_order"), ("invoice_of_delivery", "delivery_note")),
    "credit_note": (("credits", "invoice"),),
}
# All of a trade often share one number: only the relation tells them apart.
NUMBER = "2026/17"


def linked(mill):
    source, target = DocumentRow.__table__.alias(), DocumentRow.__table__.alias()
    return set(
        mill.rows(
            select(source.c.kind, ReferenceRow.relation, target.c.kind)
            .select_from(ReferenceRow)
            .join(source, source.c.id == ReferenceRow.source_id)
            .outerjoin(target, target.c.id == ReferenceRow.target_id)
        )
    )


def trade(mill, kind, contact=None, number=NUMBER, **changes):
    references = tuple(
        ReferenceStated(relation=Relation(relation), number=number) for relation, _ in CHAIN[kind]
    )
    body = make_body(kind, number, references=references, **changes)
    return make_publication(contact or mill.sol, body)


ALL_LINKS = {
    (kind, relation, target) for kind, links in CHAIN.items() for relation, target in links
}


@pytest.mark.parametrize("seed", range(6))
def test_a_chain_is_linked_in_any_order(mill, seed):
    order = list(permutations(CHAIN))[seed * 23]

    for kind in order:
        mill.publish_one(trade(mill, kind))

    assert linked(mill) == ALL_LINKS


def test_a_chain_is_linked_in_one_batch(mill):
    mill.publish(*(trade(mill, kind) for kind in reversed(CHAIN)))

    assert linked(mill) == ALL_LINKS


def test_the_documents_of_other_contacts_are_not_meant(mill):
    mill.publish_one(trade(mill, "quote", mill.luna))

    mill.publish_one(trade(mill, "sales_order", mill.sol))

    assert linked(mill) == {("sales_order", "order_of_quote", None)}


def test_a_number_that_means_two_documents_is_left_open(mill):
    for year in (2025, 2026):
        mill.publish_one(trade(mill, "quote", issued_on=date(year, 1, 1)))

    mill.publish_one(trade(mill, "sales_order"))

    assert linked(mill) == {("sales_order", "order_of_quote", None)}


def test_the_date_tells_two_documents_apart(mill):
    for year in (2025, 2026):
        mill.publish_one(trade(mill, "quote", issued_on=date(year, 1, 1)))
    stated = ReferenceStated(
        relation=Relation.ORDER_OF_QUOTE, number=NUMBER, issued_on=date(2025, 1, 1)
    )

    mill.publish_one(
        make_publication(mill.sol, make_body("sales_order", NUMBER, references=(stated,)))
    )

    assert linked(mill) == {("sales_order", "order_of_quote", "quote")}


def test_a_new_body_forgets_what_the_old_one_mentioned(mill):
    mill.publish_one(trade(mill, "quote"))
    mill.publish_one(trade(mill, "sales_order"))

    mill.publish_one(make_publication(mill.sol, make_body("sales_order", NUMBER), replace=True))

    assert linked(mill) == set()


def test_a_draft_is_linked_when_it_is_issued(mill):
    draft = make_publication(mill.sol, make_body("quote", NUMBER), status="draft")
    mill.publish_one(draft)
    mill.publish_one(trade(mill, "sales_order"))
    while_draft = linked(mill)

    mill.publish_one(make_publication(mill.sol, draft.body, status="pending"))

    assert while_draft == {("sales_order", "order_of_quote", None)}
    assert linked(mill) == {("sales_order", "order_of_quote", "quote")}
