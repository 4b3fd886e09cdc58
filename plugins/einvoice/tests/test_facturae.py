"""Facturae in: figures as they are stated, parties, orders and files where they belong."""

import base64
import gzip
from datetime import date
from decimal import Decimal

import pytest
from portalkit_einvoice.facturae import FacturaeImporter

from portalkit.model import (
    CUSTOMER_NUMBER,
    Identifier,
    Instalment,
    PaymentMeans,
    PersonName,
    Relation,
    StatedPayment,
)

from .facturae_files import attached, facturae_xml, invoice_xml, line_xml, only, tax_xml

FACTURAE_3_2 = "http://www.facturae.es/Facturae/2009/v3.2/Facturae"
FACTURAE_3_2_1 = "http://www.facturae.es/Facturae/2014/v3.2.1/Facturae"


def read(text: str):
    return only(FacturaeImporter(32).read(text.encode(), "f.xml"))


def read_body(*, file=facturae_xml, **changes: str):
    return read(file(invoice_xml(**changes))).body


@pytest.mark.parametrize("namespace", [FACTURAE_3_2, FACTURAE_3_2_1])
def test_older_versions_are_read_like_the_newest(namespace):
    older = facturae_xml(namespace=namespace)

    assert FacturaeImporter(32).recognizes(older.encode(), "f.xml")
    assert read(older) == read(facturae_xml())


def test_elements_with_the_namespace_of_the_root_are_read_too():
    text = facturae_xml()
    qualified = text.replace("<fe:Facturae xmlns:fe=", "<Facturae xmlns=").replace(
        "</fe:Facturae>", "</Facturae>"
    )

    assert read(qualified) == read(text)


def test_a_batch_is_one_document_for_each_invoice_with_its_own_leftovers():
    first = invoice_xml(number="1", issue="<OperationDate>x</OperationDate>")
    second = invoice_xml(number="2", total="242.00", executable="242.00")

    documents = list(FacturaeImporter(32).read(facturae_xml(first, second).encode(), "f.xml"))

    assert [each.body.number for each in documents] == ["1", "2"]
    assert [each.stated["gross"] for each in documents] == ["121.00", "242.00"]
    path = "Invoices/Invoice/InvoiceIssueData/OperationDate"
    assert [each.body.extra.get(path) for each in documents] == ["x", None]
    assert documents[0].body.parties == documents[1].body.parties


def test_the_series_is_part_of_the_number():
    head = "<InvoiceSeriesCode>A</InvoiceSeriesCode><InvoiceClass>OO</InvoiceClass>"

    body = read_body(number="7", head=head)

    assert (body.number, body.series) == ("A/7", "A")


def test_totals_are_taken_as_they_are_stated_and_nothing_is_inferred():
    withheld = f"<TaxesWithheld>{tax_xml('04', '15.00', '100.00', '15.00')}</TaxesWithheld>"

    document = read(
        facturae_xml(invoice_xml(withheld=withheld, total="106.00", executable="90.00"))
    )

    totals = document.body.totals
    assert (totals.net, totals.tax, totals.gross, totals.payable) == (10_000, 2_100, 10_600, 9_000)
    assert document.stated == {
        "net": "100.00",
        "tax": "21.00",
        "gross": "106.00",
        "payable": "90.00",
    }
    assert [(row.scheme, row.amount, row.is_withheld) for row in document.body.taxes] == [
        ("VAT", 2_100, False),
        ("IRPF", 1_500, True),
    ]


@pytest.mark.parametrize(
    ("code", "scheme", "category"),
    [("01", "VAT", "S"), ("02", "IPSI", "M"), ("03", "IGIC", "L"), ("07", "excise", None)],
)
def test_taxes_have_names_instead_of_codes(code, scheme, category):
    body = read_body(
        taxes=tax_xml(code, "7.00", "100.00", "7.00"),
        lines=line_xml(taxes=tax_xml(code, "7.00", "100.00")),
    )

    (row,) = body.taxes
    assert (row.scheme, row.category, row.rate, row.taxable) == (
        scheme,
        category,
        Decimal(7),
        10_000,
    )
    (tax,) = body.lines[0].taxes
    assert (tax.scheme, tax.category, tax.rate) == (scheme, category, Decimal(7))


