"""Sums that are kept agree with the rows, whatever happens to them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portalkit.documents import rebuild_totals
from portalkit.documents.models import ContactMonth, DocumentCount, DocumentRow
from portalkit.model import PaymentInput
from portalkit.testing.factories import make_body, make_line, make_publication

publications = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["invoice", "credit_note", "quote", "delivery_note"]),
        "number": st.sampled_from(["1", "2", "3"]),
        "price": st.sampled_from(["10.00", "25.50"]),
        "currency": st.sampled_from(["EUR", "USD"]),
        "month": st.integers(1, 12),
        "status": st.sampled_from([None, None, "draft", "cancelled"]),
        "paid": st.sampled_from([0, 0, 500, 5000]),
        "contact": st.sampled_from(["sol", "luna"]),
    }
)


def publication(mill, wanted):
    kind, month = wanted["kind"], wanted["month"]
    body = make_body(
        kind,
        f"{wanted['contact']}-{wanted['number']}",
        currency=wanted["currency"],
        issued_on=date(2026, 6, 1),
        due_on=date(2026, month, 28),
        valid_until=date(2026, month, 28),
        lines=(make_line(net_price=Decimal(wanted["price"])),),
    )
    payments = ()
    if wanted["paid"] and kind == "invoice":
        # A payment has one currency; another one is another payment.
        key = f"{wanted['contact']}{wanted['number']}{wanted['currency']}{wanted['paid']}"
        payments = (
            PaymentInput(external_id=key, amount=wanted["paid"], paid_on=date(2026, month, 5)),
        )
    has_status = wanted["status"] == "draft" or kind in {"invoice", "credit_note"}
    return make_publication(
        getattr(mill, wanted["contact"]),
        body,
        status=wanted["status"] if has_status else None,
        replace=True,
        payments=payments,
    )


def kept(mill):
    months = mill.rows(
        select(*(column for column in ContactMonth.__table__.c if column.name != "business_id"))
    )
    counts = mill.rows(
        select(*(column for column in DocumentCount.__table__.c if column.name != "business_id"))
    )
    return (
        sorted(row for row in months if any(row[4:])),
        sorted(row for row in counts if any(row[5:])),
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(publications, min_size=1, max_size=4), min_size=1, max_size=3))
def test_kept_sums_are_those_that_are_counted_anew(mill, batches):
    for batch in batches:
        mill.publish(*(publication(mill, wanted) for wanted in batch))
    before = kept(mill)

    with mill.writing() as connection:
        number = rebuild_totals(connection, kinds=mill.kinds, business_id=mill.id)

    assert kept(mill) == before
    assert number == mill.sizes()["portalkit_document"]


def test_kept_sums_are_those_of_sql(mill):
    mill.publish(
        *(
            make_publication(
                mill.sol,
                make_body(number=f"F-{month}", issued_on=date(2026, month, 3)),
                payments=(
                    PaymentInput(
                        external_id=f"P-{month}", amount=2200, paid_on=date(2026, month, 13)
                    ),
                )
                if month % 2
                else (),
            )
            for month in range(1, 11)
        ),
        make_publication(mill.sol, make_body(number="F-99"), status="draft"),
        make_publication(mill.sol, make_body(number="F-98"), status="cancelled"),
    )

    row = DocumentRow.__table__.c
    issued = row.status.not_in(["draft", "cancelled"])
    counted = mill.rows(
        select(func.count(), func.sum(row.total), func.sum(row.line_count)).where(issued)
    )
    sums = mill.rows(
        select(
            func.sum(ContactMonth.count),
            func.sum(ContactMonth.total),
            func.sum(ContactMonth.lines),
        )
    )
    settled = mill.rows(
        select(func.sum(ContactMonth.settled_count), func.sum(ContactMonth.settle_days))
    )
    due = mill.rows(select(func.sum(DocumentCount.amount_due)).where(DocumentCount.count > 0))
    assert [int(value) for value in sums[0]] == [int(value) for value in counted[0]]
    assert [int(value) for value in settled[0]] == [5, 50]
    assert int(due[0][0]) == 5 * 2200 + 2200


def test_counting_anew_repairs_what_was_lost(mill):
    mill.publish(*(make_publication(mill.sol, make_body(number=f"F-{n}")) for n in range(3)))
    before = kept(mill)
    with mill.writing() as connection:
        connection.execute(delete(ContactMonth))
        connection.execute(delete(DocumentCount))

    with mill.writing() as connection:
        rebuild_totals(connection, kinds=mill.kinds)

    assert kept(mill) == before
