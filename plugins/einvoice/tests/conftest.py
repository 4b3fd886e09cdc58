"""What the tests of the importer share: real documents, and small ones of their own."""

import csv
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from portalkit_einvoice.cii import CiiImporter
from portalkit_einvoice.pdf import PdfImporter
from portalkit_einvoice.ubl import ROOTS, UblImporter
from sqlalchemy import Engine, create_engine, insert

from portalkit.access.models import Business
from portalkit.db import configure_engine, sync_url
from portalkit.exchange import ImportDesk, read_documents
from portalkit.hooks import load_plugins
from portalkit.model import DocumentBody, ImportedDocument, exponent, new_id
from portalkit.storage import Storage
from portalkit.testing.factories import NOW

AMOUNTS = (
    "line_total",
    "allowances",
    "charges",
    "net",
    "tax",
    "gross",
    "prepaid",
    "rounding",
    "payable",
)
KINDS = {
    "Invoice": "invoice",
    "CreditNote": "credit_note",
    "Quotation": "quote",
    "Order": "purchase_order",
    "OrderResponse": "sales_order",
    "OrderResponseSimple": "sales_order",
    "DespatchAdvice": "delivery_note",
    "CrossIndustryInvoice": "invoice",
}
ORDER_X = "CII SCRDMCCBDACIOMessageStructure"
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
    """What the index says of every real UBL and CII document, the unsupported ones included."""
    with (data_folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in rows if row["kind"].startswith(("UBL ", "CII "))]


@pytest.fixture(scope="session")
def supported(index) -> list[dict[str, str]]:
    """The rows of the documents that are imported."""
    return [row for row in index if row["kind"].startswith("CII ") or root_of(row) in ROOTS]


def root_of(row: dict[str, str]) -> str:
    """Return the local name of the root of a document of the index."""
    return row["kind"].partition(" ")[2]


@pytest.fixture(scope="session")
def read_any() -> Callable[..., ImportedDocument]:
    """Read the one document of a file with the importer that recognises it."""
    xml = (CiiImporter(32), UblImporter(32))
    importers = (*xml, PdfImporter(32, xml))

    def read_one(content: bytes, filename: str) -> ImportedDocument:
        (document,) = read_documents(content, filename, importers)
        return document

    return read_one


@pytest.fixture(scope="session")
def importer() -> UblImporter:
    """An importer of UBL with the default limit."""
    return UblImporter(32)


@pytest.fixture(scope="session")
def cii_importer() -> CiiImporter:
    """An importer of CII with the default limit."""
    return CiiImporter(32)


@pytest.fixture(scope="session")
def readers(importer, cii_importer) -> tuple[UblImporter, CiiImporter]:
    """The importers of both syntaxes."""
    return importer, cii_importer


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


CII = "urn:un:unece:uncefact:data:standard:"


def cii_xml(
    *,
    number: str = "F-1",
    type_code: str = "380",
    currency: str = "EUR",
    payable: str = "121.00",
    totals: str | None = None,
    document: str = "",
    lines: str | None = None,
    line: str = "",
    agreement: str = "",
    delivery: str = "",
    settlement: str = "",
    profile: str = "urn:cen.eu:en16931:2017",
    buyer: str = "Buyer Ltd",
) -> str:
    """Return a small invoice in CII, as ``invoice_xml`` makes them; all of it can be changed."""
    if totals is None:
        totals = f"<ram:DuePayableAmount>{payable}</ram:DuePayableAmount>"
    if lines is None:
        lines = cii_line(line=line)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{CII}CrossIndustryInvoice:100"
 xmlns:ram="{CII}ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="{CII}UnqualifiedDataType:100" xmlns:qdt="{CII}QualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
<ram:ID>{profile}</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>
</rsm:ExchangedDocumentContext><rsm:ExchangedDocument><ram:ID>{number}</ram:ID>
<ram:TypeCode>{type_code}</ram:TypeCode><ram:IssueDateTime>
<udt:DateTimeString format="102">20260301</udt:DateTimeString></ram:IssueDateTime>{document}
</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>{lines}
<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Seller SL</ram:Name>
<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">ESB00000001</ram:ID>
</ram:SpecifiedTaxRegistration></ram:SellerTradeParty><ram:BuyerTradeParty>
<ram:Name>{buyer}</ram:Name></ram:BuyerTradeParty>{agreement}
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery>{delivery}</ram:ApplicableHeaderTradeDelivery>
<ram:ApplicableHeaderTradeSettlement>
<ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>{settlement}
<ram:SpecifiedTradeSettlementHeaderMonetarySummation>{totals}
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def cii_line(
    number: str = "1",
    *,
    head: str = "",
    line: str = "",
    price: str = "",
    quantity: str = "1",
    delivery: str = "",
    name: str = "Oil",
) -> str:
    """Return a line of an invoice in CII; ``line`` stands in its settlement."""
    return f"""<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>
<ram:LineID>{number}</ram:LineID>{head}</ram:AssociatedDocumentLineDocument>
<ram:SpecifiedTradeProduct><ram:Name>{name}</ram:Name></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement>{price}</ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery>
<ram:BilledQuantity unitCode="C62">{quantity}</ram:BilledQuantity>{delivery}
</ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement>{line}
</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>"""


