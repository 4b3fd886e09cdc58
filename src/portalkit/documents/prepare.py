"""What a publication becomes before the database is asked: checked, with all its columns."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from portalkit.documents.canonical import checked_canonical, digest
from portalkit.documents.keys import description_key, fold, number_key, total_key
from portalkit.documents.statuses import has_ledger, is_stored_status
from portalkit.errors import DocumentRefusedError
from portalkit.hooks.types import DocumentKind
from portalkit.model import (
    MAX_MINOR_UNITS,
    DocumentBody,
    FileInput,
    Line,
    LineKind,
    Party,
    PartyRole,
    Publication,
)
from portalkit.rendering.sheet.qr import FISCAL_URL, fiscal_problem

__all__ = ("Prepared", "figures", "prepare")

# Documents whose issuer is the one who buys.
_ISSUED_BY_BUYER: Final = frozenset({"purchase_order"})
# What some syntaxes state above nothing and others below.
_GIVEN_BACK: Final = frozenset({"credit_note"})
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_NOT_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MAX_ID: Final = 200
_MAX_FILENAME: Final = 255
_MAX_DESCRIPTION: Final = 300
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200

Identity = tuple[str, str, str, date, str]


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A publication that was checked.

    Attributes:
        columns: Columns of the document row that follow from the body alone.
        texts: What is searched: number, description, names of items, references.
    """

    publication: Publication
    kind: DocumentKind
    columns: dict[str, Any]
    texts: tuple[str, ...]

    @property
    def body(self) -> DocumentBody:
        """What the issuer stated."""
        return self.publication.body

    @property
    def identity(self) -> Identity:
        """Issuer, type code, number, issue date and kind: one document has one of these."""
        columns = self.columns
        return (
            columns["issuer"],
            columns["type_code"],
            columns["number"],
            columns["issued_on"],
            columns["kind"],
        )


def prepare(publication: Publication, kinds: Mapping[str, DocumentKind]) -> Prepared:
    """Check a publication and work out its columns.

    Raises:
        DocumentRefusedError: If anything in it cannot be stored.
    """
    body = publication.body
    content = checked_canonical(body)
    kind = kinds.get(body.kind)
    if kind is None:
        raise DocumentRefusedError("kind", f"no plugin declares the kind {body.kind!r}")
    _check_publication(publication, kind)
    _check_fiscal_address(body)
    description = _description(body)
    total, payable = _amounts(body, kind)
    columns = {
        "external_id": publication.external_id,
        "kind": kind.name,
        "type_code": body.type_code or "",
        "issuer": _issuer(body),
        "number": body.number,
        "number_key": number_key(body.number),
        "issued_on": body.issued_on,
        "due_on": _due_on(body, kind),
        "description": description,
        "description_key": description_key(description),
        "currency": body.currency,
        "total": total,
        "total_key": total_key(total),
        "payable": payable,
        "line_count": sum(line.kind is LineKind.ITEM for line in body.lines),
        "sha256": digest(content),
        "body": content.decode(),
    }
    return Prepared(
        publication=publication, kind=kind, columns=columns, texts=_texts(body, description)
    )


def figures(body: DocumentBody) -> tuple[object, ...]:
    """Return what makes two bodies of one identity the same document in another syntax."""
    totals = body.totals
    # Facturae states a total less what is withheld, which others state with it.
    gross = None if totals.withheld else totals.gross
    stated: tuple[int | None, ...] = (totals.net, totals.tax, gross, totals.payable)
    if body.kind in _GIVEN_BACK:
        stated = tuple(None if amount is None else abs(amount) for amount in stated)
    items = [line for line in body.lines if line.kind is LineKind.ITEM]
    quantities = tuple((line.quantity, line.delivered_quantity) for line in items)
    # A delivery note has no amounts: there the quantities are the figures.
    return (body.currency, stated, quantities if stated == (None,) * 4 else len(quantities))


