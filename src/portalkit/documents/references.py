"""Documents that mention others by number, linked in whatever order they arrive."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import aliased

from portalkit.documents.bulk import insert_rows
from portalkit.documents.keys import number_key
from portalkit.documents.models import Allocation, DocumentRow, ReferenceRow
from portalkit.documents.rowset import encode_rows, look_up, rowset
from portalkit.hooks.types import DocumentKind
from portalkit.model import ReferenceStated, Relation, new_id

__all__ = ("Mention", "link_references")

# Where both have one number, what mentions it means the buyer's order before the answer to it.
_ORDERS: Final = ("purchase_order", "sales_order")

# Kinds that a relation can mean; a number alone often fits several (an invoice and its order
# may share one). Relations that are left out may mean any kind.
_TARGETS: Final[Mapping[str, tuple[str, ...]]] = {
    Relation.ORDER_OF_QUOTE: ("quote",),
    Relation.CONFIRMATION_OF_ORDER: _ORDERS,
    Relation.DELIVERY_OF_ORDER: _ORDERS,
    Relation.RECEIPT_OF_DELIVERY: ("delivery_note",),
    Relation.INVOICE_OF_ORDER: _ORDERS,
    Relation.INVOICE_OF_DELIVERY: ("delivery_note",),
    Relation.INVOICE_OF_QUOTE: ("quote",),
    Relation.CREDITS: ("invoice",),
    Relation.CORRECTS: ("invoice", "credit_note"),
    Relation.SETTLES: ("invoice",),
    Relation.CALL_OFF_OF: _ORDERS,
}
_OF_ORDERS: Final = tuple(name for name, kinds in _TARGETS.items() if kinds is _ORDERS)


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was just stored, with what its body mentions.

    Attributes:
        is_known: It was here before, with what its former body mentioned.
        is_arriving: Others may have been waiting for it.
    """

    document_id: str
    contact_id: str
    kind: str
    number_key: str
    issued_on: date
    type_code: str
    references: tuple[ReferenceStated, ...]
    is_known: bool
    is_arriving: bool


class _Open(msgspec.Struct, frozen=True):
    """A reference whose other end is looked for.

    ``target_kind`` is that of the document it is linked with, until a better one arrives.
    """

    id: str
    source_id: str
    source_kind: str
    contact_id: str
    relation: str
    number_key: str
    issued_on: date | None
    type_code: str | None
    target_kind: str | None = None


class _Target(msgspec.Struct, frozen=True):
    id: str
    contact_id: str
    kind: str
    number_key: str
    issued_on: date
    type_code: str


def link_references(
    connection: Connection,
    business_id: str,
    mentions: Sequence[Mention],
    *,
    kinds: Mapping[str, DocumentKind],
    now: datetime,
) -> set[str]:
    """Store what documents mention, and link both what they and what others mention.

    A credit note that ``credits`` an invoice is allocated to it.

    Returns:
        Ids of documents whose allocations have changed and that must be settled.
    """
    unsettled = _forget(connection, [each for each in mentions if each.is_known], kinds)
    own = _stated(mentions)
    links = _match(own, _targets(connection, own, kinds), kinds)
    _store(connection, business_id, mentions, own, links)
    arriving = [each for each in mentions if each.is_arriving]
    waiting = _waiting(connection, business_id, arriving)
    late = _match(waiting, [_as_target(each) for each in arriving], kinds) if waiting else {}
    if late:
        connection.execute(
            _SET_TARGET, [{"reference": key, "target": target} for key, target in late.items()]
        )
    if not own and not late:
        return unsettled
    pairs = [
        (reference.source_id, (links | late)[reference.id])
        for reference in (*own, *waiting)
        if reference.relation == Relation.CREDITS and reference.id in links | late
    ]
    return unsettled | _allocate(connection, business_id, pairs, kinds=kinds, now=now)


def _stated(mentions: Iterable[Mention]) -> list[_Open]:
    return [
        _Open(
            new_id(),
            mention.document_id,
            mention.kind,
            mention.contact_id,
            reference.relation,
            number_key(reference.number),
            reference.issued_on,
            reference.type_code,
        )
        for mention in mentions
        for reference in mention.references
    ]