@pytest.fixture(scope="session")
def make_cii() -> Callable[..., str]:
    """Return the maker of small invoices in CII."""
    return cii_xml


@pytest.fixture(scope="session")
def make_cii_line() -> Callable[..., str]:
    """Return the maker of lines of these."""
    return cii_line


@pytest.fixture
def read_cii(cii_importer) -> Callable[..., ImportedDocument]:
    """Read the one document of some bytes or text in CII."""

    def read_one(content: bytes | str) -> ImportedDocument:
        raw = content.encode() if isinstance(content, str) else content
        (document,) = cii_importer.read(raw, "document.xml")
        return document

    return read_one


@pytest.fixture
def real_files(data_folder, supported) -> Iterator[tuple[dict[str, str], bytes]]:
    """Every supported real document with its row of the index."""
    return ((row, (data_folder / row["path"]).read_bytes()) for row in supported)


@pytest.fixture
def real_pdfs(data_folder, index) -> Iterator[tuple[dict[str, str], bytes]]:
    """Every PDF with XML inside, with the row of the index that the same XML has."""
    rows = {Path(row["path"]).name.removesuffix(".xml").removesuffix(".cii"): row for row in index}
    paths = [path for path in sorted(data_folder.rglob("*.pdf")) if path.stem in rows]
    return (
        (rows[path.stem] | {"path": str(path.relative_to(data_folder))}, path.read_bytes())
        for path in paths
    )


def fields_of(row: dict[str, str], body: DocumentBody) -> dict[str, tuple[object, object]]:
    """What the index states of a document, beside what was read."""
    if row["kind"] == ORDER_X:  # of which the index says nothing
        return {"kind": ("purchase_order", body.kind)}
    kind = "proforma" if row["type"] == "325" else KINDS[root_of(row)]
    fields: dict[str, tuple[object, object]] = {
        "kind": (kind, body.kind),
        "id": (row["id"], body.number),
        "date": (row["date"], body.issued_on.isoformat()),
        "lines": (int(row["lines"]), len(body.lines)),
    }
    if row["currency"]:
        fields["currency"] = (row["currency"], body.currency)
    if row["type"]:
        fields["type"] = (row["type"], body.type_code or body.extra.get("InvoiceTypeCode"))
    if row["rates"]:
        rates = {f"{tax.category}{'' if tax.rate is None else tax.rate}" for tax in body.taxes}
        fields["rates"] = (set(row["rates"].split()), rates)
    for name in AMOUNTS:
        if row[name]:
            amount = getattr(body.totals, name)
            read = None if amount is None else Decimal(amount).scaleb(-exponent(body.currency))
            fields[name] = (Decimal(row[name]), read)
    return fields


@pytest.fixture(scope="session")
def stated_fields() -> Callable[..., dict[str, tuple[object, object]]]:
    """Return what compares a row of the index with a body."""
    return fields_of


@pytest.fixture
def engine(database_url) -> Iterator[Engine]:
    engine = configure_engine(create_engine(sync_url(database_url)))
    yield engine
    engine.dispose()


@pytest.fixture
def make_desk(engine, portal_config) -> Callable[[str], ImportDesk]:
    """Return the maker of a business of its own and of what an import for it needs."""
    declared = load_plugins(portal_config).declarations
    storage = Storage(portal_config.storage_url)

    def make(slug: str) -> ImportDesk:
        business_id = new_id()
        values = {
            "id": business_id,
            "slug": slug,
            "name": slug,
            "currency": "EUR",
            "timezone": "Europe/Madrid",
            "locale": "es",
            "locales": ["es"],
            "brand_colour": "#4a671d",
            "settings": {},
            "version": 1,
            "created_at": NOW,
        }
        with engine.begin() as connection:
            connection.execute(insert(Business).values(values))
        return ImportDesk(
            engine=engine,
            business_id=business_id,
            importers=[each.value for each in declared.importers],
            kinds={name: each.value for name, each in declared.kinds.items()},
            storage=storage,
        )

    return make
