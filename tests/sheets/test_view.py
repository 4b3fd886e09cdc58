"""What a sheet shows of a document: the issuer's words and figures, and nothing made up."""

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from segno.helpers import make_epc_qr

from portalkit.hooks.types import Purpose
from portalkit.model import (
    Address,
    AllowanceCharge,
    Identifier,
    Instalment,
    Item,
    Line,
    LineKind,
    Note,
    Party,
    PartyRole,
    PaymentMeans,
    ReferenceStated,
    Relation,
    TaxRow,
    TaxStated,
    Totals,
)
from portalkit.rendering.sheet import Acceptance

NBSP = "\N{NO-BREAK SPACE}"


def plain(text: str) -> str:
    return text.replace(NBSP, " ").replace("\N{MINUS SIGN}", "-")


def totals_of(view) -> list[tuple[str, str]]:
    return [(plain(total.label), plain(total.amount)) for total in view.sums.totals]


def rows_of(view):
    return [row for group in view.lines.groups for row in group.rows]


def columns_of(view) -> list[str]:
    return [column.label for column in view.lines.columns]


@pytest.mark.parametrize(
    ("name", "type_code", "words"),
    [
        ("invoice", None, "Factura"),
        ("invoice", "380", "Factura"),
        ("invoice", "384", "Factura rectificativa"),
        ("invoice", "386", "Factura de anticipo"),
        ("invoice", "389", "Autofactura"),
        ("credit_note", "381", "Abono"),
        ("quote", "310", "Presupuesto"),
        ("proforma", "325", "Proforma"),
        ("delivery_note", "270", "Albarán"),
        ("sales_order", None, "Pedido de venta"),
        ("purchase_order", "220", "Pedido de compra"),
        ("acme_receipt", None, "Acme receipt"),
    ],
)
def test_a_document_is_called_by_its_kind_and_stated_type(press, samples, name, type_code, words):
    view = press.view(samples.invoice(kind=name, type_code=type_code))

    assert view.head.kind == words
    assert view.head.title == f"{words} F26-0412 · Almazara Sierra Alta"


def test_an_invoice_shows_what_its_lines_hold(press, samples):
    view = press.view(samples.invoice())

    assert columns_of(view) == ["Cantidad", "Precio", "Dto.", "IVA", "Importe"]
    first = rows_of(view)[0]
    assert [plain(cell) for cell in first.cells] == ["48 ud.", "7,95 €", "5 %", "4 %", "362,52 €"]
    assert first.details == ("PIC-050 · Lote L26-1108",)


def test_columns_that_no_line_fills_are_left_out(press, samples):
    lines = (Line(id="1", item=Item(name="Advice"), net_amount=1000),)

    view = press.view(samples.invoice(lines=lines))

    assert columns_of(view) == ["Importe"]


def test_a_delivery_note_has_quantities_and_no_prices(press, samples):
    view = press.view(samples.delivery_note())

    assert columns_of(view) == ["Lote", "Pedido", "Entregado", "Recibido"]
    assert view.sums is None
    assert view.payment is None
    assert view.reception is not None


def test_a_delivery_note_on_a_page_has_no_lines_for_a_pen(press, samples):
    view = press.view(samples.delivery_note(), purpose=Purpose.PAGE)

    assert columns_of(view) == ["Lote", "Pedido", "Entregado"]
    assert view.reception is None


def test_a_delivery_note_hides_prices_that_are_stated(press, samples):
    lines = samples.invoice().lines

    view = press.view(samples.invoice(kind="delivery_note", lines=lines))

    assert "€" not in str(view.lines)
    assert columns_of(view) == ["Lote", "Cantidad", "Recibido"]


def test_totals_are_those_stated_even_if_they_do_not_add_up(press, samples):
    wrong = Totals(line_total=100, net=200, tax=1, gross=7, prepaid=3, rounding=-1, payable=123456)

    view = press.view(samples.invoice(totals=wrong))

    assert totals_of(view) == [
        ("Suma de líneas", "1,00 €"),
        ("Base imponible", "2,00 €"),
        ("IVA", "0,01 €"),
        ("Total con impuestos", "0,07 €"),
        ("Ya pagado", "-0,03 €"),
        ("Redondeo", "-0,01 €"),
        ("Total a pagar", "1.234,56 €"),
    ]
    assert [total.is_payable for total in view.sums.totals] == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("totals", "shown"),
    [
        (Totals(gross=500), [("Total a pagar", "5,00 €")]),
        (Totals(net=400), [("Base imponible", "4,00 €")]),
        (Totals(), []),
        (
            Totals(gross=500, payable=0),
            [("Total con impuestos", "5,00 €"), ("Total a pagar", "0,00 €")],
        ),
        (
            Totals(gross=500, prepaid=100),
            [("Total con impuestos", "5,00 €"), ("Ya pagado", "-1,00 €")],
        ),
    ],
)
def test_totals_that_are_not_stated_are_not_made_up(press, samples, totals, shown):
    assert totals_of(press.view(samples.invoice(totals=totals))) == shown


