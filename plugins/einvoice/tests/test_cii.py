"""Cross Industry messages of every profile and age: what they state, and nothing else."""

from datetime import date
from decimal import Decimal

import pytest

from portalkit.errors import ImportRefusedError
from portalkit.model import (
    Identifier,
    Instalment,
    LineKind,
    PartyRole,
    ReferenceStated,
    Relation,
    StatedPayment,
)

UNECE = "urn:un:unece:uncefact:data:"


def day(name: str, value: str, kind: str = "udt:DateTimeString", form: str = "102") -> str:
    return f'<ram:{name}><{kind} format="{form}">{value}</{kind}></ram:{name}>'


def reference(name: str, number: str, *, line: str = "") -> str:
    return f"<ram:{name}><ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>{line}</ram:{name}>"


def charge(name: str, amount: str, *, indicator: str = "true", tax: str = "") -> str:
    return f"""<ram:{name}><ram:ChargeIndicator><udt:Indicator>{indicator}</udt:Indicator>
    </ram:ChargeIndicator><ram:ActualAmount>{amount}</ram:ActualAmount>{tax}</ram:{name}>"""


def total(name: str, value: str, currency: str | None = None) -> str:
    attribute = f' currencyID="{currency}"' if currency else ""
    return f"<ram:{name}{attribute}>{value}</ram:{name}>"


def trade_tax(category: str, rate: str, basis: str, amount: str, *, more: str = "") -> str:
    return f"""<ram:ApplicableTradeTax><ram:CalculatedAmount>{amount}</ram:CalculatedAmount>
    <ram:TypeCode>VAT</ram:TypeCode>{more}<ram:BasisAmount>{basis}</ram:BasisAmount>
    <ram:CategoryCode>{category}</ram:CategoryCode>
    <ram:RateApplicablePercent>{rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>"""


@pytest.mark.parametrize(
    "profile",
    [
        "urn:factur-x.eu:1p0:minimum",
        "urn:zugferd.de:2p0:minimum",
        "urn:factur-x.eu:1p0:basicwl",
    ],
)
def test_profiles_without_lines_have_totals_alone(read_cii, make_cii, profile):
    totals = "".join(
        (
            total("TaxBasisTotalAmount", "100.00"),
            total("TaxTotalAmount", "21.00", "EUR"),
            total("GrandTotalAmount", "121.00"),
            total("DuePayableAmount", "121.00"),
        )
    )

    document = read_cii(make_cii(lines="", totals=totals, profile=profile))

    body = document.body
    assert body.lines == ()
    assert body.customization_id == profile
    assert (body.totals.net, body.totals.tax, body.totals.gross) == (10_000, 2_100, 12_100)
    assert body.totals.line_total is None
    assert document.stated == {
        "net": "100.00",
        "tax": "21.00",
        "gross": "121.00",
        "payable": "121.00",
    }
    assert body.extra == {}


@pytest.mark.parametrize(
    ("type_code", "kind"),
    [
        ("380", "invoice"),
        ("384", "invoice"),
        ("389", "invoice"),
        ("386", "invoice"),
        ("325", "proforma"),
        ("381", "credit_note"),
        ("261", "credit_note"),
    ],
)
def test_the_type_code_says_what_it_is(read_cii, make_cii, type_code, kind):
    body = read_cii(make_cii(type_code=type_code)).body

    assert (body.kind, body.type_code) == (kind, type_code)


def test_several_rates_exemptions_and_the_day_of_the_tax(read_cii, make_cii):
    point = '<ram:TaxPointDate><udt:DateString format="102">20260228</udt:DateString>'
    point += "</ram:TaxPointDate>"
    exempt = "<ram:ExemptionReason>Teaching</ram:ExemptionReason>"
    settlement = "".join(
        (
            trade_tax("S", "21", "100.00", "21.00", more=point),
            trade_tax("S", "10", "50.00", "5.00", more=point),
            trade_tax("E", "0", "30.00", "0.00", more=exempt),
        )
    )

    body = read_cii(make_cii(settlement=settlement)).body

    assert body.tax_point_on == date(2026, 2, 28)
    assert [(row.category, row.rate, row.taxable, row.amount) for row in body.taxes] == [
        ("S", Decimal(21), 10_000, 2_100),
        ("S", Decimal(10), 5_000, 500),
        ("E", Decimal(0), 3_000, 0),
    ]
    assert body.taxes[2].exemption_reason == "Teaching"
    assert body.extra == {}