def test_the_equivalence_surcharge_is_a_tax_of_its_own():
    more = """<EquivalenceSurcharge>5.20</EquivalenceSurcharge><EquivalenceSurchargeAmount>
    <TotalAmount>5.20</TotalAmount></EquivalenceSurchargeAmount>"""
    tax = tax_xml("01", "21.00", "100.00", "21.00", more)

    body = read_body(taxes=tax, lines=line_xml(taxes=tax))

    assert [(row.scheme, row.rate, row.taxable, row.amount) for row in body.taxes] == [
        ("VAT", Decimal(21), 10_000, 2_100),
        ("surcharge", Decimal("5.2"), 10_000, 520),
    ]
    assert [each.scheme for each in body.lines[0].taxes] == ["VAT", "surcharge"]


def test_a_tax_without_an_amount_counts_only_where_it_can_be_nothing_else():
    body = read_body(taxes=tax_xml("01", "0.00", "60.00") + tax_xml("01", "10.00", "40.00"))

    assert [(row.rate, row.amount) for row in body.taxes] == [(Decimal(0), 0)]
    assert body.extra["Invoices/Invoice/TaxesOutputs/Tax[2]/TaxRate"] == "10.00"


@pytest.mark.parametrize(("code", "category"), [("01", "E"), ("02", "O")])
def test_a_special_event_says_why_there_is_no_tax(code, category):
    event = f"""<SpecialTaxableEvent><SpecialTaxableEventCode>{code}</SpecialTaxableEventCode>
    <SpecialTaxableEventReason>Art. 20</SpecialTaxableEventReason></SpecialTaxableEvent>"""

    body = read_body(lines=line_xml(taxes=tax_xml("01", "0.00", "100.00"), after=event))

    (tax,) = body.lines[0].taxes
    assert (tax.category, tax.exemption_reason) == (category, "Art. 20")


def test_what_is_withheld_on_a_line_is_told_from_what_is_charged():
    held = f"<TaxesWithheld>{tax_xml('04', '15.00', '1.00')}{tax_xml('05', '2.00', '1.00')}"
    parts = f"</GrossAmount>{held}</TaxesWithheld>"

    body = read_body(lines=line_xml().replace("</GrossAmount>", parts))

    assert [tax.scheme for tax in body.lines[0].taxes] == ["VAT", "IRPF"]
    path = "Invoices/Invoice/Items/InvoiceLine/TaxesWithheld/Tax[2]/TaxTypeCode"
    assert body.extra[path] == "05"


def test_discounts_and_charges_stand_on_lines_and_on_the_invoice():
    parts = """<DiscountsAndRebates><Discount><DiscountReason>Promo</DiscountReason>
    <DiscountRate>10.0000</DiscountRate><DiscountAmount>10.000000</DiscountAmount></Discount>
    <Discount><DiscountReason>Fina</DiscountReason><DiscountAmount>0.005</DiscountAmount>
    </Discount></DiscountsAndRebates><Charges><Charge><ChargeReason>Envase</ChargeReason>
    <ChargeAmount>2.50</ChargeAmount></Charge></Charges>"""
    body = read_body(lines=line_xml(parts=parts))
    text = facturae_xml(
        invoice_xml().replace(
            "</TotalGrossAmount>",
            """</TotalGrossAmount><GeneralDiscounts><Discount><DiscountReason>Pronto pago
            </DiscountReason><DiscountRate>2</DiscountRate><DiscountAmount>2.00</DiscountAmount>
            </Discount></GeneralDiscounts><GeneralSurcharges><Charge><ChargeReason>Portes
            </ChargeReason><ChargeAmount>5.00</ChargeAmount></Charge></GeneralSurcharges>
            <TotalGeneralDiscounts>2.00</TotalGeneralDiscounts>
            <TotalGeneralSurcharges>5.00</TotalGeneralSurcharges>""",
        )
    )

    on_document = read(text).body

    assert [
        (part.is_charge, part.amount, part.percent, part.reason)
        for part in body.lines[0].allowances_charges
    ] == [(False, 1_000, Decimal(10), "Promo"), (True, 250, None, "Envase")]
    path = "Invoices/Invoice/Items/InvoiceLine/DiscountsAndRebates/Discount[2]"
    assert body.extra[f"{path}/DiscountAmount"] == "0.005"
    assert body.extra[f"{path}/DiscountReason"] == "Fina"
    assert [(part.is_charge, part.amount) for part in on_document.allowances_charges] == [
        (False, 200),
        (True, 500),
    ]
    assert (on_document.totals.allowances, on_document.totals.charges) == (200, 500)