def test_allowances_and_charges_of_the_document_stand_between_lines_and_net(press, samples):
    view = press.view(
        samples.invoice(
            allowances_charges=(
                AllowanceCharge(
                    is_charge=False, amount=500, percent=Decimal(2), reason="Pronto pago"
                ),
                AllowanceCharge(is_charge=True, amount=300, reason="Portes"),
                AllowanceCharge(is_charge=True, amount=100),
            ),
            totals=Totals(line_total=25000, net=24900, gross=24900, payable=24900),
        )
    )

    assert totals_of(view)[:5] == [
        ("Suma de líneas", "250,00 €"),
        ("Pronto pago 2 %", "-5,00 €"),
        ("Portes", "3,00 €"),
        ("Recargo", "1,00 €"),
        ("Base imponible", "249,00 €"),
    ]


def test_several_allowances_of_a_line_are_told_below_it(press, samples):
    item = samples.line(
        1,
        samples.OIL[0],
        "10",
        "10.00",
        "21",
        allowances_charges=(
            AllowanceCharge(is_charge=False, amount=500, percent=Decimal(5), reason="Volumen"),
            AllowanceCharge(is_charge=True, amount=100, reason="Embalaje"),
        ),
    )

    view = press.view(samples.invoice(lines=(item,)))

    assert "Dto." not in columns_of(view)
    assert [plain(text) for text in rows_of(view)[0].details[1:]] == [
        "Volumen 5 %: -5,00 €",
        "Embalaje: 1,00 €",
    ]


def test_taxes_of_several_rates_withholding_and_exemption(press, samples):
    view = press.view(
        samples.invoice(
            taxes=(
                TaxRow(taxable=10000, amount=2100, category="S", rate=Decimal(21)),
                TaxRow(taxable=5000, amount=0, category="E", exemption_reason="Art. 20 LIVA"),
                TaxRow(amount=520, scheme="surcharge", rate=Decimal("5.2")),
                TaxRow(
                    taxable=15000, amount=2250, scheme="IRPF", rate=Decimal(15), is_withheld=True
                ),
            ),
            totals=Totals(net=15000, tax=2620, gross=17620, withheld=2250, payable=15370),
        )
    )

    assert [(plain(tax.label), plain(tax.base), plain(tax.amount)) for tax in view.sums.taxes] == [
        ("IVA 21 %", "100,00 €", "21,00 €"),
        ("IVA exento", "50,00 €", "0,00 €"),
        ("Recargo de equivalencia 5,2 %", "", "5,20 €"),
        ("Retención IRPF 15 %", "150,00 €", "-22,50 €"),
    ]
    assert view.sums.notes == ("Art. 20 LIVA",)
    assert totals_of(view)[2:] == [
        ("Total con impuestos", "176,20 €"),
        ("Retención IRPF 15 %", "-22,50 €"),
        ("Total a pagar", "153,70 €"),
    ]


def test_a_reverse_charge_says_so_even_without_a_reason(press, samples):
    taxes = (TaxRow(taxable=100, amount=0, category="AE", rate=Decimal(0)),)

    view = press.view(samples.invoice(taxes=taxes))

    assert view.sums.notes == ("Inversión del sujeto pasivo.",)


def test_sections_bundles_texts_and_subtotals_keep_their_order(press, samples):
    oil = samples.line(1, samples.OIL[0], "1", "10.00", "4")
    lines = (
        Line(id="a", kind=LineKind.TEXT, item=Item(name="Según lo hablado")),
        Line(
            id="s",
            kind=LineKind.SECTION,
            item=Item(name="Obra"),
            lines=(
                msgspec.structs.replace(
                    oil,
                    lines=(Line(id="1.1", item=Item(name="Botella"), quantity=Decimal(1)),),
                ),
                Line(id="t", kind=LineKind.SUBTOTAL, item=Item(name="Suma"), net_amount=1000),
            ),
        ),
    )

    view = press.view(samples.invoice(lines=lines))

    assert [group.label for group in view.lines.groups] == ["", "Obra"]
    assert [(row.kind, row.level) for row in rows_of(view)] == [
        ("text", 0),
        ("item", 0),
        ("item", 1),
        ("subtotal", 0),
    ]
    assert rows_of(view)[0].cells == ()


