"""Figures are taken as they are stated: in minor units, never rounded, never worked out."""

from datetime import date
from decimal import Decimal

import pytest

from portalkit.errors import ImportRefusedError
from portalkit.model import Relation


def amount(name: str, value: str, currency: str) -> str:
    return f'<cbc:{name} currencyID="{currency}">{value}</cbc:{name}>'


def totals(currency: str, **values: str) -> str:
    return "".join(amount(name, value, currency) for name, value in values.items())


def test_yen_have_no_minor_units(read, make_invoice):
    stated = totals("JPY", TaxInclusiveAmount="121000", PayableAmount="121000.00")

    document = read(make_invoice(currency="JPY", totals=stated))

    assert document.body.totals.gross == 121_000
    assert document.body.totals.payable == 121_000
    assert document.stated == {"gross": "121000", "payable": "121000.00"}


def test_rials_of_oman_have_three_decimal_places(read, make_invoice):
    line = amount("LineExtensionAmount", "1.234", "OMR")

    document = read(make_invoice(currency="OMR", payable="1.295", line=line))

    assert document.body.totals.payable == 1_295
    assert document.body.lines[0].net_amount == 1_234


@pytest.mark.parametrize(
    ("currency", "value"), [("EUR", "10.005"), ("JPY", "10.5"), ("OMR", "1.2345")]
)
def test_an_amount_finer_than_the_currency_stays_as_text(read, make_invoice, currency, value):
    document = read(make_invoice(currency=currency, payable=value))

    assert document.body.totals.payable is None
    assert document.body.extra["LegalMonetaryTotal/PayableAmount"] == value
    assert document.stated == {"payable": value}


def test_zeros_behind_the_minor_unit_are_not_finer(read, make_invoice):
    assert read(make_invoice(payable="10.0500000")).body.totals.payable == 1_005


def test_an_amount_in_another_currency_is_not_mixed_in(read, make_invoice):
    foreign = amount("LineExtensionAmount", "9.50", "USD")

    body = read(make_invoice(line=foreign)).body

    assert body.lines[0].net_amount is None
    assert body.extra["InvoiceLine/LineExtensionAmount"] == "9.50"
    assert body.extra["InvoiceLine/LineExtensionAmount@currencyID"] == "USD"


def test_the_tax_in_the_tax_currency_is_kept_in_that_currency(read, make_invoice):
    tax = "".join(
        f"<cac:TaxTotal>{amount('TaxAmount', value, currency)}</cac:TaxTotal>"
        for value, currency in (("21.00", "EUR"), ("3400", "JPY"))
    )
    head = f"<cbc:TaxCurrencyCode>JPY</cbc:TaxCurrencyCode>{tax}"

    document = read(make_invoice(head=head))

    assert document.body.totals.tax == 2_100
    assert document.body.totals.tax_in_tax_currency == 3_400
    assert document.stated["tax"] == "21.00"


def test_several_tax_totals_have_no_sum_of_our_making(read, make_invoice):
    tax = "".join(
        f"""<cac:TaxTotal>{amount("TaxAmount", value, "EUR")}<cac:TaxSubtotal>
        {amount("TaxableAmount", "100.00", "EUR")}{amount("TaxAmount", value, "EUR")}
        <cac:TaxCategory><cbc:Percent>{rate}</cbc:Percent><cac:TaxScheme><cbc:ID>{scheme}</cbc:ID>
        </cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"""
        for scheme, rate, value in (("VAT", "21", "21.00"), ("EXC", "5", "5.00"))
    )

    document = read(make_invoice(tail=tax))

    assert document.body.totals.tax is None
    assert "tax" not in document.stated
    assert [(row.scheme, row.rate, row.amount) for row in document.body.taxes] == [
        ("VAT", Decimal(21), 2_100),
        ("EXC", Decimal(5), 500),
    ]
    assert document.body.extra["TaxTotal[2]/TaxAmount"] == "5.00"


def test_withheld_tax_stands_apart(read, make_invoice):
    withheld = f"""<cac:WithholdingTaxTotal>{amount("TaxAmount", "15.00", "EUR")}
    <cac:TaxSubtotal>{amount("TaxAmount", "15.00", "EUR")}<cac:TaxCategory>
    <cbc:Percent>15</cbc:Percent><cac:TaxScheme><cbc:ID>IRPF</cbc:ID></cac:TaxScheme>
    </cac:TaxCategory></cac:TaxSubtotal></cac:WithholdingTaxTotal>"""

    body = read(make_invoice(tail=withheld)).body

    assert body.totals.withheld == 1_500
    assert [(row.scheme, row.is_withheld) for row in body.taxes] == [("IRPF", True)]


@pytest.mark.parametrize(
    ("stated", "read_as"), [("0.10", None), ("10", Decimal(10)), ("0.5", None), ("0", Decimal(0))]
)
def test_a_factor_is_not_taken_for_a_percentage(read, make_invoice, stated, read_as):
    tail = f"""<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
    <cbc:MultiplierFactorNumeric>{stated}</cbc:MultiplierFactorNumeric>
    {amount("Amount", "10.00", "EUR")}</cac:AllowanceCharge>"""

    body = read(make_invoice(tail=tail)).body

    assert body.allowances_charges[0].percent == read_as
    kept = body.extra.get("AllowanceCharge/MultiplierFactorNumeric")
    assert kept == (stated if read_as is None else None)