def test_tax_that_is_withheld_stands_apart(read_cii, make_cii):
    tax = trade_tax("S", "15", "100.00", "15.00").replace("VAT", "IRPF")

    body = read_cii(make_cii(settlement=tax + trade_tax("S", "21", "100.00", "21.00"))).body

    assert [(row.scheme, row.is_withheld) for row in body.taxes] == [
        ("VAT", False),
        ("IRPF", True),
    ]


def test_charges_discounts_and_freight_of_the_whole_document(read_cii, make_cii):
    category = """<ram:CategoryTradeTax><ram:TypeCode>VAT</ram:TypeCode>
    <ram:CategoryCode>S</ram:CategoryCode></ram:CategoryTradeTax>"""
    freight = """<ram:SpecifiedLogisticsServiceCharge><ram:Description>Freight</ram:Description>
    <ram:AppliedAmount>4.50</ram:AppliedAmount></ram:SpecifiedLogisticsServiceCharge>"""
    name = "SpecifiedTradeAllowanceCharge"
    settlement = charge(name, "2.00", indicator="false") + charge(name, "3.00", tax=category)

    body = read_cii(make_cii(settlement=settlement + freight)).body

    assert [(part.is_charge, part.amount) for part in body.allowances_charges] == [
        (False, 200),
        (True, 300),
        (True, 450),
    ]
    assert body.allowances_charges[1].tax.category == "S"
    assert body.allowances_charges[2].reason == "Freight"


@pytest.mark.parametrize("indicator", ["", "maybe"])
def test_an_amount_that_is_neither_discount_nor_charge_stays(read_cii, make_cii, indicator):
    settlement = charge("SpecifiedTradeAllowanceCharge", "2.00", indicator=indicator)

    body = read_cii(make_cii(settlement=settlement)).body

    assert body.allowances_charges == ()
    path = "ApplicableHeaderTradeSettlement/SpecifiedTradeAllowanceCharge/ActualAmount"
    assert body.extra[f"SupplyChainTradeTransaction/{path}"] == "2.00"


def test_the_price_of_a_line_with_its_discount_and_quantity(read_cii, make_cii, make_cii_line):
    price = f"""<ram:GrossPriceProductTradePrice><ram:ChargeAmount>12.3456</ram:ChargeAmount>
    <ram:BasisQuantity unitCode="C62">10</ram:BasisQuantity>
    {charge("AppliedTradeAllowanceCharge", "2.3456", indicator="false")}
    </ram:GrossPriceProductTradePrice><ram:NetPriceProductTradePrice>
    <ram:ChargeAmount>10.0000</ram:ChargeAmount>
    <ram:BasisQuantity unitCode="C62">10</ram:BasisQuantity></ram:NetPriceProductTradePrice>"""

    body = read_cii(make_cii(lines=make_cii_line(price=price, quantity="-3"))).body

    (line,) = body.lines
    assert (line.quantity, line.unit) == (Decimal(-3), "C62")
    assert (line.gross_price, line.price_discount) == (Decimal("12.3456"), Decimal("2.3456"))
    assert (line.net_price, line.base_quantity) == (Decimal("10.0000"), Decimal(10))
    assert body.extra == {}


def test_a_charge_on_a_price_is_no_discount_and_stays(read_cii, make_cii, make_cii_line):
    price = f"""<ram:GrossPriceProductTradePrice><ram:ChargeAmount>1</ram:ChargeAmount>
    {charge("AppliedTradeAllowanceCharge", "0.50")}</ram:GrossPriceProductTradePrice>"""

    body = read_cii(make_cii(lines=make_cii_line(price=price))).body

    assert body.lines[0].price_discount is None
    assert "0.50" in body.extra.values()


def below(parent: str, reason: str = "DETAIL") -> str:
    return (
        f"<ram:ParentLineID>{parent}</ram:ParentLineID>"
        f"<ram:LineStatusReasonCode>{reason}</ram:LineStatusReasonCode>"
    )


