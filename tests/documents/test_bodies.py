"""Bodies: what is refused, what makes a version, and the arithmetic of EN 16931."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalkit.documents import canonical, check_body, compute, compute_line, digest, read_body
from portalkit.documents.canonical import checked_canonical
from portalkit.documents.keys import (
    contact_token,
    description_key,
    fold,
    number_key,
    number_prefixes,
    status_key,
)
from portalkit.errors import DocumentRefusedError
from portalkit.model import (
    AllowanceCharge,
    Item,
    Line,
    LineKind,
    Note,
    RoundingPolicy,
    StatedPayment,
    TaxStated,
)
from portalkit.testing.factories import make_body, make_line

VAT = TaxStated(category="S", rate=Decimal(21))


def nested(depth):
    line = make_line()
    for _ in range(depth):
        line = make_line(lines=(line,))
    return line


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "In voice"}, "kind"),
        ({"currency": "eur"}, "currency"),
        ({"tax_currency": "x"}, "tax_currency"),
        ({"type_code": "380-1"}, "type_code"),
        ({"number": " "}, "number"),
        ({"number": "F\n1"}, "number"),
        ({"number": "9" * 201}, "number"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "a\ud800b"}, "description"),
        ({"description": "x" * 20_001}, "description"),
        ({"notes": (Note("fine"), Note("a\x1bb"))}, "notes.1.text"),
        ({"due_on": date(1066, 10, 14)}, "due_on"),
        ({"lines": (make_line(quantity=Decimal("NaN")),)}, "lines.0.quantity"),
        ({"lines": (make_line(quantity=Decimal("sNaN")),)}, "lines.0.quantity"),
        ({"lines": (make_line(net_price=Decimal("Infinity")),)}, "lines.0.net_price"),
        ({"lines": (make_line(quantity=Decimal("1E+999999")),)}, "lines.0.quantity"),
        ({"lines": (make_line(quantity=Decimal("1E-16")),)}, "lines.0.quantity"),
        ({"lines": (make_line(net_amount=10**17),)}, "lines.0.net_amount"),
        ({"lines": (nested(13),)}, "lines"),
        ({"extra": {"a": "b\x07"}}, "extra.a"),
        ({"lines": (make_line(quantity=1.5),)}, "lines.0.quantity"),
        ({"lines": [make_line()]}, "lines"),
    ],
)
def test_a_body_that_nothing_could_bear_is_refused(changes, field):
    body = msgspec.structs.replace(make_body(), **changes)

    for check in (check_body, checked_canonical):
        with pytest.raises(DocumentRefusedError) as caught:
            check(body)
        assert caught.value.field == field


def test_a_field_of_a_wrong_type_is_refused_before_it_is_stored():
    body = msgspec.structs.replace(make_body(), buyer_reference=17)

    with pytest.raises(DocumentRefusedError) as caught:
        canonical(body)

    assert caught.value.field == "buyer_reference"


def test_texts_of_several_lines_and_other_scripts_are_fine():
    check_body(make_body(description="Zeile 1\r\n\tليمون 🍋 日本"))


def test_a_body_reads_back_as_it_was_and_has_one_fingerprint():
    body = make_body(extra={"b": "2", "a": "1"})
    turned = msgspec.structs.replace(body, extra={"a": "1", "b": "2"})

    assert read_body(canonical(body)) == body
    assert digest(canonical(body)) == digest(canonical(turned))
    assert digest(canonical(body)) != digest(canonical(make_body(title="Other")))


@pytest.mark.parametrize(
    ("policy", "gross"),
    [(RoundingPolicy.SUM_THEN_ROUND, 8477), (RoundingPolicy.ROUND_THEN_SUM, 8478)],
)
def test_tax_is_rounded_as_the_policy_says(policy, gross):
    lines = tuple(
        Line(
            id=price,
            item=Item(name="x"),
            quantity=Decimal(1),
            net_price=Decimal(price),
            taxes=(VAT,),
        )
        for price in ("37.76", "26.80", "5.50")
    )

    body = make_body(lines=lines, rounding_policy=policy)

    assert body.totals.gross == gross


def test_allowances_charges_and_withholding_enter_the_totals():
    irpf = TaxStated(scheme="IRPF", rate=Decimal(15))
    line = make_line(quantity=Decimal(10), net_price=Decimal("10.00"), taxes=(VAT, irpf))
    body = make_body(
        lines=(line,),
        allowances_charges=(
            AllowanceCharge(is_charge=False, amount=0, base=10_000, percent=Decimal(5), tax=VAT),
            AllowanceCharge(is_charge=True, amount=300, tax=VAT),
        ),
        stated_payments=(StatedPayment(amount=1_000),),
    )

    totals = body.totals
    assert (totals.line_total, totals.allowances, totals.charges) == (10_000, 500, 300)
    assert (totals.net, totals.tax, totals.gross) == (9_800, 2_058, 11_858)
    assert (totals.withheld, totals.prepaid, totals.payable) == (1_500, 1_000, 9_358)


def test_texts_optional_and_free_lines_count_nothing():
    body = make_body(
        lines=(
            make_line(),
            make_line(is_optional=True),
            make_line(is_free_of_charge=True),
            Line(id="t", kind=LineKind.TEXT, item=Item(name="Thanks")),
        )
    )

    assert body.totals.net == 2000


def test_a_line_follows_gross_price_discount_and_base_quantity():
    line = compute_line(
        make_line(
            quantity=Decimal(30),
            net_price=None,
            gross_price=Decimal("2.00"),
            price_discount=Decimal("0.10"),
            base_quantity=Decimal(12),
            allowances_charges=(AllowanceCharge(is_charge=False, amount=25),),
        ),
        "EUR",
    )

    assert (line.net_price, line.net_amount) == (Decimal("1.90"), 475 - 25)


def test_prices_with_tax_lose_it_in_the_net_amount_and_carry_a_surcharge_on_top():
    surcharge = TaxStated(scheme="surcharge", rate=Decimal("5.2"))
    body = make_body(
        prices_include_tax=True,
        lines=(
            make_line(quantity=Decimal(10), net_price=Decimal("10.00"), taxes=(VAT, surcharge)),
            make_line(quantity=Decimal(1), net_price=Decimal("10.00"), taxes=(VAT,)),
        ),
    )

    totals = body.totals
    assert [(row.taxable, row.amount) for row in body.taxes] == [(9_091, 1_909), (8_264, 430)]
    assert (totals.line_total, totals.net) == (11_000, 9_091)
    assert (totals.tax, totals.gross) == (2_339, 11_430)


@given(
    amounts=st.lists(st.integers(-9_999, 9_999), min_size=1, max_size=8),
    rate=st.sampled_from(["20", "21", "10", "5.5", "100"]),
    policy=st.sampled_from(RoundingPolicy),
)
def test_prices_with_tax_are_what_is_to_be_paid_to_the_cent(amounts, rate, policy):
    body = make_body(
        prices_include_tax=True,
        rounding_policy=policy,
        lines=tuple(
            make_line(quantity=Decimal(1), net_price=Decimal(amount) / 100, rate=rate)
            for amount in amounts
        ),
    )

    assert body.totals.gross == sum(amounts)
    if policy is RoundingPolicy.SUM_THEN_ROUND:
        assert sum(row.taxable + row.amount for row in body.taxes) == sum(amounts)


def test_no_price_includes_a_tax_that_eats_it():
    with pytest.raises(DocumentRefusedError, match="taxes: no price can include"):
        make_body(prices_include_tax=True, lines=(make_line(rate="-100"),))


def test_a_share_without_a_base_is_one_of_its_line_or_of_all_lines():
    tenth = AllowanceCharge(is_charge=False, amount=0, percent=Decimal(10))
    line = make_line(quantity=Decimal(20), net_price=Decimal("90.00"), allowances_charges=(tenth,))

    body = make_body(lines=(line, line), allowances_charges=(tenth,))

    assert body.lines[0].allowances_charges[0].amount == 18_000
    assert (body.totals.line_total, body.totals.allowances) == (324_000, 32_400)
    assert compute(body) == body


prices = st.decimals("0", "9999", places=4)


@given(
    items=st.lists(
        st.tuples(st.decimals("-99", "99", places=3), prices, st.sampled_from([0, 4, 10, 21])),
        max_size=8,
    ),
    policy=st.sampled_from(RoundingPolicy),
)
def test_computed_sums_agree_with_each_other(items, policy):
    body = make_body(
        rounding_policy=policy,
        lines=tuple(
            make_line(quantity=quantity, net_price=price, rate=str(rate))
            for quantity, price, rate in items
        ),
    )

    totals = body.totals
    assert totals.net == sum(line.net_amount for line in body.lines)
    assert totals.net == sum(row.taxable for row in body.taxes)
    assert totals.tax == sum(row.amount for row in body.taxes)
    assert totals.gross == totals.payable == totals.net + totals.tax
    assert compute(body) == body


@pytest.mark.parametrize(
    "numbers",
    [
        ["F-2", "F-10", "F-0100", "F-2026-1", "F-2026-02"],
        ["a1", "Á2", "b"],
    ],
)
def test_numbers_sort_as_a_person_sorts_them(numbers):
    turned = numbers[::-1]

    turned.sort(key=number_key)

    assert turned == numbers


@pytest.mark.parametrize(
    ("text", "folded"),
    [("  Añejo  EXTRA ", "anejo extra"), ("STRASSE Straße", "strasse strasse"), ("İ", "i")],
)
def test_folding_ignores_case_accents_and_spaces(text, folded):
    assert fold(text) == folded


@given(number=st.text("F-0129 /á", min_size=1, max_size=12), length=st.integers(1, 12))
def test_a_number_is_found_by_how_it_begins(number, length):
    typed = number[:length]

    key = number_key(number)

    # Zeros in front of a number and spaces say nothing, so nothing is asked of those.
    if fold(typed) == typed and fold(number) == number and "0" not in number:
        assert any(key.startswith(prefix) for prefix in number_prefixes(typed))


def test_keys_of_status_put_what_is_due_first():
    assert status_key(1, date(2026, 1, 1)) < status_key(1, date(2026, 2, 1)) < status_key(1, None)
    assert status_key(1, None) < status_key(2, date(1900, 1, 1))


def test_the_token_of_a_contact_is_one_trigram():
    assert len(contact_token("a")) == 3
    assert contact_token("a") != contact_token("b")
    assert not contact_token("a").isalnum()


def test_a_long_description_has_a_bounded_key():
    assert len(description_key("x1 " * 500)) <= 160
