"""Products are stored as they are given, once, or refused by the field that is wrong."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from portalkit_catalog.models import PriceRow, ProductRow
from portalkit_catalog.product import Picture, Price, ProductStatus
from portalkit_catalog.publishing import ProductOutcome, publish_products, withdraw_products
from portalkit_catalog.stored import read_products
from sqlalchemy import func, select

from portalkit.audit import Event
from portalkit.model import Identifier, TaxStated
from portalkit.testing.factories import NOW

LATER = NOW + timedelta(days=1)

FULL = {
    "names": {"es": "Aceite", "en-GB": "Oil", "und": "Öl"},
    "descriptions": {"es": "Virgen extra\nde Jaén"},
    "category": ("Food", "Oil"),
    "unit": "LTR",
    "tax": TaxStated(category="S", rate=Decimal(4)),
    "manufacturer_id": "M-1",
    "standard_id": Identifier("8412345678905", "0160"),
    "classifications": (Identifier("50151513", "UNSPSC"),),
    "attributes": (("Acidity", "0.2"), ("Harvest", "2026")),
    "min_quantity": Decimal(6),
    "step_quantity": Decimal("0.5"),
    "pack_quantity": Decimal(12),
    "pictures": (Picture(url="https://mill.example/oil.jpg", alt="A bottle"),),
    "status": ProductStatus.UNAVAILABLE,
    "extra": {"CatalogueLine/WarrantyInformation": "none"},
    "prices": (
        Price(currency="EUR", amount=Decimal("8.12345")),
        Price(currency="JPY", amount=Decimal(1300), territory="JP", base_quantity=Decimal(10)),
        Price(currency="OMR", amount=Decimal("3.405"), price_list="Shops"),
        Price(
            currency="EUR",
            amount=Decimal("7.10"),
            min_quantity=Decimal("100.5"),
            valid_from=date(2026, 1, 1),
            valid_until=date(2026, 12, 31),
        ),
    ),
}


def publish(engine, business, *products, now=NOW):
    with engine.begin() as connection:
        return publish_products(connection, business, products, now=now)


def outcomes(results):
    return [result.outcome.value for result in results]


def stored(engine, business, skus=None):
    with engine.connect() as connection:
        return read_products(connection, business, skus)


def counts(engine):
    with engine.connect() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (ProductRow, PriceRow, Event)
        ]


def test_a_product_comes_back_exactly_as_it_was_given(engine, business, make_product):
    product = make_product(**FULL)

    (result,) = publish(engine, business, product)

    assert result.outcome is ProductOutcome.CREATED
    (found,) = stored(engine, business)
    assert found == product
    assert [str(price.amount) for price in found.prices] == ["8.12345", "1300", "3.405", "7.10"]


def test_the_same_again_writes_nothing(engine, business, make_product):
    first = publish(engine, business, make_product(**FULL), make_product("OIL-1"))
    before = counts(engine)

    again = publish(engine, business, make_product(**FULL), make_product("OIL-1"), now=LATER)

    assert outcomes(again) == ["unchanged", "unchanged"]
    assert [each.id for each in again] == [each.id for each in first]
    assert counts(engine) == before == [2, 5, 1]
    with engine.connect() as connection:
        assert set(connection.execute(select(ProductRow.updated_at)).scalars()) == {NOW}


def test_another_price_takes_the_place_of_the_former_ones(engine, business, make_product):
    (first,) = publish(engine, business, make_product(**FULL))
    changed = make_product(**FULL | {"prices": (Price(currency="EUR", amount=Decimal(9)),)})

    (again,) = publish(engine, business, changed, now=LATER)

    assert (again.outcome, again.id) == (ProductOutcome.UPDATED, first.id)
    assert stored(engine, business) == [changed]
    assert counts(engine) == [1, 1, 2]
    with engine.connect() as connection:
        event = connection.execute(select(Event.name, Event.data).order_by(Event.id.desc())).first()
    assert tuple(event) == ("catalog.products_published", {"created": 0, "updated": 1})


def test_a_number_given_twice_is_what_came_last(engine, business, make_product):
    results = publish(engine, business, make_product(), make_product(unit="LTR"))

    assert outcomes(results) == ["created", "updated"]
    assert [product.unit for product in stored(engine, business)] == ["LTR"]


def test_businesses_do_not_meet(engine, make_business, make_product):
    one, other = make_business("one"), make_business("other")
    publish(engine, one, make_product())

    assert outcomes(publish(engine, other, make_product(unit="LTR"))) == ["created"]
    with engine.begin() as connection:
        withdraw_products(connection, other, ["OIL-5"], now=NOW)

    assert [(each.unit, each.status) for each in stored(engine, one)] == [("C62", "active")]
    assert [each.status for each in stored(engine, other)] == [ProductStatus.WITHDRAWN]


def test_what_is_withdrawn_stays_with_all_else_as_it_was(engine, business, make_product):
    publish(engine, business, make_product(**FULL), make_product("OIL-1"))

    with engine.begin() as connection:
        gone = withdraw_products(connection, business, ["OIL-5", "none"], now=LATER)
        again = withdraw_products(connection, business, ["OIL-5", "none"], now=LATER)

    assert (outcomes(gone), outcomes(again)) == (["updated"], ["unchanged"])
    assert stored(engine, business, ["OIL-5"]) == [
        make_product(**FULL | {"status": ProductStatus.WITHDRAWN})
    ]
    assert [each.status for each in stored(engine, business, ["OIL-1"])] == [ProductStatus.ACTIVE]


def price(**changes):
    return (Price(**{"currency": "EUR", "amount": Decimal(1)} | changes),)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": " A"}, "sku"),
        ({"sku": "A\n"}, "sku"),
        ({"sku": "A\0B"}, "sku"),
        ({"sku": "x" * 121}, "sku"),
        ({"sku": 7}, "sku"),
        ({"names": {}}, "names"),
        ({"names": {"es": ""}}, "names[...]"),
        ({"names": {"no language": "Oil"}}, "names"),
        ({"names": {"es": "\ud800"}}, "product"),
        ({"descriptions": {"es": "\x1b[2J"}}, "descriptions[...]"),
        ({"unit": "litre"}, "unit"),
        ({"tax": TaxStated(rate=Decimal("NaN"))}, "tax.rate"),
        ({"standard_id": Identifier("1\0", "0160")}, "standard_id.value"),
        ({"classifications": (Identifier("1", "x" * 501),)}, "classifications[0].scheme"),
        ({"attributes": (("Colour", ""),)}, "attributes[0][1]"),
        ({"min_quantity": Decimal(0)}, "min_quantity"),
        ({"step_quantity": Decimal("Infinity")}, "step_quantity"),
        ({"pack_quantity": Decimal("1E+999999")}, "pack_quantity"),
        ({"pictures": (Picture(url="javascript:alert(1)"),)}, "pictures[0].url"),
        ({"status": "sold"}, "status"),
        ({"prices": price(currency="euro")}, "prices[0].currency"),
        ({"prices": price(amount=Decimal("-0.01"))}, "prices[0].amount"),
        ({"prices": price(amount=Decimal("NaN"))}, "prices[0].amount"),
        ({"prices": price(amount=Decimal("1E-16"))}, "prices[0].amount"),
        ({"prices": price(base_quantity=Decimal(0))}, "prices[0].base_quantity"),
        ({"prices": price(min_quantity=Decimal(-1))}, "prices[0].min_quantity"),
        ({"prices": price(territory="Spain")}, "prices[0].territory"),
        ({"prices": price(valid_from=date(1, 1, 1))}, "prices[0].valid_from"),
        (
            {"prices": price(valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1))},
            "prices[0].valid_until",
        ),
        ({"extra": {str(number): "x" * 20_000 for number in range(60)}}, "product"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_bad_product_is_refused_by_its_field_and_stops_no_other(
    engine, business, make_product, changes, field
):
    bad = make_product(**changes)

    first, refused, last = publish(engine, business, make_product("A"), bad, make_product("B"))

    assert outcomes([first, refused, last]) == ["created", "refused", "created"]
    assert refused.error.field == field
    assert str(refused.error).isprintable()
    assert refused.id is None
    assert [product.sku for product in stored(engine, business)] == ["A", "B"]


def test_what_the_transaction_takes_back_was_never_there(engine, business, make_product):
    with engine.connect() as connection, connection.begin() as transaction:
        publish_products(connection, business, [make_product()], now=NOW)
        transaction.rollback()

    assert counts(engine) == [0, 0, 0]


def test_many_products_go_in_batches(engine, business, make_product):
    products = [make_product(f"P-{number:04}") for number in range(1_203)]

    assert outcomes(publish(engine, business, *products)) == ["created"] * 1_203
    assert stored(engine, business) == products
    assert outcomes(publish(engine, business, *products)) == ["unchanged"] * 1_203