def _as_target(mention: Mention) -> _Target:
    return _Target(
        mention.document_id,
        mention.contact_id,
        mention.kind,
        mention.number_key,
        mention.issued_on,
        mention.type_code,
    )


_SET_TARGET: Final = (
    update(ReferenceRow)
    .where(ReferenceRow.id == bindparam("reference"))
    .values(target_id=bindparam("target"))
)


def _forget(
    connection: Connection, mentions: Sequence[Mention], kinds: Mapping[str, DocumentKind]
) -> set[str]:
    """Remove what the former body of a document mentioned, with the credit that followed."""
    if not mentions:
        return set()
    ids = [mention.document_id for mention in mentions]
    connection.execute(delete(ReferenceRow).where(ReferenceRow.source_id.in_(ids)))
    credit_ids = [each.document_id for each in mentions if kinds[each.kind].is_credit]
    if not credit_ids:
        return set()
    gone = connection.execute(
        select(Allocation.document_id).where(Allocation.credit_id.in_(credit_ids))
    ).scalars()
    unsettled = {*gone, *credit_ids}
    connection.execute(delete(Allocation).where(Allocation.credit_id.in_(credit_ids)))
    return unsettled


def _store(
    connection: Connection,
    business_id: str,
    mentions: Sequence[Mention],
    own: Sequence[_Open],
    links: Mapping[str, str],
) -> None:
    stated = [reference for mention in mentions for reference in mention.references]
    rows = [
        {
            "id": reference.id,
            "business_id": business_id,
            "source_id": reference.source_id,
            "target_id": links.get(reference.id),
            "relation": str(reference.relation),
            "number": words.number[:200],
            "number_key": reference.number_key,
            "issued_on": reference.issued_on,
            "type_code": reference.type_code,
        }
        for reference, words in zip(own, stated, strict=True)
    ]
    insert_rows(connection, ReferenceRow, rows)


def _targets(
    connection: Connection, references: Sequence[_Open], kinds: Mapping[str, DocumentKind]
) -> list[_Target]:
    wanted = {
        (reference.contact_id, kind.listed_with or kind.name, reference.number_key)
        for reference in references
        for tier in _tiers(reference, kinds)
        for kind in tier
    }
    if not wanted:
        return []
    rows = connection.execute(
        _by_number(connection.dialect.name),
        encode_rows(
            {"contact_id": contact_id, "listing": listing, "number_key": key}
            for contact_id, listing, key in sorted(wanted)
        ),
    )
    return [_Target(*row) for row in rows if row[0] is not None]


@cache
def _by_number(dialect: str) -> Select[*tuple[Any, ...]]:
    wanted = rowset(dialect, "contact_id", "listing", "number_key")
    table = DocumentRow.__table__.c
    on = (
        (table.contact_id == wanted.c.contact_id)
        & (table.listing == wanted.c.listing)
        & (table.number_key == wanted.c.number_key)
    )
    return look_up(dialect, wanted, tuple(table[name] for name in _Target.__struct_fields__), on)


def _waiting(connection: Connection, business_id: str, mentions: Sequence[Mention]) -> list[_Open]:
    """Return references of earlier documents that may mean one of the new ones.

    Among them are those that are linked with an answer to an order: the order may be new.
    """
    if not mentions:
        return []
    keys = sorted({each.number_key for each in mentions})
    found = connection.execute(
        _open_references(connection.dialect.name),
        {"business": business_id} | encode_rows({"number_key": key} for key in keys),
    )
    ids = [reference_id for (reference_id,) in found if reference_id is not None]
    if not ids:
        return []
    target = aliased(DocumentRow)
    statement = (
        select(
            ReferenceRow.id,
            ReferenceRow.source_id,
            DocumentRow.kind,
            DocumentRow.contact_id,
            ReferenceRow.relation,
            ReferenceRow.number_key,
            ReferenceRow.issued_on,
            ReferenceRow.type_code,
            target.kind,
        )
        .join(DocumentRow, DocumentRow.id == ReferenceRow.source_id)
        .outerjoin(target, target.id == ReferenceRow.target_id)
        .where(ReferenceRow.id.in_(ids))
        .order_by(ReferenceRow.id)
    )
    return [_Open(*row) for row in connection.execute(statement)]