def _check_publication(publication: Publication, kind: DocumentKind) -> None:
    _check_key("external_id", publication.external_id)
    if publication.status is not None and not is_stored_status(kind, publication.status):
        raise DocumentRefusedError("status", f"{kind.name} has no status {publication.status!r}")
    if publication.payments and not has_ledger(kind):
        raise DocumentRefusedError("payments", f"nothing is paid on a {kind.name}")
    for position, payment in enumerate(publication.payments):
        place = f"payments.{position}"
        if not payment.external_id:
            raise DocumentRefusedError(f"{place}.external_id", "is empty")
        _check_key(f"{place}.external_id", payment.external_id)
        _check_key(f"{place}.reference", payment.reference)
        _check_key(f"{place}.method", payment.method, 60)
        if not 0 < abs(payment.amount) < MAX_MINOR_UNITS:
            raise DocumentRefusedError(f"{place}.amount", "is zero or too large")
        if not _FIRST_YEAR <= payment.paid_on.year <= _LAST_YEAR:
            raise DocumentRefusedError(f"{place}.paid_on", "is no sane date")
    for position, file in enumerate(publication.files):
        _check_file(f"files.{position}", file)


def _check_fiscal_address(body: DocumentBody) -> None:
    # Silently left out of the sheet, an invoice would be issued without what a law asks for.
    url = body.extra.get(FISCAL_URL)
    if url is not None and (problem := fiscal_problem(url)):
        raise DocumentRefusedError(f"extra.{FISCAL_URL}", problem)


def _check_key(field: str, value: str | None, limit: int = _MAX_ID) -> None:
    if value is not None and (not value or len(value) > limit or _NOT_TEXT.search(value)):
        raise DocumentRefusedError(field, f"must be 1 to {limit} characters without line breaks")


def _check_file(place: str, file: FileInput) -> None:
    _check_key(f"{place}.filename", file.filename, _MAX_FILENAME)
    if "/" in file.filename or "\\" in file.filename:
        raise DocumentRefusedError(f"{place}.filename", "is a path, not a name")
    if _MEDIA_TYPE.fullmatch(file.media_type) is None:
        raise DocumentRefusedError(f"{place}.media_type", "is no media type")
    _check_key(f"{place}.description", file.description, _MAX_DESCRIPTION)


def _issuer(body: DocumentBody) -> str:
    first, second = PartyRole.SELLER, PartyRole.BUYER
    if body.kind in _ISSUED_BY_BUYER:
        first, second = second, first
    party = body.party(first) or body.party(second)
    return _party_key(party) if party is not None else ""


def _party_key(party: Party) -> str:
    for identifier in (*party.tax_ids, party.registration, *party.ids, party.endpoint):
        if identifier is not None and identifier.key[1]:
            # The scheme is left out: formats disagree about it, hardly ever about the value.
            return identifier.key[1][:_MAX_ID]
    return f"name:{fold(party.name)}"[:_MAX_ID]


def _description(body: DocumentBody) -> str:
    text = body.description or body.title or ""
    if not text.strip():
        text = next((line.item.name for line in body.lines if line.item.name), "")
    text = " ".join(text.split())
    if len(text) > _MAX_DESCRIPTION:
        text = f"{text[: _MAX_DESCRIPTION - 1]}…"
    return text


def _amounts(body: DocumentBody, kind: DocumentKind) -> tuple[int | None, int | None]:
    totals = body.totals
    total = totals.gross if totals.gross is not None else totals.payable
    payable = totals.payable if totals.payable is not None else totals.gross
    if kind.is_credit:
        # Credit notes state what they give back as a positive amount, Facturae as a negative.
        total = None if total is None else -abs(total)
        payable = None if payable is None else -abs(payable)
    return total, payable if has_ledger(kind) else None


def _due_on(body: DocumentBody, kind: DocumentKind) -> date | None:
    if kind.due_means == "validity":
        return body.valid_until or body.due_on
    if kind.due_means == "none":
        return None
    instalments = [part.due_on for part in body.instalments if part.due_on is not None]
    return body.due_on or min(instalments, default=None)


def _texts(body: DocumentBody, description: str) -> tuple[str, ...]:
    texts = [body.number, description]
    texts += [
        text
        for text in (body.buyer_reference, body.order_number, body.title, body.description)
        if text
    ]
    texts += [reference.number for reference in body.references]
    _add_lines(texts, body.lines)
    return tuple(texts)


def _add_lines(texts: list[str], lines: tuple[Line, ...]) -> None:
    for line in lines:
        item = line.item
        texts += [text for text in (item.name, item.seller_id, item.description, line.note) if text]
        _add_lines(texts, line.lines)
