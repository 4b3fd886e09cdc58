"""Invoices and what becomes of them: payments, credit notes, replacements."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

import msgspec

from example_app.data.baskets import Deal
from example_app.data.story import Draft, Link, Planned, Story, workday
from example_app.data.values import Pays
from portalkit.model import Relation

__all__ = ("bill", "bill_month")

# Below this an order pays for its transport; both in cents.
_FREE_FREIGHT: Final = 15_000
_FREIGHT: Final = 1_250


def bill(story: Story, deal: Deal, notes: list[str], on: date | None = None) -> str | None:
    """Write the invoice over some delivery notes, with its payments and perhaps a credit note."""
    last = max(story.drafts[note].on for note in notes)
    on = on or story.later(last, 0, 3)
    if not story.happens(on):
        return None
    lines = tuple(
        msgspec.structs.replace(line, note=note)
        for note in notes
        for line in story.drafts[note].lines
    )
    links = [Link(Relation.INVOICE_OF_DELIVERY, note) for note in notes]
    orders = [link.key for note in notes for link in story.drafts[note].links]
    links += [Link(Relation.INVOICE_OF_ORDER, key) for key in dict.fromkeys(orders)]
    if deal.quote:
        links.append(Link(Relation.INVOICE_OF_QUOTE, deal.quote))
        story.change(deal.quote, status="converted")
    worth = sum(line.price * line.quantity for line in lines) * 100
    key = story.write(
        Draft(
            key=story.key("invoice"),
            kind="invoice",
            contact=story.contact,
            on=on,
            lines=lines,
            currency=deal.currency,
            description=deal.description,
            due_on=on + timedelta(days=story.contact.profile.terms),
            links=tuple(links),
            freight=0 if worth > _FREE_FREIGHT or deal.currency != "EUR" else _FREIGHT,
        )
    )
    _settle(story, key)
    return key


def bill_month(story: Story, notes: list[str]) -> None:
    """Write one invoice over all delivery notes of a month, dated at its end."""
    first = story.drafts[notes[0]]
    end = first.on.replace(day=monthrange(first.on.year, first.on.month)[1])
    text = "Suministros del mes" if story.contact.locale == "es" else "Deliveries of the month"
    deal = Deal(on=end, lines=(), currency=first.currency, description=f"{text}, {end:%m/%Y}")
    bill(story, deal, notes, on=end)


def _settle(story: Story, invoice: str) -> None:
    """Decide how an invoice is paid, and what goes wrong with it."""
    draft = story.drafts[invoice]
    luck = story.random.random()
    if luck < 0.012:
        _cancel(story, invoice)
        return
    credit = _credit(story, invoice) if luck < 0.075 else None
    paid = _paid_on(story, draft.due_on or draft.on)
    if paid is None:
        return
    method = "direct_debit" if story.contact.profile.is_debit else "transfer"
    payments = [Planned(on=paid, method=method)]
    if draft.freight == 0 and story.chance(0.08):
        half = workday(draft.on + timedelta(days=story.contact.profile.terms // 2))
        payments = [Planned(on=half, percent=50, method=method), *payments]
    if credit and story.drafts[credit].on <= paid:
        story.change(invoice, credited=(credit,))
    story.change(invoice, payments=tuple(p for p in payments if story.happens(p.on)))


def _paid_on(story: Story, due: date) -> date | None:
    match story.contact.profile.pays:
        case Pays.PROMPTLY:
            return story.later(due, -25, -8)
        case Pays.USUALLY:
            return story.later(due, -6, 5)
        case Pays.LATE:
            return story.later(due, 2, 38)
        case Pays.BADLY:
            return None if story.chance(0.12) else story.later(due, 15, 120)


def _credit(story: Story, invoice: str) -> str | None:
    draft = story.drafts[invoice]
    on = story.later(draft.on, 4, 40)
    if not story.happens(on):
        return None
    line = story.random.choice(draft.lines)
    broken = max(1, line.quantity // story.random.randint(3, 12))
    is_spanish = story.contact.locale == "es"
    return story.write(
        Draft(
            key=story.key("credit_note"),
            kind="credit_note",
            contact=story.contact,
            on=on,
            lines=(msgspec.structs.replace(line, quantity=broken),),
            currency=draft.currency,
            description="Abono por roturas en el transporte"
            if is_spanish
            else "Credit for breakage in transit",
            links=(Link(Relation.CREDITS, invoice),),
        )
    )


def _cancel(story: Story, invoice: str) -> None:
    """Cancel an invoice and write the one that replaces it."""
    draft = story.drafts[invoice]
    story.change(invoice, status="cancelled")
    on = story.later(draft.on, 1, 4)
    if not story.happens(on):
        return
    again = msgspec.structs.replace(
        draft,
        key=story.key("invoice"),
        on=on,
        due_on=on + timedelta(days=story.contact.profile.terms),
        links=(*draft.links, Link(Relation.REPLACES, invoice)),
    )
    story.write(again)
    paid = _paid_on(story, again.due_on or on)
    if paid and story.happens(paid):
        story.change(again.key, payments=(Planned(on=paid),))
