"""CII out: what EN 16931 can express passes schema and rules, what it cannot says why."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from lxml import etree
from portalkit_einvoice.cii.writing import CiiExporter, obstacles_of, write

from portalkit.errors import ExportRefusedError
from portalkit.model import (
    Address,
    Delivery,
    DocumentBody,
    Identifier,
    Instalment,
    Item,
    Line,
    LineKind,
    PartyRole,
    PaymentMeans,
    TaxRow,
    TaxStated,
)

from .checking import cii_complaints
from .figures import RAM, figures_of
from .samples import VAT_21, exported, full_invoice, invoice, line, party, stated, stored

SPLIT_PAYMENT = "Factur-X has no code for the split payment of VAT."


def test_every_field_that_the_standard_has_is_written_in_its_place():
    content = write(full_invoice())

    assert cii_complaints(content) == []
    text = content.decode()
    for stated_text in (
        *("Sierra Alta", "Registro Mercantil de Jaén, T 1", "8412345000013", "8412345000020"),
        *("facturas@almazara.example", "Lucía", "C-7", "Factor SA", "ESB11111112", "Almacén Sol"),
        *("Thank you", "AAI", "Nothing else", "20260228", "PO-9", "PC-1", "K-1", "P-1", "4300"),
        *("AL-1", "AL-2", "AL-3", "F-0", "In glass", "7000", "PIC-050", "8412345000044", "STI"),
        *("Harvest", "2025", "Picual", "Carriage", "ES9121000418450200051332", "CAIXESBBXXX"),
        *("M-1", "ES00ZZZB12345674", "30 days", "20260227", "ESB12345674"),
    ):
        assert f">{stated_text}<" in text or f'"{stated_text}"' in text, stated_text


def test_the_same_document_makes_the_same_bytes():
    assert write(full_invoice()) == write(full_invoice())


def reasons_of(body: DocumentBody) -> list[str]:
    with pytest.raises(ExportRefusedError) as caught:
        write(body)
    return [str(reason) for reason in caught.value.reasons]


IRPF = TaxStated(scheme="IRPF", rate=Decimal(15))
SURCHARGE = TaxStated(scheme="surcharge", rate=Decimal("5.2"))
EXEMPT = TaxStated(category="E", rate=Decimal(0))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            invoice(lines=(line(taxes=(VAT_21, IRPF)),)),
            "Tax is withheld, and EN 16931 has no field for that; Facturae has one.",
        ),
        (
            invoice(lines=(line(taxes=(VAT_21, SURCHARGE)),)),
            "The tax surcharge is no VAT, and EN 16931 has fields for VAT only.",
        ),
        (
            invoice(lines=(line(taxes=(EXEMPT,)),)),
            "The reason of the exemption from VAT is missing.",
        ),
        (
            invoice(prices_include_tax=True),
            "Its prices include tax, and EN 16931 knows net prices only.",
        ),
        (
            invoice(currency="OMR", lines=(line(price="10.005"),)),
            "Amounts in OMR have more than the two decimals that EN 16931 allows.",
        ),
        (stated(gross=12101), "The total with tax is not the net amount plus the tax."),
        (
            stated(payable=12000),
            "The amount to pay is not the total with tax less what is already paid.",
        ),
        (
            stated(line_total=10001),
            "The net amount is not the sum of lines less discounts plus charges.",
        ),
        (
            stated(tax=2101, gross=12101),
            "The rows of the tax summary do not add up to the stated tax.",
        ),
        (invoice(due_on=None), "Neither the due date nor the terms of payment are stated."),
        (invoice(type_code="310"), "A document of type 310 is no invoice of EN 16931."),
        (
            invoice(parties=(party(PartyRole.SELLER, "Almazara", "B12345674"),)),
            "The buyer is missing.",
        ),
        (
            invoice(lines=(line(unit="bottle"),)),
            "The unit bottle of line 1 is no code of UNECE Recommendation 20.",
        ),
    ],
)
def test_what_the_standard_cannot_express_says_why(body, reason):
    assert reason in reasons_of(body)


def test_a_document_says_all_its_reasons_at_once():
    body = msgspec.structs.replace(stated(gross=None), due_on=None)

    assert reasons_of(body) == [
        "The total with tax is missing.",
        "Neither the due date nor the terms of payment are stated.",
    ]


def test_a_tax_that_the_standard_does_not_know_is_the_only_reason_told():
    assert len(reasons_of(invoice(lines=(line(taxes=(VAT_21, IRPF)),)))) == 1
    assert len(reasons_of(invoice(lines=(line(taxes=(VAT_21, SURCHARGE)),)))) == 1


@pytest.mark.parametrize(
    ("currency", "price", "written"), [("JPY", "1000", "1000"), ("OMR", "10.010", "10.01")]
)
def test_currencies_with_other_decimals_are_written_as_they_are(currency, price, written):
    tax = TaxStated(category="Z", rate=Decimal(0))

    content = write(invoice(currency=currency, lines=(line(price=price, taxes=(tax,)),)))

    assert cii_complaints(content) == []
    assert f"<ram:GrandTotalAmount>{written}<" in content.decode()


def test_a_price_below_nothing_becomes_a_quantity_below_nothing():
    body = invoice(lines=(line("1", "100.00"), line("2", "-20.00", "2")))

    content = write(body)

    assert cii_complaints(content) == []
    assert figures_of(content, "EUR")["lines"][1] == ("2", Decimal(-2), Decimal(20), -4000)


def test_headings_and_optional_lines_are_no_lines_of_the_invoice():
    body = invoice(
        lines=(
            Line(id="0", kind=LineKind.SECTION, item=Item(name="March")),
            line("1"),
            line("2", is_optional=True),
            line("3", is_free_of_charge=True),
        )
    )

    content = write(body)

    assert cii_complaints(content) == []
    written = figures_of(content, "EUR")["lines"]
    assert [(number, amount) for number, _, _, amount in written] == [("1", 10000), ("3", 0)]


def test_a_supply_to_another_member_state_states_where_and_when():
    body = invoice(
        parties=(
            party(PartyRole.SELLER, "Almazara SL", "B12345674"),
            party(PartyRole.BUYER, "Feinkost GmbH", "DE123456789", "DE"),
        ),
        lines=(line(taxes=(TaxStated(category="K", rate=Decimal(0)),)),),
    )

    content = write(body)

    assert cii_complaints(content) == []
    root = etree.fromstring(content)
    assert root.findtext(f".//{RAM}ShipToTradeParty//{RAM}CountryID") == "DE"
    (event,) = root.iter(f"{RAM}OccurrenceDateTime")
    assert event[0].text == "20260301"
    assert root.findtext(f".//{RAM}ExemptionReasonCode") == "VATEX-EU-IC"


def test_a_document_outside_vat_bears_no_vat_number():
    outside = TaxStated(category="O", exemption_reason="Not a business")
    seller = msgspec.structs.replace(
        party(PartyRole.SELLER, "Almazara SL", "B12345674"), ids=(Identifier("17"),)
    )
    buyer = party(PartyRole.BUYER, "Tienda Sol", "ESB87654323")

    content = write(invoice(parties=(seller, buyer), lines=(line(taxes=(outside,)),)))

    assert cii_complaints(content) == []
    assert b'schemeID="VA"' not in content


def test_an_account_that_is_no_iban_is_written_beside_the_words():
    means = PaymentMeans(code="30", text="Bank of Norway\n1503 12 34567")

    content = write(invoice(payment_means=(means,)))

    assert cii_complaints(content) == []
    text = content.decode()
    assert "<ram:ProprietaryID>1503 12 34567<" in text
    assert "<ram:Information>Bank of Norway<" in text


def test_letters_that_xml_cannot_hold_become_blanks():
    body = invoice(lines=(line(item=Item(name="Oil\x00\x1b & <water>\ud800")),))

    content = write(body)

    assert cii_complaints(content) == []
    assert b"Oil   &amp; &lt;water&gt;" in content


@pytest.mark.parametrize("code", ["381", "384"])
def test_credit_notes_and_corrective_invoices_are_written(code):
    kind = "credit_note" if code == "381" else "invoice"

    content = write(invoice(kind=kind, type_code=code))

    assert cii_complaints(content) == []
    assert f"<ram:TypeCode>{code}<" in content.decode()


def test_the_country_of_an_address_and_of_a_delivery_are_enough():
    body = invoice(deliveries=(Delivery(address=Address(country="PT", city="Porto")),))

    content = write(body)

    assert cii_complaints(content) == []
    assert b"Porto" in content


def test_a_tax_of_the_canary_islands_is_its_own_category():
    tax = TaxStated(scheme="IGIC", rate=Decimal(7))

    content = write(invoice(lines=(line(taxes=(tax,)),)))

    assert cii_complaints(content) == []
    assert b"<ram:CategoryCode>L<" in content


def test_instalments_stand_in_the_terms_of_payment():
    parts = (
        Instalment(due_on=date(2026, 4, 30), amount=6050),
        Instalment(due_on=date(2026, 5, 31), percent=Decimal(50)),
    )

    several = etree.fromstring(write(invoice(due_on=None, instalments=parts)))
    single = etree.fromstring(write(invoice(due_on=None, instalments=parts[:1])))

    terms = several.find(f".//{RAM}SpecifiedTradePaymentTerms")
    assert terms.findtext(f"{RAM}Description") == "2026-04-30: 60.50 EUR\n2026-05-31: 50 %"
    assert terms.find(f"{RAM}DueDateDateTime") is None
    (day,) = single.find(f".//{RAM}DueDateDateTime")
    assert day.text == "20260430"


def test_a_rate_of_nothing_is_no_standard_rate():
    tax = TaxStated(category="S", rate=Decimal(0))

    reasons = reasons_of(invoice(lines=(line(taxes=(tax,)),)))

    assert "Line 1 has no category of VAT, or several." in reasons


def test_the_split_payment_of_italy_is_told_at_a_glance():
    row = TaxRow(category="B", rate=Decimal(22), taxable=10000, amount=2200)
    body = msgspec.structs.replace(invoice(), taxes=(row,))

    assert SPLIT_PAYMENT in {str(reason) for reason in obstacles_of(body)}


async def test_the_exporter_writes_what_the_function_writes():
    exporter = CiiExporter()

    assert exporter.obstacles(stored(full_invoice())) == ()
    assert await exported(exporter, full_invoice()) == write(full_invoice())