def test_half_a_percent_is_taken_where_the_base_proves_it(read, make_invoice):
    tail = f"""<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>
    <cbc:MultiplierFactorNumeric>0.5</cbc:MultiplierFactorNumeric>
    {amount("Amount", "1.00", "EUR")}{amount("BaseAmount", "200.00", "EUR")}
    </cac:AllowanceCharge>"""

    (charge,) = read(make_invoice(tail=tail)).body.allowances_charges

    assert (charge.is_charge, charge.amount, charge.base) == (True, 100, 20_000)
    assert charge.percent == Decimal("0.5")


@pytest.mark.parametrize(
    "value", ["1,250.00", "12 EUR", "NaN", "Infinity", "1e5", "0x10", "١٢", "--1", "9" * 40]
)
def test_a_figure_that_is_no_number_is_refused_by_its_name(read, make_invoice, value):
    with pytest.raises(ImportRefusedError, match=r"^its PayableAmount '[^\n]+' is no number$"):
        read(make_invoice(payable=value))


def test_an_amount_larger_than_anything_real_is_refused(read, make_invoice):
    with pytest.raises(ImportRefusedError, match="too large"):
        read(make_invoice(payable="9999999999999999"))


def test_a_credit_note_stays_positive_as_it_is_stated(read, make_invoice):
    text = make_invoice(root="CreditNote", payable="50.00")

    body = read(text).body

    assert (body.kind, body.totals.payable) == ("credit_note", 5_000)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("380", "invoice"), ("384", "invoice"), ("325", "proforma"), ("381", "credit_note")],
)
def test_the_type_code_of_an_invoice_says_what_it_is(read, make_invoice, code, kind):
    text = make_invoice().replace(">380<", f">{code}<")

    body = read(text).body

    assert (body.kind, body.type_code) == (kind, code)


def test_a_document_without_any_amount_has_no_currency(read, make_invoice):
    text = make_invoice(totals="").replace(
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>", ""
    )

    assert read(text).body.currency == "XXX"


def test_a_day_is_never_moved_by_a_time_zone(read, make_invoice):
    text = make_invoice().replace(">2026-03-01<", ">2026-03-01-08:00<")

    body = read(text).body

    assert body.issued_on.isoformat() == "2026-03-01"
    assert body.extra["IssueDate"] == "2026-03-01-08:00"


def test_a_date_that_is_none_stays_as_text_but_a_document_needs_its_own(read, make_invoice):
    soon = make_invoice(head="<cbc:DueDate>soon</cbc:DueDate>")
    undated = make_invoice().replace(">2026-03-01<", ">2026-02-30<")

    assert read(soon).body.extra["DueDate"] == "soon"
    with pytest.raises(ImportRefusedError, match=r"^its IssueDate '2026-02-30' is no date$"):
        read(undated)


def test_an_account_that_is_no_iban_can_still_be_read(read, make_invoice):
    means = """<cac:PaymentMeans><cbc:PaymentMeansCode>42</cbc:PaymentMeansCode>
    <cac:PayeeFinancialAccount><cbc:ID>{}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"""

    plain = read(make_invoice(tail=means.format("1234 5678"))).body.payment_means[0]
    iban = read(make_invoice(tail=means.format("ES91 2100 0418 4502 0005 1332"))).body

    assert (plain.iban, plain.text) == (None, "1234 5678")
    assert iban.payment_means[0].iban == "ES91 2100 0418 4502 0005 1332"


def test_what_is_left_has_a_path_with_positions(read, make_invoice):
    tail = """<cac:InvoiceLine><cbc:ID>2</cbc:ID><cac:Item><cbc:Name>Soap</cbc:Name>
    <cbc:BrandName>A</cbc:BrandName><cbc:BrandName>B</cbc:BrandName></cac:Item></cac:InvoiceLine>"""

    extra = read(make_invoice(tail=tail)).body.extra

    assert extra == {
        "InvoiceLine[2]/Item/BrandName[1]": "A",
        "InvoiceLine[2]/Item/BrandName[2]": "B",
    }


def test_foreign_elements_and_long_texts_are_kept_too(read, make_invoice):
    long = "x" * 45_000
    tail = f'<a:B xmlns:a="urn:a" c="d">e<a:F>{long}</a:F>g</a:B>'

    extra = read(make_invoice(tail=tail)).body.extra

    assert extra["B"] == "eg"
    assert extra["B@c"] == "d"
    assert extra["B/F"] + extra["B/F#2"] + extra["B/F#3"] == long


def test_more_leftovers_than_a_body_holds_become_a_file(read, make_invoice):
    tail = "".join(f"<cbc:UUID>{number}</cbc:UUID>" for number in range(16_000))

    document = read(make_invoice(tail=tail))

    (file,) = document.files
    assert document.body.extra == {}
    assert (file.filename, b'"UUID[16000]":"15999"' in file.content) == ("extra.json", True)


