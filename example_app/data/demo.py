"""Everything the demo shows, as values: businesses, customers, publications."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from example_app.data.apiary import APIARY, APIARY_CUSTOMERS
from example_app.data.bodies import Numbered, body_of
from example_app.data.deals import history
from example_app.data.files import certificate
from example_app.data.mill import CUSTOMERS, DISTRIBUTOR, MILL, TIENDA_SOL
from example_app.data.scenes import RECENT_DAYS, long_invoice, tienda_sol
from example_app.data.story import Draft, Story
from example_app.data.values import Demo, DemoBusiness, DemoContact
from portalkit.model import ContactRef, DocumentBody, PaymentInput, Publication

__all__ = ("demo_data",)

# Documents of one day are published in this order, so that references find their targets.
_KINDS: Final[Mapping[str, str]] = {
    "quote": "P{:%Y}-{:04d}",
    "purchase_order": "PC-{:%Y}-{:05d}",
    "sales_order": "PV{:%Y}-{:04d}",
    "proforma": "PF{:%Y}-{:04d}",
    "delivery_note": "A{:%Y}-{:04d}",
    "invoice": "F{:%Y}-{:04d}",
    "credit_note": "R{:%Y}-{:04d}",
}
_ORDER: Final = {kind: place for place, kind in enumerate(_KINDS)}


def demo_data(anchor: date) -> tuple[Demo, Demo]:
    """Return the oil mill and the apiary with their customers and documents.

    Args:
        anchor: The day of the demo; no document is later. Same day, same data.
    """
    return _demo(MILL, CUSTOMERS, anchor), _demo(APIARY, APIARY_CUSTOMERS, anchor)


def _demo(business: DemoBusiness, contacts: tuple[DemoContact, ...], anchor: date) -> Demo:
    drafts = [draft for contact in contacts for draft in _told(business, contact, anchor)]
    drafts.sort(key=lambda draft: (draft.on, _ORDER[draft.kind], draft.key))
    numbers = _numbers(drafts)
    bodies = {draft.key: body_of(draft, business, numbers) for draft in drafts}
    return Demo(
        business=business,
        contacts=contacts,
        publications=tuple(_publication(draft, bodies) for draft in drafts),
    )


def _told(business: DemoBusiness, contact: DemoContact, anchor: date) -> Iterable[Draft]:
    story = Story(contact, anchor, business.slug)
    is_star = contact is TIENDA_SOL
    history(story, business.products, anchor - timedelta(days=RECENT_DAYS if is_star else 0))
    if is_star:
        tienda_sol(story, business.products)
    elif contact is DISTRIBUTOR:
        long_invoice(story, business.products)
    return story.drafts.values()


def _numbers(drafts: Iterable[Draft]) -> dict[str, Numbered]:
    """Number the documents of each kind and year by date, without gaps."""
    last: dict[tuple[str, int], int] = {}
    numbers = {}
    for draft in drafts:
        series = (draft.kind, draft.on.year)
        last[series] = last.get(series, 0) + 1
        number = _KINDS[draft.kind].format(draft.on, last[series])
        numbers[draft.key] = Numbered(number, draft.on, draft.kind)
    return numbers


def _publication(draft: Draft, bodies: Mapping[str, DocumentBody]) -> Publication:
    body = bodies[draft.key]
    credited = sum(bodies[key].totals.payable or 0 for key in draft.credited)
    lot = next((line.item.lot for line in body.lines if line.item.lot), "")
    return Publication(
        body=body,
        contact=ContactRef(external_id=draft.contact.key),
        external_id=draft.key,
        status=draft.status,
        payments=tuple(_payments(draft, body.totals.payable or 0, credited)),
        files=(certificate(lot),) if draft.has_certificate else (),
    )


def _payments(draft: Draft, payable: int, credited: int) -> Iterable[PaymentInput]:
    left = payable - credited
    for place, planned in enumerate(draft.payments, 1):
        amount = left if planned.percent is None else payable * planned.percent // 100
        left -= amount
        if amount > 0:
            yield PaymentInput(
                external_id=f"{draft.key}/payment/{place}",
                amount=amount,
                paid_on=planned.on,
                method=planned.method,
                reference=f"REM {planned.on:%y%m%d}",
            )
