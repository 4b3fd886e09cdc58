"""Payments that come with documents: the ledger of receipts, without counting one twice."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from portalkit.documents.bulk import insert_rows
from portalkit.documents.ledger import Entry, Settlement, settle
from portalkit.documents.models import Allocation, Payment
from portalkit.errors import DocumentRefusedError
from portalkit.model import PaymentInput, new_id

__all__ = ("Receipt", "ReceiptBook", "read_receipts")


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A payment for one document, to be recorded."""

    document_id: str
    contact_id: str
    currency: str
    payment: PaymentInput


class _Known(msgspec.Struct, kw_only=True):
    """A payment as it is stored, with what of it was given for which document."""

    id: str
    contact_id: str
    currency: str
    paid_on: date
    method: str | None
    reference: str | None
    parts: dict[str, tuple[str, int]] = {}


class ReceiptBook:
    """The payments that a batch mentions, and what has to be written for them."""

    def __init__(self, known: Mapping[str, _Known]) -> None:
        self._known = dict(known)
        self._owners = {key: (each.contact_id, each.currency) for key, each in known.items()}
        self._of_document: dict[str, list[dict[str, Any]]] = {}
        self._new: list[str] = []
        self._changed: set[str] = set()
        self._new_parts: list[dict[str, Any]] = []
        self._changed_parts: list[dict[str, Any]] = []

    def check(self, contact_id: str, currency: str, payments: Iterable[PaymentInput]) -> None:
        """Refuse a payment that is known as somebody else's.

        Raises:
            DocumentRefusedError: If its contact or its currency is another one.
        """
        for position, payment in enumerate(payments):
            owner = self._owners.setdefault(payment.external_id, (contact_id, currency))
            if owner != (contact_id, currency):
                raise DocumentRefusedError(
                    f"payments.{position}.external_id", "is a payment of another contact"
                )

    def is_news(self, document_id: str | None, payments: Iterable[PaymentInput]) -> bool:
        """Say whether any of the payments is new or has changed."""
        return any(self._differs(document_id, payment) for payment in payments)

    def _differs(self, document_id: str | None, payment: PaymentInput) -> bool:
        known = self._known.get(payment.external_id)
        if known is None or document_id is None or document_id not in known.parts:
            return True
        return (known.paid_on, known.method, known.reference, known.parts[document_id][1]) != (
            payment.paid_on,
            payment.method,
            payment.reference,
            payment.amount,
        )

    def enter(self, receipt: Receipt) -> str | None:
        """Note down a payment; return its id if it is news, else ``None``."""
        payment = receipt.payment
        if not self._differs(receipt.document_id, payment):
            return None
        known = self._known.get(payment.external_id)
        if known is None:
            known = _Known(
                id=new_id(),
                contact_id=receipt.contact_id,
                currency=receipt.currency,
                paid_on=payment.paid_on,
                method=payment.method,
                reference=payment.reference,
            )
            self._known[payment.external_id] = known
            self._new.append(payment.external_id)
        known.paid_on = payment.paid_on
        known.method = payment.method
        known.reference = payment.reference
        self._changed.add(payment.external_id)
        self._enter_part(known, receipt)
        return known.id

    def _enter_part(self, known: _Known, receipt: Receipt) -> None:
        part = known.parts.get(receipt.document_id)
        values = {"offered": receipt.payment.amount, "allocated_on": receipt.payment.paid_on}
        if part is None:
            part_id = new_id()
            new: dict[str, Any] = {
                "id": part_id,
                "payment_id": known.id,
                "document_id": receipt.document_id,
            }
            new |= values | {"amount": 0}
            self._new_parts.append(new)
            self._of_document.setdefault(receipt.document_id, []).append(new)
        else:
            part_id = part[0]
            self._changed_parts.append(
                {"part_id": part_id} | {f"new_{name}": value for name, value in values.items()}
            )
        known.parts[receipt.document_id] = (part_id, receipt.payment.amount)

    def settle_new(
        self, document_id: str, payable: int | None, issued_on: date, status: str
    ) -> Settlement:
        """Use the payments that came with a document that is new itself."""
        parts = self._of_document.get(document_id, ())
        entries = [Entry(part["id"], part["allocated_on"], part["offered"]) for part in parts]
        result = settle(payable, issued_on, status, entries)
        for part in parts:
            part["amount"] = result.amounts[part["id"]]
        return result

    def write(self, connection: Connection, business_id: str, now: datetime) -> None:
        """Write payments and what they are for; the ledger says how much of it is used."""
        payments = [
            {
                "id": self._known[external_id].id,
                "business_id": business_id,
                "contact_id": self._known[external_id].contact_id,
                "external_id": external_id,
                "currency": self._known[external_id].currency,
                "created_at": now,
                **self._columns(external_id),
            }
            for external_id in self._new
        ]
        insert_rows(connection, Payment, payments)
        if changed := sorted(self._changed - set(self._new)):
            connection.execute(
                _SET_PAYMENT,
                [
                    {"payment": self._known[external_id].id}
                    | {f"new_{name}": value for name, value in self._columns(external_id).items()}
                    for external_id in changed
                ],
            )
        rest = {"business_id": business_id, "credit_id": None, "created_at": now}
        insert_rows(connection, Allocation, [part | rest for part in self._new_parts])
        if self._changed_parts:
            connection.execute(_SET_PART, self._changed_parts)

    def _columns(self, external_id: str) -> dict[str, Any]:
        known = self._known[external_id]
        return {
            "amount": sum(offered for _, offered in known.parts.values()),
            "paid_on": known.paid_on,
            "method": known.method,
            "reference": known.reference,
        }


_SET_PAYMENT: Final = (
    update(Payment)
    .where(Payment.id == bindparam("payment"))
    .values(
        {name: bindparam(f"new_{name}") for name in ("amount", "paid_on", "method", "reference")}
    )
)
_SET_PART: Final = (
    update(Allocation)
    .where(Allocation.id == bindparam("part_id"))
    .values(offered=bindparam("new_offered"), allocated_on=bindparam("new_allocated_on"))
)


def read_receipts(
    connection: Connection, business_id: str, external_ids: Sequence[str]
) -> ReceiptBook:
    """Read what is known of payments, by the host's keys, in one statement."""
    if not external_ids:
        return ReceiptBook({})
    statement = (
        select(
            Payment.external_id,
            Payment.id,
            Payment.contact_id,
            Payment.currency,
            Payment.paid_on,
            Payment.method,
            Payment.reference,
            Allocation.document_id,
            Allocation.id,
            Allocation.offered,
        )
        .outerjoin(Allocation, Allocation.payment_id == Payment.id)
        .where(Payment.business_id == business_id, Payment.external_id.in_(external_ids))
    )
    known: dict[str, _Known] = {}
    for row in connection.execute(statement):
        external_id, document_id, part_id, offered = row[0], row[7], row[8], row[9]
        entry = known.get(external_id)
        if entry is None:
            entry = _Known(
                id=row[1],
                contact_id=row[2],
                currency=row[3],
                paid_on=row[4],
                method=row[5],
                reference=row[6],
                parts={},
            )
            known[external_id] = entry
        if document_id is not None:
            entry.parts[document_id] = (part_id, offered)
    return ReceiptBook(known)
