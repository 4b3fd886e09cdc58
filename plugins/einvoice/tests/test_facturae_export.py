"""Facturae out: what it can express passes the schema and comes back, what it cannot says why."""

import csv
import sys
from contextlib import suppress
from copy import deepcopy
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from portalkit_einvoice.cii import CiiImporter
from portalkit_einvoice.facturae import FacturaeImporter
from portalkit_einvoice.facturae.writing import FacturaeExporter, obstacles_of, write
from portalkit_einvoice.ubl import UblImporter

from example_app.data import demo_data
from portalkit.documents.prepare import figures
from portalkit.errors import ExportRefusedError, ImportRefusedError
from portalkit.exchange import read_documents
from portalkit.model import (
    Address,
    AllowanceCharge,
    Delivery,
    DocumentBody,
    ExchangeRate,
    Identifier,
    Instalment,
    Item,
    LineKind,
    Note,
    PartyRole,
    PaymentMeans,
    Period,
    PersonName,
    ReferenceStated,
    Relation,
    StatedPayment,
    TaxRow,
    TaxStated,
    Totals,
)

from .facturae_files import only
from .samples import VAT_21, exported, full_invoice, invoice, line, party, stated, stored
from .test_hostile import ODD_TEXTS

FIGURES = (
    "line_total",
    "allowances",
    "charges",
    "net",
    "tax",
    "gross",
    "withheld",
    "prepaid",
    "payable",
)
IRPF = TaxStated(scheme="IRPF", rate=Decimal(15))
SURCHARGE = TaxStated(scheme="surcharge", rate=Decimal("5.2"))
SELLER = party(PartyRole.SELLER, "Almazara SL", "B12345674")
BUYER = party(PartyRole.BUYER, "Tienda Sol", "ESB87654323")


@pytest.fixture(scope="module")
def schema(data_folder) -> etree.XMLSchema:
    return etree.XMLSchema(
        etree.parse(data_folder / "rules" / "facturae-xsd" / "Facturaev3_2_2.xsd")
    )


@pytest.fixture(scope="module")
def real_bodies(data_folder) -> list[tuple[str, DocumentBody]]:
    """Every invoice and credit note of the corpus, whatever its syntax."""
    importers, found = (UblImporter(32), CiiImporter(32), FacturaeImporter(32)), []
    with (data_folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file, delimiter="\t")]
    for path in paths:
        if path.endswith(".xml"):
            with suppress(ImportRefusedError):
                read = read_documents((data_folder / path).read_bytes(), path, importers)
                found += [(path, document.body) for document in read]
    return [(path, body) for path, body in found if body.kind in FacturaeExporter.kinds]


def text_of(content: bytes, path: str) -> str | None:
    """Return the text at a path below the invoice, or below the root if there is none."""
    root = etree.fromstring(content)
    found = root.findtext(f"Invoices/Invoice/{path}")
    return root.findtext(path) if found is None else found


def texts_of(content: bytes, path: str) -> list[str]:
    return [
        each.text or "" for each in etree.fromstring(content).findall(f"Invoices/Invoice/{path}")
    ]


def read_back(content: bytes) -> DocumentBody:
    return only(FacturaeImporter(32).read(content, "f.xml")).body


def figures_of(body: DocumentBody) -> dict[str, object]:
    """Return the figures of a document; a total is given as Facturae states it."""
    totals = body.totals
    found: dict[str, object] = {name: abs(getattr(totals, name) or 0) for name in FIGURES}
    withheld = totals.withheld or 0
    if totals.gross == (totals.net or 0) + sum(
        row.amount for row in body.taxes if not row.is_withheld
    ):
        found["gross"] = abs(totals.gross - withheld)
    found["parts"] = len(body.allowances_charges)
    # A rate without a category, a category without a rate: Facturae has a rate for all.
    rows = [(row.scheme == "surcharge", row.rate or 0, abs(row.amount)) for row in body.taxes]
    found["taxes"] = sorted((surcharge, Decimal(rate), amount) for surcharge, rate, amount in rows)
    return found