def test_prepayments_instalments_and_rates_are_read(read, make_invoice):
    tail = f"""<cac:PrepaidPayment><cbc:ID>P-1</cbc:ID>{amount("PaidAmount", "20.00", "EUR")}
    <cbc:ReceivedDate>2026-02-01</cbc:ReceivedDate></cac:PrepaidPayment>
    <cac:PrepaidPayment>{amount("PaidAmount", "20.00", "USD")}</cac:PrepaidPayment>
    <cac:PaymentTerms><cbc:Note>In two parts</cbc:Note>{amount("Amount", "60.00", "EUR")}
    <cbc:PaymentDueDate>2026-04-01</cbc:PaymentDueDate></cac:PaymentTerms>
    <cac:PaymentTerms><cbc:PaymentPercent>50</cbc:PaymentPercent>
    <cbc:InstallmentDueDate>2026-05-01</cbc:InstallmentDueDate></cac:PaymentTerms>
    <cac:TaxExchangeRate><cbc:SourceCurrencyCode>EUR</cbc:SourceCurrencyCode>
    <cbc:TargetCurrencyCode>SEK</cbc:TargetCurrencyCode>
    <cbc:CalculationRate>11.2345</cbc:CalculationRate><cbc:Date>2026-03-01</cbc:Date>
    </cac:TaxExchangeRate>
    <cac:PaymentExchangeRate><cbc:CalculationRate>2</cbc:CalculationRate></cac:PaymentExchangeRate>"""

    body = read(make_invoice(tail=tail)).body

    (prepaid,) = body.stated_payments
    assert (prepaid.amount, prepaid.paid_on, prepaid.reference) == (2_000, date(2026, 2, 1), "P-1")
    assert [(part.due_on, part.amount, part.percent) for part in body.instalments] == [
        (date(2026, 4, 1), 6_000, None),
        (date(2026, 5, 1), None, Decimal(50)),
    ]
    assert body.payment_terms == "In two parts"
    (rate,) = body.exchange_rates
    assert (rate.source, rate.target, rate.rate) == ("EUR", "SEK", Decimal("11.2345"))
    assert body.extra == {
        "PrepaidPayment[2]/PaidAmount": "20.00",
        "PrepaidPayment[2]/PaidAmount@currencyID": "USD",
        "PaymentExchangeRate/CalculationRate": "2",
    }


def test_lines_below_a_line_are_its_lines(read, make_invoice):
    below = f"""<cac:SubInvoiceLine><cbc:ID>1.1</cbc:ID>
    {amount("LineExtensionAmount", "5.00", "EUR")}<cac:Item><cbc:Name>Half</cbc:Name></cac:Item>
    </cac:SubInvoiceLine>"""

    (line,) = read(make_invoice(line=below)).body.lines

    assert [(each.id, each.item.name, each.net_amount) for each in line.lines] == [
        ("1.1", "Half", 500)
    ]


@pytest.mark.parametrize(
    "content",
    [
        "<cbc:Amount>10.00</cbc:Amount>",
        "<cbc:ChargeIndicator>perhaps</cbc:ChargeIndicator><cbc:Amount>10.00</cbc:Amount>",
        "<cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:Amount>10.001</cbc:Amount>",
    ],
)
def test_an_allowance_that_cannot_be_told_stays_whole(read, make_invoice, content):
    tail = f"<cac:AllowanceCharge>{content}</cac:AllowanceCharge>"

    body = read(make_invoice(tail=tail)).body

    assert body.allowances_charges == ()
    assert "AllowanceCharge/Amount" in body.extra


def test_a_currency_that_is_none_is_refused(read, make_invoice):
    with pytest.raises(ImportRefusedError, match="currency 'Euro' is no ISO 4217 code"):
        read(make_invoice(currency="Euro"))


def test_a_delivery_note_counts_what_was_sent_and_not_what_was_ordered(read, make_invoice):
    text = make_invoice(root="DespatchAdvice", totals="")
    text = text.replace("InvoiceLine", "DespatchLine").replace(
        "InvoicedQuantity", "DeliveredQuantity"
    )

    (line,) = read(text).body.lines

    assert (line.quantity, line.delivered_quantity) == (None, Decimal(1))


def test_the_sellers_number_of_an_order_and_delivery_notes_of_lines_are_mentioned(
    read, make_invoice
):
    head = """<cac:OrderReference><cbc:ID>PO-1</cbc:ID><cbc:SalesOrderID>SO-1</cbc:SalesOrderID>
    </cac:OrderReference>"""
    line = """<cac:DespatchLineReference><cbc:LineID>1</cbc:LineID><cac:DocumentReference>
    <cbc:ID>D-1</cbc:ID></cac:DocumentReference></cac:DespatchLineReference>"""

    body = read(make_invoice(head=head, line=line)).body

    assert [(each.relation, each.number) for each in body.references] == [
        (Relation.INVOICE_OF_ORDER, "PO-1"),
        (Relation.INVOICE_OF_ORDER, "SO-1"),
        (Relation.INVOICE_OF_DELIVERY, "D-1"),
    ]
    assert body.order_number == "PO-1"
