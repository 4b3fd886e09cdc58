"""Documents of our own for exports: complete by default, anything changed by keyword."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec

from portalkit.documents.totals import compute
from portalkit.hooks import DocumentExporter, DocumentKind, ExportContext
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
    Note,
    Party,
    PartyRole,
    PaymentMeans,
    Period,
    ReferenceStated,
    Relation,
    StatedPayment,
    TaxStated,
    new_id,
)

__all__ = ("VAT_21", "exported", "full_invoice", "invoice", "line", "party", "stated", "stored")

VAT_21 = TaxStated(category="S", rate=Decimal(21))


def party(role: PartyRole, name: str, number: str | None, country: str = "ES") -> Party:
    """Return a party with an address and a VAT number."""
    return Party(
        role=role,
        name=name,
        tax_ids=() if number is None else (Identifier(number, "VAT"),),
        address=Address(lines=("Calle Mayor 1",), city="Jaén", postcode="23001", country=country),
    )


def line(number: str = "1", price: str = "100.00", quantity: str = "1", **changes) -> Line:
    """Return a line with 21 % of VAT."""
    values = {
        "id": number,
        "item": Item(name="Olive oil"),
        "quantity": Decimal(quantity),
        "unit": "LTR",
        "net_price": Decimal(price),
        "taxes": (VAT_21,),
    }
    return Line(**(values | changes))


def invoice(**changes) -> DocumentBody:
    """Return an invoice with computed totals."""
    values = {
        "kind": "invoice",
        "number": "F-1",
        "type_code": "380",
        "issued_on": date(2026, 3, 1),
        "due_on": date(2026, 3, 31),
        "currency": "EUR",
        "parties": (
            party(PartyRole.SELLER, "Almazara SL", "B12345674"),
            party(PartyRole.BUYER, "Tienda Sol", "ESB87654323"),
        ),
        "lines": (line(),),
    }
    return compute(DocumentBody(**(values | changes)))


def stated(**changes) -> DocumentBody:
    """Return an invoice with computed totals, of which some are then stated otherwise."""
    body = invoice()
    return msgspec.structs.replace(body, totals=msgspec.structs.replace(body.totals, **changes))


def full_invoice() -> DocumentBody:
    """Return an invoice that uses every field that EN 16931 has and the model knows."""
    seller = msgspec.structs.replace(
        party(PartyRole.SELLER, "Almazara SL", "B12345674"),
        trade_name="Sierra Alta",
        legal_form="Registro Mercantil de Jaén, T 1",
        registration=Identifier("8412345000013", "0088"),
        ids=(Identifier("8412345000020", "0088"), Identifier("17")),
        endpoint=Identifier("facturas@almazara.example"),
        contact=ContactPoint(name="Lucía", phone="+34 600 000 000", email="l@almazara.example"),
    )
    buyer = msgspec.structs.replace(
        party(PartyRole.BUYER, "Tienda Sol", "ESB87654323"),
        ids=(Identifier("C-7"),),
        endpoint=Identifier("8412345000037", "0088"),
        contact=ContactPoint(name="Ana"),
    )
    return invoice(
        parties=(
            seller,
            buyer,
            msgspec.structs.replace(party(PartyRole.PAYEE, "Factor SA", None), ids=()),
            party(PartyRole.TAX_REPRESENTATIVE, "Gestoría SL", "B11111112"),
            party(PartyRole.SHIP_TO, "Almacén Sol", None),
        ),
        notes=(Note("Thank you", "AAI"), Note("Nothing else", "not a code")),
        profile_id="urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        tax_point_on=date(2026, 2, 28),
        period=Period(start_on=date(2026, 2, 1), end_on=date(2026, 2, 28)),
        buyer_reference="PO-9",
        order_number="PC-1",
        contract_number="K-1",
        project_number="P-1",
        accounting_cost="4300",
        deliveries=(Delivery(delivered_on=date(2026, 2, 27)),),
        references=(
            ReferenceStated(relation=Relation.INVOICE_OF_DELIVERY, number="AL-1"),
            ReferenceStated(relation=Relation.INVOICE_OF_DELIVERY, number="AL-2"),
            ReferenceStated(relation=Relation.INVOICE_OF_DELIVERY, number="AL-3"),
            ReferenceStated(relation=Relation.REPLACES, number="F-0", issued_on=date(2026, 2, 1)),
        ),
        lines=(
            line(
                "1",
                "8.10",
                "12",
                gross_price=Decimal("9.00"),
                price_discount=Decimal("0.90"),
                base_quantity=Decimal(1),
                note="In glass",
                order_line="3",
                accounting_cost="7000",
                period=Period(start_on=date(2026, 2, 1), end_on=date(2026, 2, 2)),
                item=Item(
                    name="Olive oil",
                    description="Picual",
                    seller_id="PIC-050",
                    buyer_id="77",
                    standard_id=Identifier("8412345000044"),
                    classifications=(Identifier("15411", "STI"), Identifier("x", "our own")),
                    attributes=(("Harvest", "2025"),),
                    origin_country="ES",
                ),
                allowances_charges=(
                    AllowanceCharge(is_charge=False, amount=200, code="95", reason="Discount"),
                    AllowanceCharge(is_charge=True, amount=100, code="nonsense"),
                ),
            ),
        ),
        allowances_charges=(
            AllowanceCharge(
                is_charge=False, amount=0, base=10000, percent=Decimal("2.5"), tax=VAT_21
            ),
            AllowanceCharge(is_charge=True, amount=500, reason="Carriage", code="FC", tax=VAT_21),
        ),
        payment_means=(
            PaymentMeans(
                code="58",
                text="Transfer",
                iban="ES91 2100 0418 4502 0005 1332",
                bic="CAIXESBBXXX",
                account_name="Almazara SL",
                reference="F-1",
                mandate="M-1",
                creditor_id="ES00ZZZB12345674",
            ),
        ),
        payment_terms="30 days",
        stated_payments=(StatedPayment(amount=1000),),
    )


def stored(body: DocumentBody) -> Document:
    """Return a body as a stored document."""
    header = DocumentHeader(
        id=new_id(),
        business_id=new_id(),
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


async def exported(exporter: DocumentExporter, body: DocumentBody, print_pdf=None) -> bytes:
    """Return what an exporter makes of a body."""
    kind = DocumentKind(
        name=body.kind,
        title=body.kind,
        plural=body.kind,
        section="sales",
        path=body.kind,
        statuses=(),
        initial_status="pending",
    )
    context = ExportContext(kind=kind, locale="es", print_pdf=print_pdf)
    return await exporter.export(stored(body), context)