def differences(body: DocumentBody, back: DocumentBody) -> list[tuple[object, ...]]:
    before, after = figures_of(body), figures_of(back)
    for figure in ("line_total", "tax", "gross", "payable"):
        # What a document leaves out follows from the rest.
        if getattr(body.totals, figure) is None:
            after[figure] = before[figure]
    return [(key, before[key], after[key]) for key in before if before[key] != after[key]]


def check_all(bodies, schema) -> tuple[int, dict[str, tuple[str, ...]], list[object]]:
    written, refused, wrong = 0, {}, []
    for name, body in bodies:
        try:
            content = write(body)
        except ExportRefusedError as error:
            refused[name] = tuple(map(str, error.reasons))
            continue
        written += 1
        schema.validate(etree.fromstring(content))
        wrong += [(name, str(error)) for error in schema.error_log]
        back = read_back(content)
        wrong += [(name, *each) for each in differences(body, back)]
        totals = body.totals
        is_complete = None not in (totals.net, totals.tax, totals.gross, totals.payable)
        if is_complete and figures(body) != figures(back):
            wrong.append((name, "another document to the import"))
    return written, refused, wrong


def test_real_invoices_pass_the_schema_and_come_back_with_their_figures(
    real_bodies, schema, capsys
):
    written, refused, wrong = check_all(real_bodies, schema)

    with capsys.disabled():
        sys.stdout.write(
            f"\nFacturae out, corpus: written {written} / refused {len(refused)}"
            f" / complaints and differences {len(wrong)}\n"
        )
    assert wrong == []
    assert written >= 21
    for path, reasons in refused.items():
        assert reasons, path
        assert not path.startswith("facturae/")


def test_invoices_of_the_example_pass_the_schema_and_come_back(schema, capsys):
    bodies = [
        (publication.body.number, publication.body)
        for demo in demo_data(date(2026, 11, 24))
        for publication in demo.publications
        if publication.body.kind in FacturaeExporter.kinds
    ]

    written, refused, wrong = check_all(bodies, schema)

    with capsys.disabled():
        sys.stdout.write(
            f"\nFacturae out, example: written {written} / refused {len(refused)}"
            f" / complaints and differences {len(wrong)}\n"
        )
    assert wrong == []
    assert written > 600


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    which=st.integers(0, 1000),
    changes=st.lists(
        st.tuples(
            st.integers(0, 10_000),
            st.sampled_from(["text", "double", "remove"]),
            st.sampled_from([*ODD_TEXTS, "1e5", "OR", "04", "ESP", "0.00", "99999"]),
        ),
        max_size=4,
    ),
)
def test_whatever_can_be_read_is_written_by_the_schema_or_refused(
    data_folder, schema, which, changes
):
    paths = sorted((data_folder / "facturae").rglob("*.xml"))
    paths += sorted((data_folder / "gobl-ubl").rglob("*.xml"))
    path = paths[which % len(paths)]
    root = etree.parse(path).getroot()
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

    with suppress(ImportRefusedError, ExportRefusedError):
        importers = (UblImporter(32), FacturaeImporter(32))
        for document in read_documents(etree.tostring(root), path.name, importers):
            content = write(document.body)
            assert schema.validate(etree.fromstring(content)), schema.error_log


async def test_an_exported_document_is_the_same_file_each_time(schema):
    body = full_invoice()

    content = await exported(FacturaeExporter(), body)

    assert schema.validate(etree.fromstring(content)), schema.error_log
    assert content == await exported(FacturaeExporter(), body)
    assert FacturaeExporter().obstacles(stored(body)) == ()


def test_the_total_is_less_what_is_withheld_and_a_line_says_so():
    content = write(invoice(lines=(line(taxes=(VAT_21, IRPF)),)))

    totals = [
        text_of(content, f"InvoiceTotals/{name}")
        for name in (
            "TotalTaxOutputs",
            "TotalTaxesWithheld",
            "InvoiceTotal",
            "TotalOutstandingAmount",
            "TotalExecutableAmount",
        )
    ]
    assert totals == ["21.00", "15.00", "106.00", "106.00", "106.00"]
    assert text_of(content, "FileHeader/Batch/TotalInvoicesAmount/TotalAmount") == "106.00"
    assert texts_of(content, "TaxesWithheld/Tax/TaxTypeCode") == ["04"]
    assert texts_of(content, "Items/InvoiceLine/TaxesWithheld/Tax/TaxTypeCode") == ["04"]
    assert texts_of(content, "Items/InvoiceLine/TaxesOutputs/Tax/TaxTypeCode") == ["01"]