CORRECTIVE = """<InvoiceDocumentType>{}</InvoiceDocumentType><InvoiceClass>OR</InvoiceClass>
<Corrective><InvoiceNumber>9</InvoiceNumber><InvoiceSeriesCode>A</InvoiceSeriesCode>
<ReasonCode>83</ReasonCode>
<ReasonDescription>Base imponible modificada por descuentos y bonificaciones</ReasonDescription>
<TaxPeriod><StartDate>2026-01-01</StartDate><EndDate>2026-01-31</EndDate></TaxPeriod>
<CorrectionMethod>02</CorrectionMethod>
<CorrectionMethodDescription>Rectificación por diferencias</CorrectionMethodDescription>
<AdditionalReasonDescription>Rappel</AdditionalReasonDescription>
<InvoiceIssueDate>2026-01-15</InvoiceIssueDate></Corrective>"""


@pytest.mark.parametrize(
    ("document_type", "total", "kind", "type_code", "relation"),
    [
        ("FC", "-121.00", "credit_note", "381", Relation.CREDITS),
        ("FC", "121.00", "invoice", "384", Relation.CORRECTS),
        ("AF", "-121.00", "credit_note", "261", Relation.CREDITS),
    ],
)
def test_a_corrective_invoice_below_nothing_is_a_credit_note(
    document_type, total, kind, type_code, relation
):
    body = read_body(head=CORRECTIVE.format(document_type), total=total)

    assert (body.kind, body.type_code) == (kind, type_code)
    (reference,) = body.references
    assert (reference.relation, reference.number, reference.issued_on) == (
        relation,
        "A/9",
        date(2026, 1, 15),
    )
    reason = "Base imponible modificada por descuentos y bonificaciones: Rappel"
    assert reference.reason == reason
    assert body.extra["Invoices/Invoice/InvoiceHeader/Corrective/CorrectionMethod"] == "02"


def test_an_invoice_that_the_buyer_wrote_says_so():
    head = "<InvoiceDocumentType>AF</InvoiceDocumentType><InvoiceClass>OO</InvoiceClass>"

    assert read_body(head=head).type_code == "389"


def test_a_person_has_a_given_name_and_two_surnames():
    person = """<Individual><Name>María</Name><FirstSurname>Sánchez</FirstSurname>
    <SecondSurname>Núñez</SecondSurname><OverseasAddress><Address>Rua 1</Address>
    <PostCodeAndTown>1000-001 Lisboa</PostCodeAndTown><Province>Lisboa</Province>
    <CountryCode>PRT</CountryCode></OverseasAddress></Individual>"""

    seller = read(facturae_xml(seller=person)).body.parties[0]

    assert seller.name == "María Sánchez Núñez"
    assert seller.person == PersonName(
        given_name="María", surname="Sánchez", second_surname="Núñez"
    )
    assert (seller.address.city, seller.address.country) == ("1000-001 Lisboa", "PT")


def test_centres_of_a_public_body_are_parties_and_no_numbers_of_the_buyer():
    centre = """<AdministrativeCentre><CentreCode>{}</CentreCode><RoleTypeCode>{}</RoleTypeCode>
    <PhysicalGLN>8412345000009</PhysicalGLN><CentreDescription>Oficina</CentreDescription>
    </AdministrativeCentre>"""
    codes = [("L01", "01"), ("L02", "02"), ("L03", "03"), ("L04", "04"), ("L05", "01")]
    centres = "".join(centre.format(*each) for each in codes)
    text = facturae_xml(
        centres="<PartyIdentification>77</PartyIdentification>"
        f"<AdministrativeCentres>{centres}</AdministrativeCentres>"
    )

    body = read(text).body

    buyer = body.parties[1]
    assert buyer.ids == (Identifier("77", CUSTOMER_NUMBER),)
    assert [(party.role, party.ids[0]) for party in body.parties[2:]] == [
        ("invoice_to", Identifier("L01", "DIR3")),
        ("ship_to", Identifier("L02", "DIR3")),
        ("payer", Identifier("L03", "DIR3")),
        ("originator", Identifier("L04", "DIR3")),
    ]
    path = "Parties/BuyerParty/AdministrativeCentres/AdministrativeCentre[5]/CentreCode"
    assert body.extra[path] == "L05"


