"""Real documents of many publishers: every stated figure arrives, and all else does too."""

import re
import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

import msgspec
import pytest
from lxml import etree
from portalkit_einvoice.ubl import ROOTS

from portalkit.errors import ImportRefusedError
from portalkit.model import exponent

NUMBER = re.compile(r"-?\d+(\.\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
DAYS = {"DateTimeString": "%Y%m%d", "DateString": "%Y%m%d"}
BINARIES = {"EmbeddedDocumentBinaryObject", "AttachmentBinaryObject"}
UNMARKED = {
    *BINARIES,
    *("DocumentCurrencyCode", "TaxCurrencyCode", "OrderCurrencyCode", "InvoiceCurrencyCode"),
}


def test_every_figure_of_every_real_document_is_what_the_index_states(
    real_files, real_pdfs, read_any, stated_fields, capsys
):
    documents, fields, differences, kinds = 0, 0, [], set()

    for row, content in chain(real_files, real_pdfs):
        document = read_any(content, row["path"])
        documents += 1
        kinds.add(row["kind"].partition(" ")[2])
        for name, (expected, read) in stated_fields(row, document.body).items():
            fields += 1
            if expected != read:
                differences.append((row["path"], name, expected, read))
        for name, text in document.stated.items():
            fields += 1
            if row["id"] and row[name] != text:
                differences.append((row["path"], f"stated {name}", row[name], text))

    with capsys.disabled():
        sys.stdout.write(
            f"\ndocuments {documents} / fields {fields} / differences {len(differences)}\n"
        )
    assert differences == []
    assert kinds == {*ROOTS, "CrossIndustryInvoice", "SCRDMCCBDACIOMessageStructure"}
    assert documents >= 72


def test_every_figure_of_real_orders_in_order_x_arrives(data_folder, read_any):
    for name in ("order-x-basic", "reader-order-x-comfort"):
        content = (data_folder / "order-x" / f"{name}.xml").read_bytes()
        root = etree.fromstring(content)

        body = read_any(content, f"{name}.xml").body

        def stated(path: str, root=root) -> list[str]:
            steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
            return [str(text) for text in root.xpath(f"//{steps}/text()")]

        summation = "SpecifiedTradeSettlementHeaderMonetarySummation"
        totals = body.totals
        assert (body.kind, body.type_code, body.currency) == ("purchase_order", "220", "EUR")
        assert [body.number] == stated("ExchangedDocument/ID")
        assert stated("IssueDateTime/DateTimeString")[0].startswith(f"{body.issued_on:%Y%m%d}")
        for element, amount in (
            ("LineTotalAmount", totals.line_total),
            ("AllowanceTotalAmount", totals.allowances),
            ("ChargeTotalAmount", totals.charges),
            ("TaxBasisTotalAmount", totals.net),
            ("TaxTotalAmount", totals.tax),
            ("GrandTotalAmount", totals.gross),
        ):
            assert [Decimal(text) * 100 for text in stated(f"{summation}/{element}")] == [amount]
        assert [str(line.quantity) for line in body.lines] == stated("RequestedQuantity")
        assert [Decimal(line.net_amount) / 100 for line in body.lines] == [
            Decimal(text)
            for text in stated("SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")
        ]
        assert {party.role for party in body.parties} >= {"seller", "buyer", "ship_to"}


def test_documents_of_other_sorts_are_refused_by_the_name_of_their_root(
    index, data_folder, importer
):
    for row in index:
        syntax, _, root = row["kind"].partition(" ")
        if syntax != "UBL" or root in ROOTS:
            continue
        content = (data_folder / row["path"]).read_bytes()

        assert importer.recognizes(content[:4096], row["path"])
        with pytest.raises(ImportRefusedError, match=f"^UBL {root} is not imported: [^\n]+$"):
            importer.read(content, row["path"])


def test_every_document_is_recognised_by_one_importer_and_nothing_else_is(
    data_folder, index, importer, cii_importer
):
    for syntax, reader in (("UBL", importer), ("CII", cii_importer)):
        expected = {row["path"] for row in index if row["kind"].startswith(syntax)}

        recognised = {
            str(path.relative_to(data_folder))
            for path in data_folder.rglob("*")
            if path.is_file() and path.suffix in {".xml", ".pdf", ".json", ".xsd", ".vcf", ".csv"}
            if reader.recognizes(from_root(path.read_bytes()), path.name)
        }

        assert {path for path in recognised if not path.startswith("rules/")} == expected


def from_root(content: bytes) -> bytes:
    """Return the first 4 KiB behind the comments that a file begins with."""
    return re.sub(rb"<!--.*?-->", b"", content[:100_000], flags=re.DOTALL)[:4096]


def parts_of(value: object) -> list[object]:
    match value:
        case dict():
            return list(value.values())
        case msgspec.Struct():
            return list(msgspec.structs.astuple(value))
        case _:
            return list(value)


class Arrived:
    """All that a document holds: texts, numbers, and the bytes of its files."""

    def __init__(self, document) -> None:
        self.numbers: set[Decimal] = set()
        texts: list[str] = []
        body = document.body
        self._collect(body, texts, exponent(body.currency))
        for file in document.files:
            texts += [file.filename, file.media_type, file.description or ""]
        self.text = "\n".join(texts)
        self.files = {file.content for file in document.files}

    def _collect(self, value: object, texts: list[str], digits: int) -> None:
        match value:
            case str():
                texts.append(value)
            case date():
                texts += [value.isoformat(), f"{value:%Y%m%d}"]
            case Decimal():
                self.numbers.add(value)
            case int() if not isinstance(value, bool):
                self.numbers |= {Decimal(value).scaleb(-digits), Decimal(value)}
            case tuple() | dict() | msgspec.Struct():
                for each in parts_of(value):
                    self._collect(each, texts, digits)

    def holds(self, name: str, text: str) -> bool:
        """Say whether the text of an element is somewhere in the document."""
        if name in {"ChargeIndicator", "Indicator"} or text in self.text:
            return True
        if name in BINARIES:
            return bool(self.files)
        # The subject code of a note has a field of its own.
        if name == "Note" and (match := re.fullmatch(r"#([A-Z]{3})#\s*(.*)", text, re.DOTALL)):
            return match[1] in self.text and match[2] in self.text
        return NUMBER.fullmatch(text) is not None and Decimal(text) in self.numbers


def leaves(root) -> list:
    return [
        element for element in root.iter("*") if not len(element) and (element.text or "").strip()
    ]


def test_no_leaf_of_any_real_document_is_lost(real_files, read_any, capsys):
    lost, count, in_extra = [], 0, 0

    for row, content in real_files:
        document = read_any(content, row["path"])
        arrived = Arrived(document)
        in_extra += sum("@" not in path for path in document.body.extra)
        for leaf in leaves(etree.fromstring(content)):
            count += 1
            name, text = etree.QName(leaf).localname, leaf.text.strip()
            if not arrived.holds(name, text):
                lost.append((row["path"], name, text))

    with capsys.disabled():
        sys.stdout.write(f"\nleaves {count} / in extra {in_extra} / lost {len(lost)}\n")
    assert lost == []
    assert in_extra < count / 8


def mark_leaves(root, first: int) -> dict[str, str]:
    """Give every leaf a text that occurs once in the file; return name by text."""
    marks: dict[str, str] = {}
    for number, leaf in enumerate(leaves(root), start=first):
        name, text = etree.QName(leaf).localname, leaf.text.strip()
        if name in UNMARKED:
            continue
        if name.endswith("Indicator") or name == "MultiplierFactorNumeric":
            continue
        if name in DAYS:
            mark = f"{date(1950, 1, 1) + timedelta(days=number):{DAYS[name]}}"
        elif NUMBER.fullmatch(text):
            mark = f"{1_000_000 + number}"
        elif DAY.fullmatch(text):
            mark = (date(1950, 1, 1) + timedelta(days=number)).isoformat()
        else:
            mark = f"zq{number}zq"
        leaf.text = mark
        marks[mark] = name
    return marks


def mark_attributes(root) -> dict[str, str]:
    """Do the same for attributes, but those that say in which currency an amount is."""
    marks: dict[str, str] = {}
    for element in root.iter("*"):
        for name, value in element.attrib.items():
            if value.strip() and name != "currencyID" and not name.startswith("{"):
                mark = f"at{len(marks)}ta"
                element.set(name, mark)
                marks[mark] = f"{etree.QName(element).localname}@{name}"
    return marks


def test_each_leaf_and_attribute_arrives_by_itself_not_by_an_equal_one(real_files, read_any):
    lost, count = [], 0

    for row, content in real_files:
        root = etree.fromstring(content)
        marks = mark_leaves(root, 1) | mark_attributes(root)
        count += len(marks)

        document = read_any(etree.tostring(root), row["path"])

        arrived = Arrived(document)
        lost += [
            (row["path"], name, mark)
            for mark, name in marks.items()
            if not arrived.holds(name, mark)
        ]

    assert lost == []
    assert count > 5_000


def test_embedded_files_come_with_name_type_and_bytes(data_folder, importer):
    content = (data_folder / "ubl-ehf" / "Order_Example.xml").read_bytes()

    (document,) = importer.read(content, "order.xml")

    (file,) = document.files
    assert (file.filename, file.media_type) == ("Hours-spend.csv", "application/pdf")
    assert file.content.startswith(b"R0lGODlhcgGSALM")
    assert file.description == "Drawing"