def test_a_stated_total_without_what_is_withheld_comes_to_the_same():
    body = invoice(lines=(line(taxes=(VAT_21, IRPF)),))
    after = msgspec.structs.replace(body, totals=msgspec.structs.replace(body.totals, gross=10_600))

    assert write(after) == write(body)


def test_a_surcharge_stands_inside_the_tax_of_its_base():
    ten = TaxStated(category="S", rate=Decimal(10))
    low = TaxStated(scheme="surcharge", rate=Decimal("1.4"))
    content = write(
        invoice(
            lines=(
                line("1", "100.00", taxes=(VAT_21, SURCHARGE)),
                line("2", "50.00", taxes=(ten, low)),
            )
        )
    )

    assert texts_of(content, "TaxesOutputs/Tax/TaxRate") == ["21", "10"]
    assert texts_of(content, "TaxesOutputs/Tax/EquivalenceSurcharge") == ["5.20", "1.40"]
    path = "TaxesOutputs/Tax/EquivalenceSurchargeAmount/TotalAmount"
    assert texts_of(content, path) == ["5.20", "0.70"]
    assert texts_of(content, "Items/InvoiceLine/TaxesOutputs/Tax/EquivalenceSurcharge") == [
        "5.20",
        "1.40",
    ]
    assert text_of(content, "InvoiceTotals/TotalTaxOutputs") == "31.90"


@pytest.mark.parametrize(
    ("tax", "code"),
    [
        (TaxStated(category="L", rate=Decimal(7)), "03"),
        (TaxStated(scheme="IGIC", rate=Decimal(7)), "03"),
        (TaxStated(category="M", rate=Decimal(4)), "02"),
        (TaxStated(scheme="excise", rate=Decimal(5)), "07"),
    ],
)
def test_other_taxes_have_codes_of_their_own(tax, code):
    assert texts_of(
        write(invoice(lines=(line(taxes=(tax,)),))), "TaxesOutputs/Tax/TaxTypeCode"
    ) == [code]


@pytest.mark.parametrize(
    ("category", "reason", "code", "words"),
    [
        ("E", "Art. 20 LIVA", "01", "Art. 20 LIVA"),
        ("K", None, "01", "Entrega intracomunitaria exenta (art. 25 de la Ley 37/1992)"),
        ("G", None, "01", "Exportación exenta (art. 21 de la Ley 37/1992)"),
        ("O", None, "02", "Operación no sujeta"),
        ("Z", None, None, None),
    ],
)
def test_a_line_without_tax_says_why(category, reason, code, words):
    tax = TaxStated(category=category, exemption_reason=reason)

    content = write(invoice(lines=(line(taxes=(tax,)),)))

    event = "Items/InvoiceLine/SpecialTaxableEvent/SpecialTaxableEvent"
    assert text_of(content, f"{event}Code") == code
    assert text_of(content, f"{event}Reason") == words
    assert text_of(content, "TaxesOutputs/Tax/TaxRate") == "0"


def test_a_reverse_charge_is_a_legal_reference():
    content = write(invoice(lines=(line(taxes=(TaxStated(category="AE"),)),)))

    assert text_of(content, "LegalLiterals/LegalReference") == "Inversión del sujeto pasivo"


CREDITED = ReferenceStated(
    relation=Relation.CREDITS, number="A/7", issued_on=date(2026, 2, 1), reason="Devolución"
)


def credit_note(**changes) -> DocumentBody:
    values = {"kind": "credit_note", "type_code": "381", "series": "A", "number": "A/9"}
    return invoice(**({"references": (CREDITED,)} | values | changes))


