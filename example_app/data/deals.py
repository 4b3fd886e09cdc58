"""How a deal goes: quote, order, delivery, invoice; and three years of them."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

import msgspec

from example_app.data.baskets import Deal, basket, occasion
from example_app.data.billing import bill, bill_month
from example_app.data.story import Bought, Draft, Link, Story, workday
from example_app.data.values import Product
from example_app.data.wares import season
from portalkit.model import Relation

__all__ = ("history",)


def history(story: Story, products: tuple[Product, ...], until: date) -> None:
    """Let three years of deals happen, more of them in autumn, a few more each year."""
    start = story.anchor - timedelta(days=3 * 365)
    unbilled: list[str] = []
    for year, month in _months(start, until):
        first = date(year, month, 1)
        growth = 1 + 0.12 * (first - start).days / 365
        expected = story.contact.profile.deals / 12 * season(month) * growth
        deals = int(expected) + story.chance(expected % 1)
        for on in sorted(_days_of(story, first, deals)):
            if start <= on <= until:
                unbilled += _deal(story, products, on)
    by_month = sorted(unbilled, key=lambda note: story.drafts[note].on)
    for _, notes in groupby(by_month, lambda note: story.drafts[note].on.replace(day=1)):
        bill_month(story, list(notes))


def _months(start: date, end: date) -> Iterator[tuple[int, int]]:
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        yield year, month
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _days_of(story: Story, first: date, count: int) -> list[date]:
    last = monthrange(first.year, first.month)[1]
    return [workday(first.replace(day=story.random.randint(1, last))) for _ in range(count)]


def _deal(story: Story, products: tuple[Product, ...], on: date) -> list[str]:
    """Run one deal and return its delivery notes that wait for a monthly invoice."""
    profile = story.contact.profile
    deal = Deal(
        on=on,
        lines=basket(story, products, on),
        currency=story.contact.currency,
        description=occasion(story, on),
    )
    if story.chance(profile.quotes):
        accepted = _quote(story, deal)
        if accepted is None:
            return []
        deal = accepted
    elif story.chance(profile.shops):
        deal = msgspec.structs.replace(deal, purchase=_purchase(story, deal))
    ordered = _order(story, deal)
    if ordered is None:
        return []
    notes = _deliver(story, deal, ordered)
    if profile.is_monthly:
        return notes
    if notes:
        bill(story, deal, notes)
    return []


def _quote(story: Story, deal: Deal) -> Deal | None:
    """Write a quote; return the deal that came of it, if it was accepted by now."""
    key = story.write(
        Draft(
            key=story.key("quote"),
            kind="quote",
            contact=story.contact,
            on=deal.on,
            lines=deal.lines,
            currency=deal.currency,
            description=deal.description,
            status="pending",
            valid_until=deal.on + timedelta(days=30),
        )
    )
    decided = story.later(deal.on, 2, 20)
    luck = story.random.random()
    # The rest is never answered and expires.
    if luck > 0.8 or not story.happens(decided):
        return None
    if luck > 0.66:
        story.change(key, status="rejected")
        return None
    story.change(key, status="accepted")
    return msgspec.structs.replace(deal, on=decided, quote=key)


def _purchase(story: Story, deal: Deal) -> str:
    """Write the order that the customer placed in the shop."""
    return story.write(
        Draft(
            key=story.key("purchase_order"),
            kind="purchase_order",
            contact=story.contact,
            on=deal.on,
            lines=deal.lines,
            currency=deal.currency,
            description=deal.description,
            status="placed",
            buyer_reference=f"{story.contact.key[-2:]}-{deal.on:%y%m%d}",
        )
    )


def _order(story: Story, deal: Deal) -> str | None:
    """Write the sales order, after a pro forma where one is paid first."""
    on = workday(deal.on + timedelta(days=1)) if deal.purchase else deal.on
    if not story.happens(on):
        return None
    if deal.purchase and story.chance(0.05):
        story.change(deal.purchase, status="rejected")
        return None
    links = [Link(Relation.ORDER_OF_QUOTE, deal.quote)] if deal.quote else []
    if deal.purchase:
        links.append(Link(Relation.CONFIRMATION_OF_ORDER, deal.purchase))
        story.change(deal.purchase, status="confirmed")
    key = story.write(
        Draft(
            key=story.key("sales_order"),
            kind="sales_order",
            contact=story.contact,
            on=on,
            lines=deal.lines,
            currency=deal.currency,
            description=deal.description,
            status="confirmed" if story.happens(on + timedelta(days=1)) else "pending",
            links=tuple(links),
        )
    )
    if story.contact.profile.is_prepaid:
        return key if _prepay(story, deal, key, on) else None
    if story.chance(0.02):
        story.change(key, status="cancelled")
        return None
    return key


def _prepay(story: Story, deal: Deal, ordered: str, on: date) -> bool:
    """Write a pro forma and say whether it was paid, so that the goods may leave."""
    key = story.write(
        Draft(
            key=story.key("proforma"),
            kind="proforma",
            contact=story.contact,
            on=on,
            lines=deal.lines,
            currency=deal.currency,
            description=deal.description,
            status="pending",
            valid_until=on + timedelta(days=15),
            links=(Link(Relation.INVOICE_OF_ORDER, ordered),),
        )
    )
    if not story.happens(story.later(on, 2, 9)):
        return False
    is_off = story.chance(0.08)
    story.change(key, status="cancelled" if is_off else "accepted")
    if is_off:
        story.change(ordered, status="cancelled")
    elif story.happens(on + timedelta(days=14)):
        story.change(key, status="converted")
    return not is_off


def _deliver(story: Story, deal: Deal, ordered: str) -> list[str]:
    """Write one delivery note, or two where something was missing; return their keys."""
    lines = tuple(msgspec.structs.replace(line, order=ordered) for line in deal.lines)
    shipped = story.later(story.drafts[ordered].on, 2, 6)
    parts = [(shipped, lines)]
    if len(lines) > 2 and story.chance(0.12):
        parts = [(shipped, lines[:-1]), (story.later(shipped, 6, 12), lines[-1:])]
    notes = [_note(story, deal, ordered, on, part) for on, part in parts if story.happens(on)]
    if len(notes) == len(parts) and story.happens(parts[-1][0] + timedelta(days=3)):
        _complete(story, deal, ordered)
    elif notes and deal.purchase:
        story.change(deal.purchase, status="shipped")
    return notes


def _complete(story: Story, deal: Deal, ordered: str) -> None:
    story.change(ordered, status="completed")
    if deal.purchase:
        story.change(deal.purchase, status="completed")


def _note(story: Story, deal: Deal, ordered: str, on: date, lines: tuple[Bought, ...]) -> str:
    arrives = workday(on + timedelta(days=2))
    status = "pending" if on == story.anchor else "shipped"
    if story.happens(arrives):
        status = "delivered"
    return story.write(
        Draft(
            key=story.key("delivery_note"),
            kind="delivery_note",
            contact=story.contact,
            on=on,
            lines=lines,
            currency=deal.currency,
            description=deal.description,
            status=status,
            shipped_on=on,
            delivered_on=arrives if status == "delivered" else None,
            links=(Link(Relation.DELIVERY_OF_ORDER, ordered),),
            has_certificate=story.chance(0.05),
        )
    )