@cache
def _open_references(dialect: str) -> Select[*tuple[Any, ...]]:
    wanted = rowset(dialect, "number_key")
    table = ReferenceRow.__table__.c
    on = (
        (table.business_id == bindparam("business"))
        & (table.number_key == wanted.c.number_key)
        & (table.target_id.is_(None) | table.relation.in_(_OF_ORDERS))
    )
    return look_up(dialect, wanted, (table.id,), on, limit=None)


def _tiers(reference: _Open, kinds: Mapping[str, DocumentKind]) -> Sequence[Sequence[DocumentKind]]:
    """Return the kinds that a reference can mean, those that come before others first."""
    if reference.relation == Relation.REVISION_OF:
        return ((kinds[reference.source_kind],),)
    names = _TARGETS.get(reference.relation)
    if names is None:
        return (tuple(kinds.values()),)
    found = [kinds[name] for name in names if name in kinds]
    return [(kind,) for kind in found] if names is _ORDERS else (found,)


def _match(
    references: Iterable[_Open], targets: Iterable[_Target], kinds: Mapping[str, DocumentKind]
) -> dict[str, str]:
    """Return the target of each reference that means exactly one document, if it is new."""
    by_number: dict[tuple[str, str], list[_Target]] = {}
    for target in targets:
        by_number.setdefault((target.contact_id, target.number_key), []).append(target)
    links = {}
    for reference in references:
        near = by_number.get((reference.contact_id, reference.number_key), ())
        candidates = [target for target in near if _fits(reference, target)]
        for tier in _tiers(reference, kinds):
            names = {kind.name for kind in tier}
            if reference.target_kind in names:
                break
            found = {target.id for target in candidates if target.kind in names}
            # A number that means several is left open: a wrong link is worse than none.
            if len(found) == 1:
                links[reference.id] = next(iter(found))
            if found:
                break
    return links


def _fits(reference: _Open, target: _Target) -> bool:
    return (
        target.id != reference.source_id
        and reference.issued_on in {None, target.issued_on}
        and (not target.type_code or reference.type_code in {None, "", target.type_code})
    )


def _allocate(
    connection: Connection,
    business_id: str,
    pairs: Sequence[tuple[str, str]],
    *,
    kinds: Mapping[str, DocumentKind],
    now: datetime,
) -> set[str]:
    """Let credit notes settle the documents they credit, as far as both go."""
    if not pairs:
        return set()
    ids = sorted({document_id for pair in pairs for document_id in pair})
    statement = select(
        DocumentRow.id,
        DocumentRow.kind,
        DocumentRow.currency,
        DocumentRow.payable,
        DocumentRow.issued_on,
    ).where(DocumentRow.id.in_(ids))
    rows = {row.id: row for row in connection.execute(statement)}
    allocated = select(Allocation.credit_id, Allocation.document_id).where(
        Allocation.credit_id.in_(sorted({source for source, _ in pairs}))
    )
    known = {(row[0], row[1]) for row in connection.execute(allocated)}
    new = []
    for source_id, target_id in dict.fromkeys(pairs):
        source, target = rows[source_id], rows[target_id]
        is_credit = kinds[source.kind].is_credit and kinds[target.kind].due_means == "payment"
        if (source_id, target_id) in known or not is_credit or source.currency != target.currency:
            continue
        new.append(
            {
                "id": new_id(),
                "business_id": business_id,
                "document_id": target_id,
                "payment_id": None,
                "credit_id": source_id,
                "offered": abs(source.payable or 0),
                "amount": 0,
                "allocated_on": max(source.issued_on, target.issued_on),
                "created_at": now,
            }
        )
    if new:
        connection.execute(insert(Allocation), new)
    return {row[name] for row in new for name in ("document_id", "credit_id")}
