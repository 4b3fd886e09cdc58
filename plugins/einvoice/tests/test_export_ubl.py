"""UBL out: real documents and the demo's pass schema and rules, with their stated figures."""

import csv
import sys
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from lxml import etree
from portalkit_einvoice.ubl.writing import UblExporter, obstacles_of, write

from example_app.data import demo_data
from portalkit.errors import ExportRefusedError
from portalkit.model import (
    DocumentBody,
    Identifier,
    LineKind,
    PartyRole,
    PaymentMeans,
    ReferenceStated,
    Relation,
    TaxStated,
    exponent,
)

from .checking import rule_complaints, schema_complaints
from .figures import kept_figures
from .samples import VAT_21, exported, full_invoice, invoice, line, party, stored

KINDS = {"invoice", "credit_note"}
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
TOTALS = {
    "line_total": "LineExtensionAmount",
    "allowances": "AllowanceTotalAmount",
    "charges": "ChargeTotalAmount",
    "net": "TaxExclusiveAmount",
    "gross": "TaxInclusiveAmount",
    "prepaid": "PrepaidAmount",
    "rounding": "PayableRoundingAmount",
    "payable": "PayableAmount",
}


def complaints(content: bytes) -> list[str]:
    """Return what schema and rules find wrong, advice included."""
    return schema_only(content) + rule_complaints("ubl", content, warnings=True)


def schema_only(content: bytes) -> list[str]:
    name = "ubl credit note" if root_of(content) == "CreditNote" else "ubl invoice"
    return schema_complaints(name, content)


def root_of(content: bytes) -> str:
    return etree.QName(etree.fromstring(content)).localname


def written_figures(content: bytes, currency: str) -> dict[str, object]:
    """Return the figures of a document in minor units, by the names of the schema alone."""
    root = etree.fromstring(content)
    units = Decimal(10) ** exponent(currency)

    def amount(element, path):
        found = element.find(path)
        assert found is None or found.get("currencyID") == currency
        return None if found is None else int(Decimal(found.text) * units)

    sums = root.find(f"{CAC}LegalMonetaryTotal")
    figures = {name: amount(sums, f"{CBC}{tag}") for name, tag in TOTALS.items()}
    total = root.find(f"{CAC}TaxTotal")
    figures["tax"] = amount(total, f"{CBC}TaxAmount")
    figures["taxes"] = [
        (
            each.findtext(f"{CAC}TaxCategory/{CBC}ID"),
            Decimal(each.findtext(f"{CAC}TaxCategory/{CBC}Percent") or 0),
            amount(each, f"{CBC}TaxableAmount"),
            amount(each, f"{CBC}TaxAmount"),
        )
        for each in total.findall(f"{CAC}TaxSubtotal")
    ]
    kind = "CreditNote" if root_of(content) == "CreditNote" else "Invoice"
    quantity = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    figures["lines"] = [
        (
            each.findtext(f"{CBC}ID"),
            Decimal(each.findtext(f"{CBC}{quantity}")),
            Decimal(each.findtext(f"{CAC}Price/{CBC}PriceAmount")),
            amount(each, f"{CBC}LineExtensionAmount"),
        )
        for each in root.findall(f"{CAC}{kind}Line")
    ]
    return figures


def stated_figures(body: DocumentBody) -> dict[str, object]:
    figures = {name: getattr(body.totals, name) for name in (*TOTALS, "tax")}
    figures["taxes"] = [
        (row.category, row.rate or Decimal(0), row.taxable, row.amount) for row in body.taxes
    ]
    figures["lines"] = [
        (each.id, each.quantity, each.net_price, each.net_amount)
        for each in body.lines
        if each.kind is LineKind.ITEM
    ]
    return figures


def differences(body: DocumentBody, content: bytes) -> list[tuple[str, object, object]]:
    """Return what is written otherwise than stated; what is left out must be nothing."""
    stated, written = stated_figures(body), written_figures(content, body.currency)
    return [
        (name, stated[name], written[name])
        for name in stated
        if stated[name] != written[name] and not (stated[name] is None and written[name] == 0)
    ]


