"""The sheet of a sample quote, made as the portal makes it."""

from datetime import UTC, date, datetime
from decimal import Decimal

from portalkit.hooks.types import DocumentKind, Status
from portalkit.model import (
    Address,
    Document,
    DocumentHeader,
    Identifier,
    Party,
    PartyRole,
    lazy_gettext,
)
from portalkit.rendering.sheet import Issuer, sheet_view
from portalkit.testing.factories import make_body, make_line

QUOTE = DocumentKind(
    name="quote",
    title=lazy_gettext("Quote"),
    plural=lazy_gettext("Quotes"),
    section="sales",
    path="quotes",
    statuses=(Status(name="pending", label=lazy_gettext("Pending")),),
    initial_status="pending",
    due_means="validity",
)


def quote_sheet(sample, translator, logo_url=None):
    """Return the sheet of a quote with five lines, or with forty if the sample is overfull."""
    names = ("AOVE Picual, botella 500 ml", "AOVE Arbequina, botella 500 ml", "AOVE Picual, lata")
    count = 40 if sample.is_overfull else 5
    buyer = Address(lines=("Calle Mayor, 18",), postcode="28013", city="Madrid", country="ES")
    body = make_body(
        "quote",
        "PR-2026-0143",
        issued_on=date(2026, 11, 18),
        valid_until=date(2026, 12, 5),
        due_on=None,
        buyer_reference="Navidad 2026",
        payment_terms="30 días",
        description=None,
        parties=(
            Party(
                role=PartyRole.SELLER,
                name="Almazara Sierra Alta, S.L.",
                tax_ids=(Identifier("ESB23000000", "VAT"),),
            ),
            Party(
                role=PartyRole.BUYER,
                name=sample.customer,
                address=buyer,
                tax_ids=(Identifier("ESB87000000", "VAT"),),
            ),
        ),
        lines=tuple(
            make_line(
                sample.overfull if sample.is_overfull and not index else names[index % 3],
                line_id=str(index + 1),
                quantity=Decimal(48 + index * 12),
                net_price=Decimal("7.10"),
                net_amount=(48 + index * 12) * 710,
            )
            for index in range(count)
        ),
    )
    header = DocumentHeader(
        id="1", business_id="b", contact_id="c", kind="quote", number=body.number,
        type_code=None, issued_on=body.issued_on, due_on=body.valid_until, status="pending",
        description="", currency="EUR", total=None, amount_due=None, line_count=count,
        settled_on=None, external_id=None, version=1, sha256="0" * 64,
        updated_at=datetime(2026, 11, 18, tzinfo=UTC),
    )  # fmt: skip
    issuer = Issuer(
        name=sample.name,
        legal_name="Almazara Sierra Alta, S.L.",
        tax_id="B23000000",
        address="Camino de la Almazara, 12\n23300 Villacarrillo (Jaén)",
        logo_url=logo_url,
    )
    return sheet_view(
        Document(header=header, body=body),
        QUOTE,
        business=issuer,
        translator=translator,
        formats=sample.formats,
    )