def test_lines_with_a_parent_stand_below_it(read_cii, make_cii, make_cii_line):
    lines = "".join(
        (
            make_cii_line("1", head="<ram:LineStatusReasonCode>GROUP</ram:LineStatusReasonCode>"),
            make_cii_line("1.1", head=below("1")),
            make_cii_line("1.2", head=below("1")),
            make_cii_line("1.2.1", head=below("1.2", "INFORMATION")),
            make_cii_line("2"),
        )
    )

    body = read_cii(make_cii(lines=lines)).body

    first, second = body.lines
    assert (first.id, second.id) == ("1", "2")
    assert [line.id for line in first.lines] == ["1.1", "1.2"]
    assert [line.id for line in first.lines[1].lines] == ["1.2.1"]
    assert first.lines[0].lines == second.lines == ()
    assert list(body.extra.values()) == ["GROUP", "DETAIL", "DETAIL", "INFORMATION"]


def test_a_line_for_information_alone_is_no_item(read_cii, make_cii, make_cii_line):
    head = "<ram:LineStatusReasonCode>INFORMATION</ram:LineStatusReasonCode>"

    body = read_cii(make_cii(lines=make_cii_line("1") + make_cii_line("2", head=head))).body

    assert [line.kind for line in body.lines] == [LineKind.ITEM, LineKind.TEXT]


def test_a_parent_that_is_not_there_or_the_line_itself_stays(read_cii, make_cii, make_cii_line):
    lines = make_cii_line("1", head=below("9")) + make_cii_line("2", head=below("2"))

    body = read_cii(make_cii(lines=lines)).body

    assert [line.id for line in body.lines] == ["1", "2"]
    stated = [text for path, text in body.extra.items() if path.endswith("ParentLineID")]
    assert stated == ["9", "2"]


def test_lines_below_each_other_in_a_circle_are_refused(read_cii, make_cii, make_cii_line):
    lines = make_cii_line("1", head=below("2")) + make_cii_line("2", head=below("1"))

    with pytest.raises(ImportRefusedError, match=r"^its lines are nested more than 10 deep$"):
        read_cii(make_cii(lines=lines))


def test_a_long_tower_of_lines_is_refused(read_cii, make_cii, make_cii_line):
    lines = "".join(
        make_cii_line(str(number), head=below(str(number - 1))) for number in range(1, 3_000)
    )

    with pytest.raises(ImportRefusedError, match=r"^its lines are nested more than 10 deep$"):
        read_cii(make_cii(lines=lines))


def test_a_credit_note_mentions_what_it_credits(read_cii, make_cii):
    issued = day("FormattedIssueDateTime", "20260115", "qdt:DateTimeString")
    settlement = reference("InvoiceReferencedDocument", "F-0", line=issued)

    body = read_cii(make_cii(type_code="381", settlement=settlement)).body

    assert body.references == (
        ReferenceStated(relation=Relation.CREDITS, number="F-0", issued_on=date(2026, 1, 15)),
    )
    assert body.extra == {}


def test_a_corrective_invoice_corrects_and_an_ordinary_one_does_not_say(read_cii, make_cii):
    settlement = reference("InvoiceReferencedDocument", "F-0")

    corrective = read_cii(make_cii(type_code="384", settlement=settlement)).body
    ordinary = read_cii(make_cii(settlement=settlement)).body

    assert [each.relation for each in corrective.references] == [Relation.CORRECTS]
    assert ordinary.references == ()
    assert "F-0" in ordinary.extra.values()