def test_lines_mention_orders_contracts_and_every_delivery_note():
    before = """<IssuerTransactionReference>PV-1</IssuerTransactionReference>
    <ReceiverContractReference>C-1</ReceiverContractReference>
    <ReceiverTransactionReference>PC-1</ReceiverTransactionReference>
    <ReceiverTransactionDate>2026-02-01</ReceiverTransactionDate>
    <DeliveryNotesReferences><DeliveryNote><DeliveryNoteNumber>A-1</DeliveryNoteNumber>
    <DeliveryNoteDate>2026-02-10</DeliveryNoteDate></DeliveryNote><DeliveryNote>
    <DeliveryNoteNumber>A-2</DeliveryNoteNumber></DeliveryNote></DeliveryNotesReferences>"""

    body = read_body(lines=line_xml(before=before, after="<ArticleCode>PIC</ArticleCode>"))

    (line,) = body.lines
    assert (line.order_number, line.delivery_note_number) == ("PC-1", "A-1")
    assert (line.item.seller_id, line.unit) == ("PIC", "C62")
    assert [(each.relation, each.number, each.issued_on) for each in body.references] == [
        (Relation.INVOICE_OF_ORDER, "PC-1", date(2026, 2, 1)),
        (Relation.INVOICE_OF_ORDER, "PV-1", None),
        (Relation.CONTRACT, "C-1", None),
        (Relation.INVOICE_OF_DELIVERY, "A-1", date(2026, 2, 10)),
        (Relation.INVOICE_OF_DELIVERY, "A-2", None),
    ]


INSTALMENT = """<Installment><InstallmentDueDate>{}</InstallmentDueDate>
<InstallmentAmount>{}</InstallmentAmount><PaymentMeans>{}</PaymentMeans><AccountToBeCredited>
<IBAN>ES9121000418450200051332</IBAN><BIC>CAIXESBBXXX</BIC></AccountToBeCredited>
<PaymentReconciliationReference>R-1</PaymentReconciliationReference></Installment>"""


def paid(*instalments: tuple[str, str, str]) -> str:
    found = "".join(INSTALMENT.format(*each) for each in instalments)
    return f"<PaymentDetails>{found}</PaymentDetails>"


def test_one_instalment_of_everything_is_the_day_when_it_is_due():
    body = read_body(tail=paid(("2026-04-01", "121.00", "04")))

    assert (body.due_on, body.instalments) == (date(2026, 4, 1), ())
    assert body.payment_means == (
        PaymentMeans(
            code="30", iban="ES9121000418450200051332", bic="CAIXESBBXXX", reference="R-1"
        ),
    )


def test_several_instalments_keep_their_days_and_amounts():
    body = read_body(tail=paid(("2026-04-01", "60.00", "04"), ("2026-05-01", "61.00", "04")))

    assert body.due_on is None
    assert body.instalments == (
        Instalment(due_on=date(2026, 4, 1), amount=6_000),
        Instalment(due_on=date(2026, 5, 1), amount=6_100),
    )
    assert len(body.payment_means) == 1


def test_a_means_of_payment_without_a_counterpart_stays_and_is_no_transfer():
    body = read_body(tail=paid(("2026-04-01", "121.00", "03")))

    assert body.payment_means[0].code == "1"
    assert body.extra["Invoices/Invoice/PaymentDetails/Installment/PaymentMeans"] == "03"


def test_payments_on_account_are_read_and_subsidies_kept():
    totals = """<Subsidies><Subsidy><SubsidyDescription>Plan</SubsidyDescription>
    <SubsidyAmount>1.00</SubsidyAmount></Subsidy></Subsidies><PaymentsOnAccount>
    <PaymentOnAccount><PaymentOnAccountDate>2026-01-01</PaymentOnAccountDate>
    <PaymentOnAccountAmount>20.00</PaymentOnAccountAmount></PaymentOnAccount>
    </PaymentsOnAccount>"""
    text = invoice_xml(totals=totals, outstanding="100.00", executable="100.00").replace(
        "</TotalOutstandingAmount>",
        "</TotalOutstandingAmount><TotalPaymentsOnAccount>20.00</TotalPaymentsOnAccount>",
    )

    body = read(facturae_xml(text)).body

    assert body.stated_payments == (StatedPayment(amount=2_000, paid_on=date(2026, 1, 1)),)
    assert (body.totals.prepaid, body.totals.payable) == (2_000, 10_000)
    path = "Invoices/Invoice/InvoiceTotals/Subsidies/Subsidy/SubsidyAmount"
    assert body.extra[path] == "1.00"
    assert body.extra["Invoices/Invoice/InvoiceTotals/TotalOutstandingAmount"] == "100.00"


