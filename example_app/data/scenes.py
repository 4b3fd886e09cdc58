"""Set pieces: what the demo shows on every day it is started, whatever chance brings."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from example_app.data.baskets import basket, occasion
from example_app.data.story import Bought, Draft, Link, Planned, Story, workday
from example_app.data.values import Product
from portalkit.model import Relation

__all__ = ("RECENT_DAYS", "long_invoice", "tienda_sol")

RECENT_DAYS: Final = 75
"""The last days before the anchor, which the set pieces fill and chance leaves alone."""

_LONG: Final = 300


class _Stage:
    """Writes documents some days before the anchor, with a basket of that day."""

    def __init__(self, story: Story, products: tuple[Product, ...]) -> None:
        self.story = story
        self.products = products

    def put(
        self,
        kind: str,
        ago: int,
        *links: Link,
        lines: int | tuple[Bought, ...] | None = None,
        **values: Any,
    ) -> str:
        """Write a document of a kind and return its key; ``lines`` may say how many."""
        on = self.on(ago)
        currency = values.pop("currency", self.story.contact.currency)
        if not isinstance(lines, tuple):
            lines = basket(self.story, self.products, on, count=lines, currency=currency)
        draft = Draft(
            key=self.story.key(kind),
            kind=kind,
            contact=self.story.contact,
            on=on,
            lines=lines,
            currency=currency,
            description=occasion(self.story, on),
            links=links,
        )
        return self.story.write(msgspec.structs.replace(draft, **values))

    def invoice(self, ago: int, *links: Link, terms: int = 30, **values: Any) -> str:
        """Write an invoice that is due some days after it."""
        return self.put("invoice", ago, *links, due_on=self.on(ago - terms), **values)

    def on(self, ago: int) -> date:
        """Return the day so many days before the anchor, or the Friday before it."""
        day = self.story.anchor - timedelta(days=ago)
        return day - timedelta(days=max(0, day.weekday() - 4))

    def same(self, key: str) -> dict[str, Any]:
        """Return the lines and description of a document, for one that follows it."""
        draft = self.story.drafts[key]
        return {"lines": draft.lines, "description": draft.description}


def tienda_sol(story: Story, products: tuple[Product, ...]) -> None:
    """Write what the shop has open today: something in every state."""
    stage = _Stage(story, products)
    _invoices(stage)
    _quotes(stage)
    _orders(stage)
    _purchases(stage)
    _in_pounds(stage)


def _invoices(stage: _Stage) -> None:
    ordered = stage.put("sales_order", 74, status="completed", lines=4)
    note = stage.put(
        "delivery_note",
        72,
        Link(Relation.DELIVERY_OF_ORDER, ordered),
        **stage.same(ordered),
        status="delivered",
        delivered_on=stage.on(70),
    )
    stage.invoice(
        71,
        Link(Relation.INVOICE_OF_DELIVERY, note),
        Link(Relation.INVOICE_OF_ORDER, ordered),
        **stage.same(note),
        buyer_reference="PO-8841",
    )
    stage.invoice(24, terms=60, lines=5, payments=(Planned(on=stage.on(10), percent=40),))
    stage.invoice(20, lines=3)
    paid = stage.invoice(35, lines=4, payments=(Planned(on=stage.on(6)),))
    credited = stage.invoice(30, lines=6)
    applied = _breakage(stage, credited, 18)
    stage.story.change(credited, credited=(applied,), payments=(Planned(on=stage.on(2)),))
    _breakage(stage, paid, 3)
    wrong = stage.invoice(58, lines=3, status="cancelled")
    stage.invoice(
        57,
        Link(Relation.REPLACES, wrong),
        **stage.same(wrong),
        payments=(Planned(on=stage.on(28)),),
    )
    stage.put("invoice", 0, status="draft", lines=2, due_on=stage.on(-30))


def _breakage(stage: _Stage, invoice: str, ago: int) -> str:
    line = stage.story.drafts[invoice].lines[0]
    return stage.put(
        "credit_note",
        ago,
        Link(Relation.CREDITS, invoice),
        lines=(msgspec.structs.replace(line, quantity=2),),
        description="Abono por roturas en el transporte",
    )


def _quotes(stage: _Stage) -> None:
    def offer(ago: int, status: str, description: str, lines: int) -> str:
        return stage.put(
            "quote",
            ago,
            status=status,
            description=description,
            lines=lines,
            valid_until=stage.on(ago - 30),
        )

    hampers = offer(5, "pending", "Cestas y regalos de empresa", 6)
    draft = stage.story.drafts[hampers]
    heads = ("Surtido base", None, None, "A elegir", None, None)
    stage.story.change(
        hampers,
        lines=tuple(
            msgspec.structs.replace(line, section=head, is_optional=place >= 3)
            for place, (line, head) in enumerate(zip(draft.lines, heads, strict=True))
        ),
        note="Los artículos del apartado «A elegir» no están incluidos en el total.",
    )
    offer(12, "pending", "Expositor de mostrador y primera dotación", 4)
    offer(47, "pending", "Jabones para regalo", 2)
    offer(28, "rejected", "Monodosis para cafeterías", 2)
    accepted = offer(16, "accepted", "Lineal de aceite ecológico", 3)
    stage.put(
        "sales_order",
        14,
        Link(Relation.ORDER_OF_QUOTE, accepted),
        **stage.same(accepted),
        status="confirmed",
    )
    converted = offer(40, "converted", "Degustación en tienda", 3)
    stage.invoice(8, Link(Relation.INVOICE_OF_QUOTE, converted), **stage.same(converted))
    offer(1, "draft", "Propuesta de primavera", 3)


def _orders(stage: _Stage) -> None:
    stage.put("sales_order", 0, status="pending", lines=3)
    ordered = stage.put("sales_order", 6, status="confirmed", lines=5)
    link = Link(Relation.DELIVERY_OF_ORDER, ordered)
    lines = stage.story.drafts[ordered].lines
    stage.put("delivery_note", 1, link, lines=lines[:3], status="shipped", shipped_on=stage.on(1))
    stage.put("delivery_note", 0, link, lines=lines[3:], status="pending")
    for ago, status in ((4, "pending"), (19, "accepted"), (63, "cancelled")):
        stage.put("proforma", ago, status=status, lines=3, valid_until=stage.on(ago - 15))
    stage.put("sales_order", 44, status="cancelled", lines=2)


def _purchases(stage: _Stage) -> None:
    for ago, status in ((1, "placed"), (9, "confirmed"), (13, "shipped"), (33, "completed")):
        stage.put("purchase_order", ago, status=status, buyer_reference=f"TS-{2400 - ago}")
    stage.put("purchase_order", 41, status="rejected", lines=2)
    stage.put("purchase_order", 66, status="cancelled", lines=2)


def _in_pounds(stage: _Stage) -> None:
    fair = "Feria Speciality Food, Londres"
    stage.invoice(
        68,
        lines=3,
        currency="GBP",
        description=fair,
        payments=(Planned(on=workday(stage.on(40))),),
    )
    again = basket(stage.story, stage.products, stage.on(15), count=2, currency="GBP")
    one_box = tuple(msgspec.structs.replace(line, quantity=line.product.box) for line in again)
    stage.invoice(15, lines=one_box, currency="GBP", description=f"{fair}: reposición")
    stage.put(
        "quote",
        9,
        status="pending",
        lines=4,
        currency="GBP",
        description=f"{fair}: próxima edición",
        valid_until=stage.on(-21),
    )


def long_invoice(story: Story, products: tuple[Product, ...]) -> None:
    """Write the yearly invoice of the distributor, with 300 lines for its many houses."""
    on = story.anchor - timedelta(days=11)
    lots = [line for _ in range(_LONG) for line in basket(story, products, on, count=1)]
    lines = tuple(
        msgspec.structs.replace(
            line,
            discount=Decimal("7.5"),
            section=f"Establecimiento {place // 25 + 1:02d}" if place % 25 == 0 else None,
        )
        for place, line in enumerate(lots)
    )
    story.write(
        Draft(
            key=story.key("invoice"),
            kind="invoice",
            contact=story.contact,
            on=on,
            lines=lines,
            currency=story.contact.currency,
            description=(
                "Regularización anual de suministros a establecimientos de hostelería, "
                "colectividades y comedores de empresa de las Islas Baleares y el litoral"
            ),
            due_on=on + timedelta(days=60),
        )
    )
