"""Documents of an oil mill: one of each kind, with the totals that its books would state."""

import asyncio
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest

from portalkit.config import PdfConfig, PortalConfig
from portalkit.hooks.types import DocumentKind, Purpose, Status
from portalkit.i18n import load_translations
from portalkit.model import (
    Address,
    AllowanceCharge,
    ContactPoint,
    Delivery,
    Document,
    DocumentBody,
    DocumentHeader,
    Identifier,
    Item,
    Line,
    LineKind,
    Note,
    Party,
    PartyRole,
    PaymentMeans,
    Period,
    ReferenceStated,
    Relation,
    TaxRow,
    TaxStated,
    Totals,
    new_id,
)
from portalkit.rendering.environment import build_environments
from portalkit.rendering.pdf import PdfRenderer
from portalkit.rendering.sheet import FISCAL_URL, Issuer, SheetView, sheet_view
from portalkit.rendering.static import StaticFiles

BUSINESS = "019a7c1e-0000-7000-8000-000000000001"
IBAN = "ES9121000418450200051332"
ISSUER = Issuer(
    name="Almazara Sierra Alta",
    legal_name="Almazara Sierra Alta, S.L.",
    tax_id="B23004179",
    address="Camino de la Umbría, 3\n23300 Villacarrillo (Jaén)",
    imprint="Almazara Sierra Alta, S.L. · NIF B23004179 · Registro Mercantil de Jaén,"
    " tomo 612, folio 48, hoja J-20417",
    iban=IBAN,
    bic="CAIXESBBXXX",
    website="sierra-alta.example",
)
MILL = Party(
    role=PartyRole.SELLER,
    name="Almazara Sierra Alta, S.L.",
    tax_ids=(Identifier("B23004179", "VAT"),),
    address=Address(
        lines=("Camino de la Umbría, 3",),
        city="Villacarrillo",
        postcode="23300",
        region="Jaén",
        country="ES",
    ),
    website="sierra-alta.example",
)
SHOP = Party(
    role=PartyRole.BUYER,
    name="Tienda Sol, S.L.",
    tax_ids=(Identifier("B87012365", "VAT"),),
    address=Address(
        lines=("Calle de Embajadores, 114, local 2",),
        city="Madrid",
        postcode="28012",
        region="Madrid",
        country="ES",
    ),
    contact=ContactPoint(name="Lucía Herrero Bravo"),
)
PRIVACY = Note(
    "Sus datos se tratan para gestionar esta factura y cumplir las obligaciones fiscales; puede"
    " ejercer sus derechos en datos@sierra-alta.example. El impago en plazo devenga el interés"
    " de demora de la Ley 3/2004.",
    "REG",
)
OIL = (
    ("Aceite de oliva virgen extra Picual, botella 500 ml", "PIC-050", "L26-1108"),
    ("Aceite de oliva virgen extra Arbequina, botella 500 ml", "ARB-050", "L26-1102"),
    ("Aceite de oliva virgen extra Picual, lata 5 l", "PIC-500", "L26-1110"),
    ("Aceite de oliva virgen extra Hojiblanca, botella 250 ml", "HOJ-025", "L26-1098"),
    ("Estuche de regalo de dos botellas, cartón kraft", "EST-002", None),
)


def kind(name: str, **changes: Any) -> DocumentKind:
    """Make a kind as the sections declare it, as far as a sheet asks."""
    values: dict[str, Any] = {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "plural": name,
        "section": "sales",
        "path": name,
        "statuses": (Status(name="pending", label="Pending"),),
        "initial_status": "pending",
        "due_means": {"invoice": "payment", "quote": "validity"}.get(name, "none"),
        "has_total": name != "delivery_note",
        "is_credit": name == "credit_note",
    }
    return DocumentKind(**{**values, **changes})


def cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def line(
    number: int,
    item: Sequence[str | None],
    quantity: str,
    price: str,
    tax: str,
    /,
    *,
    discount: str = "0",
    sign: int = 1,
    **changes: Any,
) -> Line:
    """State a line as the mill's books do: price times quantity less the discount."""
    name, code, lot = item
    whole = sign * Decimal(quantity) * Decimal(price)
    less = whole * Decimal(discount) / 100
    allowances = (AllowanceCharge(is_charge=False, amount=cents(less), percent=Decimal(discount)),)
    values: dict[str, Any] = {
        "id": str(number),
        "item": Item(name=str(name), seller_id=code, lot=lot),
        "quantity": sign * Decimal(quantity),
        "unit": "C62",
        "net_price": Decimal(price),
        "net_amount": cents(whole - less),
        "taxes": (TaxStated(category="S", rate=Decimal(tax)),),
        "allowances_charges": allowances if less else (),
    }
    return Line(**{**values, **changes})