def test_an_invoice_mentions_order_delivery_contract_and_quote(read_cii, make_cii, make_cii_line):
    agreement = "".join(
        reference(f"{name}ReferencedDocument", number)
        for name, number in (
            ("SellerOrder", "SO-1"),
            ("BuyerOrder", "PO-1"),
            ("Quotation", "Q-1"),
            ("Contract", "C-1"),
        )
    )
    delivery = reference("DespatchAdviceReferencedDocument", "D-1")
    lines = make_cii_line(delivery=reference("DeliveryNoteReferencedDocument", "D-2"))

    body = read_cii(make_cii(agreement=agreement, delivery=delivery, lines=lines)).body

    assert {(each.relation, each.number) for each in body.references} == {
        (Relation.INVOICE_OF_ORDER, "PO-1"),
        (Relation.INVOICE_OF_ORDER, "SO-1"),
        (Relation.INVOICE_OF_QUOTE, "Q-1"),
        (Relation.CONTRACT, "C-1"),
        (Relation.INVOICE_OF_DELIVERY, "D-1"),
        (Relation.INVOICE_OF_DELIVERY, "D-2"),
    }
    assert (body.order_number, body.contract_number) == ("PO-1", "C-1")
    assert body.lines[0].delivery_note_number == "D-2"
    assert body.extra == {}


def test_how_to_pay(read_cii, make_cii):
    settlement = """<ram:CreditorReferenceID>DE98ZZZ</ram:CreditorReferenceID>
    <ram:PaymentReference>F-1/2026</ram:PaymentReference>
    <ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>59</ram:TypeCode>
    <ram:Information>Direct debit</ram:Information><ram:PayeePartyCreditorFinancialAccount>
    <ram:IBANID>DE02120300000000202051</ram:IBANID><ram:AccountName>Seller</ram:AccountName>
    </ram:PayeePartyCreditorFinancialAccount><ram:PayeeSpecifiedCreditorFinancialInstitution>
    <ram:BICID>BYLADEM1001</ram:BICID></ram:PayeeSpecifiedCreditorFinancialInstitution>
    </ram:SpecifiedTradeSettlementPaymentMeans><ram:SpecifiedTradePaymentTerms>
    <ram:DirectDebitMandateID>M-1</ram:DirectDebitMandateID></ram:SpecifiedTradePaymentTerms>"""

    body = read_cii(make_cii(settlement=settlement)).body

    (means,) = body.payment_means
    assert (means.code, means.text, means.reference) == ("59", "Direct debit", "F-1/2026")
    assert (means.iban, means.bic) == ("DE02120300000000202051", "BYLADEM1001")
    assert (means.mandate, means.creditor_id) == ("M-1", "DE98ZZZ")
    assert means.account_name == "Seller"
    assert body.extra == {}


def test_a_reference_for_the_transfer_is_kept_without_an_account(read_cii, make_cii):
    settlement = "<ram:PaymentReference>F-1</ram:PaymentReference>"

    (means,) = read_cii(make_cii(settlement=settlement)).body.payment_means

    assert means.reference == "F-1"


def terms(text: str, due: str = "", more: str = "") -> str:
    due = day("DueDateDateTime", due) if due else ""
    return f"""<ram:SpecifiedTradePaymentTerms><ram:Description>{text}</ram:Description>{due}{more}
    </ram:SpecifiedTradePaymentTerms>"""


def test_the_day_of_an_early_payment_is_not_the_due_date(read_cii, make_cii):
    discount = """<ram:ApplicableTradePaymentDiscountTerms><ram:CalculationPercent>2
    </ram:CalculationPercent></ram:ApplicableTradePaymentDiscountTerms>"""

    body = read_cii(
        make_cii(settlement=terms("2 %", "20260310", discount) + terms("net", "20260331"))
    ).body

    assert body.due_on == date(2026, 3, 31)
    assert body.payment_terms == "2 %\nnet"
    assert body.instalments == ()
    assert "20260310" in body.extra.values()


def test_terms_with_amounts_are_instalments(read_cii, make_cii):
    parts = [
        terms(
            "half",
            f"2026{month}30",
            "<ram:PartialPaymentAmount>60.50</ram:PartialPaymentAmount>",
        )
        for month in ("04", "05")
    ]

    body = read_cii(make_cii(settlement="".join(parts))).body

    assert body.instalments == (
        Instalment(due_on=date(2026, 4, 30), amount=6_050),
        Instalment(due_on=date(2026, 5, 30), amount=6_050),
    )
    assert body.due_on is None


