"""The checks of exports find what is wrong: nothing is proven by a check that cannot fail."""

import pytest

from .checking import rule_complaints, schema_complaints


@pytest.fixture(scope="session")
def clean(data_folder):
    return {
        "cii": (data_folder / "zugferd/xml/EN16931_Einfach.cii.xml").read_bytes(),
        "ubl": (data_folder / "en16931-ubl/ubl-tc434-example2.xml").read_bytes(),
    }


@pytest.mark.parametrize(("schema", "rules"), [("cii", "cii"), ("ubl invoice", "ubl")])
def test_a_real_invoice_is_clean(clean, schema, rules):
    assert schema_complaints(schema, clean[rules]) == []
    assert rule_complaints(rules, clean[rules]) == []


@pytest.mark.parametrize(
    ("rules", "right", "wrong"),
    [
        ("cii", b"<ram:GrandTotalAmount>529.87<", b"<ram:GrandTotalAmount>529.88<"),
        ("ubl", b">1801.78</cbc:TaxInclusiveAmount>", b">1801.79</cbc:TaxInclusiveAmount>"),
    ],
)
def test_a_wrong_total_is_found(clean, rules, right, wrong):
    assert right in clean[rules]

    (complaint, *_) = rule_complaints(rules, clean[rules].replace(right, wrong))

    assert "BR-CO-15" in complaint or "BT-112" in complaint


@pytest.mark.parametrize(
    ("schema", "rules", "name"),
    [("cii", "cii", b"GrandTotalAmount"), ("ubl invoice", "ubl", b"TaxInclusiveAmount")],
)
def test_an_element_that_the_schema_does_not_know_is_found(clean, schema, rules, name):
    content = clean[rules].replace(name, b"WholeAmount")

    assert schema_complaints(schema, content)