def test_what_is_given_back_is_below_nothing_and_names_the_invoice():
    body = credit_note(
        lines=(
            line(
                quantity="2",
                allowances_charges=(AllowanceCharge(is_charge=False, amount=500, reason="Menos"),),
            ),
        )
    )

    content = write(body)

    assert text_of(content, "InvoiceHeader/InvoiceClass") == "OR"
    header = {
        name: text_of(content, f"InvoiceHeader/Corrective/{name}")
        for name in (
            *("InvoiceNumber", "InvoiceSeriesCode", "ReasonCode", "ReasonDescription"),
            *("TaxPeriod/StartDate", "CorrectionMethod", "AdditionalReasonDescription"),
            "InvoiceIssueDate",
        )
    }
    assert list(header.values()) == [
        *("7", "A", "16", "Base imponible", "2026-02-01", "02", "Devolución", "2026-02-01")
    ]
    line_path = "Items/InvoiceLine"
    assert text_of(content, f"{line_path}/Quantity") == "-2"
    assert text_of(content, f"{line_path}/UnitPriceWithoutTax") == "100.00"
    assert text_of(content, f"{line_path}/DiscountsAndRebates/Discount/DiscountAmount") == "-5.00"
    assert text_of(content, f"{line_path}/GrossAmount") == "-195.00"
    assert text_of(content, "InvoiceTotals/InvoiceTotal") == "-235.95"
    back = read_back(content)
    assert (back.kind, back.type_code, back.number) == ("credit_note", "381", "A/9")
    assert back.references[0].number == "A/7"


def test_a_credit_note_that_is_below_nothing_already_stays_as_it_is():
    content = write(credit_note())

    again = write(read_back(content))

    assert texts_of(again, "InvoiceTotals/InvoiceTotal") == ["-121.00"]
    assert texts_of(again, "InvoiceHeader/Corrective/ReasonCode") == ["16"]


def test_a_corrective_invoice_keeps_the_reason_and_method_of_its_file():
    words = "Base imponible modificada por descuentos y bonificaciones"
    reference = msgspec.structs.replace(
        CREDITED, relation=Relation.CORRECTS, reason=f"{words}: Rappel"
    )
    corrective = "Invoices/Invoice/InvoiceHeader/Corrective"
    content = write(
        invoice(
            type_code="384",
            references=(reference,),
            extra={
                f"{corrective}/CorrectionMethod": "03",
                f"{corrective}/TaxPeriod/StartDate": "2026-01-01",
                f"{corrective}/TaxPeriod/EndDate": "2026-03-31",
            },
        )
    )

    found = [
        text_of(content, f"InvoiceHeader/Corrective/{name}")
        for name in (
            *("ReasonCode", "AdditionalReasonDescription", "CorrectionMethod"),
            *("TaxPeriod/StartDate", "TaxPeriod/EndDate"),
        )
    ]
    assert found == ["83", "Rappel", "03", "2026-01-01", "2026-03-31"]


@pytest.mark.parametrize(
    ("number", "series", "expected"),
    [("A/7", "A", ("7", "A")), ("A-7", "A", ("A-7", None)), ("A/7", None, ("A/7", None))],
)
def test_the_series_is_taken_off_the_number_where_it_stands_in_front(number, series, expected):
    content = write(invoice(number=number, series=series))

    found = [text_of(content, f"InvoiceHeader/Invoice{name}") for name in ("Number", "SeriesCode")]
    assert tuple(found) == expected
    assert read_back(content).number == number