def test_payments_on_account_and_rounding(read_cii, make_cii):
    advance = f"""<ram:SpecifiedAdvancePayment><ram:PaidAmount>20.00</ram:PaidAmount>
    {day("FormattedReceivedDateTime", "20260115", "qdt:DateTimeString")}
    <ram:InvoiceSpecifiedReferencedDocument><ram:IssuerAssignedID>A-1</ram:IssuerAssignedID>
    </ram:InvoiceSpecifiedReferencedDocument></ram:SpecifiedAdvancePayment>"""
    totals = "".join(
        (
            total("RoundingAmount", "-0.01"),
            total("GrandTotalAmount", "121.01"),
            total("TotalPrepaidAmount", "20.00"),
            total("DuePayableAmount", "101.00"),
        )
    )

    body = read_cii(make_cii(settlement=advance, totals=totals)).body

    assert body.stated_payments == (
        StatedPayment(amount=2_000, paid_on=date(2026, 1, 15), reference="A-1"),
    )
    assert (body.totals.rounding, body.totals.prepaid, body.totals.payable) == (-1, 2_000, 10_100)


def test_where_when_and_to_whom_goods_go(read_cii, make_cii):
    delivery = f"""<ram:ShipToTradeParty><ram:Name>Shop</ram:Name><ram:PostalTradeAddress>
    <ram:LineOne>Calle Mayor 1</ram:LineOne><ram:CityName>Baeza</ram:CityName>
    <ram:CountryID>ES</ram:CountryID></ram:PostalTradeAddress></ram:ShipToTradeParty>
    <ram:ActualDeliverySupplyChainEvent>{day("OccurrenceDateTime", "20260227")}
    </ram:ActualDeliverySupplyChainEvent>"""

    body = read_cii(make_cii(delivery=delivery)).body

    (arrival,) = body.deliveries
    assert arrival.delivered_on == date(2026, 2, 27)
    assert arrival.address.city == "Baeza"
    assert body.party(PartyRole.SHIP_TO).name == "Shop"
    assert body.extra == {}


def test_the_number_for_vat_stands_first_wherever_the_file_has_it(read_cii, make_cii):
    fiscal = """<ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">201/113</ram:ID>
    </ram:SpecifiedTaxRegistration><ram:SpecifiedTaxRegistration>"""

    body = read_cii(make_cii().replace("<ram:SpecifiedTaxRegistration>", fiscal, 1)).body

    assert body.party(PartyRole.SELLER).tax_ids == (
        Identifier("ESB00000001", "VAT"),
        Identifier("201/113", "FC"),
    )


@pytest.mark.parametrize(
    ("stated", "form", "read_as"),
    [
        ("20260228", "102", date(2026, 2, 28)),
        ("2026-02-28", "102", date(2026, 2, 28)),
        ("202602281200", "203", date(2026, 2, 28)),
        ("20260230", "102", None),
        ("202602", "610", None),
        ("0000", "102", None),
    ],
)
def test_days_are_read_in_every_form_and_no_others(read_cii, make_cii, stated, form, read_as):
    text = make_cii().replace(">20260301<", f">{stated}<").replace('"102"', f'"{form}"')

    if read_as is None:
        with pytest.raises(ImportRefusedError, match=r"^its IssueDateTime '\d+' is no date$"):
            read_cii(text)
    else:
        body = read_cii(text).body
        assert body.issued_on == read_as
        # The time has no field: it stays as it was stated.
        assert (stated in body.extra.values()) is (form == "203")


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        ("<ram:ID>F-1</ram:ID>", "it has no ID"),
        ('<udt:DateTimeString format="102">20260301', "it has no IssueDateTime"),
    ],
)
def test_number_and_date_are_needed(read_cii, make_cii, old, reason):
    text = make_cii().replace(old, old.partition(">")[0] + ">" if "udt" in old else "")

    with pytest.raises(ImportRefusedError) as caught:
        read_cii(text)

    assert str(caught.value) == reason


@pytest.mark.parametrize("version", ["99", "1000", "x"])
def test_another_version_of_the_message_is_refused(cii_importer, make_cii, version):
    text = make_cii().replace("CrossIndustryInvoice:100", f"CrossIndustryInvoice:{version}")

    assert cii_importer.recognizes(text.encode()[:4096], "x.xml")
    with pytest.raises(ImportRefusedError, match="is no invoice or order of CII that is imported"):
        cii_importer.read(text.encode(), "x.xml")


