"""What is left to pay: payments, credit notes, in whatever order they come."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portalkit.documents.ledger import Entry, settle
from portalkit.documents.models import Allocation, DocumentRow, Payment
from portalkit.model import PaymentInput, ReferenceStated, Relation
from portalkit.testing.factories import make_body, make_line, make_publication


def paid(amount, on=20, external_id=None):
    return PaymentInput(
        external_id=external_id or f"P-{amount}-{on}",
        amount=amount,
        paid_on=date(2026, 11, on),
        method="transfer",
    )


def credit_note(price="10.00", number="C-1", of=("F-1",), **changes):
    return make_body(
        "credit_note",
        number,
        lines=(make_line(net_price=Decimal(price)),),
        references=tuple(ReferenceStated(relation=Relation.CREDITS, number=each) for each in of),
        **changes,
    )


def state(mill, document_id):
    row = mill.row(document_id)
    return row.status, row.amount_due, row.settled_on


def test_payments_make_an_invoice_partial_and_then_paid(mill):
    invoice = mill.publish_one(make_publication(mill.sol))

    mill.publish_one(make_publication(mill.sol, payments=(paid(500),)))
    partial = state(mill, invoice.id)
    mill.publish_one(make_publication(mill.sol, payments=(paid(500), paid(1700, on=22))))

    assert partial == ("partial", 1700, None)
    assert state(mill, invoice.id) == ("paid", 0, date(2026, 11, 22))
    assert mill.row(invoice.id).version == 1


def test_an_invoice_that_comes_with_its_payments_is_paid_at_once(mill):
    invoice = mill.publish_one(
        make_publication(mill.sol, payments=(paid(2000), paid(200, on=12)), status="paid")
    )

    assert state(mill, invoice.id) == ("paid", 0, date(2026, 11, 20))
    assert invoice.message == ""


def test_a_status_that_the_payments_do_not_bear_out_is_kept(mill):
    invoice = mill.publish_one(make_publication(mill.sol, status="paid"))

    assert state(mill, invoice.id) == ("pending", 2200, None)
    assert invoice.message == "status kept: it follows from what is left to pay"


def test_what_is_too_much_stays_as_credit(mill):
    invoice = mill.publish_one(make_publication(mill.sol, payments=(paid(3000),)))

    assert state(mill, invoice.id)[:2] == ("paid", 0)
    assert mill.rows(select(Allocation.offered, Allocation.amount)) == [(3000, 2200)]


def test_one_transfer_pays_two_invoices(mill):
    transfer = [paid(2200, external_id="T-1"), paid(1000, external_id="T-1")]

    first, second = mill.publish(
        make_publication(mill.sol, make_body(number="F-1"), payments=transfer[:1]),
        make_publication(mill.sol, make_body(number="F-2"), payments=transfer[1:]),
    )

    assert state(mill, first.id)[0] == "paid"
    assert state(mill, second.id)[:2] == ("partial", 1200)
    assert mill.rows(select(Payment.amount)) == [(3200,)]


def test_a_corrected_payment_is_allocated_anew(mill):
    invoice = mill.publish_one(make_publication(mill.sol, payments=(paid(2200, 20, "P"),)))

    mill.publish_one(make_publication(mill.sol, payments=(paid(700, 21, "P"),)))

    assert state(mill, invoice.id) == ("partial", 1500, None)
    assert mill.rows(select(Payment.amount, Payment.paid_on)) == [(700, date(2026, 11, 21))]


def test_a_replaced_invoice_keeps_its_payments(mill):
    invoice = mill.publish_one(make_publication(mill.sol, payments=(paid(2200),)))
    cheaper = make_body(lines=(make_line(net_price=Decimal("5.00")),))
    dearer = make_body(lines=(make_line(net_price=Decimal("15.00")),))

    mill.publish_one(make_publication(mill.sol, cheaper, replace=True))
    after_cheaper = state(mill, invoice.id)
    mill.publish_one(make_publication(mill.sol, dearer, replace=True))

    assert after_cheaper[:2] == ("paid", 0)
    assert state(mill, invoice.id)[:2] == ("partial", 1100)


def test_a_credit_note_settles_its_invoice_whichever_comes_first(mill):
    publications = {
        "invoice": make_publication(mill.sol, make_body(number="F-1")),
        "credit": make_publication(mill.sol, credit_note("4.00")),
        "payment": make_publication(mill.sol, make_body(number="F-1"), payments=(paid(1320),)),
    }
    outcomes = set()
    for position, order in enumerate(permutations(publications)):
        contact = mill.sol
        results = {}
        for name in order:
            body = publications[name].body
            number = f"{position}/{body.number}"
            references = tuple(
                ReferenceStated(relation=each.relation, number=f"{position}/{each.number}")
                for each in body.references
            )
            changed = make_publication(
                contact,
                make_body(body.kind, number, lines=body.lines, references=references),
                payments=tuple(
                    paid(each.amount, 20, f"{position}") for each in publications[name].payments
                ),
            )
            results[name] = mill.publish_one(changed).id
        outcomes.add((state(mill, results["invoice"])[:2], state(mill, results["credit"])[:2]))

    assert outcomes == {(("paid", 0), ("applied", 0))}


def test_credit_that_is_not_needed_stays_open(mill):
    invoice, credit = mill.publish(
        make_publication(mill.sol, make_body(number="F-1")),
        make_publication(mill.sol, credit_note("15.00")),
    )

    assert state(mill, invoice.id)[:2] == ("paid", 0)
    assert state(mill, credit.id)[:2] == ("open", -1100)
    assert mill.row(credit.id).total == -3300


def test_a_credit_note_settles_several_invoices(mill):
    results = mill.publish(
        make_publication(mill.sol, make_body(number="F-1")),
        make_publication(mill.sol, make_body(number="F-2")),
        make_publication(mill.sol, credit_note("15.00", of=("F-1", "F-2"))),
    )

    dues = sorted(mill.row(result.id).amount_due for result in results)
    assert dues == [0, 0, 1100]


def test_credit_that_a_payment_sets_free_goes_to_the_next_invoice(mill):
    first, second, note = mill.publish(
        make_publication(mill.sol, make_body(number="F-1")),
        make_publication(mill.sol, make_body(number="F-2")),
        make_publication(mill.sol, credit_note("15.00", of=("F-1", "F-2"))),
    )
    before = mill.row(second.id).amount_due

    mill.publish_one(
        make_publication(mill.sol, make_body(number="F-1"), payments=(paid(2200, on=1),))
    )

    assert before == 1100
    assert state(mill, first.id)[:2] == ("paid", 0)
    assert state(mill, second.id)[:2] == ("paid", 0)
    assert state(mill, note.id)[:2] == ("open", -1100)


def test_a_cancelled_credit_note_gives_back_what_it_settled(mill):
    credit = make_publication(mill.sol, credit_note("4.00"))
    invoice, note = mill.publish(make_publication(mill.sol, make_body(number="F-1")), credit)

    mill.publish_one(make_publication(mill.sol, credit.body, status="cancelled"))

    assert state(mill, invoice.id) == ("pending", 2200, None)
    assert state(mill, note.id)[:2] == ("cancelled", 0)


def test_a_cancelled_invoice_asks_for_nothing(mill):
    invoice = mill.publish_one(make_publication(mill.sol, payments=(paid(500),)))

    mill.publish_one(make_publication(mill.sol, status="cancelled"))

    assert state(mill, invoice.id) == ("cancelled", 0, None)


def test_a_credit_note_in_another_currency_or_of_another_contact_settles_nothing(mill):
    invoice = mill.publish_one(make_publication(mill.sol, make_body(number="F-1")))

    mill.publish(
        make_publication(mill.sol, credit_note(number="C-1", currency="USD")),
        make_publication(mill.luna, credit_note(number="C-2")),
    )

    assert state(mill, invoice.id)[:2] == ("pending", 2200)


def test_a_quote_has_nothing_due(mill):
    quote = mill.publish_one(make_publication(mill.sol, make_body("quote")))

    assert mill.row(quote.id).amount_due is None
    assert mill.rows(select(DocumentRow.total)) == [(2200,)]


entries = st.lists(
    st.builds(
        Entry,
        st.uuids().map(str),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.integers(0, 10_000),
    ),
    max_size=6,
    unique_by=lambda entry: entry.id,
)


@pytest.mark.parametrize("sign", [1, -1])
@given(payable=st.integers(0, 20_000), entries=entries)
def test_nothing_is_settled_twice_and_nothing_gets_lost(sign, payable, entries):
    result = settle(sign * payable, date(2026, 1, 1), "pending", entries)

    used = sum(result.amounts.values())
    assert abs(result.amount_due) + used == payable
    assert all(0 <= result.amounts[entry.id] <= entry.offered for entry in entries)
    assert (result.settled_on is not None) == (result.amount_due == 0)
    given = sum(entry.offered for entry in entries)
    assert used == min(payable, given)


def test_a_refund_opens_an_invoice_again():
    entries = [Entry("a", date(2026, 1, 2), 100), Entry("b", date(2026, 1, 3), -40)]

    result = settle(100, date(2026, 1, 1), "pending", entries)

    assert (result.amount_due, result.settled_on) == (40, None)
