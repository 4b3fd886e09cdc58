"""The real catalogues, read independently by plain lxml, beside what the portal keeps of them."""

import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from lxml import etree
from portalkit_catalog.models import PriceRow, ProductRow
from portalkit_catalog.product import ProductStatus
from portalkit_catalog.stored import read_products
from sqlalchemy import func, select

from portalkit.audit import Event
from portalkit.exchange import import_files

CATALOGUES = {
    "ubl-catalogue/Mobile_Catalogue_UBL.xml": ("2010-Mobile-1234", "2010-10-01", 6, 12),
    "ubl-ehf/Catalogue_Example.xml": ("1387", "2016-08-01", 2, 2),
    "ubl-ehf/PunchOut_Example.xml": ("1387", "2016-08-01", 2, 2),
    "ubl-oioubl/CATEXE_01_01_00_Catalogue_v2p2.xml": ("CAT-EX-1", "2006-04-30", 3, 3),
}
TELEPHONE = {"Nokia ABC": "87067606/N70UK", "Nokia B2": "87067606/B2-750i"}


def texts(element, path):
    """Texts at a path of local names."""
    steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
    return [each.text.strip() for each in element.xpath(steps) if (each.text or "").strip()]


def one(element, path, read=str):
    found = texts(element, path)
    return read(found[0]) if found else None


def elements(element, path):
    return element.xpath("/".join(f"*[local-name()='{step}']" for step in path.split("/")))


def days(element, path):
    return (
        one(element, f"{path}/StartDate", date.fromisoformat),
        one(element, f"{path}/EndDate", date.fromisoformat),
    )


def stated_prices(root, line):
    for place in elements(line, "RequiredItemLocationQuantity"):
        (amount,) = elements(place, "Price/PriceAmount")
        periods = (
            days(place, "Price/ValidityPeriod"),
            days(line, "LineValidityPeriod"),
            days(root, "ValidityPeriod"),
        )
        yield (
            amount.get("currencyID"),
            Decimal(amount.text),
            one(place, "MinimumQuantity", Decimal),
            one(place, "Price/BaseQuantity", Decimal),
            *next((each for each in periods if each != (None, None)), (None, None)),
            one(place, "ApplicableTerritoryAddress/Country/IdentificationCode"),
        )


def stated_fields(root, lines):
    """What the lines of one product state; RAM stands below each of two computers."""
    line = lines[0]
    (item,) = elements(line, "Item")
    name = one(item, "Name")
    tax = "Item/ClassifiedTaxCategory"
    if not elements(line, tax):
        tax = "RequiredItemLocationQuantity/ApplicableTaxCategory"
    base = elements(line, "RequiredItemLocationQuantity/Price/BaseQuantity")
    path = "Item/CommodityClassification/ItemClassificationCode"
    codes = [(each.text, each.get("listID")) for every in lines for each in elements(every, path)]
    prices = dict.fromkeys(price for each in lines for price in stated_prices(root, each))
    return {
        "sku": TELEPHONE.get(name, one(item, "SellersItemIdentification/ID")),
        "name": name,
        "description": one(item, "Description"),
        "unit": one(line, "OrderableUnit") or (base[0].get("unitCode") if base else None),
        "tax": (one(line, f"{tax}/ID"), one(line, f"{tax}/Percent", Decimal)),
        "manufacturer": one(item, "ManufacturersItemIdentification/ID"),
        "standard": one(item, "StandardItemIdentification/ID"),
        "codes": list(dict.fromkeys(codes)),
        "attributes": list(
            zip(
                texts(item, "AdditionalItemProperty/Name"),
                texts(item, "AdditionalItemProperty/Value"),
                strict=True,
            )
        ),
        "minimum": one(line, "MinimumOrderQuantity", Decimal),
        "step": one(line, "OrderQuantityIncrementNumeric", Decimal),
        "pack": one(item, "PackSizeNumeric", Decimal),
        "pictures": texts(
            item, "ItemSpecificationDocumentReference/Attachment/ExternalReference/URI"
        ),
    } | {f"price {number}": price for number, price in enumerate(prices)}


def kept_fields(product):
    (name,), (description,) = product.names.values(), product.descriptions.values()
    standard = product.standard_id
    prices = [
        (
            each.currency,
            each.amount,
            each.min_quantity,
            each.base_quantity,
            each.valid_from,
            each.valid_until,
            each.territory,
        )
        for each in product.prices
    ]
    return {
        "sku": product.sku,
        "name": name,
        "description": description,
        "unit": product.unit,
        "tax": (product.tax and product.tax.category, product.tax and product.tax.rate),
        "manufacturer": product.manufacturer_id,
        "standard": standard and standard.value,
        "codes": [(each.value, each.scheme) for each in product.classifications],
        "attributes": list(product.attributes),
        "minimum": product.min_quantity,
        "step": product.step_quantity,
        "pack": product.pack_quantity,
        "pictures": [each.url for each in product.pictures],
    } | {f"price {number}": price for number, price in enumerate(prices)}


