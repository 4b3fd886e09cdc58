"""What the tests of the importer share: real documents, and small ones of their own."""

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from portalkit_einvoice.ubl import ROOTS, UblImporter

from portalkit.model import ImportedDocument

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real documents; it is not part of the project."""
    named = os.environ.get("PORTALKIT_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    if not (folder / "index.tsv").exists():
        pytest.skip(f"there are no real documents in {folder} (set PORTALKIT_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def index(data_folder) -> list[dict[str, str]]:
    """What the index says of every real UBL document, the unsupported ones included."""
    with (data_folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in rows if row["kind"].startswith("UBL ")]


@pytest.fixture(scope="session")
def supported(index) -> list[dict[str, str]]:
    """The rows of the documents that are imported."""
    return [row for row in index if row["kind"].removeprefix("UBL ") in ROOTS]


@pytest.fixture(scope="session")
def importer() -> UblImporter:
    """An importer with the default limit."""
    return UblImporter(32)


@pytest.fixture
def read(importer) -> Callable[..., ImportedDocument]:
    """Read the one document of some bytes or text."""

    def read_one(content: bytes | str) -> ImportedDocument:
        raw = content.encode() if isinstance(content, str) else content
        (document,) = importer.read(raw, "document.xml")
        return document

    return read_one


def invoice_xml(
    *,
    head: str = "",
    totals: str | None = None,
    line: str = "",
    currency: str = "EUR",
    payable: str = "121.00",
    number: str = "F-1",
    root: str = "Invoice",
    buyer: str = "Buyer Ltd",
    tail: str = "",
) -> str:
    """Return a small invoice; every part of it can be changed."""
    amount = f'currencyID="{currency}"'
    if totals is None:
        totals = f"<cbc:PayableAmount {amount}>{payable}</cbc:PayableAmount>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="{UBL}{root}-2" xmlns:cac="{UBL}CommonAggregateComponents-2"
 xmlns:cbc="{UBL}CommonBasicComponents-2">
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>{head}
<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Seller SL</cbc:Name>
</cac:PartyName><cac:PartyTaxScheme><cbc:CompanyID>ESB00000001</cbc:CompanyID><cac:TaxScheme>
<cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>{buyer}</cbc:Name>
</cac:PartyName></cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal>{totals}</cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>
{line}<cac:Item><cbc:Name>Oil</cbc:Name></cac:Item></cac:InvoiceLine>{tail}
</{root}>"""


@pytest.fixture(scope="session")
def make_invoice() -> Callable[..., str]:
    """Return the maker of small invoices."""
    return invoice_xml


@pytest.fixture
def real_files(data_folder, supported) -> Iterator[tuple[dict[str, str], bytes]]:
    """Every supported real document with its row of the index."""
    return ((row, (data_folder / row["path"]).read_bytes()) for row in supported)