def test_a_person_is_written_with_two_surnames_and_a_foreigner_with_the_country():
    person = msgspec.structs.replace(
        party(PartyRole.SELLER, "María Sánchez Núñez", "37221735F"),
        person=PersonName(given_name="María", surname="Sánchez", second_surname="Núñez"),
    )
    french = party(PartyRole.BUYER, "Boutique SARL", "FR83404833048", "FR")

    content = write(invoice(parties=(person, french)))

    seller, buyer = "Parties/SellerParty", "Parties/BuyerParty"
    assert text_of(content, f"{seller}/TaxIdentification/PersonTypeCode") == "F"
    # Both numbers with their country, for the two are in different ones of the union.
    number = "TaxIdentification/TaxIdentificationNumber"
    assert text_of(content, f"{seller}/{number}") == "ES37221735F"
    assert text_of(content, f"{seller}/Individual/SecondSurname") == "Núñez"
    assert text_of(content, f"{buyer}/{number}") == "FR83404833048"
    assert text_of(content, f"{buyer}/TaxIdentification/ResidenceTypeCode") == "U"
    address = f"{buyer}/LegalEntity/OverseasAddress"
    assert text_of(content, f"{address}/PostCodeAndTown") == "23001 Jaén"
    assert text_of(content, f"{address}/CountryCode") == "FRA"


def test_a_spanish_number_is_written_without_its_country_at_home():
    content = write(invoice())

    path = "Parties/BuyerParty/TaxIdentification/TaxIdentificationNumber"
    assert text_of(content, path) == "B87654323"


@pytest.mark.parametrize(
    ("region", "province"),
    [("Jaén", "Jaén"), (None, "Jaén"), ("Provincia de Jaén, Andalucía", "Jaén")],
)
def test_the_province_follows_from_the_postcode_where_it_is_not_stated(region, province):
    seller = msgspec.structs.replace(
        SELLER, address=msgspec.structs.replace(SELLER.address, region=region)
    )

    content = write(invoice(parties=(seller, BUYER)))

    assert text_of(content, "Parties/SellerParty/LegalEntity/AddressInSpain/Province") == province


def test_the_centres_of_a_public_body_are_written_below_it():
    centres = [
        msgspec.structs.replace(party(role, name, None), ids=(Identifier(code, "DIR3"),))
        for role, name, code in (
            (PartyRole.INVOICE_TO, "Oficina contable", "L01280796"),
            (PartyRole.SHIP_TO, "LA0007407", "LA0007407"),
            (PartyRole.PAYER, "Unidad tramitadora", "LA0007408"),
        )
    ]
    warehouse = party(PartyRole.ORIGINATOR, "Nobody's centre", None)

    content = write(invoice(parties=(SELLER, BUYER, *centres, warehouse)))

    root = etree.fromstring(content)
    found = root.findall("Parties/BuyerParty/AdministrativeCentres/AdministrativeCentre")
    assert [
        tuple(each.findtext(name) for name in ("CentreCode", "RoleTypeCode", "CentreDescription"))
        for each in found
    ] == [
        ("L01280796", "01", "Oficina contable"),
        ("LA0007407", "02", None),
        ("LA0007408", "03", "Unidad tramitadora"),
    ]
    assert [each.name for each in read_back(content).parties[2:]] == [
        "Oficina contable",
        "LA0007407",
        "Unidad tramitadora",
    ]


def test_lines_name_orders_units_notes_and_what_else_they_have():
    content = write(
        invoice(
            order_number="PC-1",
            contract_number="K-1",
            references=(
                ReferenceStated(
                    relation=Relation.INVOICE_OF_DELIVERY, number="AL-1", issued_on=date(2026, 2, 1)
                ),
            ),
            period=Period(start_on=date(2026, 2, 1), end_on=date(2026, 2, 28)),
            lines=(
                line("t", kind=LineKind.TEXT),
                line(
                    "7",
                    "10.00",
                    "24",
                    base_quantity=Decimal(12),
                    item=Item(name="Oil", description="Picual", seller_id="PIC"),
                    note="In glass",
                    order_number="PC-2",
                    delivery=Delivery(delivered_on=date(2026, 2, 9)),
                ),
                line("x", unit="XYZ", is_optional=True),
                line("y", "1.00", unit="MTK"),
            ),
        )
    )

    assert text_of(content, "InvoiceIssueData/ReceiverTransactionReference") == "PC-1"
    assert text_of(content, "InvoiceIssueData/ReceiverContractReference") == "K-1"
    assert text_of(content, "InvoiceIssueData/InvoicingPeriod/EndDate") == "2026-02-28"
    lines = "Items/InvoiceLine"
    assert texts_of(content, f"{lines}/SequenceNumber") == ["7", "2"]
    assert texts_of(content, f"{lines}/UnitOfMeasure") == ["04", "05"]
    assert texts_of(content, f"{lines}/Quantity")[0] == "24"
    assert Decimal(texts_of(content, f"{lines}/UnitPriceWithoutTax")[0]) == Decimal("0.83333333")
    assert texts_of(content, f"{lines}/TotalCost") == ["20.00", "1.00"]
    assert texts_of(content, f"{lines}/ReceiverTransactionReference") == ["PC-2"]
    notes = f"{lines}/DeliveryNotesReferences/DeliveryNote"
    assert texts_of(content, f"{notes}/DeliveryNoteNumber") == ["AL-1", "AL-1"]
    assert texts_of(content, f"{notes}/DeliveryNoteDate") == ["2026-02-01", "2026-02-01"]
    assert texts_of(content, f"{lines}/TransactionDate") == ["2026-02-09"]
    assert texts_of(content, f"{lines}/AdditionalLineItemInformation") == ["In glass\nPicual"]
    assert texts_of(content, f"{lines}/ArticleCode") == ["PIC"]


