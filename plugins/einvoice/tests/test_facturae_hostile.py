"""Facturae that means harm, or is broken: refused with one line, or read and nothing else."""

from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from portalkit_einvoice.facturae import FacturaeImporter
from portalkit_einvoice.xml.parsing import MAX_ITEMS

from portalkit.documents.canonical import canonical, read_body
from portalkit.errors import ImportRefusedError

from .facturae_files import attached, facturae_xml, invoice_xml, line_xml, only
from .test_hostile import MUTATIONS, ODD_TEXTS, mutate

IMPORTER = FacturaeImporter(32)


def refused(content: bytes | str) -> str:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(ImportRefusedError) as caught:
        list(IMPORTER.read(raw, "f.xml"))
    reason = str(caught.value)
    assert reason.isprintable()
    assert 0 < len(reason) < 300
    return reason


@pytest.fixture(scope="module")
def real(data_folder) -> list[bytes]:
    return [path.read_bytes() for path in sorted((data_folder / "facturae").rglob("*.xml"))]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Facturae [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE Facturae [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Facturae SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_a_dtd_is_refused_before_anything_is_expanded_or_fetched(doctype):
    text = facturae_xml().replace("?>", f"?>{doctype}", 1)

    assert refused(text) == "it has a document type declaration (DTD), which is not accepted"


def test_a_file_above_the_limit_is_refused_without_being_parsed():
    with pytest.raises(ImportRefusedError, match=r"^it is larger than 1 MiB$"):
        list(FacturaeImporter(1).read(b"<" * (1024 * 1024 + 1), "large.xml"))


@pytest.mark.parametrize(
    "namespace",
    [
        "urn:example",
        "http://www.facturae.es/Facturae/2007/v3.1/Facturae",
    ],
)
def test_another_version_or_namespace_is_refused_by_its_name(namespace):
    reason = refused(facturae_xml(namespace=namespace))

    assert reason.startswith("its root Facturae (")
    assert reason.endswith(") is no Facturae 3.2")


def test_a_file_without_an_invoice_and_one_with_too_many_are_refused():
    empty = facturae_xml("<!-- none -->")
    many = facturae_xml("<Invoice/>" * 1_001)

    assert refused(empty) == "there is no invoice in it"
    assert refused(many) == "it has more than 1000 invoices inside"


def test_a_truncated_file_is_refused_wherever_it_ends():
    content = facturae_xml().encode()

    for end in range(0, len(content) - 10, 13):
        refused(content[:end])


def test_a_deep_file_and_one_of_too_many_elements_are_refused():
    deep = "<a>" * 100 + "</a>" * 100
    wide = "<a/>" * (MAX_ITEMS + 1) + "<a" * 1_000_000

    assert refused(facturae_xml(tail=deep)) == "its elements are nested more than 64 deep"
    assert refused(facturae_xml(tail=wide)).startswith("it has more than ")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<InvoiceNumber>F-1</InvoiceNumber>", "", "it has no InvoiceNumber"),
        ("<IssueDate>2026-03-01</IssueDate>", "", "it has no IssueDate"),
        (">2026-03-01<", ">2026-02-30<", "its IssueDate '2026-02-30' is no date"),
        ("<InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>", "", "it has no InvoiceCurrencyCode"),
        (">EUR</InvoiceCurrencyCode>", ">euro</InvoiceCurrencyCode>", "its currency 'euro' is no"),
        ("<Quantity>1<", "<Quantity>NaN<", "its Quantity 'NaN' is no number"),
        ("<Quantity>1<", "<Quantity>1e99<", "its Quantity '1e99' is no number"),
        ("<Quantity>1<", "<Quantity>1..2e3<", "its Quantity '1..2' is no number"),
        ("<InvoiceTotal>121.00<", "<InvoiceTotal>9999999999999999<", "its InvoiceTotal 99999999"),
    ],
)
def test_what_a_document_cannot_be_without_is_refused_by_its_name(old, new, reason):
    assert refused(facturae_xml().replace(old, new)).startswith(reason)


@pytest.mark.parametrize("data", ["%%%", "abc", "ñ"])
def test_a_file_inside_that_is_no_base64_is_refused(data):
    text = facturae_xml(invoice_xml(tail=attached(data)))

    assert refused(text) == "file 1 inside it is not valid base64"


def test_too_many_files_inside_are_refused():
    one = attached("YWJj")
    file = one[one.index("<Attachment>") : one.index("</RelatedDocuments>")]
    text = facturae_xml(invoice_xml(tail=one.replace(file, file * 101)))

    assert refused(text) == "it has more than 100 files inside"


def test_a_signature_is_neither_trusted_nor_kept_as_text():
    signature = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
    <ds:Object><Invoices><Invoice><InvoiceHeader><InvoiceNumber>EVIL</InvoiceNumber>
    </InvoiceHeader></Invoice></Invoices></ds:Object></ds:Signature>"""

    document = only(IMPORTER.read(facturae_xml(tail=signature).encode(), "f.xml"))

    assert document == only(IMPORTER.read(facturae_xml().encode(), "f.xml"))


def test_nothing_outside_the_invoices_is_read_as_one():
    hidden = f"<Extensions><Invoices>{invoice_xml(number='EVIL')}</Invoices></Extensions>"

    document = only(IMPORTER.read(facturae_xml(tail=hidden).encode(), "f.xml"))

    assert document.body.number == "F-1"
    assert "EVIL" in document.body.extra.values()


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(which=st.integers(0, 100), mutations=st.lists(MUTATIONS, min_size=1, max_size=4))
@example(which=0, mutations=[("flip", 0.0, 1, 0)])
def test_a_damaged_real_file_is_read_or_refused_and_nothing_else(real, which, mutations):
    content = real[which % len(real)]
    for mutation in mutations:
        content = mutate(content, *mutation)

    IMPORTER.recognizes(content[:4096], "damaged.xml")
    with suppress(ImportRefusedError):
        for document in IMPORTER.read(content, "damaged.xml"):
            assert document.body.number


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    which=st.integers(0, 100),
    changes=st.lists(
        st.tuples(
            st.integers(0, 10_000),
            st.sampled_from(["text", "double", "remove"]),
            st.sampled_from([*ODD_TEXTS, "1e5", "INF", "OR", "04", "ZIP"]),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_a_real_file_with_odd_values_is_read_or_refused_and_nothing_else(real, which, changes):
    root = etree.fromstring(real[which % len(real)])
    for place, what, text in changes:
        elements = list(root.iter("*"))
        element = elements[place % len(elements)]
        parent = element.getparent()
        if what == "text":
            element.text = text
        elif what == "double" and parent is not None:
            parent.insert(0, deepcopy(element))
        elif what == "remove" and parent is not None:
            parent.remove(element)

    with suppress(ImportRefusedError):
        for document in IMPORTER.read(etree.tostring(root), "odd.xml"):
            assert read_body(canonical(document.body)) == document.body


def test_more_leftovers_than_a_body_holds_become_a_file():
    after = "<Extensions>" + "<a>1</a>" * 16_000 + "</Extensions>"

    document = only(
        IMPORTER.read(facturae_xml(invoice_xml(lines=line_xml(after=after))).encode(), "f")
    )

    assert document.body.extra == {}
    assert [file.filename for file in document.files] == ["extra.json"]