@pytest.fixture(scope="session")
def en16931(data_folder) -> list[str]:
    """Paths of the invoices and credit notes of EN 16931, in UBL."""
    with (data_folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        return [
            row["path"]
            for row in csv.DictReader(file, delimiter="\t")
            if row["kind"] in {"UBL Invoice", "UBL CreditNote"} and row["en16931"].startswith("ok")
        ]


def test_what_comes_in_goes_out_by_the_rules_and_comes_in_again_with_the_same_figures(
    en16931, data_folder, importer, capsys
):
    documents, wrong, others = 0, [], []

    for path in en16931:
        (first,) = importer.read((data_folder / path).read_bytes(), path)
        if first.body.kind not in KINDS:
            others.append(path)
            continue
        documents += 1
        content = write(first.body)
        wrong += [(path, line) for line in complaints(content)]
        wrong += [(path, *each) for each in differences(first.body, content)]
        (again,) = importer.read(content, "again.xml")
        before, after = kept_figures(first.body), kept_figures(again.body)
        wrong += [
            (path, name, before[name], after[name])
            for name in before
            if before[name] != after[name]
        ]

    with capsys.disabled():
        sys.stdout.write(f"\nUBL: in, out, in: documents {documents} / wrong {len(wrong)}\n")
    assert wrong == []
    assert others == ["gobl-ubl/convert/en16931/out/invoice-proforma.xml"]
    assert documents >= 30


def shape_of(content: bytes) -> frozenset[tuple[str, str | None]]:
    """Return which elements a document has, and its codes: what the rules can fail on."""
    coded = ("Category/ID", "CurrencyCode", "TypeCode", "IdentificationCode", "Percent")
    found = set()
    for element in etree.fromstring(content).iter("*"):
        outer = element.getparent()
        place = element.tag if outer is None else f"{outer.tag}/{etree.QName(element).localname}"
        found.add((place, element.text if place.endswith(coded) else None))
    return frozenset(found)


def test_every_invoice_and_credit_note_of_the_demo_passes(capsys):
    documents, wrong, shapes = 0, [], {}

    for demo in demo_data(date(2026, 11, 24)):
        for publication in demo.publications:
            body = publication.body
            if body.kind in KINDS:
                documents += 1
                content = write(body)
                wrong += [(body.number, *each) for each in differences(body, content)]
                wrong += [(body.number, line) for line in schema_only(content)]
                shapes[shape_of(content)] = content
    # The rules take 20 ms a document: one of each shape is looked at.
    wrong += [line for content in shapes.values() for line in complaints(content)]

    with capsys.disabled():
        counted = f"documents of the demo {documents} / shapes {len(shapes)} / wrong {len(wrong)}"
        sys.stdout.write(f"\nUBL: {counted}\n")
    assert wrong == []
    assert documents > 800
    assert len(shapes) > 50


def test_every_field_that_the_standard_has_is_written_in_its_place():
    content = write(full_invoice())

    assert complaints(content) == []
    text = content.decode()
    for stated_text in (
        *("Sierra Alta", "Registro Mercantil de Jaén, T 1", "8412345000013", "8412345000020"),
        *("facturas@almazara.example", "Lucía", "C-7", "Factor SA", "ESB11111112", "Almacén Sol"),
        *("#AAI#Thank you", "Nothing else", "2026-02-28", "PO-9", "PC-1", "K-1", "P-1", "4300"),
        *("AL-1", "AL-2", "AL-3", "F-0", "In glass", "7000", "PIC-050", "8412345000044", "STI"),
        *("Harvest", "2025", "Picual", "Carriage", "ES9121000418450200051332", "CAIXESBBXXX"),
        *("M-1", "ES00ZZZB12345674", "30 days", "2026-02-27", "ESB12345674"),
    ):
        assert f">{stated_text}<" in text or f'"{stated_text}"' in text, stated_text


def test_the_same_document_makes_the_same_bytes():
    assert write(full_invoice()) == write(full_invoice())


def credit_note(**changes) -> DocumentBody:
    values = {
        "kind": "credit_note",
        "type_code": "381",
        "due_on": None,
        "references": (ReferenceStated(relation=Relation.CREDITS, number="F-0"),),
    }
    return invoice(**(values | changes))


def test_a_credit_note_names_what_it_credits():
    content = write(credit_note(project_number="P-1"))

    assert complaints(content) == []
    root = etree.fromstring(content)
    assert root_of(content) == "CreditNote"
    reference = f"{CAC}BillingReference/{CAC}InvoiceDocumentReference/{CBC}ID"
    assert root.findtext(reference) == "F-0"
    project = root.find(f"{CAC}AdditionalDocumentReference")
    assert [child.text for child in project] == ["P-1", "50"]


def test_a_credit_note_states_its_due_date_with_the_means_of_payment():
    means = PaymentMeans(code="58", iban="ES9121000418450200051332")

    content = write(credit_note(due_on=date(2026, 4, 1), payment_means=(means,)))

    assert complaints(content) == []
    root = etree.fromstring(content)
    assert root.findtext(f"{CAC}PaymentMeans/{CBC}PaymentDueDate") == "2026-04-01"


@pytest.mark.parametrize(
    ("kind", "type_code", "root"),
    [
        ("invoice", "384", "Invoice"),
        ("credit_note", "261", "CreditNote"),
        ("credit_note", "81", "CreditNote"),
        ("invoice", "81", "Invoice"),
        ("invoice", None, "Invoice"),
        ("credit_note", None, "CreditNote"),
    ],
)
def test_the_type_decides_what_the_document_is(kind, type_code, root):
    content = write(invoice(kind=kind, type_code=type_code))

    assert complaints(content) == []
    assert root_of(content) == root


def test_who_collects_direct_debits_says_so_once():
    seller = msgspec.structs.replace(
        party(PartyRole.SELLER, "Almazara SL", "B12345674"),
        ids=(Identifier("17"), Identifier("ES00ZZZB12345674", "SEPA")),
    )
    buyer = party(PartyRole.BUYER, "Tienda Sol", "ESB87654323")
    means = PaymentMeans(code="59", mandate="M-1")

    content = write(invoice(parties=(seller, buyer), payment_means=(means,)))

    assert complaints(content) == []
    root = etree.fromstring(content)
    path = f"{CAC}AccountingSupplierParty/{CAC}Party/{CAC}PartyIdentification/{CBC}ID"
    found = [(each.text, each.get("schemeID")) for each in root.findall(path)]
    assert found == [("17", None), ("ES00ZZZB12345674", "SEPA")]


def test_an_account_that_is_no_iban_and_a_card_are_written():
    account = PaymentMeans(code="30", text="Bank of Norway\n1503 12 34567")
    card = PaymentMeans(code="48", card="123456XXXXXX1234")

    by_account, by_card = (write(invoice(payment_means=(each,))) for each in (account, card))

    assert complaints(by_account) == complaints(by_card) == []
    root = etree.fromstring(by_account)
    assert root.findtext(f".//{CAC}PayeeFinancialAccount/{CBC}ID") == "1503 12 34567"
    assert root.find(f".//{CBC}PaymentMeansCode").get("name") == "Bank of Norway"
    assert b"<cbc:PrimaryAccountNumberID>1234<" in by_card


def test_a_price_before_its_discount_is_kept():
    content = write(invoice(lines=(line(price="8.10", gross_price=Decimal("9.00")),)))

    assert complaints(content) == []
    allowance = etree.fromstring(content).find(f".//{CAC}Price/{CAC}AllowanceCharge")
    assert [child.text for child in allowance] == ["false", "0.90", "9.00"]


def test_tax_in_another_currency_stands_beside():
    body = invoice(tax_currency="SEK")
    totals = msgspec.structs.replace(body.totals, tax_in_tax_currency=22345)

    content = write(msgspec.structs.replace(body, totals=totals))

    assert complaints(content) == []
    amounts = etree.fromstring(content).findall(f"{CAC}TaxTotal/{CBC}TaxAmount")
    assert [(each.text, each.get("currencyID")) for each in amounts] == [
        ("21.00", "EUR"),
        ("223.45", "SEK"),
    ]


@pytest.mark.parametrize(
    ("currency", "price", "written"), [("JPY", "1000", "1000"), ("OMR", "10.010", "10.01")]
)
def test_currencies_with_other_decimals_are_written_as_they_are(currency, price, written):
    tax = TaxStated(category="Z", rate=Decimal(0))

    content = write(invoice(currency=currency, lines=(line(price=price, taxes=(tax,)),)))

    assert complaints(content) == []
    assert f'<cbc:TaxInclusiveAmount currencyID="{currency}">{written}<' in content.decode()


async def test_what_the_standard_cannot_express_says_why_at_a_glance_and_when_asked():
    irpf = TaxStated(scheme="IRPF", rate=Decimal(15))
    body = invoice(lines=(line(taxes=(VAT_21, irpf)),))
    reason = "Tax is withheld, and EN 16931 has no field for that; Facturae has one."

    assert [str(each) for each in UblExporter().obstacles(stored(body))] == [reason]
    with pytest.raises(ExportRefusedError) as caught:
        await exported(UblExporter(), body)
    assert [str(each) for each in caught.value.reasons] == [reason]


async def test_the_exporter_writes_what_can_be_written():
    body = full_invoice()

    assert obstacles_of(body) == ()
    assert await exported(UblExporter(), body) == write(body)


@pytest.mark.parametrize("text", ["<&>\"'", "a\x0bb", "\U0001f952 ñ ẞ", "]]>"])
def test_whatever_stands_in_a_text_the_document_is_well_formed(text):
    content = write(invoice(buyer_reference=text, lines=(line(note=text),)))

    assert complaints(content) == []