@pytest.mark.parametrize(
    ("currency", "stated", "minor_units"),
    [
        ("JPY", ("121000", "12100"), (121_000, 12_100)),
        ("OMR", ("1.234", "0.062"), (1_234, 62)),
        ("EUR", ("100.00", "21.00"), (10_000, 2_100)),
    ],
)
def test_currencies_have_their_own_decimals(read_cii, make_cii, currency, stated, minor_units):
    net, tax = stated
    line = f"""<ram:SpecifiedTradeSettlementLineMonetarySummation>
    <ram:LineTotalAmount>{net}</ram:LineTotalAmount>
    </ram:SpecifiedTradeSettlementLineMonetarySummation>"""
    totals = total("TaxBasisTotalAmount", net) + total("TaxTotalAmount", tax, currency)

    document = read_cii(
        make_cii(
            currency=currency,
            totals=totals,
            line=line,
            settlement=trade_tax("S", "5", net, tax),
        )
    )

    body = document.body
    assert (body.totals.net, body.totals.tax) == minor_units
    assert (body.taxes[0].taxable, body.taxes[0].amount) == minor_units
    assert body.lines[0].net_amount == minor_units[0]
    assert document.stated == {"net": net, "tax": tax}


@pytest.mark.parametrize(
    ("currency", "value"), [("EUR", "10.005"), ("JPY", "10.5"), ("OMR", "1.2345")]
)
def test_an_amount_finer_than_the_currency_stays_as_text(read_cii, make_cii, currency, value):
    body = read_cii(make_cii(currency=currency, payable=value)).body

    assert body.totals.payable is None
    assert value in body.extra.values()


def test_the_tax_in_the_tax_currency_is_kept_in_that_currency(read_cii, make_cii):
    totals = total("TaxTotalAmount", "21.00", "EUR") + total("TaxTotalAmount", "3400", "JPY")
    rate = f"""<ram:TaxApplicableTradeCurrencyExchange>
    <ram:SourceCurrencyCode>EUR</ram:SourceCurrencyCode>
    <ram:TargetCurrencyCode>JPY</ram:TargetCurrencyCode><ram:ConversionRate>161.9
    </ram:ConversionRate>{day("ConversionRateDateTime", "20260301")}
    </ram:TaxApplicableTradeCurrencyExchange>"""
    settlement = f"<ram:TaxCurrencyCode>JPY</ram:TaxCurrencyCode>{rate}"

    body = read_cii(make_cii(totals=totals, settlement=settlement)).body

    assert (body.totals.tax, body.totals.tax_in_tax_currency) == (2_100, 3_400)
    assert body.exchange_rates[0].rate == Decimal("161.9")
    assert body.extra == {}


ZUGFERD_1 = {
    "rsm:CrossIndustryInvoice": "rsm:CrossIndustryDocument",
    f"{UNECE}standard:CrossIndustryInvoice:100": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "BusinessInformationEntity:100": "BusinessInformationEntity:12",
    "QualifiedDataType:100": "QualifiedDataType:12",
    "UnqualifiedDataType:100": "UnqualifiedDataType:15",
    "rsm:ExchangedDocumentContext": "rsm:SpecifiedExchangedDocumentContext",
    "rsm:ExchangedDocument>": "rsm:HeaderExchangedDocument>",
    "rsm:SupplyChainTradeTransaction": "rsm:SpecifiedSupplyChainTradeTransaction",
    "ApplicableHeaderTrade": "ApplicableSupplyChainTrade",
    "SpecifiedLineTrade": "SpecifiedSupplyChainTrade",
    "SettlementHeaderMonetary": "SettlementMonetary",
    "SettlementLineMonetary": "SettlementMonetary",
    "RateApplicablePercent": "ApplicablePercent",
    "IssuerAssignedID": "ID",
    "<ram:DuePayableAmount>": '<ram:DuePayableAmount currencyID="EUR">',
}