def stated(lines: Sequence[Line]) -> dict[str, Any]:
    """State taxes and totals as the mill's books do: tax once a rate."""
    bases: dict[Decimal, int] = {}
    counted = [item for item in _flat(lines) if item.net_amount is not None and item.taxes]
    for item in counted:
        if not item.is_optional:
            rate = item.taxes[0].rate or Decimal(0)
            bases[rate] = bases.get(rate, 0) + (item.net_amount or 0)
    taxes = tuple(
        TaxRow(
            taxable=base,
            amount=cents(Decimal(base) * rate / 10_000),
            category="S",
            rate=rate,
        )
        for rate, base in sorted(bases.items())
    )
    net, tax = sum(bases.values()), sum(row.amount for row in taxes)
    totals = Totals(line_total=net, net=net, tax=tax, gross=net + tax, payable=net + tax)
    return {"lines": tuple(lines), "taxes": taxes, "totals": totals}


def _flat(lines: Sequence[Line]) -> list[Line]:
    found: list[Line] = []
    for item in lines:
        found.append(item)
        if item.kind is LineKind.SECTION:
            found += _flat(item.lines)
    return found


def document(body: DocumentBody) -> Document:
    """Put a body into a stored document."""
    header = DocumentHeader(
        id=new_id(1_795_000_000_000),
        business_id=BUSINESS,
        contact_id=new_id(),
        kind=body.kind,
        number=body.number,
        type_code=body.type_code,
        issued_on=body.issued_on,
        due_on=body.due_on,
        status="pending",
        description=body.description or "",
        currency=body.currency,
        total=body.totals.gross,
        amount_due=body.totals.payable,
        line_count=len(body.lines),
        settled_on=None,
        external_id=None,
        version=1,
        sha256="0" * 64,
        updated_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return Document(header=header, body=body)


def body(kind_name: str, number: str, lines: Sequence[Line], /, **changes: Any) -> DocumentBody:
    """Make a body with the mill as seller and the shop as buyer."""
    lines = changes.get("lines", lines)
    values: dict[str, Any] = {
        "kind": kind_name,
        "number": number,
        "issued_on": date(2026, 11, 18),
        "currency": "EUR",
        "parties": (MILL, SHOP),
        **stated(lines),
    }
    return DocumentBody(**{**values, **changes})


def verifactu(number: str, day: str, amount: str) -> Mapping[str, str]:
    return {
        FISCAL_URL: "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR"
        f"?nif=B23004179&numserie={number}&fecha={day}&importe={amount}"
    }


def invoice(**changes: Any) -> DocumentBody:
    lines = [
        line(1, OIL[0], "48", "7.95", "4", discount="5"),
        line(2, OIL[1], "24", "8.40", "4", discount="5"),
        line(3, OIL[2], "12", "46.20", "4"),
        line(4, OIL[3], "36", "4.95", "4"),
        line(5, OIL[4], "24", "1.85", "21"),
        line(
            6,
            ("Transporte refrigerado hasta Madrid", None, None),
            "1",
            "38.50",
            "21",
            unit="E48",
            delivery_note_number="A26-0931",
        ),
    ]
    values: dict[str, Any] = {
        "due_on": date(2026, 12, 18),
        "order_number": "PC-2026-88",
        "notes": (
            Note(
                "El aceite se conserva mejor por debajo de 20 °C y lejos de la luz. Gracias por"
                " su pedido."
            ),
            PRIVACY,
        ),
        "payment_means": (
            PaymentMeans(code="58", iban=IBAN, bic="CAIXESBBXXX", reference="F26-0412"),
        ),
        "extra": verifactu("F26-0412", "18-11-2026", "1438.42"),
    }
    return body("invoice", "F26-0412", lines, **{**values, **changes})


def credit_note() -> DocumentBody:
    lines = [
        line(
            1,
            OIL[0],
            "6",
            "7.95",
            "4",
            discount="5",
            sign=-1,
            note="Seis botellas rotas en el transporte",
        ),
        line(2, OIL[4], "3", "1.85", "21", sign=-1, note="Tres estuches mojados"),
    ]
    return body(
        "credit_note",
        "R26-0017",
        lines,
        type_code="384",
        issued_on=date(2026, 11, 20),
        references=(
            ReferenceStated(
                relation=Relation.CORRECTS,
                number="F26-0412",
                issued_on=date(2026, 11, 18),
                reason="Devolución de mercancía",
            ),
        ),
        notes=(
            Note(
                "Rectificación por diferencias conforme al artículo 15 del Reglamento de"
                " facturación (Real Decreto 1619/2012).",
                "REG",
            ),
        ),
        extra=verifactu("R26-0017", "20-11-2026", "-53.85"),
    )


def quote() -> DocumentBody:
    lines = [
        line(
            1,
            ("Lote «Sierra»: dos botellas de 500 ml en estuche", None, None),
            "80",
            "17.90",
            "4",
            discount="8",
            note="Picual y Arbequina de cosecha temprana",
        ),
        line(
            2,
            ("Lote «Molino»: lata de 2,5 l y tarro de aceituna", None, None),
            "40",
            "29.50",
            "4",
            discount="8",
        ),
        line(
            3, ("Etiqueta personalizada, impresión a dos tintas", None, None), "120", "0.42", "21"
        ),
        line(4, ("Manipulado y paletizado", None, None), "3", "24.00", "21", unit="PF"),
        line(
            5,
            ("Tarjeta de felicitación con su texto", None, None),
            "120",
            "0.65",
            "21",
            is_optional=True,
        ),
        line(
            6,
            ("Cata guiada en su tienda, hasta 20 personas", None, None),
            "1",
            "280.00",
            "21",
            unit="E48",
            unit_label="sesión",
            is_optional=True,
            note="Dos horas, con un técnico de la almazara",
        ),
    ]
    return body(
        "quote",
        "P26-0157",
        lines,
        issued_on=date(2026, 11, 10),
        valid_until=date(2026, 12, 10),
        buyer_reference="Navidad 2026",
        description="Lotes de Navidad con etiqueta propia, entregados en una sola vez antes del"
        " 4 de diciembre.",
        payment_terms="Precios sin IVA salvo en el total; válidos hasta la fecha indicada.\n"
        "Pago: 40 % al aceptar y 60 % a 30 días de la entrega.\n"
        "Plazo de entrega: 12 días laborables desde la aprobación de la prueba de la etiqueta.\n"
        "Las unidades personalizadas no admiten devolución.",
    )


def delivery_note() -> DocumentBody:
    rows = [
        ("48", "48", "8 cajas de 6"),
        ("24", "24", "4 cajas de 6"),
        ("16", "12", "3 cajas de 4"),
    ]
    lines = [
        Line(
            id=str(number),
            item=Item(name=OIL[number][0], lot=OIL[number][2]),
            quantity=Decimal(ordered),
            delivered_quantity=Decimal(sent),
            unit="C62",
            note=boxes,
        )
        for number, (ordered, sent, boxes) in enumerate(rows)
    ]
    return DocumentBody(
        kind="delivery_note",
        number="A26-0931",
        issued_on=date(2026, 11, 16),
        currency="EUR",
        order_number="PC-2026-88",
        parties=(
            MILL,
            SHOP,
            Party(
                role=PartyRole.SHIP_TO,
                name="Tienda Sol, almacén",
                address=Address(
                    lines=("Calle del Plomo, 9, nave 3",),
                    city="Madrid",
                    postcode="28045",
                    country="ES",
                ),
                contact=ContactPoint(phone="915 30 44 18"),
            ),
        ),
        lines=tuple(lines),
        deliveries=(Delivery(carrier="Frío Sur Logística", packages=19, weight=Decimal(214)),),
        references=(ReferenceStated(relation=Relation.DELIVERY_OF_ORDER, number="PV-26-0388"),),
        notes=(
            Note(
                "Las diferencias y los daños visibles se anotan en el momento de la entrega; los"
                " ocultos se comunican en los cuatro días siguientes. Este documento no es una"
                " factura.",
                "REG",
            ),
        ),
    )


def proforma() -> DocumentBody:
    lines = [
        line(
            number,
            (name, code, None),
            quantity,
            price,
            "0",
            discount=discount,
            taxes=(TaxStated(category="G", rate=Decimal(0)),),
        )
        for number, (name, code, quantity, price, discount) in enumerate(
            [
                ("Extra virgin olive oil Picual, 500 ml bottle", "PIC-050", "240", "7.60", "10"),
                ("Extra virgin olive oil Arbequina, 500 ml bottle", "ARB-050", "120", "8.05", "10"),
                ("Extra virgin olive oil Picual, 5 l tin", "PIC-500", "60", "44.00", "0"),
                ("Freight and customs clearance", None, "1", "485.00", "0"),
            ]
        )
    ]
    found = body(
        "proforma",
        "PF26-0038",
        lines,
        issued_on=date(2026, 11, 20),
        valid_until=date(2026, 12, 20),
        buyer_reference="NM-7731",
        deliveries=(Delivery(terms="DAP Leeds, Incoterms 2020"),),
        payment_means=(
            PaymentMeans(code="30", iban=IBAN, bic="CAIXESBBXXX", reference="PF26-0038"),
        ),
        payment_terms="100% before dispatch",
        parties=(
            MILL,
            Party(
                role=PartyRole.BUYER,
                name="Northmoor Deli Ltd",
                ids=(Identifier("GB123456789000", "EORI"),),
                address=Address(
                    lines=("Unit 4, Dock Street Market",),
                    city="Leeds",
                    postcode="LS10 1NB",
                    country="GB",
                ),
                contact=ContactPoint(name="Rachel Whitfield"),
            ),
        ),
    )
    taxes = (
        TaxRow(
            taxable=found.totals.net,
            amount=0,
            category="G",
            rate=Decimal(0),
            exemption_reason="Export outside the European Union: exempt under article 21 of"
            " Spanish Act 37/1992.",
        ),
    )
    return _replaced(found, taxes=taxes)


def purchase_order() -> DocumentBody:
    lines = [
        line(
            1, ("Extra virgin olive oil Picual, 500 ml bottle", "PIC-050", None), "60", "7.55", "4"
        ),
        line(
            2,
            ("Extra virgin olive oil Hojiblanca, 250 ml bottle", "HOJ-025", None),
            "48",
            "4.65",
            "4",
        ),
        line(3, ("Gift case for two bottles, kraft board", "EST-002", None), "30", "1.85", "21"),
    ]
    return body(
        "purchase_order",
        "PC-2026-00093",
        lines,
        issued_on=date(2026, 11, 23),
        buyer_reference="TS-1120",
        deliveries=(
            Delivery(
                requested_on=date(2026, 12, 1),
                address=Address(
                    attention="Tienda Sol, warehouse",
                    lines=("Calle del Plomo, 9, nave 3",),
                    city="Madrid",
                    postcode="28045",
                    country="ES",
                ),
            ),
        ),
        notes=(Note("Please call before delivery. No partial deliveries."),),
    )


def sales_order() -> DocumentBody:
    found = purchase_order()
    return _replaced(
        found, kind="sales_order", number="PV-26-0388", order_number="PC-2026-00093", notes=()
    )


def long_invoice(sections: int = 7, rows: int = 10) -> DocumentBody:
    lines = []
    for number in range(sections):
        inner = tuple(
            line(
                row,
                (OIL[row % len(OIL)][0], None, None),
                str(24 + (number * 5 + row * 3) % 7),
                ("7.95", "8.40", "46.20", "4.95", "1.85")[row % 5],
                "21" if row % 5 == 4 else "4",
                discount="5" if row % 5 < 2 else "0",
            )
            for row in range(rows)
        )
        label = f"Albarán A26-09{31 + 4 * number} · {2 + 4 * number:02d}/10/2026"
        lines.append(
            Line(id=f"S{number}", kind=LineKind.SECTION, item=Item(name=label), lines=inner)
        )
    return body(
        "invoice",
        "F26-0398",
        lines,
        issued_on=date(2026, 10, 31),
        due_on=date(2026, 11, 30),
        period=Period(start_on=date(2026, 10, 1), end_on=date(2026, 10, 31)),
        payment_means=(PaymentMeans(code="58", iban=IBAN, bic="CAIXESBBXXX"),),
        notes=(PRIVACY,),
        extra=verifactu("F26-0398", "31-10-2026", "14376.70"),
    )


def arabic_invoice() -> DocumentBody:
    lines = [
        line(
            1,
            ("زيت زيتون بكر ممتاز بيكوال، زجاجة 500 مل", "PIC-050", "L26-1108"),
            "360",
            "7.60",
            "0",
        ),
        line(2, ("زيت زيتون بكر ممتاز أربكينا، زجاجة 500 مل", "ARB-050", None), "180", "8.05", "0"),
        line(3, ("الشحن والتأمين حتى جبل علي", None, None), "1", "920.00", "0", unit="E48"),
    ]
    return body(
        "invoice",
        "F26-0420",
        lines,
        due_on=date(2026, 12, 22),
        order_number="BZ-5518",
        payment_means=(PaymentMeans(code="58", iban=IBAN, reference="F26-0420"),),
        parties=(
            MILL,
            Party(
                role=PartyRole.BUYER,
                name="شركة بستان الزيتون للتجارة ذ.م.م",
                tax_ids=(Identifier("100234567800003", "VAT"),),
                address=Address(lines=("شارع الشيخ زايد، مبنى 27",), city="دبي", country="AE"),
            ),
        ),
        notes=(Note("يُرجى ذكر رقم الفاتورة في التحويل."),),
    )


def _replaced(found: DocumentBody, **changes: Any) -> DocumentBody:
    values = {name: getattr(found, name) for name in found.__struct_fields__}
    return DocumentBody(**{**values, **changes})


SAMPLES: Mapping[str, tuple[str, Callable[[], DocumentBody]]] = {
    "invoice": ("es", invoice),
    "credit_note": ("es", credit_note),
    "quote": ("es", quote),
    "delivery_note": ("es", delivery_note),
    "proforma": ("en", proforma),
    "purchase_order": ("en", purchase_order),
    "sales_order": ("es", sales_order),
    "long_invoice": ("es", long_invoice),
    "arabic_invoice": ("ar", arabic_invoice),
}


class Press:
    """Makes views and pages of sample documents, as the portal would."""

    def __init__(self) -> None:
        config = PortalConfig(locales=("en", "es", "ca", "fr", "pt-PT", "ar"))
        registry: Any = SimpleNamespace(plugins={})
        static = StaticFiles(registry, base_path="", debug=False)
        self.translators = load_translations(registry, config.locales)
        self.environments = build_environments(config, registry, self.translators, static)

    def view(
        self,
        found: DocumentBody,
        locale: str = "es",
        *,
        purpose: Purpose = Purpose.PDF,
        issuer: Issuer = ISSUER,
        of_kind: DocumentKind | None = None,
        **options: Any,
    ) -> SheetView:
        return self.view_of(
            document(found), locale, purpose=purpose, issuer=issuer, of_kind=of_kind, **options
        )

    def view_of(
        self,
        found: Document,
        locale: str = "es",
        *,
        purpose: Purpose = Purpose.PDF,
        issuer: Issuer = ISSUER,
        of_kind: DocumentKind | None = None,
        **options: Any,
    ) -> SheetView:
        translator = self.translators[locale]
        return sheet_view(
            found,
            of_kind or kind(found.kind),
            business=issuer,
            translator=translator,
            formats=translator.formats,
            purpose=purpose,
            **options,
        )

    def page(self, view: SheetView, stylesheets: Sequence[str] = ()) -> str:
        template = self.environments[view.language].get_template("core/documents/sheet.html")
        return template.render(sheet=view, stylesheets=stylesheets)


@pytest.fixture(scope="session")
def press() -> Press:
    return Press()


@pytest.fixture(scope="session")
def samples() -> Any:
    """The functions of this module, for tests that change a document."""
    return SimpleNamespace(**globals())


def pdf_text(content: bytes) -> str:
    """Return the text of a PDF in the order in which it is drawn, page by page."""
    shown = []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            fonts = {
                name: _letters(font.ToUnicode.read_bytes())
                for name, font in page.Resources.Font.items()
            }
            letters: Mapping[str, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    letters = fonts[str(operands[0])]
                elif str(operator) in {"TJ", "Tj"}:
                    parts = operands[0] if str(operator) == "TJ" else operands
                    shown.append("".join(_decoded(part, letters) for part in parts))
    return "\n".join(shown).replace("\N{NO-BREAK SPACE}", " ")


def _letters(cmap: bytes) -> Mapping[str, str]:
    pairs = re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*\n", cmap)
    return {
        glyph.decode().lower(): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in pairs
    }


def _decoded(part: Any, letters: Mapping[str, str]) -> str:
    if not isinstance(part, pikepdf.String):
        return ""
    codes = bytes(part).hex()
    return "".join(letters.get(codes[at : at + 4], "") for at in range(0, len(codes), 4))


@pytest.fixture(scope="session")
def renderer() -> Iterator[PdfRenderer]:
    renderer = PdfRenderer(PdfConfig(workers=1))
    yield renderer
    asyncio.run(renderer.close())


@pytest.fixture(scope="session")
def read_pdf() -> Callable[[bytes], str]:
    return pdf_text
