"""The demo data: complete, the same every time, and with figures that add up."""

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from stdnum import ean, iban
from stdnum.es import cif, nif

from example_app.data import demo_data
from portalkit.model import LineKind

ANCHOR = date(2026, 11, 24)


@pytest.fixture(scope="module")
def demos():
    return demo_data(ANCHOR)


@pytest.fixture(scope="module")
def publications(demos):
    return demos[0].publications


def test_the_same_day_gives_the_same_data(demos):
    assert demo_data(ANCHOR) == demos


@pytest.mark.parametrize("anchor", [date(2026, 2, 28), date(2027, 8, 15), date(2028, 2, 29)])
def test_every_day_gives_a_full_demo_of_the_past(anchor):
    mill, apiary = demo_data(anchor)

    assert 2_500 < len(mill.publications) < 3_500
    assert 50 < len(apiary.publications) < 300
    assert max(p.body.issued_on for p in mill.publications) <= anchor
    assert min(p.body.issued_on for p in mill.publications).year == anchor.year - 3


def test_forty_contacts_have_every_kind_of_document_in_two_currencies(demos, publications):
    assert len(demos[0].contacts) == 40
    assert Counter(p.body.kind for p in publications).keys() == {
        "invoice",
        "credit_note",
        "quote",
        "proforma",
        "delivery_note",
        "sales_order",
        "purchase_order",
    }
    assert {p.body.currency for p in publications} == {"EUR", "GBP"}


def test_every_stored_status_is_there(publications):
    stated = {(p.body.kind, p.status) for p in publications}

    assert stated >= {
        *(("invoice", status) for status in (None, "cancelled", "draft")),
        *(("quote", s) for s in ("pending", "accepted", "rejected", "converted", "draft")),
        *(("proforma", s) for s in ("pending", "accepted", "cancelled", "converted")),
        *(("delivery_note", s) for s in ("pending", "shipped", "delivered")),
        *(("sales_order", s) for s in ("pending", "confirmed", "completed", "cancelled")),
        *(
            ("purchase_order", s)
            for s in ("placed", "confirmed", "shipped", "completed", "rejected", "cancelled")
        ),
    }


def test_numbers_run_without_gaps_and_by_date(publications):
    invoices = [p.body for p in publications if p.body.kind == "invoice"]

    for year in {body.issued_on.year for body in invoices}:
        numbers = [int(b.number[-4:]) for b in invoices if b.issued_on.year == year]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_reference_finds_an_earlier_document(publications):
    known = {(p.body.number, p.body.issued_on) for p in publications}

    for publication in publications:
        for reference in publication.body.references:
            assert (reference.number, reference.issued_on) in known
            assert reference.issued_on <= publication.body.issued_on


def test_totals_add_up_by_an_arithmetic_of_their_own(publications):
    def cents(amount):
        return int((amount * 100).to_integral_value(ROUND_HALF_UP))

    for body in (p.body for p in publications if p.body.kind != "delivery_note"):
        by_rate = Counter()
        for line in body.lines:
            if line.kind is LineKind.ITEM and not line.is_optional:
                assert line.net_amount == cents(line.quantity * line.net_price)
                by_rate[line.taxes[0].rate] += line.net_amount
        for charge in body.allowances_charges:
            by_rate[charge.tax.rate] += charge.amount
        tax = sum(cents(Decimal(base) / 100 * rate / 100) for rate, base in by_rate.items())
        assert body.totals.payable == sum(by_rate.values()) + tax, body.number


def test_nobody_pays_more_than_was_billed(publications):
    for publication in publications:
        paid = sum(payment.amount for payment in publication.payments)
        assert paid <= (publication.body.totals.payable or 0)


def test_identifiers_are_well_formed_and_belong_to_nobody(demos):
    mill, apiary = demos
    for business in (mill.business, apiary.business):
        assert cif.is_valid(business.tax_id)
        assert iban.is_valid(business.iban)
        assert all(ean.is_valid(p.gtin) for p in business.products if p.gtin)
    spanish = [c.tax_id.value for c in mill.contacts if c.address.country == "ES"]
    assert all(cif.is_valid(value) or nif.is_valid(value) for value in spanish)
    # Province 00 and unissued personal numbers: no such company, no such person.
    assert all(value[1:3] == "00" or value.startswith("999") for value in spanish)
    assert all(c.email.endswith(".example") for c in mill.contacts)


def test_one_invoice_is_overfull(publications):
    longest = max(publications, key=lambda p: len(p.body.lines)).body

    assert sum(line.kind is LineKind.ITEM for line in longest.lines) == 300
    assert len(longest.description) > 100


def test_the_demo_contact_has_something_in_every_state_whatever_the_day(publications):
    own = [p for p in publications if p.contact.external_id == "C-0001"]
    open_invoices = [
        p for p in own if p.body.kind == "invoice" and p.status is None and not p.payments
    ]

    assert any(p.body.due_on < ANCHOR for p in open_invoices)
    assert any(p.body.due_on > ANCHOR for p in open_invoices)
    pending = [p.body for p in own if p.body.kind == "quote" and p.status == "pending"]
    assert any(body.valid_until < ANCHOR for body in pending)
    assert sum(body.valid_until > ANCHOR for body in pending) >= 2
