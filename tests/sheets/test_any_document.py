"""Whatever a document holds, its sheet can be shown."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portalkit.hooks.types import Purpose
from portalkit.model import (
    Address,
    AllowanceCharge,
    ContactPoint,
    Delivery,
    DocumentBody,
    Identifier,
    Instalment,
    Item,
    Line,
    LineKind,
    Note,
    Party,
    PartyRole,
    PaymentMeans,
    Period,
    ReferenceStated,
    Relation,
    TaxRow,
    TaxStated,
    Totals,
)

WORDS = st.text(max_size=12)
AMOUNTS = st.integers(-(10**17), 10**17)
FIGURES = st.decimals(
    min_value=Decimal(-(10**9)), max_value=Decimal(10**9), allow_nan=False, allow_infinity=False
)
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1))


def optional(strategy):
    return st.none() | strategy


def few(strategy):
    return st.lists(strategy, max_size=2).map(tuple)


IDENTIFIERS = st.builds(Identifier, WORDS, optional(st.sampled_from(["VAT", "0088", "EORI", "x"])))
ADDRESSES = st.builds(
    Address,
    lines=few(WORDS),
    city=optional(WORDS),
    postcode=optional(WORDS),
    region=optional(WORDS),
    country=optional(st.sampled_from(["ES", "GB", "us", "ZZ", "", "BR", "JP"])),
    attention=optional(WORDS),
)
PARTIES = st.builds(
    Party,
    role=st.sampled_from(PartyRole),
    name=WORDS,
    trade_name=optional(WORDS),
    tax_ids=few(IDENTIFIERS),
    ids=few(IDENTIFIERS),
    address=optional(ADDRESSES),
    contact=optional(st.builds(ContactPoint, name=optional(WORDS), phone=optional(WORDS))),
)
ALLOWANCES = st.builds(
    AllowanceCharge,
    is_charge=st.booleans(),
    amount=AMOUNTS,
    percent=optional(FIGURES),
    reason=optional(WORDS),
)
TAXES = st.builds(
    TaxStated,
    category=optional(st.sampled_from(["S", "E", "AE", "O", "?"])),
    rate=optional(FIGURES),
    scheme=st.sampled_from(["VAT", "IGIC", "IRPF", "surcharge", "x"]),
)
LINES = st.recursive(
    st.builds(
        Line,
        id=WORDS,
        kind=st.sampled_from(LineKind),
        item=st.builds(
            Item,
            name=WORDS,
            description=optional(WORDS),
            seller_id=optional(WORDS),
            lot=optional(WORDS),
            attributes=few(st.tuples(WORDS, WORDS)),
        ),
        quantity=optional(FIGURES),
        unit=optional(st.sampled_from(["C62", "KGM", "?"])),
        delivered_quantity=optional(FIGURES),
        backorder_quantity=optional(FIGURES),
        gross_price=optional(FIGURES),
        price_discount=optional(FIGURES),
        net_price=optional(FIGURES),
        base_quantity=optional(FIGURES),
        allowances_charges=few(ALLOWANCES),
        net_amount=optional(AMOUNTS),
        taxes=few(TAXES),
        period=optional(st.builds(Period, start_on=optional(DAYS), end_on=optional(DAYS))),
        is_optional=st.booleans(),
    ),
    lambda inner: st.builds(
        Line,
        id=WORDS,
        kind=st.sampled_from(LineKind),
        item=st.builds(Item, name=WORDS),
        net_amount=optional(AMOUNTS),
        lines=few(inner),
    ),
    max_leaves=5,
)
BODIES = st.builds(
    DocumentBody,
    kind=st.sampled_from(["invoice", "credit_note", "quote", "delivery_note", "acme"]),
    number=WORDS,
    issued_on=DAYS,
    currency=st.sampled_from(["EUR", "JPY", "OMR", "XXX"]),
    type_code=optional(st.sampled_from(["380", "384", "?"])),
    title=optional(WORDS),
    due_on=optional(DAYS),
    valid_until=optional(DAYS),
    order_number=optional(WORDS),
    notes=few(st.builds(Note, WORDS, optional(st.sampled_from(["REG", "AAI"])))),
    parties=few(PARTIES),
    lines=few(LINES),
    allowances_charges=few(ALLOWANCES),
    taxes=few(
        st.builds(
            TaxRow,
            taxable=optional(AMOUNTS),
            amount=AMOUNTS,
            category=optional(st.sampled_from(["S", "E", "AE", "K", "G", "O"])),
            rate=optional(FIGURES),
            is_withheld=st.booleans(),
            exemption_reason=optional(WORDS),
        )
    ),
    totals=st.builds(
        Totals,
        line_total=optional(AMOUNTS),
        net=optional(AMOUNTS),
        tax=optional(AMOUNTS),
        gross=optional(AMOUNTS),
        withheld=optional(AMOUNTS),
        prepaid=optional(AMOUNTS),
        payable=optional(AMOUNTS),
    ),
    payment_means=few(
        st.builds(
            PaymentMeans,
            code=optional(st.sampled_from(["58", "49", "48", "10", "?"])),
            iban=optional(st.sampled_from(["ES9121000418450200051332", "x", ""])),
            bic=optional(WORDS),
            reference=optional(WORDS),
        )
    ),
    payment_terms=optional(WORDS),
    instalments=few(
        st.builds(
            Instalment,
            due_on=optional(DAYS),
            amount=optional(AMOUNTS),
            percent=optional(FIGURES),
        )
    ),
    deliveries=few(
        st.builds(
            Delivery,
            requested_on=optional(DAYS),
            address=optional(ADDRESSES),
            packages=optional(st.integers(0, 10**6)),
            weight=optional(FIGURES),
        )
    ),
    references=few(
        st.builds(
            ReferenceStated,
            relation=st.sampled_from(Relation),
            number=WORDS,
            issued_on=optional(DAYS),
            reason=optional(WORDS),
        )
    ),
    extra=st.dictionaries(st.just("verifactu:url"), WORDS, max_size=1),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=BODIES, locale=st.sampled_from(["en", "es", "ar"]), purpose=st.sampled_from(Purpose))
def test_any_document_can_be_shown(press, body, locale, purpose):
    view = press.view(body, locale, purpose=purpose)

    page = press.page(view)

    assert page.count("<tr") == page.count("</tr>")
    assert page.count("<bdi") == page.count("</bdi>")