def test_optional_lines_stand_apart_and_do_not_count(press, samples):
    view = press.view(samples.quote())

    assert [(group.label, group.is_optional) for group in view.lines.groups] == [
        ("", False),
        ("Opcional, no incluido en el total", True),
    ]
    assert plain(rows_of(view)[-1].carry) == "Suma y sigue   2.525,44 €"
    assert view.lines.brought_to_totals.endswith(f"2.525,44{NBSP}€")


def test_running_subtotals_add_what_the_lines_state(press, samples):
    view = press.view(samples.long_invoice(sections=2, rows=3))

    rows = rows_of(view)
    assert rows[0].brought == ""
    for before, after in pairwise(rows):
        assert before.carry.rpartition(NBSP * 3)[2] == after.brought.rpartition(NBSP * 3)[2]
    assert plain(rows[0].carry) == "Suma y sigue   181,26 €"


def test_a_line_without_an_amount_leaves_no_subtotal_to_carry(press, samples):
    body = samples.long_invoice(sections=1, rows=3)
    section = body.lines[0]
    missing = msgspec.structs.replace(section.lines[1], net_amount=None)
    lines = (msgspec.structs.replace(section, lines=(section.lines[0], missing)),)

    view = press.view(samples.invoice(lines=lines))

    assert not view.lines.has_carry
    assert {row.carry for row in rows_of(view)} == {""}


def test_a_bundle_counts_once(press, samples):
    inner = samples.line(2, samples.OIL[1], "1", "99.00", "4")
    bundle = samples.line(1, samples.OIL[0], "1", "10.00", "4", lines=(inner,))

    view = press.view(samples.invoice(lines=(bundle,)))

    assert plain(rows_of(view)[-1].carry).endswith("10,00 €")


def test_large_amounts_get_a_wider_column(press, samples):
    item = samples.line(1, samples.OIL[0], "1000000", "123456.78", "21")

    view = press.view(samples.invoice(lines=(item,)))

    assert {column.key: column.is_wide for column in view.lines.columns} == {
        "qty": True,
        "price": False,
        "pct": False,
        "amount": True,
    }


def test_prices_with_more_decimals_keep_them(press, samples):
    item = samples.line(
        1, samples.OIL[0], "1000", "0.0425", "21", base_quantity=Decimal(100), unit="KGM"
    )

    row = rows_of(press.view(samples.invoice(lines=(item,))))[0]

    assert plain(row.cells[1]) == "0,0425 €"
    assert "Precio por 100 kg" in [plain(text) for text in row.details]


def test_dates_and_references_stand_in_rows_of_four_or_three_beside_a_fiscal_qr(press, samples):
    with_qr = press.view(samples.invoice(contract_number="C-1", project_number="P-2"))
    without = press.view(samples.invoice(contract_number="C-1", project_number="P-2", extra={}))

    assert [len(row) for row in with_qr.references] == [3, 2]
    assert [len(row) for row in without.references] == [4, 1]
    assert [pair.label for pair in without.references[0]] == [
        "Fecha",
        "Vencimiento",
        "Tu pedido",
        "Contrato",
    ]


def test_a_corrective_invoice_names_what_it_corrects_and_why(press, samples):
    pairs = {p.label: p.value for row in press.view(samples.credit_note()).references for p in row}

    assert pairs["Rectifica"] == "F26-0412 del 18 nov 2026"
    assert pairs["Motivo"] == "Devolución de mercancía"


