"""What happened between a business and one customer, before it is written as documents."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import msgspec

from example_app.data.values import DemoContact, Product
from portalkit.model import Relation

__all__ = ("Bought", "Draft", "Link", "Planned", "Story", "workday")


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a purchase.

    Attributes:
        price: In the document's currency; ``discount`` is in percent of it.
        section: Heading above this line.
        order: Key of the order that this line delivers or bills; ``note`` of the delivery note.
    """

    product: Product
    quantity: int
    price: Decimal
    discount: Decimal = Decimal(0)
    section: str | None = None
    is_optional: bool = False
    order: str | None = None
    note: str | None = None


class Link(msgspec.Struct, frozen=True):
    """This document is ``relation`` of the one with that key."""

    relation: Relation
    key: str


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A payment: a share of what is payable, or all that is left of it."""

    on: date
    percent: int | None = None
    method: str = "transfer"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A document without number and totals.

    Attributes:
        key: The host's own key for it, unique and the same every time.
        credited: What credit notes took off before it was paid is subtracted from payments.
    """

    key: str
    kind: str
    contact: DemoContact
    on: date
    lines: tuple[Bought, ...]
    currency: str
    description: str
    status: str | None = None
    due_on: date | None = None
    valid_until: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None
    links: tuple[Link, ...] = ()
    payments: tuple[Planned, ...] = ()
    credited: tuple[str, ...] = ()
    buyer_reference: str | None = None
    freight: int = 0
    note: str | None = None
    has_certificate: bool = False


def workday(on: date) -> date:
    """Return the day itself, or the Monday after a weekend."""
    return on + timedelta(days=max(0, 7 - on.weekday()) if on.weekday() >= 5 else 0)


class Story:
    """The documents of one customer as they come about, none of them later than the anchor."""

    def __init__(self, contact: DemoContact, anchor: date, seed: str) -> None:
        self.contact = contact
        self.anchor = anchor
        self.random = Random(f"{seed}:{anchor.isoformat()}:{contact.key}")
        self.drafts: dict[str, Draft] = {}
        self._counts: dict[str, int] = {}

    def happens(self, on: date) -> bool:
        """Say whether a day has come by the anchor date."""
        return on <= self.anchor

    def chance(self, share: float) -> bool:
        """Say yes in this share of cases."""
        return self.random.random() < share

    def later(self, on: date, fewest: int, most: int) -> date:
        """Return a working day some days after another."""
        return workday(on + timedelta(days=self.random.randint(fewest, most)))

    def write(self, draft: Draft) -> str:
        """Keep a document and return its key."""
        self.drafts[draft.key] = draft
        return draft.key

    def key(self, kind: str) -> str:
        """Return the next key for a kind of document."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{self.contact.key}/{kind}/{count:04d}"

    def change(self, key: str, **values: object) -> None:
        """Replace some values of a document that was written before."""
        self.drafts[key] = msgspec.structs.replace(self.drafts[key], **values)