def test_zugferd_1_is_read_by_its_own_names(read_cii, cii_importer, make_cii, make_cii_line):
    line = trade_tax("S", "21", "100.00", "21.00")
    line += """<ram:SpecifiedTradeSettlementLineMonetarySummation>
    <ram:LineTotalAmount>100.00</ram:LineTotalAmount>
    </ram:SpecifiedTradeSettlementLineMonetarySummation>"""
    order = "<ram:IssueDateTime>2026-02-01T00:00:00</ram:IssueDateTime>"
    text = make_cii(
        lines=make_cii_line(line=line),
        agreement=reference("BuyerOrderReferencedDocument", "PO-1", line=order),
        settlement=trade_tax("S", "21", "100.00", "21.00"),
        profile="urn:ferd:CrossIndustryDocument:invoice:1p0:comfort",
    )
    for new, old in ZUGFERD_1.items():
        assert new in text, new
        text = text.replace(new, old)

    assert cii_importer.recognizes(text.encode()[:4096], "x.xml")
    body = read_cii(text).body

    assert (body.kind, body.number, body.issued_on) == ("invoice", "F-1", date(2026, 3, 1))
    assert body.totals.payable == 12_100
    assert (body.taxes[0].rate, body.taxes[0].amount) == (Decimal(21), 2_100)
    assert (body.lines[0].net_amount, body.lines[0].quantity) == (10_000, Decimal(1))
    assert body.lines[0].taxes[0].rate == Decimal(21)
    assert body.references == (
        ReferenceStated(
            relation=Relation.INVOICE_OF_ORDER, number="PO-1", issued_on=date(2026, 2, 1)
        ),
    )
    # Of the line's own tax only what is charged has no field.
    assert set(body.extra.values()) <= {"100.00", "21.00"}


def as_order(text: str) -> str:
    """Return an invoice as an order in Order-X."""
    for new, old in {
        "CrossIndustryInvoice": "SCRDMCCBDACIOMessageStructure",
        f"{UNECE}standard:SCRDM": f"{UNECE}SCRDM",
        "BusinessInformationEntity:100": "BusinessInformationEntity:128",
        "QualifiedDataType:100": "QualifiedDataType:128",
        "UnqualifiedDataType:100": "UnqualifiedDataType:128",
        "InvoiceCurrencyCode": "OrderCurrencyCode",
        "BilledQuantity": "RequestedQuantity",
    }.items():
        text = text.replace(new, old)
    return text


def order_xml(make_cii, type_code: str, **mentioned: str) -> str:
    agreement = "".join(
        reference(f"{name}ReferencedDocument", number) for name, number in mentioned.items()
    )
    return as_order(make_cii(number="PO-1", type_code=type_code, agreement=agreement))


def test_an_order_does_not_mention_itself(read_cii, make_cii):
    body = read_cii(order_xml(make_cii, "220", BuyerOrder="PO-1", Quotation="Q-1")).body

    assert (body.kind, body.type_code, body.number) == ("purchase_order", "220", "PO-1")
    assert body.references == (ReferenceStated(relation=Relation.ORDER_OF_QUOTE, number="Q-1"),)
    assert body.lines[0].quantity == Decimal(1)
    assert body.extra == {}


def test_a_changed_order_is_a_revision_of_it(read_cii, make_cii):
    body = read_cii(order_xml(make_cii, "230", BuyerOrder="PO-0")).body

    assert (body.kind, body.type_code) == ("purchase_order", "230")
    assert body.references == (ReferenceStated(relation=Relation.REVISION_OF, number="PO-0"),)


def test_an_answer_to_an_order_is_the_sellers(read_cii, make_cii):
    text = order_xml(make_cii, "231", BuyerOrder="PO-0")
    agreed = '<ram:AgreedQuantity unitCode="C62">0.5</ram:AgreedQuantity>'
    text = text.replace("</ram:RequestedQuantity>", f"</ram:RequestedQuantity>{agreed}")

    body = read_cii(text).body

    assert (body.kind, body.type_code, body.order_number) == ("sales_order", "231", "PO-0")
    assert body.references == (
        ReferenceStated(relation=Relation.CONFIRMATION_OF_ORDER, number="PO-0"),
    )
    assert body.lines[0].quantity == Decimal("0.5")
    assert "1" in body.extra.values()