def test_payment_has_its_days_its_account_and_what_was_paid_before():
    content = write(
        invoice(
            instalments=(
                Instalment(due_on=date(2026, 4, 1), amount=5_000),
                Instalment(due_on=date(2026, 5, 1), amount=5_100),
            ),
            payment_means=(
                PaymentMeans(code="58", iban="ES91 2100 0418 4502 0005 1332", bic="CAIXESBB"),
            ),
            stated_payments=(StatedPayment(amount=2_000, paid_on=date(2026, 2, 1)),),
        )
    )

    part = "PaymentDetails/Installment"
    assert texts_of(content, f"{part}/InstallmentDueDate") == ["2026-04-01", "2026-05-01"]
    assert texts_of(content, f"{part}/InstallmentAmount") == ["50.00", "51.00"]
    assert texts_of(content, f"{part}/PaymentMeans") == ["04", "04"]
    assert texts_of(content, f"{part}/AccountToBeCredited/IBAN")[0] == "ES9121000418450200051332"
    assert texts_of(content, f"{part}/AccountToBeCredited/BIC")[0] == "CAIXESBBXXX"
    totals = "InvoiceTotals"
    paid = f"{totals}/PaymentsOnAccount/PaymentOnAccount"
    assert texts_of(content, f"{paid}/PaymentOnAccountAmount") == ["20.00"]
    assert text_of(content, f"{totals}/TotalPaymentsOnAccount") == "20.00"
    assert text_of(content, f"{totals}/TotalExecutableAmount") == "101.00"


@pytest.mark.parametrize(
    ("means", "code"),
    [
        ((PaymentMeans(code="49"),), "02"),
        ((PaymentMeans(code="48"),), "19"),
        ((PaymentMeans(iban="ES9121000418450200051332"),), "04"),
        ((PaymentMeans(code="ZZZ"),), "13"),
        ((), "13"),
    ],
)
def test_means_of_payment_have_codes_of_their_own(means, code):
    assert text_of(
        write(invoice(payment_means=means)), "PaymentDetails/Installment/PaymentMeans"
    ) == (code)


def test_legal_notes_are_literals_and_others_further_information():
    content = write(
        invoice(
            notes=(Note("Exenta", "REG"), Note("Gracias"), Note("x" * 251, "REG")),
            payment_terms="30 días",
        )
    )

    assert texts_of(content, "LegalLiterals/LegalReference") == ["Exenta"]
    path = "AdditionalData/InvoiceAdditionalInformation"
    assert text_of(content, path) == f"Gracias\n{'x' * 251}\n30 días"


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (ExchangeRate(source="USD", target="EUR", rate=Decimal("0.90")), ("0.90", "108.90")),
        (ExchangeRate(source="EUR", target="USD", rate=Decimal("1.25")), ("0.8", "96.80")),
    ],
)
def test_dollars_have_their_rate_and_their_equivalent_in_euros(schema, rate, expected):
    content = write(invoice(currency="USD", exchange_rates=(rate,)))

    assert schema.validate(etree.fromstring(content)), schema.error_log
    path = "InvoiceIssueData/ExchangeRateDetails/ExchangeRate"
    equivalent = "FileHeader/Batch/TotalInvoicesAmount/EquivalentInEuros"
    assert (text_of(content, path), text_of(content, equivalent)) == expected
    assert text_of(content, "FileHeader/Batch/TotalInvoicesAmount/TotalAmount") == "121.00"