def test_many_delivery_notes_are_listed_and_cut(press, samples):
    references = tuple(
        ReferenceStated(relation=Relation.INVOICE_OF_DELIVERY, number=f"A{number}")
        for number in range(9)
    )

    view = press.view(samples.invoice(references=references))

    pairs = {pair.label: pair.value for row in view.references for pair in row}
    assert pairs["Albarán"] == "A0, A1, A2, A3, A4, A5, y 3 más"


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            Address(
                lines=("Gran Vía, 1",), city="Jaén", postcode="23001", region="Jaén", country="ES"
            ),
            ("Gran Vía, 1", "23001 Jaén"),
        ),
        (
            Address(city="Úbeda", postcode="23400", region="Jaén", country="es"),
            ("23400 Úbeda (Jaén)",),
        ),
        (
            Address(city="Leeds", postcode="LS10 1NB", country="GB"),
            ("Leeds LS10 1NB", "Reino Unido"),
        ),
        (
            Address(city="Austin", postcode="78701", region="TX", country="US"),
            ("Austin, TX 78701", "Estados Unidos"),
        ),
        (Address(city="Austin", country="US"), ("Austin", "Estados Unidos")),
        (
            Address(city="Berlin", postcode="10115", country="DE"),
            ("10115 Berlin", "Alemania"),
        ),
        (Address(lines=("", "  ")), ()),
    ],
)
def test_addresses_are_written_as_their_country_does(press, samples, address, lines):
    buyer = Party(role=PartyRole.BUYER, name="X", address=address)

    view = press.view(samples.invoice(parties=(samples.MILL, buyer)))

    assert view.parties[0][1].lines == lines


def test_the_business_is_the_seller_where_none_is_stated(press, samples):
    view = press.view(samples.invoice(parties=()))

    seller = view.parties[0][0]
    assert seller.name == "Almazara Sierra Alta, S.L."
    assert seller.lines[-2:] == ("NIF B23004179", "sierra-alta.example")


def test_the_payment_box_has_what_a_transfer_needs(press, samples):
    payment = press.view(samples.invoice()).payment

    assert payment.title == "Pago por transferencia"
    assert [(pair.label, plain(pair.value)) for pair in payment.pairs] == [
        ("Importe", "1.438,42 €"),
        ("Vencimiento", "18 de diciembre de 2026"),
        ("IBAN", "ES91 2100 0418 4502 0005 1332"),
        ("BIC", "CAIXESBBXXX"),
        ("Titular", "Almazara Sierra Alta, S.L."),
        ("Concepto", "F26-0412"),
    ]
    assert payment.qr.startswith("<svg")
    assert "style" not in payment.qr


def test_the_qr_on_paper_is_what_banks_expect(press, samples):
    expected = io.BytesIO()
    make_epc_qr(
        name="Almazara Sierra Alta, S.L.",
        iban=samples.IBAN,
        bic="CAIXESBBXXX",
        amount=Decimal("1438.42"),
        text="F26-0412",
        encoding="utf-8",
    ).save(expected, kind="svg", border=0, xmldecl=False, omitsize=True)
    dots = re.search(r' d="([^"]+)"', expected.getvalue().decode())[1]

    assert f' d="{dots}"' in press.view(samples.invoice()).payment.qr


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "USD"},
        {"totals": Totals(payable=0)},
        {"totals": Totals(payable=-100)},
        {"totals": Totals()},
        {"payment_means": (PaymentMeans(code="58", iban="ES9121000418450200051333"),)},
        {"payment_means": (PaymentMeans(code="49", iban="ES9121000418450200051332"),)},
    ],
)
def test_there_is_no_transfer_qr_for_what_is_no_euro_transfer(press, samples, changes):
    assert press.view(samples.invoice(**changes)).payment.qr is None


def test_the_businesss_own_account_is_shown_where_no_means_are_stated(press, samples):
    payment = press.view(samples.invoice(payment_means=())).payment

    assert "ES91" in str(payment.pairs)
    assert payment.qr is not None


@pytest.mark.parametrize("name", ["credit_note", "quote", "proforma"])
def test_only_what_is_to_be_paid_shows_the_businesss_account(press, samples, name):
    view = press.view(samples.invoice(kind=name, payment_means=()))

    assert view.payment is None


def test_an_invoice_of_somebody_else_does_not_get_the_businesss_account(press, samples):
    seller = Party(
        role=PartyRole.SELLER, name="Otra, S.L.", tax_ids=(Identifier("A00000000", "VAT"),)
    )

    view = press.view(samples.invoice(payment_means=(), parties=(seller, samples.SHOP)))

    assert view.payment is None


def test_instalments_have_day_amount_and_share(press, samples):
    payment = press.view(
        samples.invoice(
            instalments=(
                Instalment(due_on=date(2026, 12, 1), amount=50000, percent=Decimal(40)),
                Instalment(amount=75000),
            )
        )
    ).payment

    assert [(pair.label, plain(pair.value)) for pair in payment.instalments] == [
        ("1 dic 2026", "500,00 € · 40 %"),
        ("Plazo 2", "750,00 €"),
    ]


