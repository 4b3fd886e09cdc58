"""Real documents and the demo's as CII: all pass schema and rules, with their stated figures."""

import csv
import sys
from datetime import date

import pytest
from lxml import etree
from portalkit_einvoice.cii.writing import write

from example_app.data import demo_data
from portalkit.errors import ExportRefusedError

from .checking import cii_complaints, schema_complaints
from .figures import differences, kept_figures

KINDS = {"invoice", "credit_note"}
# EN 16931 allows the code for Italy's split payment, the code list of Factur-X does not.
BEYOND_CII = {
    "ubl-italy/01_NC_B2G_Regime_di_split_payment_CIG_e_Convenzione_in_riga.xml": (
        "Factur-X has no code for the split payment of VAT."
    )
}


@pytest.fixture(scope="session")
def en16931(data_folder) -> list[dict[str, str]]:
    """The rows of the index that are invoices or credit notes of EN 16931, in UBL."""
    with (data_folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        row
        for row in rows
        if row["kind"] in {"UBL Invoice", "UBL CreditNote"} and row["en16931"].startswith("ok")
    ]


def test_every_real_invoice_of_en_16931_passes_with_its_stated_figures(
    en16931, data_folder, importer, capsys
):
    documents, wrong, refused, proformas = 0, [], {}, []

    for row in en16931:
        (document,) = importer.read((data_folder / row["path"]).read_bytes(), row["path"])
        if document.body.kind not in KINDS:
            proformas.append(row["path"])
            continue
        documents += 1
        try:
            content = write(document.body)
        except ExportRefusedError as error:
            refused[row["path"]] = str(error)
            continue
        wrong += [(row["path"], *each) for each in differences(document.body, content)]
        wrong += [(row["path"], line) for line in cii_complaints(content)]

    with capsys.disabled():
        sys.stdout.write(f"\nCII: documents {documents} / wrong {len(wrong)}\n")
    assert wrong == []
    assert refused == BEYOND_CII
    assert proformas == ["gobl-ubl/convert/en16931/out/invoice-proforma.xml"]
    assert documents >= 30


def shape_of(content: bytes) -> frozenset[tuple[str, str | None]]:
    """Return which elements a document has, and its codes: what the rules can fail on."""
    root = etree.fromstring(content)
    coded = ("CategoryCode", "CurrencyCode", "TypeCode", "CountryID", "ApplicablePercent")
    return frozenset(
        (element.tag, element.text if element.tag.endswith(coded) else None)
        for element in root.iter("*")
    )


def test_every_invoice_and_credit_note_of_the_demo_passes(capsys):
    documents, wrong, shapes = 0, [], {}

    for demo in demo_data(date(2026, 11, 24)):
        for publication in demo.publications:
            body = publication.body
            if body.kind in KINDS:
                documents += 1
                content = write(body)
                wrong += [(body.number, *each) for each in differences(body, content)]
                wrong += [(body.number, line) for line in schema_complaints("cii", content)]
                shapes[shape_of(content)] = content
    # The rules take 50 ms a document: one of each shape is looked at.
    wrong += [line for content in shapes.values() for line in cii_complaints(content)]

    with capsys.disabled():
        counted = f"documents of the demo {documents} / shapes {len(shapes)} / wrong {len(wrong)}"
        sys.stdout.write(f"\nCII: {counted}\n")
    assert wrong == []
    assert documents > 800
    assert len(shapes) > 50


def test_what_comes_in_goes_out_and_comes_in_again_with_the_same_figures(
    data_folder, importer, cii_importer, capsys
):
    readers = {"UBL": importer, "CII": cii_importer}
    with (data_folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    documents, different = 0, []

    for row in rows:
        syntax = row["kind"].partition(" ")[0]
        if syntax not in readers or not row["en16931"].startswith("ok"):
            continue
        content = (data_folder / row["path"]).read_bytes()
        (first,) = readers[syntax].read(content, row["path"])
        if row["path"] in BEYOND_CII or first.body.kind not in KINDS:
            continue
        documents += 1
        (again,) = readers["CII"].read(write(first.body), "again.xml")
        before, after = kept_figures(first.body), kept_figures(again.body)
        different += [
            (row["path"], name, before[name], after[name])
            for name in before
            if before[name] != after[name]
        ]

    with capsys.disabled():
        sys.stdout.write(f"\nin, out, in: documents {documents} / different {len(different)}\n")
    assert different == []
    assert documents >= 40