def test_yen_are_written_without_decimals_where_the_schema_lets_them(schema):
    rate = ExchangeRate(source="JPY", target="EUR", rate=Decimal("0.006"))

    content = write(invoice(currency="JPY", exchange_rates=(rate,)))

    assert schema.validate(etree.fromstring(content)), schema.error_log
    assert text_of(content, "InvoiceTotals/InvoiceTotal") == "121"
    assert text_of(content, "PaymentDetails/Installment/InstallmentAmount") == "121.00"


def without(place: str, role: PartyRole = PartyRole.BUYER) -> DocumentBody:
    """Return an invoice whose buyer lacks a part of the address."""
    address = msgspec.structs.replace(BUYER.address, **{place: () if place == "lines" else None})
    buyer = msgspec.structs.replace(BUYER, role=role, address=address)
    return invoice(parties=(SELLER, buyer))


REFUSALS = {
    "no seller": (invoice(parties=(BUYER,)), "The seller is missing."),
    "no buyer": (invoice(parties=(SELLER,)), "The buyer is missing."),
    "no tax number": (
        invoice(parties=(SELLER, party(PartyRole.BUYER, "Sol", None))),
        "The tax number of Sol is missing.",
    ),
    "no surname": (
        invoice(parties=(SELLER, party(PartyRole.BUYER, "Ana Gil", "37221735F"))),
        "The surname of Ana Gil is not stated apart from the name.",
    ),
    "no street": (without("lines"), "The street of Tienda Sol is missing."),
    "no city": (without("city"), "The city of Tienda Sol is missing."),
    "no postcode": (without("postcode"), "The postcode of Tienda Sol has not five digits."),
    "no country": (
        invoice(
            parties=(
                SELLER,
                msgspec.structs.replace(
                    party(PartyRole.BUYER, "Acme", "US-1234"),
                    address=Address(lines=("1 Road",), city="Town"),
                ),
            )
        ),
        "The country of Acme is missing.",
    ),
    "unknown country": (
        invoice(parties=(SELLER, party(PartyRole.BUYER, "Bonaire NV", "123456", "BQ"))),
        "Facturae has no code for the country BQ.",
    ),
    "long name": (
        invoice(parties=(SELLER, party(PartyRole.BUYER, "S" * 81, "B87654323"))),
        f"“{'S' * 39}…” is longer than the 80 characters that Facturae has for it.",
    ),
    "long number": (
        invoice(number="F" * 21),
        f"“{'F' * 21}” is longer than the 20 characters that Facturae has for it.",
    ),
    "no rate": (
        invoice(currency="USD"),
        "The exchange rate to the euro is missing, and Facturae wants euros beside USD.",
    ),
    "unknown currency": (
        invoice(currency="CLF"),
        "Facturae has no code for the currency CLF.",
    ),
    "prices with tax": (
        invoice(prices_include_tax=True),
        "Its prices include tax, and Facturae knows net prices only.",
    ),
    "no taxes": (invoice(lines=(line(taxes=()),)), "The tax summary is missing."),
    "unknown tax": (
        invoice(lines=(line(taxes=(TaxStated(scheme="Moms", rate=Decimal(25)),)),)),
        "Facturae has no code for the tax Moms.",
    ),
    "no base": (
        msgspec.structs.replace(
            invoice(), taxes=(TaxRow(amount=2_100, rate=Decimal(21), category="S"),)
        ),
        "A row of the tax summary has no taxable amount.",
    ),
    "surcharge of part": (
        invoice(lines=(line("1", taxes=(VAT_21, SURCHARGE)), line("2", "7.00"))),
        "The surcharge does not stand on the base of any tax.",
    ),
    "rounding": (
        invoice(totals=Totals(rounding=1)),
        "It has a rounding amount, for which Facturae has no field.",
    ),
    "no net": (stated(net=None), "The net amount is missing."),
    "net": (
        stated(net=9_000),
        "The net amount is not the sum of lines less discounts plus charges.",
    ),
    "tax": (stated(tax=2_000), "The rows of the tax summary do not add up to the stated tax."),
    "gross": (
        stated(gross=13_000),
        "The stated total does not follow from the net amount and the taxes.",
    ),
    "payable": (
        stated(payable=100),
        "The amount to pay is not the total less what is already paid.",
    ),
    "discounts": (
        msgspec.structs.replace(
            stated(allowances=0),
            allowances_charges=(AllowanceCharge(is_charge=False, amount=5),),
        ),
        "The discounts do not add up to the stated sum.",
    ),
    "charges": (
        msgspec.structs.replace(
            stated(charges=0),
            allowances_charges=(AllowanceCharge(is_charge=True, amount=5),),
        ),
        "The charges do not add up to the stated sum.",
    ),
    "quote": (
        invoice(kind="quote"),
        "Facturae has invoices and what corrects them, and nothing else.",
    ),
    "no date": (
        credit_note(references=()),
        "The date of the invoice that it corrects is missing.",
    ),
    "no reason": (
        invoice(type_code="384", references=(CREDITED,)),
        "It does not say for which of Facturae's reasons it corrects an invoice.",
    ),
    "fine instalment": (
        invoice(
            currency="OMR",
            exchange_rates=(ExchangeRate(source="OMR", target="EUR", rate=Decimal("2.4")),),
            lines=(line("1", "1.234"),),
        ),
        "An amount to pay has more than the two decimals that Facturae has for it.",
    ),
}
LINE_REFUSALS = {
    "exempt": (
        invoice(lines=(line(taxes=(TaxStated(category="E"),)),)),
        "The reason of the exemption from VAT is missing.",
    ),
    "no lines": (msgspec.structs.replace(invoice(), lines=()), "It has no lines with an amount."),
    "no amount": (
        msgspec.structs.replace(invoice(), lines=(line("4", net_price=None),)),
        "Line 4 has no amount.",
    ),
    "no name": (
        invoice(lines=(line("4", item=Item(name="")),)),
        "Line 4 does not say what it is for.",
    ),
    "no tax": (
        invoice(
            lines=(
                line("1"),
                line("2", taxes=(TaxStated(category="S", rate=Decimal(10)),)),
                line("3", taxes=()),
            )
        ),
        "Line 3 has no tax.",
    ),
    "price": (
        msgspec.structs.replace(
            invoice(), lines=(line("4", "99.00", quantity="1", net_amount=10_000),)
        ),
        "Quantity and price of line 4 do not come to its amount.",
    ),
    "sum": (
        msgspec.structs.replace(invoice(), lines=(line("1", "99.00", net_amount=9_900),)),
        "The lines do not add up to the stated sum.",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_the_head_shows_stands_beside_the_format_and_is_refused(name):
    body, reason = REFUSALS[name]

    assert reason in map(str, obstacles_of(body))
    with pytest.raises(ExportRefusedError) as caught:
        write(body)
    assert reason in map(str, caught.value.reasons)


@pytest.mark.parametrize("name", LINE_REFUSALS)
def test_what_lines_show_is_refused_when_the_file_is_asked_for(name):
    body, reason = LINE_REFUSALS[name]

    assert obstacles_of(body) == ()
    with pytest.raises(ExportRefusedError) as caught:
        write(body)
    assert reason in map(str, caught.value.reasons)


def test_at_most_ten_reasons_are_told_each_once():
    lines = tuple(line(str(number), item=Item(name="")) for number in range(30))

    with pytest.raises(ExportRefusedError) as caught:
        write(invoice(lines=lines))

    assert len({str(reason) for reason in caught.value.reasons}) == 10
