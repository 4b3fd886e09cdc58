"""Documents to measure with: plain invoices of five lines, as fast as they can be made."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from msgspec import structs

from portalkit.documents.totals import compute
from portalkit.model import (
    Address,
    ContactRef,
    DocumentBody,
    Identifier,
    Item,
    Line,
    Party,
    PartyRole,
    PaymentInput,
    Publication,
    TaxStated,
)

__all__ = ("publications",)

_WORDS = ("Reposición de tienda", "Campaña de otoño", "Temporada de verano", "Aceite nuevo")
_LAST = date(2026, 11, 20)
_PRODUCTS = ("Picual 500 ml", "Arbequina 500 ml", "Garrafa 5 l", "Vinagre 500 ml", "Jabón 100 g")


@cache
def _pattern(kind: str, variant: int) -> DocumentBody:
    lines = tuple(
        Line(
            id=str(place),
            item=Item(name=name, seller_id=f"SKU-{place}"),
            quantity=Decimal(6 * place + variant),
            unit="C62",
            net_price=Decimal("3.15") * place,
            taxes=(TaxStated(category="S", rate=Decimal(10 if place % 2 else 21)),),
        )
        for place, name in enumerate(_PRODUCTS, 1)
    )
    body = DocumentBody(
        kind=kind,
        type_code="310" if kind == "quote" else "380",
        number="",
        issued_on=_LAST,
        currency="EUR",
        description=_WORDS[variant % len(_WORDS)],
        parties=(
            Party(
                role=PartyRole.SELLER,
                name="Almazara de prueba, S.L.",
                tax_ids=(Identifier("ESB00123456", "VAT"),),
                address=Address(lines=("Calle 1",), postcode="23440", city="Baeza", country="ES"),
            ),
            Party(
                role=PartyRole.BUYER,
                name="Tienda de prueba, S.L.",
                address=Address(lines=("Calle 2",), postcode="18009", city="Granada", country="ES"),
            ),
        ),
        lines=lines,
    )
    return compute(body)


def publications(
    contact_id: str, count: int, *, kind: str = "invoice", prefix: str = "F"
) -> Iterator[Publication]:
    """Yield documents of one contact, the oldest first; two of three invoices are paid.

    Args:
        contact_id: Whose documents.
        count: How many; they are spread over a thousand days.
        kind: ``invoice`` or ``quote``.
        prefix: Of their numbers, which are unique for each contact by it.
    """
    for place in range(count):
        issued_on = _LAST - timedelta(days=(count - place) * 1000 // (count + 1))
        pattern = _pattern(kind, place % 24)
        body = structs.replace(
            pattern,
            number=f"{prefix}-{place:06d}",
            issued_on=issued_on,
            due_on=issued_on + timedelta(days=30),
        )
        payments: tuple[PaymentInput, ...] = ()
        if kind == "invoice" and place % 3:
            payments = (
                PaymentInput(
                    external_id=f"{prefix}-{place:06d}/1",
                    amount=pattern.totals.payable or 0,
                    paid_on=issued_on + timedelta(days=20),
                ),
            )
        yield Publication(body=body, contact=ContactRef(id=contact_id), payments=payments)
