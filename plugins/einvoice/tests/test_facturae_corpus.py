"""Real files of Facturae: every figure is what the index states, and nothing is lost."""

import csv
import sys
from decimal import Decimal

import pytest
from lxml import etree
from portalkit_einvoice.facturae import FacturaeImporter

from .facturae_files import only
from .test_corpus import Arrived, leaves

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
AMOUNTS = ("line_total", "allowances", "charges", "net", "tax", "gross", "payable")
# What is a code there is a name here, or follows from a table.
CODES = {"TaxTypeCode", "UnitOfMeasure", "PaymentMeans", "CountryCode", "RoleTypeCode"}


@pytest.fixture(scope="module")
def rows(data_folder) -> list[dict[str, str]]:
    with (data_folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        found = csv.DictReader(file, delimiter="\t")
        return [row for row in found if row["kind"].startswith("Facturae ")]


@pytest.fixture
def files(rows, data_folder) -> list[tuple[dict[str, str], bytes]]:
    return [(row, (data_folder / row["path"]).read_bytes()) for row in rows]


def fields_of(row, document) -> dict[str, tuple[object, object]]:
    body = document.body
    header = "Invoices/Invoice/InvoiceHeader"
    fields: dict[str, tuple[object, object]] = {
        "kind": ("credit_note" if row["type"] == "FC/OR" else "invoice", body.kind),
        "id": (row["id"], body.number),
        "date": (row["date"], body.issued_on.isoformat()),
        "currency": (row["currency"], body.currency),
        "lines": (int(row["lines"]), len(body.lines)),
        "type": (
            row["type"],
            f"{body.extra[f'{header}/InvoiceDocumentType']}/{body.extra[f'{header}/InvoiceClass']}",
        ),
    }
    for name in AMOUNTS:
        if row[name]:
            amount = getattr(body.totals, name)
            fields[name] = (Decimal(row[name]), None if amount is None else Decimal(amount) / 100)
    for name, text in document.stated.items():
        fields[f"stated {name}"] = (row[name], text)
    return fields


def test_every_figure_of_every_real_facturae_is_what_the_index_states(files, capsys):
    importer, fields, differences = FacturaeImporter(32), 0, []

    for row, content in files:
        assert importer.recognizes(content[:4096], row["path"])
        document = only(importer.read(content, row["path"]))
        for name, (expected, found) in fields_of(row, document).items():
            fields += 1
            if expected != found:
                differences.append((row["path"], name, expected, found))

    with capsys.disabled():
        sys.stdout.write(
            f"\nFacturae documents {len(files)} / fields {fields}"
            f" / differences {len(differences)}\n"
        )
    assert differences == []
    assert len(files) >= 6


def unsigned(content: bytes):
    root = etree.fromstring(content)
    for signature in root.iter(SIGNATURE):
        root.remove(signature)
    return root


def test_no_leaf_of_any_real_facturae_is_lost(files, capsys):
    lost, count = [], 0

    for row, content in files:
        arrived = Arrived(only(FacturaeImporter(32).read(content, row["path"])))
        for leaf in leaves(unsigned(content)):
            count += 1
            name, text = etree.QName(leaf).localname, leaf.text.strip()
            if name not in CODES and not arrived.holds(name, text):
                lost.append((row["path"], name, text))

    with capsys.disabled():
        sys.stdout.write(f"\nFacturae leaves {count} / lost {len(lost)}\n")
    assert lost == []


def test_each_text_arrives_by_itself_not_by_an_equal_one(files):
    lost, count = [], 0

    for row, content in files:
        root, marks = unsigned(content), {}
        for leaf in leaves(root):
            name = etree.QName(leaf).localname
            if leaf.text.strip().replace(".", "").lstrip("-").isdecimal():
                mark = f"{1_000_000 + len(marks)}.5"
            elif name in CODES or name.endswith(("Date", "Code", "Type")):
                continue
            else:
                mark = f"zq{len(marks)}zq"
            if name not in {"TotalAmount", "InvoicesCount", "RoleTypeCode"} | CODES:
                leaf.text = mark
                marks[mark] = name
        count += len(marks)

        arrived = Arrived(only(FacturaeImporter(32).read(etree.tostring(root), row["path"])))

        lost += [
            (row["path"], name, mark)
            for mark, name in marks.items()
            if not arrived.holds(name, mark)
        ]

    assert lost == []
    assert count > 200


def test_nothing_else_is_recognised(data_folder, rows):
    importer = FacturaeImporter(32)

    recognised = {
        str(path.relative_to(data_folder))
        for path in data_folder.rglob("*.xml")
        if importer.recognizes(path.read_bytes()[:4096], path.name)
    }

    assert recognised == {row["path"] for row in rows}
