"""What a UBL catalogue says, and what becomes of it."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from portalkit_catalog import manifest
from portalkit_catalog.product import Picture, Price, ProductStatus
from portalkit_catalog.stored import read_products

from portalkit.hooks import load_plugins
from portalkit.model import TaxStated

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def kept(import_text, make_desk):
    """Import a catalogue and return the products that are kept."""

    def kept(content, desk=None):
        desk = desk or make_desk("mill")
        result = import_text(content, desk)
        assert result.line.error is None, result.line
        with desk.engine.connect() as connection:
            return read_products(connection, desk.business_id)

    return kept


def test_prices_hold_by_country_quantity_list_and_days(kept, made):
    country = (
        "<cac:ApplicableTerritoryAddress><cac:Country><cbc:IdentificationCode>{}"
        "</cbc:IdentificationCode></cac:Country></cac:ApplicableTerritoryAddress>"
    )
    days = (
        "<cac:ValidityPeriod><cbc:StartDate>2026-04-01</cbc:StartDate>"
        "<cbc:EndDate>2026-06-30</cbc:EndDate></cac:ValidityPeriod>"
    )
    prices = (
        made.price("41.50")
        + made.price(
            "38.123456",
            place='<cbc:MinimumQuantity unitCode="C62">100</cbc:MinimumQuantity>'
            + country.format("ES")
            + country.format("PT"),
            price='<cbc:BaseQuantity unitCode="C62">10</cbc:BaseQuantity>'
            + days
            + "<cac:PriceList><cbc:ID>Shops</cbc:ID></cac:PriceList>",
        )
        + made.price("6500", "JPY")
        + made.price("17.505", "OMR")
    )
    head = "<cac:ValidityPeriod><cbc:EndDate>2026-12-31</cbc:EndDate></cac:ValidityPeriod>"

    (product,) = kept(made.catalogue(made.line(prices=prices), head=head))

    year = {"valid_until": date(2026, 12, 31)}
    spring = {"valid_from": date(2026, 4, 1), "valid_until": date(2026, 6, 30)}
    shops = {"price_list": "Shops", "min_quantity": Decimal(100), "base_quantity": Decimal(10)}
    special = Price(currency="EUR", amount=Decimal("38.123456"), **shops, **spring)
    assert product.prices == (
        Price(currency="EUR", amount=Decimal("41.50"), **year),
        msgspec.structs.replace(special, territory="ES"),
        msgspec.structs.replace(special, territory="PT"),
        Price(currency="JPY", amount=Decimal(6500), **year),
        Price(currency="OMR", amount=Decimal("17.505"), **year),
    )


def test_texts_keep_their_languages(kept, made):
    name = '<cbc:Name languageID="es">Aceite\n   de oliva</cbc:Name>'
    item = (
        '<cbc:Description languageID="es">Uno</cbc:Description>'
        '<cbc:Description languageID="es">Dos</cbc:Description>'
        '<cbc:Description languageID="en-GB">One</cbc:Description>'
        '<cbc:Description languageID="not one!">Other</cbc:Description>'
    )

    (product,) = kept(made.catalogue(made.line(name=name, item=item)))

    assert product.names == {"es": "Aceite de oliva"}
    assert product.descriptions == {"es": "Uno\nDos", "en-GB": "One", "und": "Other"}
    assert product.extra["Item/Description[4]@languageID"] == "not one!"


def test_an_item_without_a_name_is_called_by_its_description_or_number(kept, made):
    described = made.line("A", name="<cbc:Description>Olive oil</cbc:Description>")

    products = kept(made.catalogue(described, made.line("B", name="")))

    assert [each.names for each in products] == [{"und": "Olive oil"}, {"und": "B"}]


def test_tax_quantities_and_addresses_of_pictures(kept, made):
    head = (
        "<cbc:OrderableIndicator>false</cbc:OrderableIndicator>"
        "<cbc:OrderableUnit>LTR</cbc:OrderableUnit>"
        "<cbc:OrderQuantityIncrementNumeric>0</cbc:OrderQuantityIncrementNumeric>"
        '<cbc:MinimumOrderQuantity unitCode="LTR">2.5</cbc:MinimumOrderQuantity>'
    )
    document = (
        "<cac:ItemSpecificationDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>"
        "<cac:ExternalReference><cbc:URI>{}</cbc:URI></cac:ExternalReference></cac:Attachment>"
        "</cac:ItemSpecificationDocumentReference>"
    )
    addresses = ("https://mill.example/a.JPG?w=1", "https://mill.example/a.pdf", "javascript:1.png")
    item = "".join(document.format(each) for each in addresses) + (
        "<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>4</cbc:Percent>"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>"
    )

    (product,) = kept(made.catalogue(made.line(head=head, item=item)))

    assert product.status is ProductStatus.UNAVAILABLE
    assert product.tax == TaxStated(category="S", rate=Decimal(4))
    assert (product.unit, product.min_quantity) == ("LTR", Decimal("2.5"))
    assert product.step_quantity is None
    assert product.pictures == (Picture(url=addresses[0]),)
    path = "Item/ItemSpecificationDocumentReference[{}]/Attachment/ExternalReference/URI"
    assert product.extra == {
        "ID": "1",
        "OrderQuantityIncrementNumeric": "0",
        **{f"Item/ItemSpecificationDocumentReference[{n}]/ID": "1" for n in (1, 2, 3)},
        path.format(2): addresses[1],
        path.format(3): addresses[2],
    }


def test_of_files_inside_no_bytes_are_kept(kept, made):
    item = (
        "<cac:ItemSpecificationDocumentReference><cac:Attachment>"
        '<cbc:EmbeddedDocumentBinaryObject mimeCode="image/png" filename="oil.png">YWJj'
        "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>"
        "</cac:ItemSpecificationDocumentReference>"
    )

    (product,) = kept(made.catalogue(made.line(item=item)))

    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert product.extra["file[1]"] == f"oil.png (image/png, 3 bytes, SHA-256 {digest})"
    assert "YWJj" not in str(product.extra)


def test_who_can_be_called_about_an_item_is_not_kept(kept, made):
    item = (
        "<cac:ManufacturerParty><cac:PartyName><cbc:Name>Press Ltd</cbc:Name></cac:PartyName>"
        "<cac:Contact><cbc:Name>Nils Nilsen</cbc:Name></cac:Contact>"
        "<cac:Person><cbc:FirstName>Nils</cbc:FirstName></cac:Person></cac:ManufacturerParty>"
    )
    head = (
        "<cac:ContractorCustomerParty><cac:Party><cac:Contact>"
        '<cbc:ElectronicMail languageID="no">nils@press.example</cbc:ElectronicMail>'
        "</cac:Contact></cac:Party></cac:ContractorCustomerParty>"
    )

    (product,) = kept(made.catalogue(made.line(head=head, item=item)))

    assert product.extra == {"ID": "1", "Item/ManufacturerParty/PartyName/Name": "Press Ltd"}


def action(name):
    return f"<cbc:ActionCode>{name}</cbc:ActionCode>"


def statuses(products):
    return {product.sku: product.status.value for product in products}


def test_deleted_lines_are_withdrawn_and_come_back(kept, made, make_desk):
    desk = make_desk("mill")
    both = made.catalogue(made.line("A"), made.line("B"))
    (before, _) = kept(both, desk)

    bare = made.line("A", head=action("Delete"), prices="", name="")
    gone = kept(made.catalogue(bare, made.line("C", head=action("Delete"))), desk)

    assert statuses(gone) == {"A": "withdrawn", "B": "active"}
    assert gone[0] == msgspec.structs.replace(before, status=ProductStatus.WITHDRAWN)
    assert statuses(kept(both, desk)) == {"A": "active", "B": "active"}


def test_a_deleted_catalogue_withdraws_all_its_products(kept, made, make_desk, import_text):
    desk = make_desk("mill")
    kept(made.catalogue(made.line("A"), made.line("B"), made.line("C")), desk)
    deleted = made.catalogue(made.line("A"), made.line("B"), head=action("Delete"))

    assert import_text(deleted, desk).outcome.value == "updated"
    assert import_text(deleted, desk).outcome.value == "unchanged"
    assert statuses(kept(made.catalogue(made.line("D")), desk)) == {
        "A": "withdrawn",
        "B": "withdrawn",
        "C": "active",
        "D": "active",
    }


@pytest.mark.parametrize("name", ["Add", "Update", "Replace", "Retain", "Whatever"])
def test_every_other_action_states_a_product(kept, made, name):
    (product,) = kept(made.catalogue(made.line(head=action(name))))

    assert product.status is ProductStatus.ACTIVE
    assert product.extra.get("ActionCode") == ("Whatever" if name == "Whatever" else None)


def test_a_changed_price_changes_the_product_and_nothing_else(kept, made, make_desk, import_text):
    desk = make_desk("mill")
    kept(made.catalogue(made.line("A"), made.line("B")), desk)

    changed = made.catalogue(made.line("A"), made.line("B", prices=made.price("9")))
    result = import_text(changed, desk)

    assert (result.outcome.value, result.line.lines) == ("updated", 2)
    amounts = [price.amount for product in kept(changed, desk) for price in product.prices]
    assert amounts == [Decimal("41.50"), Decimal(9)]


def test_lines_of_one_item_are_one_product(kept, made):
    second = made.line(head="<cbc:Note>Later</cbc:Note>", prices=made.price("40", "USD"))

    (product,) = kept(made.catalogue(made.line(), second, made.line()))

    assert [(each.currency, each.amount) for each in product.prices] == [
        ("EUR", Decimal("41.50")),
        ("USD", Decimal(40)),
    ]
    assert product.extra == {
        "ID": "1",
        "line[2]/ID": "1",
        "line[2]/Note": "Later",
        "line[3]/ID": "1",
    }


MAKER = (
    "<cac:ManufacturersItemIdentification><cbc:ID>{}</cbc:ID></cac:ManufacturersItemIdentification>"
)


def test_items_with_one_number_are_told_apart_by_the_manufacturers(kept, made):
    names = ("Telephone", "Headset")
    lines = [
        made.line("7", name=f"<cbc:Name>{name}</cbc:Name>", item=MAKER.format(name[0]))
        for name in names
    ]

    assert [each.sku for each in kept(made.catalogue(*lines))] == ["7/H", "7/T"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda made: made.catalogue(""), "it has no CatalogueLine"),
        (
            lambda made: made.catalogue().replace("<cbc:ID>C-1</cbc:ID>", ""),
            "it has no ID",
        ),
        (lambda made: made.catalogue(made.line(" ")), "line 1 has no number of its item"),
        (
            lambda made: made.catalogue(made.line(prices=made.price("ten"))),
            "its PriceAmount 'ten' is no number",
        ),
        (
            lambda made: made.catalogue(made.line(prices=made.price("1", ""))),
            "its PriceAmount has no currency",
        ),
        (
            lambda made: made.catalogue(
                made.line("A"), made.line("B", prices=made.price("-1")), made.line("C")
            ),
            "product 'B': prices[0].amount: must not be negative",
        ),
        (
            lambda made: made.catalogue(made.line("7"), made.line("7", name="")),
            "several items have the number '7'",
        ),
        (
            lambda made: made.catalogue(made.line("x" * 121)),
            f"product {'x' * 60!r}: sku: Expected `str` of length <= 120",
        ),
        (
            lambda made: made.catalogue().replace("Catalogue-2", "Katalog-2"),
            f"its root Catalogue ({UBL}Katalog-2) is no document of UBL 2",
        ),
        (
            lambda made: made.catalogue().replace("?>", "?><!DOCTYPE Catalogue>", 1),
            "it has a document type declaration (DTD), which is not accepted",
        ),
    ],
)
def test_what_cannot_be_read_or_stored_is_refused_as_a_whole(
    import_text, make_desk, made, change, reason
):
    desk = make_desk("mill")

    result = import_text(change(made), desk)

    assert (result.outcome.value, result.line.error) == ("refused", reason)
    with desk.engine.connect() as connection:
        assert read_products(connection, desk.business_id) == []


def test_a_dry_run_says_what_would_arrive_and_stores_nothing(import_text, make_desk, made):
    desk = make_desk("mill")

    result = import_text(made.catalogue(), msgspec.structs.replace(desk, is_dry_run=True))

    assert (result.outcome.value, result.line.lines) == ("arrived", 1)
    with desk.engine.connect() as connection:
        assert read_products(connection, desk.business_id) == []


def test_the_catalogue_loads_without_the_plugin_that_parses_ubl(portal_config):
    alone = msgspec.structs.replace(portal_config, plugins=("catalog",))

    registry = load_plugins(alone)

    assert registry.plugins["catalog"].manifest is manifest
    assert registry.declarations.importers == ()