def test_who_bought_the_debt_is_paid_for_every_invoice_of_the_file():
    head = f"""<FactoringAssignmentData><Assignee><TaxIdentification>
    <TaxIdentificationNumber>A00000001</TaxIdentificationNumber></TaxIdentification>
    <LegalEntity><CorporateName>Banco</CorporateName></LegalEntity></Assignee>
    {paid(("2026-04-01", "242.00", "04"))}
    <FactoringAssignmentClauses>Cedida</FactoringAssignmentClauses></FactoringAssignmentData>"""
    text = facturae_xml(invoice_xml(number="1"), invoice_xml(number="2"), head=head)

    for document in FacturaeImporter(32).read(text.encode(), "f.xml"):
        body = document.body
        assert [(party.role, party.name) for party in body.parties][-1] == ("payee", "Banco")
        assert body.payment_means[0].iban == "ES9121000418450200051332"
        assert (body.notes[0].text, body.notes[0].subject_code) == ("Cedida", "REG")
        assert body.instalments == ()


def test_legal_texts_and_remarks_are_notes():
    body = read_body(
        tail="""<LegalLiterals><LegalReference>Exenta</LegalReference></LegalLiterals>
        <AdditionalData><RelatedInvoice>X-1</RelatedInvoice><InvoiceAdditionalInformation>Gracias
        </InvoiceAdditionalInformation></AdditionalData>"""
    )

    assert [(note.text, note.subject_code) for note in body.notes] == [
        ("Exenta", "REG"),
        ("Gracias", None),
    ]
    assert body.extra["Invoices/Invoice/AdditionalData/RelatedInvoice"] == "X-1"


def test_attached_documents_come_along_and_packed_ones_stay_packed():
    plain = base64.b64encode(b"%PDF-1.7").decode()
    packed = gzip.compress(b"%PDF-1.7", mtime=0)

    (file,) = read(facturae_xml(invoice_xml(tail=attached(plain)))).files
    text = attached(base64.b64encode(packed).decode(), compression="GZIP")
    (still_packed,) = read(facturae_xml(invoice_xml(tail=text))).files

    assert (file.filename, file.media_type, file.content, file.description) == (
        "attachment-1.pdf",
        "application/pdf",
        b"%PDF-1.7",
        "Plano",
    )
    assert (still_packed.filename, still_packed.media_type, still_packed.content) == (
        "attachment-1.pdf.gz",
        "application/gzip",
        packed,
    )


def test_an_attachment_in_an_unknown_encoding_is_kept_as_text():
    document = read(facturae_xml(invoice_xml(tail=attached("YWJj", encoding="DER"))))

    assert document.files == ()
    path = "Invoices/Invoice/AdditionalData/RelatedDocuments/Attachment/AttachmentData"
    assert document.body.extra[path] == "YWJj"


@pytest.mark.parametrize(
    ("stated", "quantity"),
    [("1.5E2", "150"), ("2.50e-1", "0.250"), ("3", "3"), ("-4.0", "-4.0")],
)
def test_a_quantity_may_be_written_with_an_exponent(stated, quantity):
    lines = line_xml().replace("<Quantity>1<", f"<Quantity>{stated}<")

    assert str(read_body(lines=lines).lines[0].quantity) == quantity


def test_an_amount_finer_than_the_currency_stays_as_text():
    document = read(facturae_xml(invoice_xml(total="121.0049", executable="121.00000")))

    assert (document.body.totals.gross, document.body.totals.payable) == (None, 12_100)
    assert document.body.extra["Invoices/Invoice/InvoiceTotals/InvoiceTotal"] == "121.0049"
    assert document.stated["gross"] == "121.0049"