def lost_texts(line, product):
    """Texts of a line that stand nowhere in the product, people and bytes of files left out."""
    kept = set(all_texts(msgspec.to_builtins(product)))
    return [
        element.text.strip()
        for element in line.iter("*")
        if (element.text or "").strip()
        and "Binary" not in element.tag
        and not any(" ".join(element.text.split()) in text for text in kept)
        and element.text.strip() not in {"true", "false", "Add", "Update"}
        and etree.QName(element).localname != "ChargeIndicator"
        and not (element.tag.endswith("}ID") and element.text in {"63", "VAT"})
    ]


def all_texts(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from all_texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from all_texts(each)
    else:
        yield str(value)


def compare(root, products):
    """Return how many fields there are, and those that differ."""
    lines = defaultdict(list)
    for line in elements(root, "CatalogueLine"):
        name = one(line, "Item/Name")
        number = one(line, "Item/SellersItemIdentification/ID")
        lines[TELEPHONE.get(name, number)].append(line)
    kept = {product.sku: product for product in products}
    assert kept.keys() == lines.keys()
    fields, differences = 0, []
    for sku, same in lines.items():
        stated, found = stated_fields(root, same), kept_fields(kept[sku])
        pairs = {key: (stated.get(key), found.get(key)) for key in stated.keys() | found.keys()}
        pairs["lost"] = ([], [text for each in same for text in lost_texts(each, kept[sku])])
        fields += len(pairs)
        differences += [(sku, key, *pair) for key, pair in pairs.items() if pair[0] != pair[1]]
    return fields, differences


def counts(engine):
    with engine.connect() as connection:
        return {
            table.__tablename__: connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in (ProductRow, PriceRow, Event)
        }


def test_every_real_catalogue_arrives_as_it_is_stated(make_desk, engine, data_folder, capsys):
    products, fields, differences = 0, 0, []

    for number, (path, stated) in enumerate(CATALOGUES.items()):
        desk = make_desk(f"mill-{number}")
        (result,) = import_files(desk, [data_folder / path])
        line = result.line
        with engine.connect() as connection:
            kept = read_products(connection, desk.business_id)
        prices = sum(len(product.prices) for product in kept)
        assert (result.outcome.value, line.kind) == ("arrived", "catalogue"), line
        assert (line.number, line.date, line.lines, prices) == stated
        root = etree.parse(data_folder / path).getroot()
        products += len(kept)
        more, found = compare(root, kept)
        fields += more
        differences += found

    with capsys.disabled():
        sys.stdout.write(
            f"\ncatalogues {len(CATALOGUES)} / products {products} / fields {fields}"
            f" / differences {len(differences)}\n"
        )
    assert differences == []


def test_the_same_catalogues_again_change_nothing(make_desk, engine, data_folder):
    desk = make_desk("mill")
    # The two of EHF are of one number and state other prices of the same products.
    paths = [data_folder / path for path in CATALOGUES if "PunchOut" not in path]
    first = [each.outcome.value for each in import_files(desk, paths)]
    before = counts(engine)

    again = [each.outcome.value for each in import_files(desk, paths)]

    assert (first, again) == (["arrived"] * 3, ["unchanged"] * 3)
    assert counts(engine) == before
    assert before["catalog_product"] == 11


def test_another_catalogue_with_the_same_products_changes_them(make_desk, engine, data_folder):
    desk = make_desk("mill")
    paths = [data_folder / path for path in CATALOGUES if "ehf" in path]

    outcomes = [each.outcome.value for each in import_files(desk, paths)]

    assert outcomes == ["arrived", "updated"]
    with engine.connect() as connection:
        kept = read_products(connection, desk.business_id)
    assert [product.sku for product in kept] == ["MNTR011", "MNTR012"]
    assert {product.status for product in kept} == {ProductStatus.ACTIVE}
    assert {price.valid_until for product in kept for price in product.prices} == {
        date(2019, 9, 26),
        date(2016, 8, 31),
    }


def test_no_catalogue_leaves_personal_data(make_desk, engine, data_folder):
    for number, path in enumerate(CATALOGUES):
        list(import_files(make_desk(f"mill-{number}"), [data_folder / path]))

    with engine.connect() as connection:
        bodies = " ".join(connection.execute(select(ProductRow.body)).scalars())
    for name in ("Nils", "Henrik", "Ibsen", "@medical", "@tele", "@dls", "22150510"):
        assert name not in bodies


class TestWithoutTheCatalogue:
    @pytest.fixture
    def portal_plugins(self):
        return ("sales", "purchases", "einvoice")

    def test_catalogues_are_refused_as_ever(self, make_desk, engine, data_folder):
        results = list(import_files(make_desk("mill"), [data_folder / path for path in CATALOGUES]))

        reason = "it holds products, for which the catalog plugin is needed"
        errors = {each.line.error for each in results}
        assert errors == {f"UBL Catalogue is not imported: {reason}"}
        assert counts(engine)["catalog_product"] == 0