def test_the_tax_qr_points_to_the_tax_office_only(press, samples):
    assert press.view(samples.invoice()).fiscal is not None
    for url in (
        "https://evil.example/wlpl/TIKE-CONT/ValidarQR?nif=1",
        "http://www2.agenciatributaria.gob.es/wlpl",
        "https://www2.agenciatributaria.gob.es.evil.example/",
        "javascript:alert(1)",
        "https://aeat.es/" + "x" * 600,
    ):
        assert press.view(samples.invoice(extra={samples.FISCAL_URL: url})).fiscal is None


def test_controls_and_overrides_are_dropped_from_what_others_wrote(press, samples):
    nasty = "In\x00vo\u202eice\u2066\r\nNo\u200b.\x1b[31m \ufeff7\ud800"

    view = press.view(
        samples.invoice(
            number=nasty,
            notes=(Note(nasty),),
            buyer_reference=nasty,
            lines=(Line(id="1", item=Item(name=nasty), net_amount=1),),
        )
    )

    assert view.head.number == "Invoice No.[31m 7"
    assert rows_of(view)[0].name == "Invoice No.[31m 7"
    assert view.notes[0].paragraphs == ("Invoice", "No.[31m 7")


def test_notes_by_law_come_last_and_small(press, samples):
    view = press.view(samples.invoice())

    assert [note.is_legal for note in view.notes] == [False]
    assert [note.is_legal for note in view.closing] == [True]


def test_terms_of_a_quote_are_numbered(press, samples):
    note = press.view(samples.quote()).notes[0]

    assert note.title == "Condiciones"
    assert len(note.points) == 4


def test_a_signed_quote_carries_who_when_and_the_hash(press, samples):
    answer = press.view(
        samples.quote(),
        acceptance=Acceptance(
            name="Lucía Herrero Bravo",
            accepted_at=datetime(2026, 11, 12, 8, 41, 7, tzinfo=UTC),
            zone="Europe/Madrid",
            sha256="7d1f0a92" * 8,
            email="lucia@tiendasol.example",
            address="203.0.113.24",
        ),
    ).answer

    assert answer.title == "Aceptado el 12 de noviembre de 2026"
    assert answer.pairs[0].value == "12 nov 2026, 09:41:07 (CET)"
    assert answer.pairs[-1].value == " ".join(["7d1f0a92"] * 8)


def test_nothing_of_the_portals_own_state_is_on_the_sheet(press, samples):
    paid = samples.document(samples.invoice())
    header = msgspec.structs.replace(paid.header, status="paid", amount_due=0)

    views = [
        msgspec.structs.replace(press.view_of(document), without_prices=None)
        for document in (paid, msgspec.structs.replace(paid, header=header))
    ]

    assert views[0] == views[1]


def test_a_page_and_paper_differ_only_in_heads(press, samples):
    page = press.view(samples.invoice(), purpose=Purpose.PAGE)
    paper = press.view(samples.invoice(), purpose=Purpose.PDF)

    assert (page.level, page.is_paged) == (2, False)
    assert (paper.level, paper.is_paged) == (1, True)
    assert page.payment.qr.startswith("<svg")
    paper = msgspec.structs.replace(
        paper,
        level=2,
        is_paged=False,
        fiscal=page.fiscal,
        payment=page.payment,
        without_prices=page.without_prices,
    )
    assert page == paper


def test_foreign_text_has_its_own_direction_in_a_right_to_left_document(press, samples):
    view = press.view(samples.arabic_invoice(), "ar")

    assert view.direction == "rtl"
    assert view.head.number == '<bdi dir="ltr">F26-0420</bdi>'
    assert rows_of(view)[0].name.startswith('<bdi dir="rtl">زيت')
    assert "<" not in rows_of(view)[0].cells[1]


def test_foreign_text_stays_escaped_in_a_right_to_left_document(press, samples):
    view = press.view(samples.invoice(buyer_reference="<b>&x"), "ar")

    pairs = {pair.label: pair.value for row in view.references for pair in row}
    assert pairs["Your reference"] == '<bdi dir="ltr">&lt;b&gt;&amp;x</bdi>'


def test_taxes_of_a_line_without_rate_say_so(press, samples):
    item = samples.line(1, samples.OIL[0], "1", "1.00", "0", taxes=(TaxStated(category="E"),))
    other = samples.line(
        2, samples.OIL[0], "1", "1.00", "0", taxes=(TaxStated(scheme="IGIC", rate=Decimal(7)),)
    )

    view = press.view(samples.invoice(lines=(item, other)))

    assert columns_of(view)[2] == "Impuesto"
    assert [plain(row.cells[2]) for row in rows_of(view)] == ["exento", "7 %"]
